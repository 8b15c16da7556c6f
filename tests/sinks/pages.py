"""The examples of docs/send/."""

from __future__ import annotations

from typing import Any

from ..docs.blocks import ROOT, read_blocks

SEND = ROOT / "docs" / "send"


def python_of(page: str) -> list[str]:
    """Return the examples of a page."""
    return [block.text for block in read_blocks(SEND / page) if block.language == "python"]


def run(code: str) -> dict[str, Any]:
    """Execute an example; return what it defines."""
    names: dict[str, Any] = {}
    exec(compile(code, "page", "exec"), names)
    return names
