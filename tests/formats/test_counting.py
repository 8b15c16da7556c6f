"""What positions are counted by: the same text for chains that count alike, another one for any other."""

from __future__ import annotations

import pytest

from slips.formats.chain import MOST_COUNTING, compile_chain
from slips.reader import FRAMER_NAMES


def counting(*names: str, limit: int = 1000) -> str:
    return compile_chain(names, FRAMER_NAMES).counting(limit)


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (("syslog",), "s3-lines syslog"),
        (("s3-multiline:^[0-9]", "syslog"), "s3-multiline:^[0-9] syslog, max_line_bytes 1000"),
        (("s3-json:Records", "json"), "s3-json:Records json, max_line_bytes 1000"),
        (("cloudtrail",), "s3-json cloudtrail, events in Records, max_line_bytes 1000"),
        (("docker-json", "syslog"), "s3-json docker-json syslog, max_line_bytes 1000"),
    ],
)
def test_it_says_what_counts(names: tuple[str, ...], text: str) -> None:
    assert counting(*names) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("syslog",), ("s3-lines", "syslog")),
        (("lines", "syslog"), ("s3-lines", "syslog")),
        (("s3-lines", "json", "g-suite-login"), ("s3-lines", "g-suite-login")),
        (("cloudtrail",), ("s3-lines", "cloudtrail")),
    ],
)
def test_chains_that_count_alike_say_the_same(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert counting(*one) == counting(*other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("s3-lines", "syslog"), ("s3-text", "syslog")),
        (("s3-lines", "syslog"), ("s3-multiline", "syslog")),
        (("s3-multiline:^a", "syslog"), ("s3-multiline:^b", "syslog")),
        (("s3-json:Records", "json"), ("s3-json:items", "json")),
        (("s3-json:Records", "json"), ("s3-json", "json")),
        (("s3-csv:;", "csv"), ("s3-csv", "csv")),
        (("docker-json", "syslog"), ("syslog",)),
        (("syslog",), ("json",)),
    ],
)
def test_chains_that_count_otherwise_say_something_else(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert counting(*one) != counting(*other)


@pytest.mark.parametrize("names", [("s3-csv", "csv"), ("s3-json-stream", "json"), ("s3-multiline", "syslog")])
def test_a_limit_that_cuts_broken_records_counts(names: tuple[str, ...]) -> None:
    assert counting(*names, limit=1) != counting(*names, limit=2)


def test_a_longer_line_is_one_record_under_any_limit() -> None:
    assert counting("syslog", limit=1) == counting("syslog", limit=2)


def test_a_long_pattern_is_cut_and_still_told_from_others() -> None:
    one, other = (counting(f"s3-multiline:{'x' * 500}{end}", "syslog") for end in "ab")
    assert one != other
    assert len(one) == MOST_COUNTING + len("… 01234567")
