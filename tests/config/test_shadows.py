from __future__ import annotations

import pytest

from slips.config import find_shadowed

from .written import config


def rules(*stated: dict[str, str]) -> list[str]:
    """Return the paths of the rules that can never match; those without a `dest` go to the fast lane."""
    warnings = find_shadowed(config(routing=[{"dest": "fast", **rule} for rule in stated]))
    return [warning.partition(":")[0] for warning in warnings]


def mappings(*stated: dict[str, str]) -> list[str]:
    warnings = find_shadowed(config(bucket_mapping={"logs": [{"format": "json", **mapping} for mapping in stated]}))
    return [warning.partition(":")[0] for warning in warnings]


def test_a_rule_without_a_condition_shadows_all_after_it() -> None:
    warnings = find_shadowed(config(routing=[{"dest": "fast"}, {"prefix": "a/", "dest": "slow"}, {"dest": "drop"}]))
    assert warnings == [
        f"routing[{at}]: never matches, because routing[0] matches all of its objects first; "
        "move it before routing[0], or remove it"
        for at in (1, 2)
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"bucket": "a"}, {"bucket": "a", "prefix": "x/"}),
        ({"prefix": "x/"}, {"prefix": "x/y/"}),
        ({"prefix": "x/*/"}, {"prefix": "x/y/"}),
        ({"prefix": "x/*/"}, {"prefix": "x/*/z/"}),
        ({"prefix": "x/"}, {"bucket": "a", "prefix": "x/"}),
        ({"suffix": ".gz"}, {"suffix": ".json.gz"}),
        ({"prefix": "x/"}, {"prefix": "x/", "event": "*:Copy"}),
        ({"event": "*:Copy"}, {"event": "*:Copy", "prefix": "x/"}),
        ({"event": "*"}, {"prefix": "x/"}),
        ({"match": "*x*"}, {"match": "*x*", "prefix": "a/"}),
        ({"match": "*"}, {"prefix": "a/"}),
        ({"match": "x/*"}, {"prefix": "x/y/"}),
    ],
)
def test_a_rule_that_is_covered_never_matches(first: dict[str, str], second: dict[str, str]) -> None:
    assert rules(first, second) == ["routing[1]"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"bucket": "a"}, {"bucket": "b"}),
        ({"bucket": "a"}, {}),
        ({"prefix": "x/y/"}, {"prefix": "x/"}),
        ({"prefix": "x/y/"}, {"prefix": "x/*/"}),
        ({"prefix": "x/"}, {}),
        ({"suffix": ".json.gz"}, {"suffix": ".gz"}),
        ({"event": "*:Copy"}, {"prefix": "x/"}),
        ({"event": "*:Copy"}, {"event": "*:Put"}),
        ({"match": "*x*"}, {"prefix": "x/"}),
        ({"match": "x/*.gz"}, {"prefix": "x/"}),
        ({"match": "x/*"}, {"prefix": "x"}),
    ],
)
def test_a_rule_that_does_not_match_all_shadows_none(first: dict[str, str], second: dict[str, str]) -> None:
    assert rules(first, second) == []


@pytest.mark.parametrize("alike", [{}, {"prefix": "a/"}, {"prefix": "a/", "suffix": ".gz"}, {"match": "*x*"}])
def test_of_two_equal_mappings_the_second_never_matches(alike: dict[str, str]) -> None:
    assert mappings(alike, {"prefix": "other/"}, alike) == ["bucket_mapping.logs[2]"]


@pytest.mark.parametrize("second", [{"prefix": "a/b/"}, {"suffix": ".gz"}, {"match": "*x*"}])
def test_mappings_that_differ_shadow_none(second: dict[str, str]) -> None:
    assert mappings({"prefix": "a/"}, second) == []


def test_equal_mappings_of_two_buckets_shadow_none() -> None:
    assert find_shadowed(config(bucket_mapping={"a": [{"format": "json"}], "b": [{"format": "json"}]})) == []


@pytest.mark.parametrize(("prefix", "match"), [("a/", "b/*"), ("a/b/", "a/c*"), ("abc", "ab"), ("a", "[b]*")])
def test_a_glob_that_excludes_the_prefix_never_matches(prefix: str, match: str) -> None:
    expected = [] if match.startswith("[") else ["routing[0]"]
    assert rules({"prefix": prefix, "match": match}) == expected


@pytest.mark.parametrize(
    ("prefix", "match"), [("a/", "a/*"), ("a/", "*"), ("a/b/", "a/*x"), ("a", "ab"), ("", "x"), ("a/*/c", "a/b/*")]
)
def test_a_glob_that_allows_the_prefix_is_fine(prefix: str, match: str) -> None:
    assert rules({"prefix": prefix, "match": match}) == []


def test_a_warning_is_one_line_whatever_the_prefix_holds() -> None:
    (warning,) = find_shadowed(config(routing=[{"prefix": "a\nb\u2028", "match": "x\n*", "dest": "fast"}]))
    assert warning == (
        'routing[0]: never matches, because no key begins with the prefix "a\\nb\\u2028" and matches "x\\n*"; '
        "remove one of the two"
    )
