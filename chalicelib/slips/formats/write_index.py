"""Writes index.py: `python -m slips.formats.write_index`, a part of `make docs`."""

from __future__ import annotations

from pathlib import Path

from .registry import modules

INDEX = Path(__file__).with_name("index.py")
_HEAD = '''"""Which module registers which format. Written by `make docs`; a test compares it with the modules."""

from __future__ import annotations

MODULES: dict[str, str] = {
'''


def index_text() -> str:
    """Return the text of index.py."""
    return _HEAD + "".join(f'    "{name}": "{module}",\n' for name, module in modules().items()) + "}\n"


if __name__ == "__main__":
    INDEX.write_text(index_text())
    print(INDEX)
