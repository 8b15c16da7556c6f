"""Writes index.py and names.py: `python -m slips.formats.write_index`, a part of `make docs`."""

from __future__ import annotations

from pathlib import Path

from .registry import modules

INDEX = Path(__file__).with_name("index.py")
NAMES = Path(__file__).with_name("names.py")
_PAGE = '''"""Which module registers which formats. Written by `make docs`; a test compares it with the modules."""
# ruff: noqa: E501
# fmt: off

_NAMES = {{
{rows}}}

MODULES = {{name: module for module, names in _NAMES.items() for name in names.split()}}
'''
_NAMES_PAGE = '''"""The names of the formats, for type checkers and editors alone. Written by `make docs`."""

from typing import Literal

FormatName = Literal[
    "*",  # All formats.
{rows}]
'''


def index_text() -> str:
    """Return the text of index.py."""
    names: dict[str, list[str]] = {}
    for name, module in modules().items():
        names.setdefault(module, []).append(name)
    return _PAGE.format(rows="".join(f'    "{module}": "{" ".join(names[module])}",\n' for module in sorted(names)))


def names_text() -> str:
    """Return the text of names.py."""
    return _NAMES_PAGE.format(rows="".join(f'    "{name}",\n' for name in sorted(modules())))


if __name__ == "__main__":
    for path, text in ((INDEX, index_text()), (NAMES, names_text())):
        path.write_text(text)
        print(path)
