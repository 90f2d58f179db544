"""A file one can read at a sitting, a function one can see at a glance."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAX_FILE, MAX_FUNCTION = 400, 40
PACKAGES = ("app", "admin", "blueprints", "bots", "jobs", "sandbox", "launch", "bench", "tests")


def python_files(root: Path = ROOT) -> list[Path]:
    """Files that people write: no migrations, no data of tests."""
    found = [path for name in PACKAGES for path in (root / name).rglob("*.py") if "data" not in path.parts]
    return sorted([*found, *root.glob("*.py")])


def too_long(path: Path, source: str) -> Iterator[str]:
    """One line for the file, and for each function, that is over its limit (decorators and docstring not counted)."""
    lines = source.count("\n")
    if lines > MAX_FILE:
        yield f"{path}: {lines} lines"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1 - docstring_lines(node)
            if length > MAX_FUNCTION:
                yield f"{path}:{node.lineno}: {node.name} has {length} lines"


def docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    if ast.get_docstring(node) is None:
        return 0
    return (first.end_lineno or first.lineno) - first.lineno + 1


def test_nothing_is_too_long():
    found = [line for path in python_files() for line in too_long(path.relative_to(ROOT), path.read_text())]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("source", "count"),
    [
        pytest.param("x = 1\n" * MAX_FILE, 0, id="as long as allowed"),
        pytest.param("x = 1\n" * (MAX_FILE + 1), 1, id="file"),
        pytest.param("def f():\n" + "    x = 1\n" * MAX_FUNCTION, 1, id="function"),
        pytest.param("def f():\n" + "    x = 1\n" * (MAX_FUNCTION - 1), 0, id="function as long as allowed"),
        pytest.param('def f():\n    """a\n' + "b\n" * 50 + '"""\n', 0, id="a long docstring"),
    ],
)
def test_the_measure_itself(source, count):
    assert len(list(too_long(Path("x.py"), source))) == count
