"""Proposals of formats: their order, and those that nothing tells apart."""

from __future__ import annotations

from slips.ops.develop.proposals import UNDECIDED, Proposal, Values, mark_alike, put_content_first, rank
from tests.each_case import each_case

SAME: Values = [frozenset({"a", "b", "c", "d"})]


def propose(**confidences: float) -> list[Proposal]:
    """Return a proposal for each name."""
    return [Proposal(name, confidence, "why") for name, confidence in confidences.items()]


def test_the_likeliest_is_first_and_the_unlikely_are_left_out() -> None:
    assert [proposal.name for proposal in rank(propose(c=0.2, b=0.9, a=0.2, d=0.01))] == ["b", "a", "c"]


def test_what_an_envelope_holds_is_before_it_if_it_is_sure_enough() -> None:
    proposals = [*propose(outer=0.87), Proposal("outer,inner", 0.8, ""), *propose(inner=0.61)]
    assert [(name, confidence) for name, confidence, _ in put_content_first(proposals)] == [
        ("inner", 0.61), ("outer", 0.61), ("outer,inner", 0.61)
    ]  # fmt: skip
    assert put_content_first(propose(outer=0.87, inner=0.59)) == propose(outer=0.87, inner=0.59)
    assert put_content_first([]) == []


@each_case(
    ("confidences", "values", "alike"),
    [
        ({"a": 0.9, "b": 0.85}, {"a": SAME, "b": SAME}, True),
        ({"a": 0.9, "b": 0.85}, {"a": SAME, "b": [frozenset({"a", "b", "c"})]}, True),
        ({"a": 0.9, "b": 0.85}, {"a": SAME, "b": [frozenset({"a", "x", "y"})]}, False),
        ({"a": 0.9, "b": 0.85}, {"a": SAME, "b": [*SAME, *SAME]}, False),
        ({"a": 0.9, "b": 0.7}, {"a": SAME, "b": SAME}, False),
        ({"a": 0.55, "b": 0.5}, {"a": SAME, "b": SAME}, False),
        ({"a": 0.9, "b": 0.85}, {"a": [], "b": []}, False),
        ({"a": 0.9}, {"a": SAME}, False),
    ],
)
def test_formats_that_are_as_sure_and_read_the_same_values_are_alike(
    confidences: dict[str, float], values: dict[str, Values], alike: bool
) -> None:
    marked = mark_alike(propose(**confidences), values.__getitem__)
    assert marked[0].why == ("why; b reads the same here: choose by what writes the file" if alike else "why")
    assert marked[0].confidence == (UNDECIDED if alike else confidences["a"])


def test_nothing_is_surer_than_two_that_are_alike() -> None:
    values = {"a": SAME, "b": [frozenset({"x"})], "c": SAME}
    marked = mark_alike(propose(a=0.9, b=0.85, c=0.82), values.__getitem__)
    assert [(proposal.confidence, "same" in proposal.why) for proposal in marked] == [
        (UNDECIDED, True), (UNDECIDED, False), (UNDECIDED, True)
    ]  # fmt: skip


def test_no_proposals_are_none() -> None:
    assert mark_alike([], {}.__getitem__) == []
