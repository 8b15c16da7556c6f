"""`s3-lines`: what a line is, its position, and how lines that do not match are skipped."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import pytest

from slips.config.settings import MIB
from slips.errors import CorruptObject, ReadError
from slips.model.positions import Positions
from slips.reader import FRAMERS
from slips.reader.batches import SAMPLE
from slips.reader.framing import FramingOptions, RecordFilter

from .reading import Counted, Read, broken_off, cut, peak, read

CHUNKED = pytest.mark.parametrize("sizes", [(), (1,), (2, 3), (7,)], ids=str)
TEN = b"".join(b"line %d\n" % n for n in range(1, 11))


def lines(
    text: bytes, sizes: Sequence[int] = (), record_filter: RecordFilter | None = None, limit: int = 1 << 20
) -> Read:
    """Read `text` as lines."""
    return read("s3-lines", text, sizes=sizes, record_filter=record_filter, max_line_bytes=limit)


def positions(result: Read) -> list[int]:
    """Return the positions of the records."""
    return [position for position, _ in result.records]


# What a line is.


@CHUNKED
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"a\nb\n", [b"a", b"b"]),
        (b"a\r\nb\r\n", [b"a", b"b"]),
        (b"a\r\nb\nc\r\n", [b"a", b"b", b"c"]),
        (b"a\nb", [b"a", b"b"]),
        (b"a\r\nb\r", [b"a", b"b"]),
        (b"a", [b"a"]),
        (b"\n", [b""]),
        (b"\n\na\n\n", [b"", b"", b"a", b""]),
        (b"\r\n\r\n", [b"", b""]),
        (b"a\rb\n", [b"a\rb"]),
        (b"a\r\r\n", [b"a\r"]),
        (b"a\0b\n\0\n", [b"a\0b", b""]),
        (b"\0\0a\r\n\0b\0\n", [b"a", b"b"]),
        (b"a\n\0\0\0b\n\0\0", [b"a", b"b"]),
        (b"a\n\xef\xbb\xbfb\n\0\xef\xbb\xbf\0c", [b"a", b"b", b"c"]),
        (b"\xff\xfe\xc3\n\x80\n", [b"\xff\xfe\xc3", b"\x80"]),
        (b"a\x0bb\x0cc\x1cd\xc2\x85e\xe2\x80\xa8f\n", [b"a\x0bb\x0cc\x1cd\xc2\x85e\xe2\x80\xa8f"]),
        (b" a \t\n", [b" a \t"]),
    ],
)
def test_lines_end_with_lf_or_crlf_and_nothing_else(text: bytes, expected: list[bytes], sizes: Sequence[int]) -> None:
    result = lines(text, sizes)
    assert result.records == list(enumerate(expected, 1))
    assert result.error is None


@CHUNKED
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"\xef\xbb\xbfa\nb\n", [b"a", b"b"]),
        (b"a\n\xef\xbb\xbfb\n", [b"a", b"b"]),
        (b"\xef\xbba\n", [b"\xef\xbba"]),
        (b"\xef\xbb\xbf", []),
    ],
)
def test_a_byte_order_mark_is_not_part_of_a_line(text: bytes, expected: list[bytes], sizes: Sequence[int]) -> None:
    assert lines(text, sizes).bodies == expected


# Lines above the limit.


@CHUNKED
def test_a_line_above_the_limit_is_one_fault_and_the_lines_after_it_are_read(sizes: Sequence[int]) -> None:
    result = lines(b"a\n" + b"x" * 11 + b"\nb\n" + b"y" * 12 + b"\nc", sizes, limit=10)
    assert result.records == [(1, b"a"), (3, b"b"), (5, b"c")]
    assert result.faults == [2, 4]
    assert result.complaints == [
        f"record {position} is longer than 10 bytes, limits.max_line_bytes of slips.yml" for position in (2, 4)
    ]


@CHUNKED
def test_a_line_of_exactly_the_limit_is_read(sizes: Sequence[int]) -> None:
    result = lines(b"a\n" + b"x" * 10 + b"\n" + b"y" * 10, sizes, limit=10)
    assert result.bodies == [b"a", b"x" * 10, b"y" * 10]


@pytest.mark.parametrize("sizes", [(), (1000,), (100_000,)], ids=str)
def test_the_sample_is_how_the_line_begins(sizes: Sequence[int]) -> None:
    long = b"".join(b"%d," % n for n in range(1000))
    result = lines(b"a\n" + long + b"\nb\n", sizes, limit=2000)
    assert result.samples == [long[:SAMPLE]]


@CHUNKED
def test_an_object_that_is_only_a_line_above_the_limit_is_one_fault(sizes: Sequence[int]) -> None:
    result = lines(b"x" * 100, sizes, limit=10)
    assert result.records == []
    assert result.faults == [1]


@CHUNKED
def test_lines_above_the_limit_one_after_another_are_a_fault_each(sizes: Sequence[int]) -> None:
    result = lines((b"x" * 20 + b"\n") * 3, sizes, limit=10)
    assert result.faults == [1, 2, 3]


def test_a_line_above_the_limit_is_never_held_in_memory() -> None:
    chunk = b"x" * MIB
    count, held = peak("s3-lines", (chunk for _ in range(50)))
    assert count == 1
    assert held < 4 * MIB


def test_a_line_above_the_limit_that_is_out_of_range_is_skipped() -> None:
    result = lines(b"x" * 20 + b"\na\n" + b"y" * 20 + b"\n", record_filter=RecordFilter(resume_from=2), limit=10)
    assert result.records == [(2, b"a")]
    assert result.faults == [3]
    assert result.out_of_range == 1


def test_a_line_above_the_limit_is_a_fault_whatever_needle_is_looked_for() -> None:
    result = lines(b"x" * 20 + b"\nneedle\n", record_filter=RecordFilter(needles=(b"needle",)), limit=10)
    assert result.records == [(2, b"needle")]
    assert result.faults == [1]


# Needles: which lines hold one, and their positions.


@CHUNKED
@pytest.mark.parametrize(
    ("needles", "expected"),
    [
        ((b"line 1\n",), []),
        ((b"line 4",), [4]),
        ((b"line 1",), [1, 10]),
        ((b"line 10",), [10]),
        ((b"3", b"9"), [3, 9]),
        ((b"9", b"3"), [3, 9]),
        ((b"line", b"5"), list(range(1, 11))),
        ((b"nothing",), []),
        ((b"nothing", b"7"), [7]),
        ((b"ine 2\nl",), []),
        ((b"\n", b"6"), [6]),
    ],
)
def test_lines_with_a_needle_come_with_their_positions(
    needles: tuple[bytes, ...], expected: list[int], sizes: Sequence[int]
) -> None:
    result = lines(TEN, sizes, RecordFilter(needles=needles))
    assert result.records == [(position, b"line %d" % position) for position in expected]
    assert result.skipped == 10 - len(expected)
    assert result.count == 10
    assert result.out_of_range == 0


def test_a_line_with_many_needles_comes_once() -> None:
    assert lines(b"ab ab ab\nb\nc\n", record_filter=RecordFilter(needles=(b"a", b"b"))).records == [
        (1, b"ab ab ab"),
        (2, b"b"),
    ]


def test_a_needle_in_the_last_line_without_end_is_found() -> None:
    assert lines(b"a\nb\nneedle", record_filter=RecordFilter(needles=(b"needle",))).records == [(3, b"needle")]


def test_a_needle_that_is_cut_by_the_border_of_chunks_is_found() -> None:
    result = read("s3-lines", [b"a\nb nee", b"d", b"le b\nc\n"], record_filter=RecordFilter(needles=(b"needle",)))
    assert result.records == [(2, b"b needle b")]
    assert result.skipped == 2


def test_a_needle_is_not_found_across_the_border_of_a_chunk() -> None:
    result = read(
        "s3-lines", [b"needle\nne", b"edle\nnee\n", b"dle\n"], record_filter=RecordFilter(needles=(b"needle",))
    )
    assert result.records == [(1, b"needle"), (2, b"needle")]


@pytest.mark.parametrize(
    ("needle", "expected"),
    [(b"\r", [(2, b"b\rb")]), (b"b\r", [(2, b"b\rb")]), (b"a\r", []), (b"\r\n", []), (b"c", [(3, b"c")])],
)
def test_a_needle_is_not_found_in_a_line_end(needle: bytes, expected: list[tuple[int, bytes]]) -> None:
    assert lines(b"a\r\nb\rb\r\nc\r\n", record_filter=RecordFilter(needles=(needle,))).records == expected


def test_empty_lines_count_between_needles() -> None:
    assert positions(lines(b"\n\nx\n\n\r\nx\n\n", record_filter=RecordFilter(needles=(b"x",)))) == [3, 6]


# Resuming and replaying.


@CHUNKED
@pytest.mark.parametrize("start", [1, 2, 5, 10, 11, 50])
def test_resuming_skips_the_lines_before(start: int, sizes: Sequence[int]) -> None:
    result = lines(TEN, sizes, RecordFilter(resume_from=start))
    assert positions(result) == list(range(start, 11))
    assert result.out_of_range == min(start - 1, 10)
    assert result.skipped == 0


@CHUNKED
def test_what_is_out_of_range_does_not_count_as_skipped(sizes: Sequence[int]) -> None:
    result = lines(TEN, sizes, RecordFilter(resume_from=4, needles=(b"1", b"7")))
    assert positions(result) == [7, 10]
    assert result.out_of_range == 3
    assert result.skipped == 5


@CHUNKED
@pytest.mark.parametrize("text", ["1", "3-5", "2,9", "10", "4.0,4.2"])
def test_replaying_gives_the_positions_requested(text: str, sizes: Sequence[int]) -> None:
    only = Positions.parse(text)
    result = lines(TEN, sizes, RecordFilter(only=only))
    assert positions(result) == [position for position in range(1, 11) if only.touches(position)]
    assert result.skipped == 0


def test_replaying_counts_records_without_the_needle_as_skipped() -> None:
    result = lines(TEN, record_filter=RecordFilter(only=Positions.parse("3-5"), needles=(b"4",)))
    assert result.records == [(4, b"line 4")]
    assert result.skipped == 2
    assert result.out_of_range == 7


def test_nothing_is_read_after_the_last_position_requested() -> None:
    chunks = Counted([b"a\nb\n"] * 100)
    result = read("s3-lines", chunks, record_filter=RecordFilter(only=Positions.parse("2,5")))
    assert positions(result) == [2, 5]
    assert chunks.pulled <= 4  # Position 5 is in the third.


def test_a_line_above_the_limit_after_the_last_position_is_not_a_fault() -> None:
    result = lines(
        b"a\n" + b"x" * 20 + b"\n", sizes=[2], record_filter=RecordFilter(only=Positions.parse("1")), limit=10
    )
    assert result.records == [(1, b"a")]
    assert result.faults == []


@pytest.mark.parametrize(
    "record_filter",
    [RecordFilter(needles=(b"y",)), RecordFilter(resume_from=10**9), RecordFilter(only=Positions.parse("999999999"))],
    ids=str,
)
def test_lines_that_do_not_match_are_counted_without_being_split(record_filter: RecordFilter) -> None:
    chunks = [b"xx\n" * 300_000] * 2
    result = read("s3-lines", chunks, record_filter=record_filter)
    assert result.count == result.skipped + result.out_of_range == 600_000
    count, held = peak("s3-lines", chunks, record_filter=record_filter)
    assert count == 0
    assert held < 2 * MIB  # Split, they are ten times as large.


# Headers: what the parser must have seen of the lines that are skipped.


@CHUNKED
def test_the_first_lines_are_headers_where_they_are_skipped(sizes: Sequence[int]) -> None:
    result = lines(TEN, sizes, RecordFilter(resume_from=5, header_records=2))
    assert result.headers == [b"line 1", b"line 2"]
    assert positions(result) == list(range(5, 11))
    assert result.out_of_range == 4


@CHUNKED
def test_directives_are_headers_wherever_they_are(sizes: Sequence[int]) -> None:
    text = b"#Fields: a\n1\n#Fields: b\n2\n#Fields: c\n3\n"
    result = lines(text, sizes, RecordFilter(resume_from=4, header_prefix=b"#"))
    assert result.headers == [b"#Fields: a", b"#Fields: b"]
    assert result.bodies == [b"2", b"#Fields: c", b"3"]


def test_directives_are_seen_by_the_parser_before_the_lines_they_are_for() -> None:
    text = b"#a\nx1\n#b\nx2\ny\n"
    result = lines(text, record_filter=RecordFilter(needles=(b"x",), header_prefix=b"#"))
    assert result.headers == [b"#a", b"#b"]
    assert result.records == [(2, b"x1"), (4, b"x2")]
    assert result.skipped == 3


def test_a_header_begins_a_batch_since_it_is_for_the_lines_after_it() -> None:
    record_filter = RecordFilter(needles=(b"x",), header_prefix=b"#")
    batches = FRAMERS["s3-lines"]([b"#a\nx1\n#b\nx2\n"], record_filter, FramingOptions())
    assert [(batch.headers, batch.records) for batch in batches] == [([b"#a"], [b"x1"]), ([b"#b"], [b"x2"])]


def test_a_header_that_matches_is_a_record() -> None:
    result = lines(TEN, record_filter=RecordFilter(header_records=2, needles=(b"line",)))
    assert result.headers == []
    assert len(result.records) == 10


def test_without_conditions_there_are_no_headers() -> None:
    assert lines(TEN, record_filter=RecordFilter(header_records=2, header_prefix=b"l")).headers == []


# Errors.


@CHUNKED
def test_an_object_that_is_cut_off_gives_its_whole_lines_and_then_the_error(sizes: Sequence[int]) -> None:
    fault = CorruptObject("cut off")
    result = read("s3-lines", chain(cut(b"line 1\nline 2\nli", sizes), broken_off(b"", fault)))
    assert result.bodies == [b"line 1", b"line 2"]
    assert result.error is fault


def test_a_line_of_two_bytes_is_yielded_before_the_error_after_it() -> None:
    result = read("s3-lines", broken_off(b"a\n", ReadError("connection reset")))
    assert result.bodies == [b"a"]
    assert result.error is not None
