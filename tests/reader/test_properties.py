"""What holds for every framer, whatever it reads and however its bytes arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slips.errors import ReadError
from slips.model.positions import Positions
from slips.reader.framing import RecordFilter

from .reading import Read, broken_off, read

T = TypeVar("T")


@dataclass(frozen=True)
class Case:
    framing: str
    parts: tuple[bytes, ...]
    """Parts of its texts, in any order: whole, broken and hostile."""
    argument: str = ""
    array_keys: tuple[str, ...] = ()
    max_line_bytes: int = 60
    whole: tuple[bytes, ...] = ()
    """Parts that are each sound, for a framer that guesses about broken ones by their neighbours."""

    def text(self, drawn: bytes, parts: tuple[bytes, ...] = ()) -> bytes:
        """Return a part for each byte."""
        choice = parts or self.parts
        return b"".join(choice[byte % len(choice)] for byte in drawn)

    def read(self, text, **options) -> Read:
        options.setdefault("max_line_bytes", self.max_line_bytes)
        return read(self.framing, text, argument=self.argument, array_keys=self.array_keys, **options)


LONG = b"x" * 80
JSON = (
    *(b'{"a":1}', b'{"b":"}{"}', b'{"a":[{"a":2},{"a":3}]}', b"[1,2]", b"7", b"-1.5e3", b'"t"', b"null", b"[]", b"{}"),
    *(b'{"Records":[', b'{"x":1,"records" : [ ', b"[", b"]", b"]}", b"{", b"}", b",", b'"', b"\\", b"\n"),
    *(b" ", b"\x1e"),
    *(b'{"a":tru}', b'{"a":"\xff"}', b'{"a":"\\ud800"}', b'{"a":"' + LONG + b'"}', LONG, b"[" * 50, b"9" * 70),
)
VALUES = (b'{"a":1}\n', b'{"b":"}{"}\n', b'{"a":[{"a":2},{"a":3}]}\n', b'{"a":"\xc3\xa4\\u00e4"}\n', b'{"a":{}}\n')
CASES = {
    "lines": Case("s3-lines", (b"a", b"bc", b"\n", b"\r\n", b"\r", LONG, b"\xef\xbb\xbf", b"\0", b"needle")),
    "json": Case("s3-json", JSON, whole=VALUES),
    "json in Records": Case("s3-json", JSON, array_keys=("Records",), whole=VALUES),
    "json by a path": Case("s3-json", (*JSON, b'{"d":{"e":['), argument="d.e", whole=VALUES),
    "json stream": Case("s3-json-stream", JSON, whole=VALUES),
    "csv": Case("s3-csv", (b"a", b",", b'"', b'""', b'"b\nc"', b"\n", b"\r\n", LONG, b'x"y', b"1,2,3\n")),
    "csv;": Case("s3-csv", (b"a", b";", b'";"', b'"', b"\n", b"1;2\n"), argument=";"),
    "multiline": Case("s3-multiline", (b"a", b"\n", b" b", b"\t", b"\r\n", LONG, b"c\n d\n")),
    "multiline by start": Case("s3-multiline", (b"2024", b"\n", b"x", b"\r\n", LONG), argument=r"^\d{4}"),
    "xml": Case(
        "s3-xml",
        (
            *(b"<r>", b"</r>", b"<e>", b"</e>", b"<e/>", b'<e a=">">', b"<n:e>t</n:e>", b"<ee>", b"<e", b"t", b"\n"),
            *(b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?pi", b"?>", b"<!DOCTYPE r [<!ENTITY x '<e/>'>]>", LONG),
        ),
        argument="e",
    ),
    "text": Case("s3-text", (b"a", b"\n", LONG)),
}
EVERY = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
LAST = 22
"""A position after the last record of most texts."""


def some(choice: Sequence[T], least: int, most: int) -> st.SearchStrategy[list[T]]:
    """Draw lists of these: as bytes, which are drawn at once, where a list is drawn item by item."""
    return st.binary(min_size=least, max_size=most).map(lambda drawn: [choice[byte % len(choice)] for byte in drawn])


TEXTS = st.binary(max_size=20)
"""What a case makes a text of: see `Case.text`."""
SIZES = some(range(1, 21), 1, 5)
POSITIONS = st.integers(1, LAST)


@EVERY
@settings(max_examples=100, deadline=None)
@given(drawn=TEXTS, sizes=SIZES)
def test_the_borders_of_chunks_make_no_difference(case, drawn, sizes):
    text = case.text(drawn)
    whole, in_parts = case.read(text), case.read(text, sizes=sizes)
    assert in_parts.records == whole.records
    assert in_parts.faults == whole.faults
    assert str(in_parts.error) == str(whole.error)


@EVERY
@settings(max_examples=100, deadline=None)
@given(drawn=TEXTS, start=POSITIONS)
def test_resuming_gives_exactly_the_tail(case, drawn, start):
    text = case.text(drawn)
    whole, tail = case.read(text), case.read(text, record_filter=RecordFilter(resume_from=start))
    assert tail.records == [record for record in whole.records if record[0] >= start]
    assert tail.faults == [position for position in whole.faults if position >= start]
    assert tail.out_of_range == min(start - 1, whole.count)
    assert tail.count == whole.count


@EVERY
@settings(max_examples=100, deadline=None)
@given(drawn=TEXTS, requested=some(range(1, LAST), 1, 5))
def test_replaying_gives_exactly_the_positions_requested(case, drawn, requested):
    text = case.text(drawn)
    whole = case.read(text)
    result = case.read(text, record_filter=RecordFilter(only=Positions((position, None) for position in requested)))
    assert result.records == [record for record in whole.records if record[0] in requested]
    assert result.faults == [position for position in whole.faults if position in requested]


@EVERY
@settings(max_examples=100, deadline=None)
@given(drawn=TEXTS, needles=some([b"a", b"b", b'"a":2', b"2024", b"\n", b"needle", b">"], 1, 4))
def test_needles_give_exactly_the_records_that_hold_one(case, drawn, needles):
    text = case.text(drawn)
    whole, result = case.read(text), case.read(text, record_filter=RecordFilter(needles=tuple(needles)))
    assert result.records == [record for record in whole.records if any(needle in record[1] for needle in needles)]
    assert result.skipped == len(whole.records) - len(result.records)
    assert result.faults == whole.faults


@EVERY
@settings(max_examples=100, deadline=None)
@given(drawn=TEXTS, start=POSITIONS)
def test_headers_come_even_where_they_are_skipped(case, drawn, start):
    text = case.text(drawn)
    whole = case.read(text)
    result = case.read(text, record_filter=RecordFilter(resume_from=start, header_records=2, header_prefix=b"a"))
    assert result.headers == [
        record for at, record in whole.records if at < start and (at <= 2 or record.startswith(b"a"))
    ]


@EVERY
@settings(max_examples=100, deadline=None)
@given(drawn=TEXTS, end=st.integers(0, 200))
def test_what_came_before_the_connection_broke_is_yielded_and_nothing_half_read(case, drawn, end):
    text = case.text(drawn, case.whole)
    whole = case.read(text)
    broken = case.read(broken_off(text[:end], ReadError("reset")))
    if whole.error is None:
        assert broken.records == whole.records[: len(broken.records)]
    assert broken.error is not None


@EVERY
def test_an_empty_object_has_no_records(case):
    assert case.read(b"") == Read()
