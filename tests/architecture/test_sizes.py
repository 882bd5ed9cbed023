"""Size is a signal: what outgrows these limits has more than one reason to change."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("server", "backends", "training", "tests", "deploy", "bench")
MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_NESTING = 4
NAMES_THAT_SAY_NOTHING = {"utils.py", "util.py", "common.py", "misc.py", "manager.py", "helpers.py"}
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
Function = ast.FunctionDef | ast.AsyncFunctionDef

MODULES = sorted(
    path
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts  # written once, read once
)
IDS = [path.relative_to(ROOT).as_posix() for path in MODULES]


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_module_is_small_enough_to_hold_in_mind(path: Path) -> None:
    """Split by reason to change, not by line count."""
    lines = _module_lines(path.read_text(encoding="utf-8"))
    assert lines <= MAX_MODULE_LINES, f"{lines} lines, at most {MAX_MODULE_LINES}"


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_functions_are_short_and_shallow(path: Path) -> None:
    """A function is read in one look."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [
        f"line {function.lineno}: {function.name} has {_lines(function)} lines and nests {_nesting(function)} deep"
        for function in _functions(tree)
        if _lines(function) > MAX_FUNCTION_LINES or _nesting(function) > MAX_NESTING
    ]
    assert found == [], f"at most {MAX_FUNCTION_LINES} lines and {MAX_NESTING} deep"


def test_no_module_is_named_after_nothing() -> None:
    """A name that fits everything tells nobody where to look."""
    assert [path for path in MODULES if path.name in NAMES_THAT_SAY_NOTHING] == []


def _module_lines(text: str) -> int:
    """Lines that have to be held in mind: a table of words at the top level is looked up, not read."""
    tables = (node for node in ast.parse(text).body if isinstance(node, ast.Assign | ast.AnnAssign))
    return len(text.splitlines()) - sum((node.end_lineno or node.lineno) - node.lineno for node in tables)


def _functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def _lines(function: Function) -> int:
    # The docstring is a contract, not length.
    first = function.body[1] if ast.get_docstring(function) and len(function.body) > 1 else function.body[0]
    return (function.end_lineno or first.lineno) - first.lineno + 1


def _nesting(node: ast.AST) -> int:
    """Depth of blocks inside; functions defined within count on their own, `elif` is no deeper than its `if`."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef | ast.Lambda):
            continue
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        deepest = max(deepest, _nesting(child) + (isinstance(child, BLOCKS) and not is_elif))
    return deepest
