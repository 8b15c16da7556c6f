"""`s3-csv`: rows with quoted cells, as in RFC 4180 and as in practice."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from itertools import chain, repeat

import pytest

from slips.config.settings import MIB
from slips.errors import CorruptObject, ReadError
from slips.model.positions import Positions
from slips.reader.batches import SAMPLE
from slips.reader.csv_rows import BLOCK
from slips.reader.framing import RecordFilter

from .reading import Counted, Read, broken_off, cut, peak, read

CHUNKED = pytest.mark.parametrize("sizes", [(), (1,), (2, 5)], ids=str)


def rows(text: bytes, delimiter: str = "", sizes: Sequence[int] = (), limit: int = 1 << 20) -> Read:
    """Read `text` as rows."""
    return read("s3-csv", text, argument=delimiter, sizes=sizes, max_line_bytes=limit)


@CHUNKED
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"a,b\n1,2\n", [b"a,b", b"1,2"]),
        (b"a,b\r\n1,2\r\n", [b"a,b", b"1,2"]),
        (b"a,b\n1,2", [b"a,b", b"1,2"]),
        (b'a,"b"\n', [b'a,"b"']),
        (b'"a,b",c\n', [b'"a,b",c']),
        (b'a,"b\nc"\nd,e\n', [b'a,"b\nc"', b"d,e"]),
        (b'a,"b\r\nc"\r\nd,e\r\n', [b'a,"b\r\nc"', b"d,e"]),
        (b'"b\n\n\nc"\nd', [b'"b\n\n\nc"', b"d"]),
        (b'a,"say ""hi\n"""\nb\n', [b'a,"say ""hi\n"""', b"b"]),
        (b'"""\n"""\nb\n', [b'"""\n"""', b"b"]),
        (b'"","\n"\nb\n', [b'"","\n"', b"b"]),
        (b'a,"b\nc"', [b'a,"b\nc"']),
        (b"\n\na\n", [b"", b"", b"a"]),
        (b"\xef\xbb\xbfa,b\n", [b"a,b"]),
        (b'\xef\xbb\xbf"a\nb"\n', [b'"a\nb"']),
        (b"a;b\tc|d\n", [b"a;b\tc|d"]),
        (b'"\xff\n\0",\x80\n', [b'"\xff\n\0",\x80']),
    ],
)
def test_rows_end_with_a_line_end_outside_quotes(text: bytes, expected: list[bytes], sizes: Sequence[int]) -> None:
    result = rows(text, sizes=sizes)
    assert result.records == list(enumerate(expected, 1))
    assert result.error is None


@CHUNKED
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'5" nails,1\n6" nails,2\n', [b'5" nails,1', b'6" nails,2']),
        (b'a "b\nc" d\n', [b'a "b', b'c" d']),
        (b'a, "b\nc"\n', [b'a, "b', b'c"']),
        (b'"b" c"\nd\n', [b'"b" c"', b"d"]),
        (b'"b\nc" d,e\nf\n', [b'"b\nc" d,e', b"f"]),
    ],
)
def test_a_quote_opens_a_cell_only_at_its_start(text: bytes, expected: list[bytes], sizes: Sequence[int]) -> None:
    assert rows(text, sizes=sizes).bodies == expected


@CHUNKED
def test_a_quote_that_is_never_closed_ends_with_its_line(sizes: Sequence[int]) -> None:
    result = rows(b'a,b\n"open,c\nd,e\nf\n', sizes=sizes)
    assert result.bodies == [b"a,b", b'"open,c', b"d,e", b"f"]
    assert result.error is None


@CHUNKED
def test_a_quote_that_is_not_closed_within_the_limit_ends_with_its_line(sizes: Sequence[int]) -> None:
    text = b'"open\n' + b"0123456789\n" * 5 + b'x,"y\nz"\n'
    result = rows(text, sizes=sizes, limit=30)
    assert result.bodies == [b'"open', *[b"0123456789"] * 5, b'x,"y\nz"']
    assert result.faults == []


@CHUNKED
@pytest.mark.parametrize("quote", [b"", b'"'])
def test_a_row_above_the_limit_is_a_fault_and_those_after_it_are_read(quote: bytes, sizes: Sequence[int]) -> None:
    result = rows(b"a\n" + quote + b"x" * 40 + quote + b"\nb\n", sizes=sizes, limit=30)
    assert result.records == [(1, b"a"), (3, b"b")]
    assert result.faults == [2]
    assert result.complaints == ["record 2 is longer than 30 bytes, limits.max_line_bytes of slips.yml"]


@CHUNKED
def test_a_row_of_exactly_the_limit_is_read(sizes: Sequence[int]) -> None:
    exact = b'"' + b"x" * 13 + b"\n" + b"y" * 14 + b'"'
    assert rows(exact + b"\r\n" + b"z" * 30 + b"\r\n", sizes=sizes, limit=30).bodies == [exact, b"z" * 30]


def test_the_sample_of_a_row_above_the_limit_is_how_it_begins() -> None:
    long = b"".join(b"%d," % n for n in range(1000))
    for sizes in ((), (100,)):
        assert rows(b"a\n" + long + b"\nb\n", sizes=sizes, limit=2000).samples == [long[:SAMPLE]]


