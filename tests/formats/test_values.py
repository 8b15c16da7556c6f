"""Numbers and repeated names of text formats."""

from __future__ import annotations

from slips.formats.values import merge_pairs, number, with_numbers
from tests.each_case import each_case


@each_case(
    ("text", "value"),
    [
        ("443", 443),
        ("-1", -1),
        ("0.25", 0.25),
        ("1.5e3", 1500.0),
        ("0x1f", "0x1f"),
        ("", ""),
        ("1_0", "1_0"),
        ("٣", "٣"),
    ],
)
def test_a_number_is_one_and_nothing_else_is(text: str, value: object) -> None:
    assert number(text) == value


def test_what_is_too_long_for_a_number_is_an_identifier() -> None:
    assert number("9" * 5000) == "9" * 5000


def test_only_the_named_fields_become_numbers() -> None:
    assert with_numbers({"port": "443", "id": "7", "seq": 3}, frozenset({"port", "seq", "none"})) == {
        "port": 443,
        "id": "7",
        "seq": 3,
    }


def test_a_name_that_comes_again_gives_its_values_and_equal_ones_once() -> None:
    assert merge_pairs([("a", "1"), ("b", "2"), ("a", "3"), ("b", "2")]) == {"a": ["1", "3"], "b": "2"}
