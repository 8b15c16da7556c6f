"""A configuration and a handler class of the class-based SLIPS, carried over as far as that is mechanical.

    class MyHandler(slips.interface.Handler):       setup(args)         under @slips.on_setup
        def setup(self, args): ...                  recv(meta, event)   under @slips.on_format("*")
        def recv(self, meta, event): ...            result()            under @slips.on_result
        def result(self): ...                       self.rows           state.rows

The class's other methods become functions; what its `__init__` did is done when the module is imported, as the class
was made once per process. What no rewriting of names can carry over is listed for a person.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from ....errors import SlipsError, Where
from ...text_files import read_text_file

DECORATORS = {"setup": "@slips.on_setup", "recv": '@slips.on_format("*")', "result": "@slips.on_result"}
SHARED = ("kinesis_stream_fast_arn", "kinesis_stream_slow_arn", "dlq_sns_arn")
"""Keys of `backend`: what both versions would read."""
_STATE = "state"


class LegacyProject(msgspec.Struct, kw_only=True):
    """What carries over: the text of slips.yml with its stack's name, the `body` and `imports` of app.py; `left` is for
    a person to do."""

    config: str
    stack_name: str = ""
    body: str = ""
    imports: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def read_legacy(path: Path) -> LegacyProject:
    """Read the configuration, and the handler that its `handler.path` names. Raises SlipsError."""
    text = read_text_file(path)
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise SlipsError(f"{path}: {error}", where=Where(file=str(path))) from error
    handler = document.get("handler") if isinstance(document, Mapping) else None
    named = handler.get("path") if isinstance(handler, Mapping) else None
    stack = document.get("stack_name") if isinstance(document, Mapping) else None
    stack = str(stack or "")
    project = LegacyProject(
        config=_without_handler_path(text),
        stack_name=stack,
        left=(*_new_name(stack), *_resources_to_decide(document)),
    )
    if not named:
        left = (*project.left, "write functions in app.py: there was no handler.path")
        return msgspec.structs.replace(project, left=left)
    source = path.parent / str(named)
    if not source.is_file():
        raise SlipsError(f"{path}: handler.path: there is no file {source}", where=Where(file=str(path)))
    return _convert(source, project)


def _without_handler_path(text: str) -> str:
    """The configuration as it is, comments too, but for the key `path` of `handler`."""
    lines, inside, kept = text.splitlines(keepends=True), False, []
    for line in lines:
        if re.match(r"\S", line):
            inside = line.startswith("handler:")
        if inside and re.match(r"\s+path\s*:", line):
            continue
        kept.append(line)
    # `handler:` whose only key was the path would be null.
    return re.sub(r"^handler:\s*\n(?=\S|\Z|\n)", "", "".join(kept), flags=re.MULTILINE)


def _convert(source: Path, project: LegacyProject) -> LegacyProject:
    text = read_text_file(source)
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise SlipsError(f"{source}, line {error.lineno}: {error.msg}", where=Where(file=str(source))) from error
    handler = _handler_class(tree)
    if handler is None:
        raise SlipsError(f"{source}: there is no class with a method recv(meta, event)", where=Where(file=str(source)))
    state = _unused_name(tree)
    rewriter = _Rewriter(text, handler, state)
    imports, rest = _module_parts(tree, text, handler)
    body = f"\n{state} = SimpleNamespace()\n"
    body += "".join(f"\n\n{part}\n" for part in rest)
    body += "".join(f"\n\n{part}\n" for part in rewriter.functions())
    return msgspec.structs.replace(
        project,
        body=body,
        imports=("from types import SimpleNamespace", *imports),
        left=(*project.left, *rewriter.left, *_advice(handler)),
    )


def _unused_name(tree: ast.Module) -> str:
    """A name for what was `self`, that the module does not use."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return _STATE if _STATE not in names else f"handler_{_STATE}"


def _handler_class(tree: ast.Module) -> ast.ClassDef | None:
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and "recv" in _methods(node)]
    named = [each for each in classes if any("Handler" in ast.unparse(base) for base in each.bases)]
    return next(iter(named or classes), None)


def _methods(handler: ast.ClassDef) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in handler.body if isinstance(node, ast.FunctionDef)}


def _module_parts(tree: ast.Module, text: str, handler: ast.ClassDef) -> tuple[list[str], list[str]]:
    """The imports of the module, and what else is in it, but for the class and for SLIPS itself."""
    imports, rest = [], []
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            if not _imports_slips(node):
                imports.append(ast.unparse(node))
        elif node is not handler and not _is_docstring(node):
            rest.append(_segment(text, node))
    return imports, rest


def _imports_slips(node: ast.Import | ast.ImportFrom) -> bool:
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
    return any(name.partition(".")[0] == "slips" for name in names)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _segment(text: str, node: ast.stmt) -> str:
    """The source of a statement with its decorators and the comments above it."""
    lines = text.splitlines()
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))]) - 1
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return "\n".join(lines[first : node.end_lineno])


