"""JSON formats as declarations: array keys, derived fields, tags."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from slips.errors import ParseError
from slips.formats.base import ObjectInfo
from slips.formats.fields import Event, tag_part
from slips.formats.json_format import Interpreter, JsonFormat, loads
from tests.each_case import each_case

from .reading import read


def parser(**declared: Any) -> Interpreter:
    """Return a parser of JSON that has a tag, and nothing else but what is declared."""
    defaults = {"name": "it", "tag": "it.<kind>", "time": (), "description": "", "document": "", "example": b""}
    return JsonFormat(**{**defaults, **declared}).parser(ObjectInfo())


def test_without_an_array_key_and_derived_fields_decoding_is_the_library_itself() -> None:
    assert getattr(parser().decode, "__self__", None).__class__ is msgspec.json.Decoder


def test_integers_of_any_length_are_kept() -> None:
    assert loads(b'{"aid":123456789012345678901234567890}') == {"aid": 123456789012345678901234567890}


def test_what_is_not_json_is_refused_with_its_place() -> None:
    for record in (b'{"a":01}', b'{"a":"\0\xff"', b'{"a":"\\q"}', b"[" * 5000):
        with pytest.raises(ValueError, match=r"line 1 column \d+"):
            parser().read(record)


@each_case("document", [b'{"rows":[{"a":1}]}', b'{"ROWS":[{"a":1}],"next":null}', b'[{"a":1}]'])
def test_a_document_is_its_events_whatever_the_letter_case_of_its_key(document: bytes) -> None:
    assert parser(records_key="rows").decode(document) == [{"a": 1}]


def test_the_array_may_lie_inside_the_document() -> None:
    rows = parser(records_key=("answer.rows", "answer"))
    assert rows.decode(b'{"stat":"OK","answer":{"rows":[{"a":1}]}}') == [{"a": 1}]
    assert rows.decode(b'{"stat":"OK","answer":[{"a":2}]}') == [{"a": 2}]
    assert rows.decode(b'{"stat":"OK","answer":{"rows":7}}') == {"stat": "OK", "answer": {"rows": 7}}


def test_an_empty_document_has_no_events() -> None:
    assert parser(records_key="rows").decode(b'{"rows":[]}') == []


@each_case("event", [b'{"rows":[],"t":1772366400}', b'{"rows":[],"t":"soon"}', b'{"rows":[1]}', b'{"rows":{"a":1}}'])
def test_an_event_with_an_array_of_that_name_is_an_event(event: bytes) -> None:
    assert parser(records_key="rows", time="t").decode(event) == json.loads(event)


def test_the_key_that_the_chain_names_is_opened_instead() -> None:
    declared = JsonFormat(name="it", tag="it", time=(), description="", document="", example=b"", records_key="rows")
    named = declared.parser(ObjectInfo(array_keys=("items",)))
    assert named.decode(b'{"items":[{"a":1}]}') == [{"a": 1}]
    assert named.decode(b'{"rows":[{"a":1}]}') == {"rows": [{"a": 1}]}


def test_an_event_with_many_fields_is_not_a_document() -> None:
    event = {"rows": [1], **{f"field{number}": number for number in range(8)}}
    assert parser(records_key="rows").decode(json.dumps(event).encode()) == event


@each_case("broken", [b'{"rows":[{"a":1},1]}', b"[[]]", b"7", b'"a"', b"null"])
def test_what_holds_no_objects_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError, match="a JSON object was expected"):
        parser(records_key="rows").decode(broken)


def test_each_event_of_a_document_gets_the_derived_fields() -> None:
    def derive(event: Event) -> None:
        event["b"] = event["a"] + 1

    rows = parser(records_key="rows", derive=derive)
    assert rows.decode(b'{"rows":[{"a":1},{"a":2}]}') == [{"a": 1, "b": 2}, {"a": 2, "b": 3}]
    assert rows.decode(b'{"a":3}') == {"a": 3, "b": 4}


def test_a_value_too_deep_for_python_is_a_fault_of_the_record() -> None:
    def measure_depth(value: Any) -> int:
        return 1 + measure_depth(value[0]) if value else 0

    def derive(event: Event) -> None:
        event["depth"] = measure_depth(event["a"])

    with pytest.raises(ParseError, match="nested too deeply"):
        parser(derive=derive).read(b'{"a":%s}' % (b"[" * 990 + b"]" * 990))


@each_case(
    ("event", "tag"),
    [
        ({"kind": "x"}, "it.x"),
        ({"kind": 0}, "it.0"),
        ({"kind": ""}, "it.unknown"),
        ({"kind": {}}, "it.unknown"),
        ({}, "it.unknown"),
    ],
)
def test_the_variable_part_of_a_tag_is_a_text_or_a_number(event: Event, tag: str) -> None:
    assert parser().tag(event) == tag


def test_a_name_may_be_at_one_of_several_paths() -> None:
    assert tag_part({"a": [], "b": {"c": "x"}}, "a", "b.c") == "x"
    assert tag_part({"a": None}, "a", "b") == "unknown"


@each_case("depth", [900, 990, 1000])
@each_case("format", ["okta", "auditbeat", "packetbeat", "falcon", "google-workspace", "cylance"])
def test_a_value_nested_beyond_what_python_can_write_is_refused_or_left(format: str, depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    for name in ("published", "event", "query", "aip", "id", "datetime"):
        record = b'{"type":"dns",%s:%s}' % (json.dumps(name).encode(), deep)
        for attempt in (record, b"[%s]" % deep):
            try:
                read(format, attempt)
            except ParseError:
                continue
