"""Paths into events: exact names first, then those of another letter case."""

from __future__ import annotations

from typing import Any

import pytest

from slips.formats.fields import lookup


@pytest.mark.parametrize(
    ("event", "path", "value"),
    [
        ({"a.b": 1, "a": {"b": 2}}, "a.b", 1),
        ({"a": {"b": 2}}, "a.b", 2),
        ({"A": {"B": 2}}, "a.b", 2),
        ({"ab": 1, "abc": 2, "ABC": 3}, "Abc", 2),
        ({"stra\u00dfe": 1}, "STRASSE", 1),
        ({"\u212aelvin": 1}, "kelvin", 1),
        ({"stra\u00dfe": 1}, "stra\u1e9ee", 1),
        ({"a": [{"b": 1}, {"b": 2}]}, "a.1.b", 2),
        ({7: 1}, "7", 1),
        ({"a": None}, "a", None),
        ({"a": 1}, "b", None),
        ("text", "a", None),
    ],
)
def test_what_is_at_a_path(event: Any, path: str, value: Any) -> None:
    assert lookup(event, path) == value
