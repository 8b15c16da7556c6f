"""docs/security.md: every row says who is stopped by what, and names tests that exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from .blocks import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()
COLUMNS = ["asset", "door", "who", "what stops them", "test"]
TEST = re.compile(r"`(tests/[\w/]+\.py)::([\w:]+)`")


def rows() -> list[list[str]]:
    """The cells of each row of the tables."""
    lines = [line.strip("| ") for line in PAGE.splitlines() if line.startswith("| ")]
    cells = [re.split(r" \| ", line) for line in lines]
    return [row for row in cells if row != COLUMNS and set(row) != {"---"}]


@cache
def existing_tests(file: str) -> frozenset[str]:
    """The tests of a file, as pytest names them."""
    return frozenset(_tests(ast.parse((ROOT / file).read_text()).body, ""))


def _tests(body: list[ast.stmt], of: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _tests(node.body, f"{node.name}::")
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield of + node.name


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row[0]}, {row[1]}"[:60])
def test_a_row_is_complete_and_its_tests_exist(row: list[str]) -> None:
    assert len(row) == len(COLUMNS)
    assert all(row)
    named = TEST.findall(row[-1])
    assert named
    assert re.sub(r"`[^`]*`|, (in Chromium )?", "", row[-1]) == "", "only tests that can be checked"
    assert [f"{file}::{test}" for file, test in named if test not in existing_tests(file)] == []


def test_the_page_has_its_tables_and_says_what_is_not_stopped() -> None:
    assert PAGE.count(f"| {' | '.join(COLUMNS)} |\n") == 3
    assert len(rows()) > 30
    assert "\n## What is not stopped\n" in PAGE


def test_a_test_that_does_not_exist_is_noticed() -> None:
    assert "test_a_test_that_does_not_exist_is_noticed" in existing_tests("tests/docs/test_security.py")
    assert "TestObjects::test_are_read_by_nobody_else" in existing_tests("tests/deployment/test_policies.py")
    assert "test_are_read_by_nobody_else" not in existing_tests("tests/deployment/test_policies.py")
