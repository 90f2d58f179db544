"""axe-core in a page of Playwright: what it finds serious, in words a test can print."""

from functools import lru_cache
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = frozenset({"serious", "critical"})


@lru_cache(maxsize=1)
def _script() -> str:
    return SOURCE.read_text()


def grave_findings(page: Any) -> list[str]:
    """The serious and critical findings on the page as it stands, one line each: rule, then the elements.

    Evaluated through the debugger, which the page's content security policy does not bind.
    """
    if not page.evaluate("() => 'axe' in window"):  # reading it takes longer than asking it
        page.evaluate(f"() => {{ {_script()} }}")
    found = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{finding['id']}: " + " | ".join(node["html"][:160] for node in finding["nodes"][:5])
        for finding in found["violations"]
        if finding["impact"] in GRAVE
    ]
