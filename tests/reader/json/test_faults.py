"""`s3-json` and `s3-json-stream`: what is broken, too long or cut off costs itself and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import pytest

from slips.errors import CorruptObject, ReadError
from slips.reader.json.layout import HEAD

from ..reading import broken_off, read
from .texts import CHUNKED, RECORDS, A, B, C, arriving, contained, document, elements, padding

# Broken events.


@CHUNKED
@pytest.mark.parametrize(
    "broken",
    [
        *(b'{"b":tru}', b'{"b":1,}', b"{'b':1}", b'{"b":"\xff"}', b'{"b":"\\x"}', b'{"b":"a\nb"}', b'{"b" 1}'),
        *(b'{"b":1e}', b'{"b":-}', b'{"b":01}', b'{"b":"\\ud800"}', b"{b}", b"[1 2]", b"nul", b"NaN", b"{]", b'{"b":'),
    ],
)
def test_a_broken_element_is_one_record_and_those_after_it_are_read(broken: bytes, sizes: Sequence[int]) -> None:
    for text in (document(A, broken, B, C), b"[" + b",".join([A, broken, B, C]) + b"]"):
        result = contained(text, sizes=sizes)
        assert result.records == [(1, A), (2, broken), (3, B), (4, C)]
        assert result.error is None


@CHUNKED
@pytest.mark.parametrize("broken", [b'{"b":tru}', b'{"b":1,}', b'{"b":"\xff"}', b'{"b":', b'{"b":"open}'])
def test_a_broken_document_is_one_record_and_those_after_it_are_read(broken: bytes, sizes: Sequence[int]) -> None:
    result = read("s3-json-stream", b"\n".join([A, broken, A, C]), sizes=sizes)
    assert result.records == [(1, A), (2, broken), (3, A), (4, C)]
    assert result.error is None


@CHUNKED
@pytest.mark.parametrize("broken", [b'{"b":"\\ud800"}', b'["\\ud800"]', b'{"b":1e}'])
def test_a_broken_value_may_be_the_last_thing_in_the_object(broken: bytes, sizes: Sequence[int]) -> None:
    result = read("s3-json-stream", A + broken, sizes=sizes)
    assert result.bodies == [A, broken]
    assert result.error is None


def test_the_borders_of_chunks_do_not_decide_where_a_broken_element_ends() -> None:
    text = b'[{"v":1},{"v":2,"l":[{"y":1},{"y":2}],"s":"open},{"v":3}]'
    whole = elements(text)
    assert whole.bodies == [b'{"v":1}', b'{"v":2,"l":[{"y":1},{"y":2}],"s":"open}', b'{"v":3}']
    for size in range(1, len(text)):
        assert elements(text, sizes=[size]).records == whole.records, f"chunks of {size}"


@CHUNKED
def test_a_broken_element_that_begins_like_no_other_ends_where_any_object_begins(sizes: Sequence[int]) -> None:
    broken = b'{"x":"open}'
    result = elements(b"[" + b",".join([A, broken, A, B]) + b"]", sizes)
    assert result.bodies == [A, broken, A, B]
    assert result.error is None


def test_a_broken_event_among_many_is_the_only_one_that_is_lost() -> None:
    events = [b'{"n":%d}' % n for n in range(5000)]
    events[3000] = b'{"n":3000'
    assert contained(document(*events)).bodies == events


# Events above the limit.


@CHUNKED
@pytest.mark.parametrize(
    "long", [b'{"x":"' + b"y" * 80 + b'"}', b"[" + b"1," * 50 + b"1]", b'"' + b"z" * 80 + b'"', b"7" * 80]
)
def test_an_element_above_the_limit_is_a_fault_and_those_after_it_are_read(long: bytes, sizes: Sequence[int]) -> None:
    for text in (document(A, long, B, C), b"[" + b",".join([A, long, B, C]) + b"]"):
        result = contained(text, sizes=sizes, limit=60)
        assert result.records == [(1, A), (3, B), (4, C)]
        assert result.faults == [2]
        assert long.startswith(result.samples[0][:60])
        assert result.complaints == ["record 2 is longer than 60 bytes, limits.max_line_bytes of slips.yml"]
        assert result.error is None


@CHUNKED
def test_a_document_above_the_limit_is_a_fault_and_those_after_it_are_read(sizes: Sequence[int]) -> None:
    result = read("s3-json-stream", A + b'{"x":"' + b"y" * 80 + b'"}' + B + C, sizes=sizes, max_line_bytes=60)
    assert result.records == [(1, A), (3, B), (4, C)]
    assert result.faults == [2]


@CHUNKED
def test_an_event_of_exactly_the_limit_is_read(sizes: Sequence[int]) -> None:
    exact = b'{"x":"' + b"y" * 52 + b'"}'
    assert contained(document(A, exact, B), sizes=sizes, limit=60).bodies == [A, exact, B]


@CHUNKED
def test_a_long_member_after_the_events_is_skipped(sizes: Sequence[int]) -> None:
    text = document(A, B, after=b',"v":{"w":"' + b"y" * 200 + b'"},"x":1') + C
    result = contained(text, sizes=sizes, limit=60)
    assert result.bodies == [A, B, C]
    assert result.error is None


@CHUNKED
def test_a_broken_member_above_the_limit_is_skipped_after_the_events(sizes: Sequence[int]) -> None:
    result = contained(document(A, after=b',"v":{"w":"' + b"y" * 200 + b'","x":tru}') + C, sizes=sizes, limit=60)
    assert result.bodies == [A, C]
    assert result.error is None


def test_a_document_whose_events_begin_after_the_limit_is_a_fault() -> None:
    result = contained(document(A, before=padding(3 * HEAD)) + document(B), sizes=[1000], limit=HEAD)
    assert result.records == [(2, B)]
    assert result.faults == [1]


@pytest.mark.parametrize("size", [1000, 70_000, 120_000, 200_000])
def test_the_borders_of_chunks_do_not_decide_whether_events_after_a_long_member_are_found(size: int) -> None:
    text = document(A, before=padding(150_000)) + document(B)
    whole, in_parts = contained(text, limit=100_000), contained(text, sizes=[size], limit=100_000)
    assert in_parts.records == whole.records
    assert in_parts.faults == whole.faults


# Objects that are cut off.


@CHUNKED
@pytest.mark.parametrize("rest", [b'{"c":', b'{"c":"', b"{", b'{"c":[1,', b"[", b'"te', b"12", b""])
def test_an_array_that_is_cut_off_gives_the_elements_before_and_is_corrupt(rest: bytes, sizes: Sequence[int]) -> None:
    for start in (b"[", b'{"Records":['):
        result = contained(start + A + b"," + B + b"," + rest, sizes=sizes)
        assert result.records == [(1, A), (2, B)]
        assert isinstance(result.error, CorruptObject)
        assert "is cut off" in str(result.error)


def test_the_error_says_where_the_element_begins_that_is_cut_off() -> None:
    text = b"[" + A + b",\n" + B + b', {"c":'
    assert str(contained(text).error).endswith(f"is cut off: it begins at inflated byte {len(text) - 5}")


@CHUNKED
@pytest.mark.parametrize("rest", [b"", b",", b',"v', b',"v":', b',"v":{"w":1', b" 7}", b"]}"])
def test_a_document_that_is_cut_off_or_broken_after_its_events_is_corrupt(rest: bytes, sizes: Sequence[int]) -> None:
    result = contained(document(A, B)[:-1] + rest, sizes=sizes)
    assert result.bodies == [A, B]
    assert isinstance(result.error, CorruptObject)
    assert "broken or cut off after its events" in str(result.error)


@CHUNKED
@pytest.mark.parametrize("rest", [b'{"c":', b'{"c":"}', b"[1,", b'"te', b"{"])
def test_the_last_document_of_a_stream_that_is_cut_off_is_corrupt(rest: bytes, sizes: Sequence[int]) -> None:
    result = read("s3-json-stream", A + B + b" " + rest, sizes=sizes)
    assert result.bodies == [A, B]
    assert isinstance(result.error, CorruptObject)
    assert f"a JSON document is cut off: it begins at inflated byte {len(A + B) + 1}" in str(result.error)


@CHUNKED
@pytest.mark.parametrize(
    "text",
    [
        *(b"[" + A + b"," + B + b',{"c', b"[" + A + b"," + B + b"]", document(A, B), document(A, B)[:-2] + b",7"),
        *(document(A) + B, document(A) + B + b'{"c":', document(A) + B + b" 12", document(A) + b"[" + B),
    ],
)
def test_the_error_that_ended_the_bytes_is_raised(text: bytes, sizes: Sequence[int]) -> None:
    fault = ReadError("connection reset")
    chunks = arriving(text, sizes, document())
    result = read("s3-json", chain(chunks, broken_off(b"", fault)), array_keys=RECORDS)
    assert result.bodies == [A, B]
    assert result.error is fault
