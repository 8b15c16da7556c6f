"""`s3-multiline`: lines joined to records, by how a record begins or continues."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, repeat

import pytest

from slips.config.settings import MIB
from slips.errors import CorruptObject
from slips.model.positions import Positions
from slips.reader import multiline
from slips.reader.batches import SAMPLE
from slips.reader.framing import RecordFilter

from .reading import Counted, Read, broken_off, cut, peak, read

CHUNKED = pytest.mark.parametrize("sizes", [(), (1,), (2, 5)], ids=str)
TRACE = b"Traceback:\n  File one\n    code\n\n  File two\nError: x\n"


def test_lines_that_hold_nothing_are_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiline, "MOST_LINES", 1000)
    count, held = peak("s3-multiline", chain([b"a"], (b"\n" * 1000 for _ in range(100))), limit=64 * MIB)
    assert (count, held < 300_000) == (1, True)


def test_records_that_hold_nothing_are_bounded_too() -> None:
    count, held = peak("s3-multiline", (b"\n" * 10_000 for _ in range(10)), argument="^")
    assert (count, held < 4 * MIB) == (100_000, True)


def records(text: bytes, pattern: str = "", sizes: Sequence[int] = (), limit: int = 1 << 20) -> Read:
    """Read `text` by the pattern."""
    return read("s3-multiline", text, argument=pattern, sizes=sizes, max_line_bytes=limit)


@CHUNKED
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TRACE, [b"Traceback:\n  File one\n    code\n\n  File two", b"Error: x"]),
        (b"a\nb\nc", [b"a", b"b", b"c"]),
        (b"a\r\n b\r\nc\r\n", [b"a\n b", b"c"]),
        (b"a\n\tb\n\x0bc\nd\n", [b"a\n\tb\n\x0bc", b"d"]),
        (b"a\n\n\nb\n\n", [b"a", b"b"]),
        (b" a\n b\nc\n", [b" a\n b", b"c"]),
        (b"\xef\xbb\xbfa\n b\n", [b"a\n b"]),
        (b"a\n \xff\0b\n", [b"a\n \xff\0b"]),
        (b"a", [b"a"]),
    ],
)
def test_without_a_pattern_white_space_and_empty_lines_continue(
    text: bytes, expected: list[bytes], sizes: Sequence[int]
) -> None:
    result = records(text, sizes=sizes)
    assert result.records == list(enumerate(expected, 1))
    assert result.error is None


@CHUNKED
def test_a_pattern_is_that_of_the_first_line(sizes: Sequence[int]) -> None:
    result = records(b"2024-01 a\nb\n\n2024-02 c\n2024-03\nx 2024-04\n", r"^\d{4}-", sizes)
    assert result.bodies == [b"2024-01 a\nb", b"2024-02 c", b"2024-03\nx 2024-04"]


@CHUNKED
def test_a_pattern_after_an_exclamation_mark_is_that_of_continuing_lines(sizes: Sequence[int]) -> None:
    result = records(b"a\n> b\n> c\nd\n>e\n", "!^> ", sizes)
    assert result.bodies == [b"a\n> b\n> c", b"d", b">e"]


@CHUNKED
def test_lines_that_all_begin_a_record_are_records(sizes: Sequence[int]) -> None:
    result = records(b"1 a\r\r\n2 b\r\n3 c\n4 d", r"^\d", sizes)
    assert result.records == [(1, b"1 a"), (2, b"2 b"), (3, b"3 c"), (4, b"4 d")]
    assert records(b"1 a\n2 b\n c\n3 d\n", r"^\d", sizes).bodies == [b"1 a", b"2 b\n c", b"3 d"]


def test_a_line_above_the_limit_that_begins_a_record_is_a_fault() -> None:
    result = records(b"1 a\n1" + b"x" * 2000 + b"\n1 b\n", "^1", limit=1000)
    assert (result.bodies, len(result.samples)) == ([b"1 a", b"1 b"], 1)


def test_a_pattern_may_match_anywhere_in_the_line() -> None:
    assert records(b"x START a\nb\ny START c\n", "START").bodies == [b"x START a\nb", b"y START c"]


def test_a_pattern_may_hold_text_beyond_ascii() -> None:
    assert records("日 a\nb\n日 c\n".encode(), "^日").bodies == ["日 a\nb".encode(), "日 c".encode()]


def test_what_precedes_the_first_first_line_is_a_record() -> None:
    assert records(b"rest of\nanother\n2024 a\nb\n", r"^\d{4}").bodies == [b"rest of\nanother", b"2024 a\nb"]


@pytest.mark.parametrize("pattern", ["(", "![a", "*"])
def test_an_invalid_pattern_is_an_error_that_names_it(pattern: str) -> None:
    result = records(b"a\n", pattern)
    assert result.records == []
    assert f'"{pattern}" is not a regular expression for s3-multiline' in str(result.error)


# The limit.


@CHUNKED
def test_a_record_above_the_limit_is_a_fault_and_those_after_it_are_read(sizes: Sequence[int]) -> None:
    result = records(b"a\n b\nc\n" + b" 23456789\n" * 5 + b"d\n e\n", sizes=sizes, limit=30)
    assert result.records == [(1, b"a\n b"), (3, b"d\n e")]
    assert result.faults == [2]
    assert result.samples[0].startswith(b"c\n 23456789\n 23456789")


@CHUNKED
@pytest.mark.parametrize("text", [b"a\n" + b"x" * 40 + b"\n y\nb\n", b"a\nc\n " + b"x" * 40 + b"\n y\nb\n"])
def test_a_line_above_the_limit_makes_a_fault_of_its_record(text: bytes, sizes: Sequence[int]) -> None:
    result = records(text, sizes=sizes, limit=30)
    assert result.records == [(1, b"a"), (3, b"b")]
    assert result.faults == [2]


def test_a_line_above_the_limit_is_not_a_record_even_if_its_sample_is_below_it() -> None:
    result = records(b"a\n" + b"x" * 2000 + b"\nb\n", limit=1000)
    assert result.records == [(1, b"a"), (3, b"b")]
    assert result.faults == [2]


@CHUNKED
def test_a_record_of_exactly_the_limit_is_read_line_ends_counted(sizes: Sequence[int]) -> None:
    exact = b"0123456789\n 234567890\n 2345678"
    assert records(exact + b"\n" + exact + b"9\nb\n", sizes=sizes, limit=30).records == [(1, exact), (3, b"b")]


def test_the_sample_is_how_the_record_begins() -> None:
    long = b"begin\n" + b"".join(b" %d\n" % n for n in range(1000))
    assert records(long + b"next\n", limit=2000).samples == [long[:SAMPLE]]


@pytest.mark.parametrize("piece", [b" " + b"x" * 65_535, (b" " + b"x" * 254 + b"\n") * 256], ids=["one line", "many"])
def test_a_record_above_the_limit_is_never_held_in_memory(piece: bytes) -> None:
    count, held = peak("s3-multiline", chain([b"a\nb\n"], repeat(piece, 100), [b"\nc\n"]), limit=MIB // 4)
    assert count == 3
    assert held < MIB


# Which records match.


@CHUNKED
def test_records_are_resumed_replayed_and_searched_like_lines(sizes: Sequence[int]) -> None:
    text = b"a\n needle\nb\n c\nd\nneedle\n e\n"
    everything = [(1, b"a\n needle"), (2, b"b\n c"), (3, b"d"), (4, b"needle\n e")]
    assert read("s3-multiline", text, sizes=sizes).records == everything
    assert read("s3-multiline", text, sizes=sizes, record_filter=RecordFilter(resume_from=3)).records == everything[2:]
    assert (
        read("s3-multiline", text, sizes=sizes, record_filter=RecordFilter(only=Positions.parse("2,4"))).records
        == everything[1::2]
    )
    result = read("s3-multiline", text, sizes=sizes, record_filter=RecordFilter(needles=(b"needle",)))
    assert result.records == everything[::3]
    assert result.skipped == 2


def test_nothing_is_read_far_after_the_last_position_requested() -> None:
    chunks = Counted([b"a\n b\n" * 50_000] * 50)
    result = read("s3-multiline", chunks, record_filter=RecordFilter(only=Positions.parse("3")))
    assert result.records == [(3, b"a\n b")]
    assert chunks.pulled <= 3


@CHUNKED
def test_an_object_that_is_cut_off_gives_the_records_that_had_ended_and_then_the_error(sizes: Sequence[int]) -> None:
    fault = CorruptObject("cut off")
    result = read("s3-multiline", chain(cut(b"a\n b\nc\nd\n e\n f", sizes), broken_off(b"", fault)))
    assert result.bodies == [b"a\n b", b"c"]
    assert result.error is fault
