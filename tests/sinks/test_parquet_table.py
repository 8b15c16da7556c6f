"""Columns and their types: from the values alone, the same in whatever order they come."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from slips.errors import RegistrationError
from slips.sinks import S3Archive
from slips.sinks.parquet_table import MOST_COLUMNS, make_columns

BIG, EXACT = 2**63 - 1, 2**53


@pytest.mark.parametrize(
    ("values", "kind", "written"),
    [
        ([True, None, False], "bool", [True, None, False]),
        ([1, None, -BIG - 1, BIG], "int64", [1, None, -BIG - 1, BIG]),
        ([1, BIG + 1], "string", ["1", str(BIG + 1)]),
        ([1, -BIG - 2], "string", ["1", str(-BIG - 2)]),
        ([1, 10**40, {"a": -(10**40)}], "string", ["1", str(10**40), f'{{"a":{-(10**40)}}}']),
        ([1.5, 2.0], "float64", [1.5, 2.0]),
        ([1.5, EXACT, -EXACT], "float64", [1.5, EXACT, -EXACT]),
        ([1.5, EXACT + 1], "string", ["1.5", str(EXACT + 1)]),
        ([1.5, -EXACT - 1], "string", ["1.5", str(-EXACT - 1)]),
        (["a", "1", None], "string", ["a", "1", None]),
        (["a", 1, True, 1.5, None], "string", ["a", "1", "true", "1.5", None]),
        ([True, 1], "string", ["true", "1"]),
        ([{"b": [1]}, None], "string", ['{"b":[1]}', None]),
        ([["ü"], "x", {}], "string", ['["ü"]', "x", "{}"]),
    ],
)
def test_a_type_follows_from_the_values(values: list[Any], kind: str, written: list[Any]) -> None:
    assert make_columns([{"a": value} for value in values]) == {"a": (kind, written)}
    backwards = make_columns([{"a": value} for value in reversed(values)])
    assert backwards == {"a": (kind, written[::-1])}


def test_columns_are_in_the_order_in_which_they_have_values() -> None:
    rows = [{"b": 1, "never": None, "late": None}, {"a": 2, "late": "x"}]
    columns = make_columns(rows)
    assert list(columns.items()) == [
        ("b", ("int64", [1, None])), ("a", ("int64", [None, 2])), ("late", ("string", [None, "x"]))
    ]  # fmt: skip


def test_beyond_the_most_columns_fields_are_in_one() -> None:
    rows = [{"a": 1, "b": 2, "c": 3}, {"a": 4}, {"d": [5], "c": None, "none": None}]
    columns = make_columns(rows, most=2)
    assert columns == {
        "a": ("int64", [1, 4, None]),
        "b": ("int64", [2, None, None]),
        "other_fields": ("string", ['{"c":3}', None, '{"d":[5],"c":null}']),
    }


def test_a_new_name_in_each_row_makes_no_more_columns() -> None:
    columns = make_columns([{f"{number}": number} for number in range(MOST_COLUMNS + 2)])
    assert len(columns) == MOST_COLUMNS + 1
    _, others = columns["other_fields"]
    assert [json.loads(other) for other in others if other] == [{"1000": 1000}, {"1001": 1001}]


def test_without_pyarrow_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(RegistrationError, match=r"needs pyarrow, .*: install slips\[parquet\]"):
        S3Archive("s3://lake/curated/", format="parquet")
    S3Archive("s3://lake/curated/")
