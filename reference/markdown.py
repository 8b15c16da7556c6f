"""Docstrings and declarations as Markdown."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

_SPANS = re.compile(r"(`[^`]*`)")
_TERM = re.compile(r"(?P<term>[\w…]+) {2,}(?P<text>\S.*)")


def paragraphs(docstring: str | None) -> str:
    """Return a docstring as Markdown: indented lines are code, columns of names and texts a list, and what looks like
    HTML is text."""
    lines = inspect.cleandoc(docstring or "").splitlines()
    blocks = [list(block) for is_empty, block in groupby(lines, key=lambda line: not line) if not is_empty]
    out: list[str] = []
    for block in blocks:
        if all(line.startswith("    ") for line in block):
            if out and out[-1].endswith("\n```"):  # The code goes on behind an empty line.
                out[-1] = out[-1].removesuffix("```") + "\n" + _code(block) + "```"
            else:
                out.append("```python\n" + _code(block) + "```")
        elif _TERM.fullmatch(block[0]):
            out.append("\n".join(_terms(block)))
        else:
            out.append("\n".join(map(escape, block)))
    return "\n\n".join(out)


def _code(block: Sequence[str]) -> str:
    return "".join(f"{line.removeprefix('    ')}\n" for line in block)


def _terms(block: Sequence[str]) -> Iterator[str]:
    for line in block:
        match = _TERM.fullmatch(line)
        yield f"- `{match['term']}`: {escape(match['text'])}" if match else f"  {escape(line.strip())}"


def escape(text: str) -> str:
    """Escape what Markdown would take for HTML or emphasis, outside of code."""
    parts = _SPANS.split(text)
    return "".join(part if part.startswith("`") else part.replace("<", "&lt;").replace("*", "\\*") for part in parts)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table, and an empty line after it."""
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    return [*lines, *(f"| {' | '.join(map(cell, row))} |" for row in rows), ""]


def cell(text: str) -> str:
    """Return a text as a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")
