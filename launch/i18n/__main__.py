"""`python -m launch.i18n update | compile | check`."""

import sys
from collections.abc import Iterator
from pathlib import Path

from launch.i18n.catalogues import check_catalogues, compile_all, update
from launch.i18n.templates import find_templates, find_unmarked

ROOT = Path(__file__).resolve().parents[2]


def check(root: Path) -> Iterator[str]:
    """Every defect, one line each: of the catalogues, and of templates with text that is not marked."""
    yield from check_catalogues(root)
    for path in find_templates(root):
        for item in find_unmarked(path.read_text()):
            yield f"{path.relative_to(root)}:{item.line}: not marked for translation: “{item.text}”"


def main(arguments: list[str]) -> int:
    """0 when all is well, 1 with the defects on standard output."""
    match arguments:
        case ["update"]:
            update(ROOT)
        case ["compile"]:
            compile_all(ROOT)
        case ["check"]:
            defects = list(check(ROOT))
            print("\n".join(defects) if defects else "translations: complete")
            return 1 if defects else 0
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
