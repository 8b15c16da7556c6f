"""`s3-json`: the layout, detected from the first 64 KiB and the keys of the format."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from slips.errors import ReadError
from slips.reader.json.layout import HEAD, USUAL

from ..reading import broken_off, read
from .texts import CHUNKED, A, B, C, contained, document, padding


@pytest.mark.parametrize("key", USUAL)
def test_a_single_document_that_only_wraps_events_under_a_usual_key_gives_its_events(key: str) -> None:
    text = document(A, B, key=key.encode(), before=b'"cursor":"x",', after=b',"count":2')
    assert read("s3-json", text).bodies == [A, B]


@pytest.mark.parametrize(
    "text",
    [
        document(A, B, key=b"elements"),
        document(A, B, after=b',"meta":{}'),
        document(A, B, after=b',"meta":[]'),
        document(b"1", b"2"),
        document(),
        document(A, after=b',"a":1,"b":2,"c":3,"d":4,"e":5'),
        b'{"Records":{"a":1}}',
        b'{"x":1}',
    ],
)
def test_a_single_document_that_does_more_than_wrap_events_is_a_record(text: bytes) -> None:
    assert read("s3-json", text).bodies == [text]


def test_two_documents_are_not_searched_for_usual_keys() -> None:
    assert read("s3-json", document(A) + b"\n" + document(B) + b"\n").bodies == [document(A), document(B)]


def test_keys_of_the_format_replace_the_usual_ones() -> None:
    assert contained(document(A, B, key=b"events"), "Records").bodies == [document(A, B, key=b"events")]


@pytest.mark.parametrize("size", [HEAD - 1, HEAD, HEAD + 1, 3 * HEAD])
@CHUNKED
def test_a_single_document_is_detected_by_its_usual_key_on_either_side_of_the_head(
    size: int, sizes: Sequence[int]
) -> None:
    event = b'{"pad":"' + b"x" * (size - len(document(A, b'{"pad":""}', B))) + b'"}'
    text = document(A, event, B)
    assert len(text) == size
    assert read("s3-json", text, sizes=sizes and (1000,)).bodies == [A, event, B]


@pytest.mark.parametrize("before", [b"", b'"v":1,"w":"}{",'])
def test_a_long_document_is_detected_by_how_it_opens(before: bytes) -> None:
    events = [b'{"n":%d,"pad":"%s"}' % (n, b"x" * 100) for n in range(1000)]
    for between in (b",", b",\n"):
        text = b"{" + before + b'"Records":[' + between.join(events) + b"]}"
        assert read("s3-json", text).bodies == events


def test_a_long_document_that_opens_with_an_object_is_a_record() -> None:
    text = document(A, before=b'"meta":{},', after=b"," + padding(HEAD)[:-1])
    assert read("s3-json", text).bodies == [text]


@pytest.mark.parametrize("size", [HEAD - 100, HEAD - 1, HEAD, HEAD + 1, HEAD + 100, 3 * HEAD])
def test_events_that_begin_on_either_side_of_the_head_are_found_by_the_keys_of_the_format(size: int) -> None:
    result = contained(document(A, B, before=padding(size)) + b"\n" + document(C), sizes=[1000])
    assert result.bodies == [A, B, C]


@pytest.mark.parametrize("size", [HEAD - 10, HEAD - 1, HEAD, HEAD + 1, HEAD + 10, 3 * HEAD])
def test_lines_are_lines_wherever_the_head_ends_in_them(size: int) -> None:
    long = b"{" + padding(size - 8) + b'"z":1}'
    for events in ([long, A, B], [A, long, B], [A, B, long], [b'{"open":', b"", A, long]):
        assert read("s3-json", b"\n".join(events) + b"\n").bodies == events


def test_lines_with_fewer_than_half_of_them_broken_are_lines() -> None:
    broken = b'{"open":'
    assert read("s3-json", b"\n".join([broken, A, broken, A, B])).bodies == [broken, A, broken, A, B]


def test_a_line_with_several_values_makes_documents_of_all() -> None:
    assert read("s3-json", A + B + b"\n" + C + b"\n").bodies == [A, B, C]


def test_a_broken_connection_within_the_head_does_not_hide_the_events_before_it() -> None:
    fault = ReadError("connection reset")
    result = read("s3-json", broken_off(b'{"Records":[' + A + b"," + B + b',{"c', fault))
    assert result.bodies == [A, B]
    assert result.error is fault
