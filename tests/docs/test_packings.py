"""The table of docs/formats.md about what is read inside what: tests/reader/inflate/test_nested.py reads each of it."""

from __future__ import annotations

from pathlib import Path

from ..reader.inflate.test_nested import PACKS

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"


def test_the_table_names_each_compression_and_archive() -> None:
    each = {outer: "each member" if outer in ("zip", "tar") else "yes" for outer in PACKS}
    rows = [f"| {outer} |{f' {says} |' * len(PACKS)}" for outer, says in each.items()]
    table = "\n".join([f"| in … is read: | {' | '.join(PACKS)} |", f"| --- |{' --- |' * len(PACKS)}", *rows])
    assert table in PAGE.read_text()
