"""The list of lines that keep events safe is true: each stands where it says, and docs/reliability.md names them."""

from __future__ import annotations

from pathlib import Path

import pytest

from .mutants import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.what)
def test_the_line_stands_in_its_module_once(mutant: Mutant) -> None:
    assert (ROOT / "chalicelib" / "slips" / mutant.file).read_text().count(mutant.line) == 1


def test_docs_name_all_of_them() -> None:
    text = (ROOT / "docs" / "reliability.md").read_text()
    assert [mutant.what for mutant in MUTANTS if f"| {mutant.what} |" not in text] == []
