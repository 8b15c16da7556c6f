"""The list of lines that keep events safe is true: each line is where it says, and docs/reliability.md shows it."""

from __future__ import annotations

from pathlib import Path

from tests.each_case import each_case

from .mutants import MUTANTS, Mutant, row

ROOT = Path(__file__).resolve().parent.parent.parent


@each_case("mutant", MUTANTS, ids=lambda mutant: mutant.what)
def test_the_line_is_in_its_module_once(mutant: Mutant) -> None:
    assert (ROOT / "chalicelib" / "slips" / mutant.file).read_text().count(mutant.line) == 1


def test_docs_show_their_rows() -> None:
    _, _, table = (ROOT / "docs" / "reliability.md").read_text().rpartition("| --- | --- | --- |\n")
    rows = [row(mutant) for mutant in MUTANTS]
    assert table.splitlines() == rows, "\n".join(["write these rows into docs/reliability.md:", *rows])