class _Rewriter:
    """Makes functions of the methods of a class: `self.rows` becomes `state.rows`, `self.send(x)` `send(x)`."""

    def __init__(self, text: str, handler: ast.ClassDef, state: str) -> None:
        self._state = state
        self._text = text
        self._handler = handler
        self._methods = _methods(handler)
        self.left: list[str] = []

    def functions(self) -> Iterator[str]:
        """The functions, in the order of the methods; what `__init__` and the class body did comes first."""
        yield from self._attributes()
        for name, method in self._methods.items():
            yield from self._initialization(method) if name == "__init__" else [self._function(name, method)]

    def _attributes(self) -> Iterator[str]:
        for node in self._handler.body:
            match node:
                case (
                    ast.Assign(targets=[ast.Name(id=name)], value=value)
                    | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                ):
                    yield f"{self._state}.{name} = {ast.unparse(value)}"
                case ast.FunctionDef() | ast.Pass():
                    continue
                case _ if not _is_docstring(node):
                    self._leave(node, "this statement of the class")

    def _initialization(self, method: ast.FunctionDef) -> Iterator[str]:
        lines = [self._rewrite(node) for node in method.body if not _calls_super(node) and not _is_docstring(node)]
        if lines:
            yield "\n".join(lines)

    def _function(self, name: str, method: ast.FunctionDef) -> str:
        text = self._rewrite(method)
        if method.decorator_list:
            self._leave(method, f"the decorators of {name}")
        self_name = method.args.args[0].arg if method.args.args else ""
        text = re.sub(rf"(def {name}\()\s*{re.escape(self_name)}\s*,?\s*", r"\1", text, count=1) if self_name else text
        return f"{DECORATORS[name]}\n{text}" if name in DECORATORS else text

    def _rewrite(self, node: ast.stmt) -> str:
        """The statement without the indent of the class, its `self.` replaced."""
        lines = _segment(self._text, node).encode().splitlines()
        offset = self._first_line(node)
        attributes = _self_attributes(node)
        for attribute in sorted(attributes, key=lambda each: (each.lineno, each.col_offset), reverse=True):
            row = attribute.lineno - offset
            lines[row] = self._replace(lines[row], attribute)
        values = {id(attribute.value) for attribute in attributes}
        for name in ast.walk(node):
            if isinstance(name, ast.Name) and name.id == "self" and id(name) not in values:
                self._leave(name, "`self` is used as a value")
        indent = node.col_offset
        return "\n".join(line.decode()[indent:] if not line[:indent].strip() else line.decode() for line in lines)

    def _replace(self, line: bytes, attribute: ast.Attribute) -> bytes:
        """The line with `self.` of this attribute replaced. Within f-strings Python 3.11 does not know the column."""
        written = f"self.{attribute.attr}".encode()
        start = attribute.col_offset
        if line[start : start + len(written)] != written:
            start = line.rfind(written)
        if start < 0:
            self._leave(attribute, f"`self.{attribute.attr}`")
            return line
        name = "" if attribute.attr in self._methods else f"{self._state}."
        return line[:start] + f"{name}{attribute.attr}".encode() + line[start + len(written) :]

    def _first_line(self, node: ast.stmt) -> int:
        return (node.end_lineno or 0) - len(_segment(self._text, node).splitlines()) + 1

    def _leave(self, node: ast.AST, what: str) -> None:
        self.left.append(f"line {getattr(node, 'lineno', '?')} of the handler: {what}; carry it over by hand")


def _self_attributes(node: ast.AST) -> list[ast.Attribute]:
    return [
        each
        for each in ast.walk(node)
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == "self"
    ]


def _calls_super(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and ast.unparse(node).startswith("super(")


def _new_name(stack: str) -> tuple[str, ...]:
    if not stack:
        return ()
    return (f"write another stack_name into slips.yml: {stack} is the stack of the class-based SLIPS",)


def _resources_to_decide(document: Any) -> Iterator[str]:
    """What the class-based SLIPS goes on using while both versions run."""
    backend = document.get("backend") if isinstance(document, Mapping) else None
    handler = document.get("handler") if isinstance(document, Mapping) else None
    keys = [f"backend.{key}" for key in SHARED if isinstance(backend, Mapping) and backend.get(key)]
    if keys:
        yield f'decide whether to keep {", ".join(keys)}: docs/migrating.md, "Cut over"'
    parts = {"backend": backend, "handler": handler}
    roles = [f"{name}.role_arn" for name, part in parts.items() if isinstance(part, Mapping) and part.get("role_arn")]
    if roles:
        yield f"remove {' and '.join(roles)}, or give the roles the permissions that `slips deploy` lists"


def _advice(handler: ast.ClassDef) -> Iterator[str]:
    methods = _methods(handler)
    bases = [ast.unparse(base) for base in handler.bases if "Handler" not in ast.unparse(base)]
    if bases:
        yield f"the class inherited from {', '.join(bases)}; carry over what it took from there"
    if "result" in methods:
        yield "what `result` sends is sent again after a crash: send in a function under @slips.on_flush instead"
    yield '@slips.on_format("*") takes every format; name one where `recv` asked for it (meta.tag is as before)'
    yield "meta.timestamp is in UTC and never `now`: see meta.time_source"
