"""What an error item keeps of the record that failed."""

from __future__ import annotations

import pytest

from slips.engine.failures import CUT, FailureLog

from ..builders import item


def sample_of(record: bytes, limit: int) -> str:
    log = FailureLog(item(), "json", "fast", limit, chain="")
    log.add_unparsable(ValueError(), 1, record)
    return log.take(lambda: 0.0)[0].sample


@pytest.mark.parametrize(
    ("record", "limit", "sample"),
    [
        (b"abcdef", 6, "abcdef"),
        (b"abcdef", 5, f"abcde{CUT}"),
        (b"abcdef", 0, ""),
        ("aé€".encode(), 6, "aé€"),
        ("aé€".encode(), 5, f"aé{CUT}"),
        ("aé€".encode(), 2, f"a{CUT}"),
        ("😀".encode() * 2, 7, f"😀{CUT}"),
        (b"\x80" * 9, 8, "\\x80" * 8 + CUT),
        (b"a\xff", 5, "a\\xff"),
    ],
)
def test_a_sample_says_where_it_was_cut_and_not_within_a_character(record: bytes, limit: int, sample: str) -> None:
    assert sample_of(record, limit) == sample
