"""`s3-json` and `s3-json-stream`: which events JSON holds, in any layout."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from slips.errors import CorruptObject

from ..reading import read
from .texts import BOTH, CHUNKED, RECORDS, A, B, C, contained, document, elements, values

# A value a line.


@CHUNKED
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (A + b"\n" + B + b"\n" + C + b"\n", [A, B, C]),
        (A + b"\r\n" + B + b"\r\n", [A, B]),
        (A + b"\n" + B, [A, B]),
        (A + b"\n\n" + B + b"\n", [A, b"", B]),
        (b"\xef\xbb\xbf" + A + b"\n" + B + b"\n", [A, B]),
        (A, [A]),
        (A + b'\n{"b":\n' + C + b"\n", [A, b'{"b":', C]),
        (A + b'\n{"b":tru}\n' + C + b"\n", [A, b'{"b":tru}', C]),
        (A + b"\nno JSON at all\n" + C + b"\n", [A, b"no JSON at all", C]),
        (b"no JSON at all\nnor this\n", [b"no JSON at all", b"nor this"]),
    ],
)
def test_values_that_fill_their_lines_are_records(text: bytes, expected: list[bytes], sizes: Sequence[int]) -> None:
    result = read("s3-json", text, sizes=sizes)
    assert result.records == list(enumerate(expected, 1))
    assert result.error is None


def test_lines_of_json_above_the_limit_are_faults() -> None:
    result = read("s3-json", A + b"\n" + document(b"1" * 100) + b"\n" + C + b"\n", max_line_bytes=50)
    assert result.records == [(1, A), (3, C)]
    assert result.faults == [2]


# An array at the top.


@CHUNKED
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"[" + A + b"," + B + b"," + C + b"]", [A, B, C]),
        (b"[\n  " + A + b",\n  " + B + b"\n]\n", [A, B]),
        (b"[" + A + b"\n," + B + b"\n]", [A, B]),
        (b" \n[ " + A + b" , " + B + b" ] ", [A, B]),
        (b"[[1,2],[3]]", [b"[1,2]", b"[3]"]),
        (b'[1,-2.5e3,null,true,"a,]b"]', [b"1", b"-2.5e3", b"null", b"true", b'"a,]b"']),
        (b"[]", []),
        (b"[ \n ]", []),
        (b"[]\n[" + A + b"][" + B + b"]", [A, B]),
        (b"[" + A + b"]\n" + B + b"\n[" + C + b"]", [A, B, C]),
        (b"[" + A + b"," + B + b",]", [A, B]),
    ],
)
def test_the_elements_of_an_array_at_the_top_are_records(
    text: bytes, expected: list[bytes], sizes: Sequence[int]
) -> None:
    result = elements(text, sizes)
    assert result.records == list(enumerate(expected, 1))
    assert result.error is None


@CHUNKED
@pytest.mark.parametrize("indent", [None, 0, 2, "\t"])
def test_pretty_printing_makes_no_difference(indent: int | str | None, sizes: Sequence[int]) -> None:
    events = [{"n": n, "deep": [{"Records": [n]}], "text": '}, {"n"' * n} for n in range(20)]
    assert values(elements(json.dumps(events, indent=indent).encode(), sizes)) == events
    one = {"account": "1", "Records": events, "count": 20}
    assert values(contained(json.dumps(one, indent=indent).encode(), sizes=sizes)) == events
    stream = "\n".join(json.dumps(event, indent=indent) for event in events)
    assert values(read("s3-json-stream", stream.encode(), sizes=sizes)) == events


# Documents that hold their events under a key.


@CHUNKED
@pytest.mark.parametrize("key", [b"Records", b"records", b"RECORDS", b"rECORDS"])
def test_the_events_under_the_key_are_records_in_any_letter_case(key: bytes, sizes: Sequence[int]) -> None:
    result = contained(document(A, B, C, key=key), sizes=sizes)
    assert result.bodies == [A, B, C]
    assert result.error is None


@CHUNKED
@pytest.mark.parametrize(
    "before", [b'"v":1,', b'"v":"]}",', b'"v":{"w":[1]}, ', b'"v":[[1],{"a":2}],', b'"v":null,"w":"\\"",']
)
@pytest.mark.parametrize("after", [b"", b',"v":-1.5e+3', b',"v":"}{"', b' , "v" : {"w":[1]}\n', b',"v":[1,[2]],"w":{}'])
def test_members_before_and_after_the_events_are_skipped(before: bytes, after: bytes, sizes: Sequence[int]) -> None:
    text = document(A, B, before=before, after=after)
    result = contained(text + b"\n" + text, sizes=sizes)
    assert result.bodies == [A, B, A, B]
    assert result.error is None


@pytest.mark.parametrize(
    "text",
    [
        document(A, document(B)),
        document(A, document(B), before=b'"meta":' + document(C) + b","),
        document(A, document(B), after=b',"meta":[' + document(C) + b"]"),
    ],
)
def test_arrays_of_the_same_name_inside_events_or_of_other_members_do_not_count(text: bytes) -> None:
    assert contained(text).bodies == [A, document(B)]


def test_the_events_of_every_array_of_the_name_are_records() -> None:
    assert contained(document(A, after=b',"records":[' + B + b"]")).bodies == [A, B]
    assert contained(document(A, after=b',"items":[' + B + b"]"), "items", "Records").bodies == [A, B]


@CHUNKED
@pytest.mark.parametrize(
    "text",
    [
        b'{"detail":{"findings":[' + A + b"," + B + b"]}}",
        b'{"x":1,"Detail" : { "y":[2], "FINDINGS" : [' + A + b"," + B + b'], "z":3 }, "w":{}}',
        b'{"detail.findings":[' + A + b"," + B + b"]}",
        b'{"findings":[7],"detail":{"x":{"findings":[8]},"findings":[' + A + b"," + B + b"]}}",
    ],
)
def test_a_dotted_path_leads_into_objects(text: bytes, sizes: Sequence[int]) -> None:
    result = contained(text, "detail.findings", sizes=sizes)
    assert result.bodies == [A, B]
    assert result.error is None


@pytest.mark.parametrize("text", [b'{"detail":[1]}', b'{"detail":{"findings":{}}}', b'{"findings":[1]}'])
def test_a_dotted_path_that_leads_nowhere_makes_a_record_of_the_document(text: bytes) -> None:
    assert contained(text, "detail.findings").bodies == [text]


def test_the_argument_in_slips_yml_names_the_key_as_well() -> None:
    assert read("s3-json", document(A, B, key=b"items"), argument="items").bodies == [A, B]
    assert read("s3-json", document(A, B), argument="items", array_keys=RECORDS).bodies == [A, B]


@CHUNKED
@pytest.mark.parametrize("between", [b"", b"\n", b"\r\n", b" ", b",", b"\n,\n", b"\x1e", b"\n\x1e"])
def test_documents_with_events_follow_each_other(between: bytes, sizes: Sequence[int]) -> None:
    result = contained(between.join([document(A, B), document(), document(C)]), sizes=sizes)
    assert result.bodies == [A, B, C]
    assert result.error is None


def test_a_document_without_the_key_is_a_record_itself() -> None:
    result = contained(document(A) + B + document(C) + b'{"Records":{"x":[1]}}{"Records":7}' + document(A))
    assert result.bodies == [A, B, C, b'{"Records":{"x":[1]}}', b'{"Records":7}', A]


def test_an_array_among_documents_with_events_gives_its_elements() -> None:
    assert contained(document(A) + b"\n[" + B + b"," + C + b"]\n").bodies == [A, B, C]
    assert contained(document(A) + (B + b"\n[1,2]\n") * 50).bodies == [A, *[B, b"1", b"2"] * 50]


def test_a_control_message_of_cloudwatch_logs_is_a_record_only_where_it_holds_no_events() -> None:
    events = document(A, key=b"logEvents", before=b'"messageType":"DATA_MESSAGE",')
    control = b'{"messageType":"CONTROL_MESSAGE","logEvents":[]}'
    assert contained(events + control + events, "logEvents").bodies == [A, A]


@pytest.mark.parametrize("text", [document(), document() * 3, b'{"Records":[ \n ]}'])
def test_an_empty_array_has_no_records(text: bytes) -> None:
    result = contained(text)
    assert result.count == 0
    assert result.error is None


def test_lines_with_and_without_events_are_documents_where_the_first_has_some() -> None:
    assert contained(document(A) + b"\n" + B + b"\n" + document(C)).bodies == [A, B, C]


# Documents one after another.


@BOTH
@CHUNKED
@pytest.mark.parametrize("between", [b"", b" ", b"\n\x1e"], ids=repr)
def test_documents_one_after_another_are_records(source: str, between: bytes, sizes: Sequence[int]) -> None:
    first = b"\x1e" if b"\x1e" in between else b""
    result = read(source, first + between.join([A, B, C, A]), sizes=sizes)
    assert result.records == [(1, A), (2, B), (3, C), (4, A)]
    assert result.error is None


@CHUNKED
@pytest.mark.parametrize("between", [b",", b", ", b"\n", b"\r\n", b"\n\n", b",\n", b"\n, \n"], ids=repr)
def test_documents_of_a_stream_may_have_lines_and_commas_between_them(between: bytes, sizes: Sequence[int]) -> None:
    result = read("s3-json-stream", between.join([A, B, C, A]) + b"\n", sizes=sizes)
    assert result.bodies == [A, B, C, A]


@pytest.mark.parametrize("count", [2, 3, 10])
@pytest.mark.parametrize("between", [b",", b",\n", b"\n,"], ids=repr)
def test_documents_one_after_another_may_have_commas_between_them(between: bytes, count: int) -> None:
    assert read("s3-json", between.join([A] * count) + b"\n").bodies == [A] * count


@CHUNKED
def test_numbers_and_names_among_documents_go_on_until_something_else_begins(sizes: Sequence[int]) -> None:
    result = read("s3-json-stream", (A + b" 1 2 \n" + B + b"\ntrue\n") * 50, sizes=sizes)
    assert result.bodies == [A, b"1 2", B, b"true"] * 50


def test_a_stream_may_hold_values_of_any_kind() -> None:
    result = read("s3-json-stream", b'[1,2]\n"text"\n7\nnull\n{}[]"a""b"')
    assert result.bodies == [b"[1,2]", b'"text"', b"7", b"null", b"{}", b"[]", b'"a"', b'"b"']


def test_a_stream_does_not_look_for_arrays() -> None:
    assert read("s3-json-stream", document(A), array_keys=RECORDS).bodies == [document(A)]


# What a string or a number may hold.


@BOTH
@CHUNKED
@pytest.mark.parametrize(
    "value",
    [
        *(b'"\\\\"', b'"\\""', b'"\\\\\\""', b'"}{"', b'"],["', b'"},{\\"a\\":"', b'"\\u007d\\u005d"', b'"\\/"'),
        *("ä\u2028\U0001f600".encode().join([b'"', b'"']), b'"\\u00e4\\ud83d\\ude00"', b'"\x7f"', b'"\xc2\x85"'),
        *(b"1e400", b"-0.0", b"9" * 400, b"1E-400", b"0.1e+7", b"true", b"null"),
        *(b"[[[[]]]]", b'{"":{"":{}}}', b"[ ]", b"{ }"),
    ],
)
def test_brackets_escapes_and_numbers_of_any_size_are_not_borders(
    source: str, value: bytes, sizes: Sequence[int]
) -> None:
    event = b'{"v":' + value + b',"w":' + value + b"}"
    for text in (event * 3, b" ".join([event] * 3)):
        result = read(source, text, sizes=sizes)
        assert result.bodies == [event] * 3
        assert result.error is None
    assert elements(b"[" + event + b"," + value + b"]", sizes).bodies == [event, value]
    assert contained(document(event, event, A), sizes=sizes).bodies == [event, event, A]


@pytest.mark.parametrize("depth", [100, 5000, 90_000])
def test_an_element_of_any_depth_is_one_record(depth: int) -> None:
    deep = b'{"a":' + b"[" * depth + b"]" * depth + b"}"
    result = contained(document(A, deep, B))
    assert result.bodies == [A, deep, B]
    assert result.error is None


def test_an_element_that_opens_too_many_brackets_is_a_fault_or_an_error() -> None:
    result = contained(document(A, b"[" * 200_000 + b"]" * 200_000, B), limit=1000)
    assert result.bodies == [A]
    assert isinstance(result.error, CorruptObject)


def test_many_events_come_in_blocks_and_every_one_of_them() -> None:
    events = [b'{"n":%d,"text":"},{\\"n\\":%d"}' % (n, n) for n in range(20_000)]
    for text in (b"[" + b",".join(events) + b"]", document(*events, after=b',"x":1'), b"".join(events)):
        assert contained(text, sizes=[100_000]).bodies == events
    assert read("s3-json-stream", b"\n".join(events), sizes=[100_000]).bodies == events


def test_events_that_begin_differently_from_the_first_are_read_too() -> None:
    events = [b'{"%s":%d}' % (bytes([97 + n % 20]), n) for n in range(5000)]
    assert contained(document(*events)).bodies == events
