"""The signatures by which a format is recognized."""

from __future__ import annotations

from typing import Any

from slips.formats.registry import all_formats
from slips.formats.signatures import conditions, match
from tests.each_case import each_case


def strength(sign: str, event: dict[str, Any], specificity: float = 0.0) -> float:
    """Return how well one sign fits an event."""
    return match((sign,), specificity, event).strength


def test_the_more_of_its_fields_an_event_has_the_surer() -> None:
    assert strength("a, b", {"a": 1, "b": 2}) > strength("a, b", {"a": 1}) > strength("a, b", {"c": 1}) == 0.0
    assert strength("a, b, c", {"a": 1, "b": 2, "c": 3}) > strength("a, b", {"a": 1, "b": 2})


def test_a_field_counts_in_any_letter_case_nested_dotted_and_as_null() -> None:
    for event in ({"Id": {"Time": 1}}, {"id.time": 1}, {"ID.TIME": None}):
        assert strength("id.time", event) > 0
    assert strength("id.time", {"id": {}}) == 0.0


def test_a_name_that_any_application_may_write_says_less_unless_the_parser_gave_it() -> None:
    event = {"message": "a", "aid": 1}
    assert 0.0 < strength("message", event) < strength("aid", event)
    assert match(("message",), 0.0, event, names_itself=False).strength == strength("aid", event)
    assert strength("message|aid", event) == strength("aid", event)
    assert strength("message=a", event) == strength("aid=1", event)


def test_one_of_several_fields_is_enough() -> None:
    assert strength("a|b", {"b": 1}) == strength("a", {"a": 1})


@each_case(
    ("sign", "event"),
    [
        ("a, kind=guard*", {"a": 1, "kind": "other"}),
        ("a, kind=guard*", {"a": 1}),
        ("a, kind=*", {"a": 1, "kind": None}),
        ("a, kind=*", {"a": 1, "kind": {}}),
        ("a, !b", {"a": 1, "b": 2}),
        ("a, !b=x*", {"a": 1, "b": "xy"}),
    ],
)
def test_a_condition_that_must_hold_and_does_not_rules_the_format_out(sign: str, event: dict[str, Any]) -> None:
    assert strength(sign, event) == 0.0


def test_a_value_that_fits_says_as_much_as_two_fields() -> None:
    assert strength("kind=guard*|b", {"kind": "GuardDuty"}) == strength("a, b", {"a": 1, "b": 1})
    assert strength("a, !b=x*", {"a": 1, "b": "y"}) == strength("a", {"a": 1})


def test_the_best_sign_counts_and_without_any_that_it_could_be_parsed() -> None:
    assert match(("a", "a, b"), 0.0, {"a": 1, "b": 2}) == match(("a, b",), 0.0, {"a": 1, "b": 2})
    assert match((), 0.8, {}).strength == 0.8
    assert strength("a", {"a": 1}, specificity=0.5) > strength("a", {"a": 1})


def test_the_conditions_that_held_are_named() -> None:
    assert match(("a|b, kind=x, !c",), 0.0, {"b": 1, "kind": "x"}).shown == ("kind=x", "a|b")


def test_every_declared_sign_can_be_read() -> None:
    for known in all_formats():
        assert 0.0 <= known.specificity <= 1.0
        for sign in known.signatures:
            usual, strict = conditions(sign)
            assert all(path and path == path.strip() for condition in (*usual, *strict) for path in condition.paths), (
                sign
            )
