"""`s3-text`, the object as one record, and `ignore`, no records at all."""

from __future__ import annotations

from itertools import repeat

import pytest

from slips.config.settings import MIB
from slips.errors import CorruptObject, LimitExceeded
from slips.model.positions import Positions
from slips.reader.framing import RecordFilter

from .reading import Counted, Read, broken_off, peak, read

TEXT = b"\xef\xbb\xbfone\r\ntwo\n\n\0\xff"


@pytest.mark.parametrize("size", [1, 3, 100])
def test_the_object_is_one_record_as_it_is(size: int) -> None:
    result = read("s3-text", TEXT, sizes=[size])
    assert result.records == [(1, TEXT)]
    assert result.error is None


@pytest.mark.parametrize("chunks", [[], [b""], [b"", b""]])
def test_an_empty_object_has_no_record(chunks: list[bytes]) -> None:
    assert read("s3-text", chunks) == Read()


def test_an_object_of_exactly_the_limit_is_read() -> None:
    assert read("s3-text", b"0123456789", max_line_bytes=10, sizes=[3]).bodies == [b"0123456789"]


def test_an_object_above_the_limit_is_an_error_that_says_what_to_do() -> None:
    result = read("s3-text", b"0123456789!", max_line_bytes=10, sizes=[3])
    assert result.records == []
    assert isinstance(result.error, LimitExceeded)
    assert "longer than 10 bytes: raise limits.max_line_bytes in slips.yml, or choose a format that splits it" in str(
        result.error
    )


def test_an_object_above_the_limit_is_not_read_further() -> None:
    chunks = Counted(repeat(b"x" * 10, 1000))
    assert isinstance(read("s3-text", chunks, max_line_bytes=25).error, LimitExceeded)
    assert chunks.pulled == 3


@pytest.mark.parametrize(
    ("record_filter", "skipped", "out_of_range"),
    [
        (RecordFilter(resume_from=2), 0, 1),
        (RecordFilter(only=Positions.parse("2")), 0, 1),
        (RecordFilter(needles=(b"three",)), 1, 0),
    ],
)
def test_a_record_that_does_not_match_is_counted(record_filter: RecordFilter, skipped: int, out_of_range: int) -> None:
    result = read("s3-text", TEXT, record_filter=record_filter)
    assert (result.records, result.count, result.skipped, result.out_of_range) == ([], 1, skipped, out_of_range)


@pytest.mark.parametrize(
    "record_filter",
    [RecordFilter(needles=(b"two",)), RecordFilter(only=Positions.parse("1")), RecordFilter(needles=(b"e\r\nt",))],
)
def test_a_record_that_matches_is_yielded(record_filter: RecordFilter) -> None:
    assert read("s3-text", TEXT, record_filter=record_filter).records == [(1, TEXT)]


def test_an_object_that_is_cut_off_is_not_a_record() -> None:
    fault = CorruptObject("cut off")
    result = read("s3-text", broken_off(TEXT, fault))
    assert result.records == []
    assert result.error is fault


def test_text_is_held_once() -> None:
    _, held = peak("s3-text", (bytes(MIB) for _ in range(10)), limit=16 * MIB)
    assert held < 22 * MIB  # The chunks, and the joined text.


def test_ignore_has_no_records_and_reads_nothing() -> None:
    chunks = Counted([TEXT])
    assert read("ignore", chunks) == Read()
    assert chunks.pulled == 0
