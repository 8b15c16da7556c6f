"""Writes index.py: `python -m slips.formats.write_index`, a part of `make docs`."""

from __future__ import annotations

from pathlib import Path

from .registry import modules

INDEX = Path(__file__).with_name("index.py")
_PAGE = '''"""Which module registers which formats. Written by `make docs`; a test compares it with the modules."""
# ruff: noqa: E501
# fmt: off

_NAMES = {{
{rows}}}

MODULES = {{name: module for module, names in _NAMES.items() for name in names.split()}}
'''


def index_text() -> str:
    """Return the text of index.py."""
    names: dict[str, list[str]] = {}
    for name, module in modules().items():
        names.setdefault(module, []).append(name)
    return _PAGE.format(rows="".join(f'    "{module}": "{" ".join(names[module])}",\n' for module in sorted(names)))


if __name__ == "__main__":
    INDEX.write_text(index_text())
    print(INDEX)
