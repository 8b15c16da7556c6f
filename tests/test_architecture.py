"""The map of the code holds: imports run downward only, and modules stay small."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "chalicelib" / "slips"

ORDER = (
    *("errors", "utc", "positions", "model", "meta", "config", "notifications", "routing", "ports", "aws", "retry"),
    *("arguments", "secrets", "trail", "observability", "lanes", "reader", "formats", "engine", "ledger", "counters"),
    *("quarantine", "dispatch", "given_up", "hold_back", "report", "drain", "runtime", "api", "testing", "handlers"),
    "decorators",
)
"""A module may import those before it. `decorators.py` and `__init__.py` wire; `ops/` stands outside."""

LONGEST = 300


def room(path: Path) -> str:
    """The top-level module or package that a file belongs to."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """The rooms of this package that a file imports, also inside functions; not those for type checking alone."""
    package = ("slips", *path.relative_to(PACKAGE).parts[:-1])
    tree = ast.parse(path.read_text())
    hints = {id(inner) for node in ast.walk(tree) if _is_for_types(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in hints:
            continue
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = (*base, *(node.module or "").split(".")) if node.module else base
            names = [module] if node.module else [(*module, alias.name) for alias in node.names]
            yield from (name[1] for name in names if len(name) > 1 and name[0] == "slips")
        elif isinstance(node, ast.Import):
            yield from (a.name.split(".")[1] for a in node.names if a.name.startswith("slips."))


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", [p for p in FILES if room(p) != "ops"], ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_downward(path: Path) -> None:
    own = room(path)
    assert own in ORDER, f"{own} is no room of the map; give it a place in ORDER"
    wrong = {name for name in imported(path) if name != own and ORDER.index(name) > ORDER.index(own)}
    assert not wrong, f"{path.relative_to(ROOT)} imports {', '.join(sorted(wrong))}, which stand below it"


def test_only_ops_imports_ops() -> None:
    guilty = [path for path in FILES if room(path) != "ops" and "ops" in set(imported(path))]
    assert guilty == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_has_one_subject(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST
