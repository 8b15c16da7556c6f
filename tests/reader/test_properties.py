"""What holds for every container, whatever it reads and however its bytes arrive."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import ReadError
from chalicelib.positions import Positions
from chalicelib.reader.base import Want

from .reading import Read, broken_off, read


@dataclass(frozen=True)
class Container:
    source: str
    parts: tuple[bytes, ...]
    """What its texts are made of, in any order: whole, broken and hostile."""
    argument: str = ""
    containers: tuple[str, ...] = ()
    max_line_bytes: int = 60
    whole: tuple[bytes, ...] = ()
    """Parts that are sound each for itself, where the container guesses about broken ones by what stands near them."""

    def read(self, text, **options) -> Read:
        options.setdefault("max_line_bytes", self.max_line_bytes)
        return read(self.source, text, argument=self.argument, containers=self.containers, **options)


LONG = b"x" * 80
JSON = (
    *(b'{"a":1}', b'{"b":"}{"}', b'{"a":[{"a":2},{"a":3}]}', b"[1,2]", b"7", b"-1.5e3", b'"t"', b"null", b"[]", b"{}"),
    *(b'{"Records":[', b'{"x":1,"records" : [ ', b"[", b"]", b"]}", b"{", b"}", b",", b'"', b"\\", b"\n"),
    *(b" ", b"\x1e"),
    *(b'{"a":tru}', b'{"a":"\xff"}', b'{"a":"\\ud800"}', b'{"a":"' + LONG + b'"}', LONG, b"[" * 50, b"9" * 70),
)
VALUES = (b'{"a":1}\n', b'{"b":"}{"}\n', b'{"a":[{"a":2},{"a":3}]}\n', b'{"a":"\xc3\xa4\\u00e4"}\n', b'{"a":{}}\n')
CONTAINERS = {
    "lines": Container("s3-lines", (b"a", b"bc", b"\n", b"\r\n", b"\r", LONG, b"\xef\xbb\xbf", b"\0", b"needle")),
    "json": Container("s3-json", JSON, whole=VALUES),
    "json in Records": Container("s3-json", JSON, containers=("Records",), whole=VALUES),
    "json by a path": Container("s3-json", (*JSON, b'{"d":{"e":['), argument="d.e", whole=VALUES),
    "json stream": Container("s3-json-stream", JSON, whole=VALUES),
    "csv": Container("s3-csv", (b"a", b",", b'"', b'""', b'"b\nc"', b"\n", b"\r\n", LONG, b'x"y', b"1,2,3\n")),
    "csv;": Container("s3-csv", (b"a", b";", b'";"', b'"', b"\n", b"1;2\n"), argument=";"),
    "multiline": Container("s3-multiline", (b"a", b"\n", b" b", b"\t", b"\r\n", LONG, b"c\n d\n")),
    "multiline by start": Container("s3-multiline", (b"2024", b"\n", b"x", b"\r\n", LONG), argument=r"^\d{4}"),
    "xml": Container(
        "s3-xml",
        (
            *(b"<r>", b"</r>", b"<e>", b"</e>", b"<e/>", b'<e a=">">', b"<n:e>t</n:e>", b"<ee>", b"<e", b"t", b"\n"),
            *(b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?pi", b"?>", b"<!DOCTYPE r [<!ENTITY x '<e/>'>]>", LONG),
        ),
        argument="e",
    ),
    "text": Container("s3-text", (b"a", b"\n", LONG)),
}
EVERY = pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS.keys())
SIZES = st.lists(st.integers(1, 20), min_size=1, max_size=5)


def texts(container: Container, parts: tuple[bytes, ...] = ()) -> st.SearchStrategy[bytes]:
    return st.lists(st.sampled_from(parts or container.parts), max_size=20).map(b"".join)


@EVERY
@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_the_borders_of_chunks_make_no_difference(container, data):
    text = data.draw(texts(container))
    whole, in_parts = container.read(text), container.read(text, sizes=data.draw(SIZES))
    assert in_parts.records == whole.records
    assert in_parts.faults == whole.faults
    assert str(in_parts.error) == str(whole.error)


@EVERY
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_resuming_gives_exactly_the_tail(container, data):
    text = data.draw(texts(container))
    whole = container.read(text)
    start = data.draw(st.integers(1, whole.count + 2))
    tail = container.read(text, want=Want(resume_from=start))
    assert tail.records == [record for record in whole.records if record[0] >= start]
    assert tail.faults == [position for position in whole.faults if position >= start]
    assert tail.passed == min(start - 1, whole.count)
    assert tail.count == whole.count


@EVERY
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_replaying_gives_exactly_the_positions_asked_for(container, data):
    text = data.draw(texts(container))
    whole = container.read(text)
    asked = data.draw(st.sets(st.integers(1, whole.count + 2), min_size=1))
    some = container.read(text, want=Want(only=Positions((position, None) for position in asked)))
    assert some.records == [record for record in whole.records if record[0] in asked]
    assert some.faults == [position for position in whole.faults if position in asked]


@EVERY
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_needles_give_exactly_the_records_that_hold_one(container, data):
    text = data.draw(texts(container))
    needles = data.draw(st.lists(st.sampled_from([b"a", b"b", b'"a":2', b"2024", b"\n", b"needle", b">"]), min_size=1))
    whole = container.read(text)
    some = container.read(text, want=Want(needles=tuple(needles)))
    assert some.records == [(at, record) for at, record in whole.records if any(needle in record for needle in needles)]
    assert some.skipped == len(whole.records) - len(some.records)
    assert some.faults == whole.faults


@EVERY
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_headers_come_even_when_they_are_passed_over(container, data):
    text = data.draw(texts(container))
    whole = container.read(text)
    want = Want(resume_from=data.draw(st.integers(1, whole.count + 2)), prologue=2, directive=b"a")
    some = container.read(text, want=want)
    assert some.headers == [
        record for at, record in whole.records if at < want.resume_from and (at <= 2 or record.startswith(b"a"))
    ]


@EVERY
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_what_came_before_the_connection_broke_is_given_and_nothing_half_read(container, data):
    text = data.draw(texts(container, container.whole))
    end = data.draw(st.integers(0, len(text)))
    whole = container.read(text)
    broken = container.read(broken_off(text[:end], ReadError("reset")))
    if whole.error is None:
        assert broken.records == whole.records[: len(broken.records)]
    assert broken.error is not None


@EVERY
def test_an_empty_object_has_no_records(container):
    assert container.read(b"") == Read()
