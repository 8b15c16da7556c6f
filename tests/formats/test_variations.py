"""What exporters plausibly vary, for every format at once: array keys, line ends, spellings of a time."""

from __future__ import annotations

import json
from typing import Any

import pytest

from slips.errors import ParseError
from slips.formats.base import Format
from slips.formats.json_format import JsonFormat
from slips.formats.raw import RawFormat
from slips.formats.registry import all_formats
from tests.each_case import each_case

from .whole import times_of

FORMATS = [known for known in all_formats() if not isinstance(known, RawFormat)]
JSON = [known for known in FORMATS if isinstance(known, JsonFormat) and known.example.startswith(b"{")]
every_format = each_case("known", FORMATS, ids=lambda known: known.name)
every_json = each_case("known", JSON, ids=lambda known: known.name)
INSTANT = 1772356502.0
"""2026-03-01 09:15:02 UTC."""


def example_times(known: Format) -> list[float | None]:
    """Return the times of the format's own example."""
    return times_of(known.name, known.example)


@every_format
def test_the_example_is_an_event_with_its_time(known: Format) -> None:
    (time,) = example_times(known)
    assert time is not None
    assert INSTANT - 3 < time < INSTANT + 2


@every_format
def test_line_ends_and_a_byte_order_mark_change_nothing(known: Format) -> None:
    times = example_times(known)
    windows = known.example.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    for content in (known.example + b"\n", windows + b"\r\n", b"\xef\xbb\xbf" + known.example, known.example + b"\n\n"):
        assert times_of(known.name, content) == times, content[:40]


@every_format
def test_records_one_after_another_are_as_many_events(known: Format) -> None:
    (time,) = example_times(known)
    header, _, last = known.example.rpartition(b"\n")
    one_line = known.framing in ("s3-lines", "s3-csv") and header.startswith((b"#", b'"', b"time,"))
    again = known.example + b"\n" + (last if one_line else known.example)
    assert times_of(known.name, again) == [time, time]


@every_json
@each_case("indent", [None, 2])
def test_an_array_and_a_pretty_printed_document_are_read_by_element(known: JsonFormat, indent: int | None) -> None:
    event = json.loads(known.example)
    (time,) = example_times(known)
    for document, count in ((event, 1), ([event, event], 2)):
        assert times_of(f"s3-json,{known.name}", json.dumps(document, indent=indent).encode()) == [time] * count


@every_json
def test_documents_one_after_another_are_as_many_events(known: JsonFormat) -> None:
    (time,) = example_times(known)
    for content in (known.example * 2, json.dumps(json.loads(known.example), indent=1).encode() * 2):
        assert times_of(f"s3-json-stream,{known.name}", content) == [time, time]


IN_ARRAYS = [pytest.param(known, path, id=f"{known.name}-{path}") for known in JSON for path in known.array_keys]


@each_case(("known", "path"), IN_ARRAYS)
def test_an_array_key_counts_in_any_letter_case(known: JsonFormat, path: str) -> None:
    event = json.loads(known.example)
    (time,) = example_times(known)
    for spelled in (str, str.lower, str.upper, str.capitalize):
        document: Any = [event, event]
        for name in reversed(path.split(".")):
            document = {"next": None, spelled(name): document}
        assert times_of(known.name, json.dumps(document).encode()) == [time, time]
        assert times_of(known.name, json.dumps(document, indent=1).encode()) == [time, time]


SPELLINGS = (
    *("2026-03-01T09:15:02Z", "2026-03-01 09:15:02", "2026-03-01T10:15:02+01:00", "2026-03-01 09:15:02 UTC"),
    *("2026-03-01T09:15:02+0000", "2026-03-01T09:15:02.000000000Z", "2026-03-01T09:15:02,000", "2026/03/01 09:15:02"),
    *("2026-03-01T01:15:02.0-08:00", "2026-03-01 09:15:02.000 +0000 UTC"),
)
NUMBERS = (1772356502, 1772356502000, "1772356502", "1772356502000", 1772356502.0, "1772356502.000")


