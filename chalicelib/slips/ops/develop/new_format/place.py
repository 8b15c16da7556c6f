"""The parser's place in app.py: behind the line that makes the Slips, before functions ask for the format."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ....errors import SlipsError


def slips_name(text: str) -> str:
    """What app.py calls its Slips. Raises SlipsError."""
    return _slips(text)[0]


def insert(text: str, imports: Sequence[str], parser: str) -> str:
    """app.py with the imports that it lacks and the parser. Raises SlipsError where it makes no Slips."""
    _, end = _slips(text)
    lines = text.splitlines(keepends=True)
    missing = [each for each in imports if each not in {line.strip() for line in lines}]
    behind = _last_import(text)
    made = [*lines[:end], "\n\n", *parser.splitlines(keepends=True), *_gap(lines[end:]), *lines[end:]]
    return "".join([*made[:behind], *(f"{each}\n" for each in missing), *made[behind:]])


def _gap(rest: list[str]) -> list[str]:
    return [] if not rest or not rest[0].strip() else ["\n", "\n"]


def _slips(text: str) -> tuple[str, int]:
    """The name, and the line where its making ends."""
    try:
        tree = ast.parse(text)
    except SyntaxError as fault:
        raise SlipsError(f"app.py, line {fault.lineno}: {fault.msg}") from None
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="Slips"))):
                return name, node.end_lineno or 0
    raise SlipsError('app.py makes no Slips; write: slips = Slips(app, config="slips.yml")')


def _last_import(text: str) -> int:
    """How many lines the imports at the top take."""
    ends = [node.end_lineno or 0 for node in ast.parse(text).body if isinstance(node, ast.Import | ast.ImportFrom)]
    return max(ends, default=0)
