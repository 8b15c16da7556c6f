"""The parser's place in app.py: after the line that creates the Slips, before the functions that use the format."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ....errors import SlipsError


def slips_name(text: str) -> str:
    """Return what app.py calls its Slips. Raises SlipsError."""
    return _slips(text)[0]


def insert(text: str, imports: Sequence[str], parser: str) -> str:
    """Return app.py with the parser and the imports it lacks. Raises SlipsError where it creates no Slips."""
    _, end = _slips(text)
    lines = text.splitlines(keepends=True)
    missing = [line for line in imports if line not in {line.strip() for line in lines}]
    after_imports = _last_import(text)
    edited = [*lines[:end], "\n\n", *parser.splitlines(keepends=True), *_gap(lines[end:]), *lines[end:]]
    return "".join([*edited[:after_imports], *(f"{line}\n" for line in missing), *edited[after_imports:]])


def _gap(rest: list[str]) -> list[str]:
    return [] if not rest or not rest[0].strip() else ["\n", "\n"]


def _slips(text: str) -> tuple[str, int]:
    """Return the name, and the last line of the statement that creates it."""
    try:
        tree = ast.parse(text)
    except SyntaxError as fault:
        raise SlipsError(f"app.py, line {fault.lineno}: {fault.msg}") from None
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="Slips"))):
                return name, node.end_lineno or 0
    raise SlipsError('app.py creates no Slips; write: slips = Slips(app, config="slips.yml")')


def _last_import(text: str) -> int:
    """Return how many lines the imports at the top take."""
    ends = [node.end_lineno or 0 for node in ast.parse(text).body if isinstance(node, ast.Import | ast.ImportFrom)]
    return max(ends, default=0)