def timed_cases() -> list[Any]:
    """Return the formats whose example holds the time at a declared path, with that path and its unit."""
    cases = []
    for known in JSON:
        paths = (known.time,) if isinstance(known.time, str) else known.time
        if callable(paths):
            continue
        for path in paths:
            bare, _, unit = path.partition(":")
            if put(json.loads(known.example), bare, None) is not None:
                cases.append(pytest.param(known, bare, unit, id=known.name))
                break
    return cases


def put(event: Any, path: str, value: Any) -> Any:
    """Return the event with another value at the path; None where the path leads nowhere."""
    at, inner = event, path
    while inner not in at:
        head, dot, inner = inner.partition(".")
        if not dot or not isinstance(at.get(head), dict):
            return None
        at = at[head]
    at[inner] = value
    return event


@each_case(("known", "path", "unit"), timed_cases())
def test_a_time_is_read_in_every_spelling(known: JsonFormat, path: str, unit: str) -> None:
    numbers = () if unit else NUMBERS
    for spelling in (*SPELLINGS, *numbers):
        event = put(json.loads(known.example), path, spelling)
        assert times_of(known.name, json.dumps(event).encode()) == [INSTANT], spelling


@each_case(("known", "path", "unit"), timed_cases())
def test_a_time_may_have_up_to_nine_fraction_digits(known: JsonFormat, path: str, unit: str) -> None:
    for digits in range(10):
        fraction = "481290123"[:digits]
        event = put(json.loads(known.example), path, f"2026-03-01T09:15:02{'.' if digits else ''}{fraction}Z")
        (time,) = times_of(known.name, json.dumps(event).encode())
        assert time == pytest.approx(INSTANT + float(f"0.{fraction}0"), abs=1e-6)


@each_case(("known", "path", "unit"), timed_cases())
def test_an_invalid_time_gives_way_to_another_or_is_refused(known: JsonFormat, path: str, unit: str) -> None:
    def times(value: Any) -> list[float | None]:
        return times_of(known.name, json.dumps(put(json.loads(known.example), path, value)).encode())

    others = times(None)
    for broken in ("yesterday", {}, [1], True, 1e300, "2026-02-30T00:00:00Z", 12, "12ms"):
        if others == [None]:
            with pytest.raises(ParseError):
                times(broken)
        else:
            assert times(broken) == others, broken
    for zero in (0, "0", 0.0, "0001-01-01T00:00:00Z", "1970-01-01T01:00:00.000+01:00", "0000-00-00 00:00:00"):
        assert times(zero) == others, zero


@each_case("name", ["okta", "auth0", "onelogin"])
def test_a_partner_event_of_eventbridge_has_the_time_of_its_detail(name: str) -> None:
    known = next(known for known in JSON if known.name == name)
    announced = {
        "version": "0",
        "detail-type": "a",
        "time": "2026-03-01T12:00:00Z",
        "detail": json.loads(known.example),
    }
    assert times_of(name, json.dumps(announced).encode()) == example_times(known)


USUALLY_JSON = [known for known in JSON if known.framing in ("s3-json", "s3-json-stream")]


@each_case("known", USUALLY_JSON, ids=lambda known: known.name)
def test_records_that_firehose_wrote_without_line_ends_are_as_many_events(known: JsonFormat) -> None:
    (time,) = example_times(known)
    assert times_of(known.name, known.example * 3) == [time] * 3
    document = {path: [json.loads(known.example)] for path in known.array_keys[:1] if "." not in path}
    if document:
        assert times_of(known.name, json.dumps(document).encode() * 3) == [time] * 3


@every_json
def test_fields_may_be_added(known: JsonFormat) -> None:
    event = {**json.loads(known.example), "a_new_field": {"of": ["a", "later", "release"]}}
    assert times_of(known.name, json.dumps(event).encode()) == example_times(known)
