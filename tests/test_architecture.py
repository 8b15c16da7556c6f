"""The map of the code holds: imports run one way, without a cycle, and modules stay small."""

from __future__ import annotations

import ast
import tomllib
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from .each_case import each_case

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "chalicelib" / "slips"

ORDER = (
    *(
        "ops",
        "testing",
        "decorators",
        "entry_points",
        "init_phase",
        "handlers",
        "api",
        "runtime",
        "drain",
        "dispatch",
        "engine",
        "reader",
    ),
    *(
        "formats",
        "sinks",
        "lanes",
        "ledger",
        "quarantine",
        "config",
        "observability",
        "aws",
        "model",
        "errors",
        "version",
        "wording",
    ),
)
"""A module may import those of its own folder, and those of the folders that follow it here (docs/decisions/0001)."""

LONGEST = 300

Graph = dict[str, set[str]]


def module_name(path: Path, package: Path = PACKAGE) -> str:
    """`slips.reader.s3` of reader/s3.py, `slips.reader` of reader/__init__.py."""
    parts = ("slips", *path.relative_to(package).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def import_graph(package: Path = PACKAGE) -> Graph:
    """Which module imports which, also inside functions and for type checking alone."""
    files = {module_name(path, package): path for path in package.rglob("*.py")}
    return {name: set(_imports(name, path, files.keys())) for name, path in files.items()}


def _imports(name: str, path: Path, modules: object) -> Iterator[str]:
    known = set(modules)  # type: ignore[call-overload]
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *((node.module or "").split(".") if node.module else [])])
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                if inner in known or source in known:
                    yield inner if inner in known else source


def find_cycle(graph: Graph) -> list[str]:
    """The modules of a cycle of imports, in order; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def room(module: str) -> str:
    """The folder, or the loose module, directly below the package."""
    return [*module.split("."), ""][1]


def upward_imports(graph: Graph) -> list[str]:
    """The imports that run against ORDER, as `importer imports imported`."""
    return [
        f"{name} imports {other}"
        for name, others in sorted(graph.items())
        for other in sorted(others)
        if room(name) and room(other) and ORDER.index(room(other)) < ORDER.index(room(name))
    ]


GRAPH = import_graph()


def test_every_folder_has_its_place_in_the_order() -> None:
    assert {room(name) for name in GRAPH} - {""} <= set(ORDER)


def test_imports_run_one_way() -> None:
    assert upward_imports(GRAPH) == []


def test_no_import_runs_in_a_circle() -> None:
    assert find_cycle(GRAPH) == []


def test_only_the_face_of_the_package_is_above_the_order() -> None:
    assert [name for name, others in GRAPH.items() if "slips" in others] == []


UPWARD = ["slips.reader.a imports slips.drain.b"]


@pytest.mark.parametrize(
    ("first", "second", "cycle", "upward"),
    [
        ("from ..drain import b", "x = 1", [], UPWARD),
        ("if TYPE_CHECKING:\n    from ..drain.b import x", "from ..reader import a", True, UPWARD),
        ("def f():\n    from ..drain import b", "from ..reader.a import f", True, UPWARD),
    ],
)  # fmt: skip
def test_a_wrong_import_is_noticed(tmp_path: Path, first: str, second: str, cycle: object, upward: list[str]) -> None:
    for name, text in {"reader/a.py": first, "drain/b.py": second}.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    graph = import_graph(tmp_path)
    assert bool(find_cycle(graph)) == bool(cycle)
    assert upward_imports(graph) == upward


FILES = sorted(PACKAGE.rglob("*.py"))


@each_case("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_has_one_subject(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST


DENIED = frozenset(
    {
        *("advised", "answered", "asked", "chosen", "counted", "differing", "dispatched", "found", "given", "gone"),
        *("hidden", "kept", "left", "lost", "made", "meant", "misgiven", "noted", "noticed", "observed"),
        *("opened", "passed", "processed", "reported", "said", "seen", "shown", "sought", "stands", "stood", "struck"),
        *("taken", "told", "untold", "waited", "wanted", "written"),
    }
)
"""Bare participles and the like: a function is named by a verb, a variable by what it holds."""


def denied_names(tree: ast.AST) -> Iterator[str]:
    """Public functions, arguments, and variables that a function assigns more than once, of a denied name."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name in DENIED:
            yield f"line {node.lineno}: function {node.name}"
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        yield from (f"line {each.lineno}: argument {each.arg}" for each in arguments if each.arg in DENIED)
        for name, count in Counter(_assigned(node)).items():
            if count > 1 and name in DENIED:
                yield f"line {node.lineno}: {node.name} assigns {name} {count} times"


def _assigned(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """Each name that the function itself assigns, as often as it does; not those of functions inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        waiting.extend(ast.iter_child_nodes(node))


@each_case("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_names_say_what_they_are(path: Path) -> None:
    assert list(denied_names(ast.parse(path.read_text()))) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def told(): ...", "line 1: function told"),
        ("class A:\n    def told(self): ...", "line 2: function told"),
        ("def f(found): ...", "line 1: argument found"),
        ("def f():\n    made = 1\n    if made:\n        made = 2", "line 1: f assigns made 2 times"),
        ("def f():\n    for made in g():\n        made += 1", "line 1: f assigns made 2 times"),
    ],
)
def test_a_denied_name_is_noticed(source: str, expected: str) -> None:
    assert list(denied_names(ast.parse(source))) == [expected]


def test_a_public_class_name_is_used_once() -> None:
    assert duplicate_classes(PACKAGE) == {}


def duplicate_classes(package: Path) -> dict[str, list[str]]:
    """The public names that two classes of the package bear, with their files."""
    places: dict[str, list[str]] = {}
    for path in sorted(package.rglob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(str(path.relative_to(package)))
    return {name: files for name, files in places.items() if len(files) > 1}


def test_a_class_name_that_is_used_twice_is_noticed(tmp_path: Path) -> None:
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text("class Cause: ...\n\n\nclass _Own: ...\n")
    assert duplicate_classes(tmp_path) == {"Cause": ["a.py", "b.py"]}


def test_the_packages_that_are_built_are_those_of_the_tree() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    assert settings["packages"] == sorted({module_name(path.parent / "__init__.py") for path in FILES})
