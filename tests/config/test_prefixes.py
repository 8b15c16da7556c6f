from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slips.config.prefixes import (
    count_wild,
    has_literal_star,
    literal_head,
    match_prefix,
    may_overlap,
    notified_prefixes,
    outermost,
    shorten,
)
from slips.config.settings import Mapping

TEXT = st.text("ab/*", max_size=8)
ACCOUNTS = [f"{number:012d}" for number in range(123_000_000, 123_001_000)]


def mapped(*prefixes: str, bucket: str = "logs") -> tuple[Mapping, ...]:
    return tuple(Mapping(bucket=bucket, chain=("json",), prefix=prefix) for prefix in prefixes)


@pytest.mark.parametrize(
    ("prefix", "key", "length"),
    [
        ("", "a", 0),
        ("a/", "a/b", 2),
        ("a/", "b/", -1),
        ("a/*/c/", "a/bb/c/x", 7),
        ("a/*/c/", "a/bb/d/c/x", -1),
        ("a/*/c/", "a//c/x", -1),
        ("a/*/c/", "a/b\nb/c/x", 8),
        ("a/*", "a/bb/c", 4),
        ("a/*", "a/", -1),
        ("*/c", "a/cd", 3),
        ("*/*/c", "a/b/c", 5),
        ("a.b/*/", "a.b/c/", 6),
        ("a.b/*/", "axb/c/", -1),
        ("a*/c", "a*/c", 4),
        ("a*/c", "ab/c", -1),
        ("**/c", "ab/c", -1),
    ],
)
def test_a_star_that_is_a_segment_stands_for_any_one(prefix: str, key: str, length: int) -> None:
    assert match_prefix(prefix, key) == length


@given(TEXT, TEXT, st.text("abc/", max_size=8))
def test_what_begins_with_a_covered_prefix_begins_with_the_covering_one(prefix: str, other: str, key: str) -> None:
    if match_prefix(prefix, other) >= 0 and match_prefix(other, key) >= 0:
        assert match_prefix(prefix, key) >= 0


@given(TEXT, TEXT, st.text("abc/", max_size=8))
def test_a_key_that_begins_with_both_shows_an_overlap(prefix: str, other: str, key: str) -> None:
    if match_prefix(prefix, key) >= 0 and match_prefix(other, key) >= 0:
        assert may_overlap(prefix, other)


@pytest.mark.parametrize(
    ("prefix", "other"),
    [("a/", "b/"), ("a/*/c/", "a/b/d/"), ("a/b/", "a/bc/"), ("a/b/c", "a/b/d"), ("a/*/c/", "b/"), ("ab", "a/")],
)
def test_what_differs_in_a_segment_does_not_overlap(prefix: str, other: str) -> None:
    assert (may_overlap(prefix, other), may_overlap(other, prefix)) == (False, False)


@pytest.mark.parametrize(
    ("prefix", "head", "stars", "literal"),
    [
        ("a/*/c/*/", "a/", 2, False),
        ("*", "", 1, False),
        ("a/b", "a/b", 0, False),
        ("a*/b", "a*/b", 0, True),
        ("**/", "**/", 0, True),
        ("x*/*/", "x*/", 1, True),
    ],
)
def test_the_head_ends_before_the_first_star_that_is_a_segment(
    prefix: str, head: str, stars: int, literal: bool
) -> None:
    assert (literal_head(prefix), count_wild(prefix), has_literal_star(prefix)) == (head, stars, literal)


def test_the_outermost_prefixes_cover_all_others() -> None:
    prefixes = ("a/b/", "a/", "c/1/d/", "c/*/d/", "c/*/d/e/", "c/*/f/", "c/1/g/")
    assert outermost(prefixes) == ["a/", "c/*/d/", "c/*/f/", "c/1/g/"]


def test_a_bucket_notifies_of_what_comes_before_a_star() -> None:
    mappings = (*mapped("a/*/c/", "a/b/", "d/e", "d/e/f"), *mapped("x/", bucket="other"))
    assert notified_prefixes(mappings, "logs") == ("a/", "d/e")
    assert notified_prefixes(mapped("*/c/", "a/"), "logs") == ("",)
    assert notified_prefixes(mappings, "none") == ()


def test_a_thousand_accounts_are_fewer_prefixes_than_s3_takes() -> None:
    mappings = mapped(*(f"org/AWSLogs/{each}/vpcflowlogs/" for each in ACCOUNTS), "org/audit/", "x")
    assert notified_prefixes(mappings, "logs") == ("org/AWSLogs/", "org/audit/", "x")
    assert notified_prefixes(mappings[:98], "logs") == tuple(mapping.prefix for mapping in mappings[:98])


@given(st.lists(TEXT, min_size=1, max_size=12), st.integers(1, 4))
def test_fewer_prefixes_cover_the_same_and_are_disjoint(prefixes: list[str], most: int) -> None:
    literal = [each.replace("*", "c") for each in prefixes]
    fewer = shorten(literal, most)
    assert 1 <= len(fewer) <= most
    assert all(each.startswith(tuple(fewer)) for each in literal)
    assert not any(one != other and one.startswith(other) for one in fewer for other in fewer)
