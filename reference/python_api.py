"""The page of the Python API: each public name with its signature and docstring, in the order of the packages."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from .markdown import paragraphs, table

PACKAGES = {
    "slips": "What app.py needs.",
    "slips.sinks": "Where functions send; [Send events](../send/README.md) compares them.",
    "slips.testing": "Tests of your own functions; [testing.md](../testing.md) shows how.",
    "slips.aws": "AWS clients for your functions: with retries, a connection pool, and credentials that stay fresh.",
}
_LEFT_OUT = {"BUCKET", "LANDED", "Killed", "reset"}
"""Public for the tests of SLIPS itself."""
_INTERNAL = "See `ports."
"""The methods of the stores in memory, which the engine calls."""
_CLASS_VARIABLE = re.compile(r"ClassVar\[(.*)\]")
_HEAD = """\
# Python API

`make docs` writes this page from the docstrings; edit those, not this page. A test compares them.

What is not here is not public, and may change in any version. Times are in seconds and sizes in bytes, where nothing
else is said; timestamps are seconds since the epoch, UTC.
"""


def write_page() -> str:
    """Return the page."""
    return "\n".join([_HEAD, *(line for name, text in PACKAGES.items() for line in _package(name, text))])


def public_names(package: str) -> list[tuple[str, Any]]:
    """Return what a package exports, by name: classes that others build on first."""
    module = import_module(package)
    left_out = _LEFT_OUT | ({*import_module("slips").__all__} if package != "slips" else set())
    names = [name for name in module.__all__ if name not in left_out]
    return [(name, getattr(module, name)) for name in sorted(names, key=_rank)]


def _rank(name: str) -> tuple[int, str]:
    first = ["Slips", "Meta", "Buffer", "Sink", "Document", "SlipsTester", "slips_fixture", "Outcome", "Faults"]
    return first.index(name) if name in first else len(first), name


def _package(name: str, text: str) -> Iterator[str]:
    yield from (f"## {name}", "", text, "")
    for public, value in public_names(name):
        node = _definition(value)
        yield from (f"### {public}", "")
        if isinstance(node, ast.ClassDef):
            yield from _class(public, value, node)
        else:
            yield from _signature(public, node, value)
            yield from (paragraphs(value.__doc__), "")


def _class(name: str, value: type, node: ast.ClassDef) -> Iterator[str]:
    init = next((each for each in _functions(node) if each.name == "__init__"), None)
    if init is not None:
        yield from _signature(name, init, value.__init__, skip_self=True)  # type: ignore[misc]
    yield from (paragraphs(value.__doc__), "")
    # A sink is made and handed over: what it inherits is described once, at Sink.
    bases = {base.__name__ for base in value.__mro__[1:]}
    if "Sink" in bases:
        return
    attributes, methods = list(_attributes(node)), list(_methods(node))
    for base in value.__mro__[1:]:
        if base.__name__ == "EntryPoints":
            inherited = _definition(base)
            assert isinstance(inherited, ast.ClassDef)
            attributes += _attributes(inherited)
            methods += _methods(inherited)
    if any(text for *_, text in attributes):
        rows = [(f"`{attribute}`", f"`{kind}`", paragraphs(text)) for attribute, kind, text in attributes]
        yield from table(("attribute", "type", "what it is"), rows)
    for method in methods:
        yield from (f"#### {name}.{method.name}", "")
        yield from _signature(method.name, method, getattr(value, method.name), skip_self=True)
        yield from (paragraphs(ast.get_docstring(method) or ""), "")


def _definition(value: Any) -> ast.ClassDef | ast.FunctionDef:
    [node] = ast.parse(inspect.cleandoc("\n" + inspect.getsource(value))).body
    assert isinstance(node, ast.ClassDef | ast.FunctionDef)
    return node


def _functions(node: ast.ClassDef) -> list[ast.FunctionDef]:
    return [each for each in node.body if isinstance(each, ast.FunctionDef)]


def _is_property(node: ast.FunctionDef) -> bool:
    return any(ast.unparse(each).endswith("property") for each in node.decorator_list)


def _is_public(node: ast.FunctionDef) -> bool:
    text = ast.get_docstring(node)
    return not node.name.startswith("_") and bool(text) and not str(text).startswith(_INTERNAL)


def _methods(node: ast.ClassDef) -> Iterator[ast.FunctionDef]:
    return (each for each in _functions(node) if _is_public(each) and not _is_property(each))


def _attributes(node: ast.ClassDef) -> Iterator[tuple[str, str, str]]:
    """Yield name, type and docstring of fields that have one, and of properties."""
    for at, each in enumerate(node.body):
        if isinstance(each, ast.FunctionDef) and _is_public(each) and _is_property(each):
            yield each.name, ast.unparse(each.returns) if each.returns else "", ast.get_docstring(each) or ""
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name) and each.target.id[0] != "_":
            after = node.body[at + 1] if at + 1 < len(node.body) else None
            text = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else ""
            yield each.target.id, _CLASS_VARIABLE.sub(r"\1", ast.unparse(each.annotation)), str(text)


def _signature(name: str, node: ast.FunctionDef, value: Any, *, skip_self: bool = False) -> Iterator[str]:
    """Yield the call as a code block. Constants of a module are shown by their values."""
    defaults = {each.name: each.default for each in inspect.signature(value).parameters.values()}
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    shown = [_argument(each, defaults) for each in positional[int(skip_self) :]]
    if arguments.posonlyargs and len(arguments.posonlyargs) > int(skip_self):
        shown.insert(len(arguments.posonlyargs) - int(skip_self), "/")
    if arguments.vararg:
        shown.append(f"*{_argument(arguments.vararg, {})}")
    elif arguments.kwonlyargs:
        shown.append("*")
    shown += [_argument(each, defaults) for each in arguments.kwonlyargs]
    if arguments.kwarg:
        shown.append(f"**{_argument(arguments.kwarg, {})}")
    returns = ast.unparse(node.returns) if node.returns else ""
    returns = f" -> {returns}" if returns not in ("", "None", "Any") else ""
    call = f"{name}({', '.join(shown)}){returns}"
    if len(call) > 100:
        call = f"{name}(\n    " + ",\n    ".join(shown) + f",\n){returns}"
    yield from ("```python", call, "```", "")


def _argument(node: ast.arg, defaults: dict[str, Any]) -> str:
    default = defaults.get(node.arg, inspect.Parameter.empty)
    kind = f": {ast.unparse(node.annotation)}" if node.annotation else ""
    if default is inspect.Parameter.empty:
        return f"{node.arg}{kind}"
    plain = isinstance(default, str | int | float | tuple | None)
    return f"{node.arg}{kind} = {default if not plain else repr(default)}" if plain else f"{node.arg}{kind} = …"