def test_a_row_above_the_limit_is_never_held_in_memory() -> None:
    for opens in (b"", b'"'):
        count, held = peak("s3-csv", chain([b"a\n" + opens], repeat(b"x" * MIB, 50), [b"\nb\n"]))
        assert count == 3
        assert held < 6 * MIB


@pytest.mark.parametrize("size", [9, 20, 1000])
def test_a_row_whose_end_has_not_come_yet_is_read_whole(size: int) -> None:
    expected = [b'"a","b"', b'"c\nd","e"', b"", b'f,"g"', b'"h""i","j"']
    assert rows(b"\n".join(expected) + b"\n", sizes=[size]).bodies == expected


def test_a_row_longer_than_a_block_is_read_whole() -> None:
    expected = [b'"a"', b'"%s\n"' % (b"x" * BLOCK), b'"b"']
    assert rows(b"\n".join(expected)).bodies == expected


def test_two_quotes_in_a_quoted_cell_do_not_close_it() -> None:
    assert rows(b'"a""b\nc"\n"d""e\nf\n').bodies == [b'"a""b\nc"', b'"d""e', b"f"]


# The delimiter.


@pytest.mark.parametrize(
    ("argument", "delimiter"),
    [("", ","), (";", ";"), ("\\t", "\t"), ("tab", "\t"), ("\t", "\t"), ("|", "|"), ("^", "^"), ("]", "]"), (" ", " ")],
)
def test_the_argument_is_the_delimiter(argument: str, delimiter: str) -> None:
    first, second = f'a{delimiter}"b\nc"'.encode(), f'd{delimiter}e"'.encode()
    assert rows(first + b"\n" + second + b"\n", argument).bodies == [first, second]


def test_another_delimiter_than_the_rows_have_opens_no_cells() -> None:
    assert rows(b'a,"b\nc"\n', ";").bodies == [b'a,"b', b'c"']


@pytest.mark.parametrize("argument", ["ab", ",,", '"', "\n", "\r", "é", "\\n"])
def test_an_invalid_delimiter_is_an_error_that_names_it(argument: str) -> None:
    result = rows(b"a\n", argument)
    assert result.records == []
    assert f'"{argument}" is not a delimiter for s3-csv' in str(result.error)


# As a whole.


@pytest.mark.parametrize("size", [10, 1000, 1 << 20])
def test_many_rows_are_the_same_as_the_standard_library_writes(size: int) -> None:
    cells = [[f"{n}", "plain" if n % 3 else 'with "quotes",\nand lines', "x" * (n % 50)] for n in range(5000)]
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(cells)
    result = rows(file.getvalue().encode(), sizes=[size])
    assert [next(csv.reader(io.StringIO(record.decode(), newline=""))) for record in result.bodies] == cells


@CHUNKED
def test_rows_are_resumed_replayed_and_searched_like_lines(sizes: Sequence[int]) -> None:
    text = b'a\n"b\nneedle"\nc\n"d"\nneedle\n'
    assert read("s3-csv", text, sizes=sizes, record_filter=RecordFilter(resume_from=4)).records == [
        (4, b'"d"'),
        (5, b"needle"),
    ]
    assert read("s3-csv", text, sizes=sizes, record_filter=RecordFilter(only=Positions.parse("2"))).records == [
        (2, b'"b\nneedle"')
    ]
    result = read("s3-csv", text, sizes=sizes, record_filter=RecordFilter(needles=(b"needle",)))
    assert result.records == [(2, b'"b\nneedle"'), (5, b"needle")]
    assert result.skipped == 3


def test_the_header_row_comes_where_it_is_skipped() -> None:
    result = read("s3-csv", b'"a\nb",c\n1\n2\n3\n', record_filter=RecordFilter(resume_from=3, header_records=1))
    assert result.headers == [b'"a\nb",c']
    assert result.bodies == [b"2", b"3"]


def test_nothing_is_read_after_the_last_position_requested() -> None:
    chunks = Counted([b'"a\n",b\n' * 1000] * 100)
    result = read("s3-csv", chunks, record_filter=RecordFilter(only=Positions.parse("1500")))
    assert result.records == [(1500, b'"a\n",b')]
    assert chunks.pulled <= 4


@CHUNKED
@pytest.mark.parametrize("rest", [b"c,d", b'"c', b'"c\nd,', b'e,"', b""])
def test_an_object_that_is_cut_off_gives_its_whole_rows_and_then_the_error(rest: bytes, sizes: Sequence[int]) -> None:
    fault = CorruptObject("cut off")
    result = read("s3-csv", chain(cut(b'a\n"b\n"\n' + rest, sizes), broken_off(b"", fault)))
    assert result.bodies == [b"a", b'"b\n"']
    assert result.error is fault


def test_the_first_bytes_of_an_object_are_yielded_before_the_error_after_them() -> None:
    assert read("s3-csv", broken_off(b"a\n", ReadError("reset"))).bodies == [b"a"]
