"""NULs and byte order marks around records belong to none of them, in any text framing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat

import pytest

from slips.config.settings import MIB
from slips.reader.framing import RecordFilter
from tests.each_case import each_case

from .reading import peak, read

BOM = b"\xef\xbb\xbf"
JSON_LINE, DOCUMENT, ROW, ELEMENT = b'{"a":1}', b'{\n"a":1\n}', b'"a\nb",1', b"<Event>1</Event>"
FRAMINGS = (
    ("s3-lines", b"line"),
    ("s3-tsv", b"a\tb"),
    ("s3-w3c", b"a b"),
    ("s3-multiline", b"line"),
    ("s3-csv", b"a,b"),
    ("s3-csv", ROW),
    ("s3-json", JSON_LINE),
    ("s3-json", DOCUMENT),
    ("s3-json-stream", JSON_LINE),
    ("s3-json-stream", DOCUMENT),
    ("s3-xml:Event", ELEMENT),
)
PADDINGS = (b"\0", b"\0" * 7, BOM, b"\0\0" + BOM, b"\0" + BOM + b"\0")


@pytest.mark.parametrize("sizes", [(), (1,), (2, 3), (7,)], ids=str)
@each_case("padding", PADDINGS)
@each_case("framing", FRAMINGS)
def test_padding_before_any_record_is_not_part_of_it(
    framing: tuple[str, bytes], padding: bytes, sizes: Sequence[int]
) -> None:
    name, _, argument = framing[0].partition(":")
    for end in (b"\n", b"\r\n"):
        text = padding + framing[1] + end + padding + framing[1] + end + framing[1] + end + padding + framing[1]
        result = read(name, text, sizes=sizes, argument=argument)
        assert (result.bodies, result.error) == ([framing[1]] * 4, None)


@each_case("framing", [framing for framing in FRAMINGS if framing[0] != "s3-csv"])
def test_nulls_at_the_end_are_no_record(framing: tuple[str, bytes]) -> None:
    name, _, argument = framing[0].partition(":")
    for end in (b"", b"\n"):
        result = read(name, framing[1] + end + b"\0" * 9, argument=argument)
        assert (result.bodies, result.error) == ([framing[1]], None)


@pytest.mark.parametrize("name", ["s3-lines", "s3-json", "s3-json-stream", "s3-csv"])
@pytest.mark.parametrize("before", [b"", b'{"a":0}\n'])
def test_a_hole_larger_than_any_record_is_passed_over_in_little_memory(name: str, before: bytes) -> None:
    def chunks() -> Iterator[bytes]:
        yield before
        yield from repeat(bytes(MIB), 40)
        yield b'{"a":1}\n'

    result = read(name, chunks(), max_line_bytes=MIB)
    assert (result.bodies[-1:], result.faults, result.error) == ([b'{"a":1}'], [], None)
    _, most = peak(name, chunks(), limit=MIB)
    assert most < 8 * MIB


def test_a_line_that_is_searched_for_comes_without_its_padding() -> None:
    result = read("s3-lines", b"\0\0a 1\nb\n\0a 2\0\r\n", record_filter=RecordFilter(needles=(b"a",)))
    assert result.records == [(1, b"a 1"), (3, b"a 2")]


def test_nulls_and_marks_inside_a_record_stay() -> None:
    text = b"a\0b" + BOM + b"c\n"
    assert read("s3-lines", text).bodies == [text[:-1]]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_document_behind_a_broken_one_is_found_behind_its_padding(size: int) -> None:
    text = b'{"a":1}{"b":x}' + BOM + b'{"c":1}\0\0{"d":1}'
    assert read("s3-json-stream", text, sizes=[size]).bodies == [b'{"a":1}', b'{"b":x}', b'{"c":1}', b'{"d":1}']
