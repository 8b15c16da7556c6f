"""What docs/formats.md says of envelopes: a chain reads the records of every format inside each of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from slips.formats.base import Format
from slips.formats.json_format import JsonFormat
from slips.formats.raw import RawFormat
from slips.formats.registry import all_formats
from tests.each_case import each_case

from .whole import timed_events

FORMATS = [known for known in all_formats() if not isinstance(known, RawFormat)]
AT = "2026-03-01T09:15:09Z"
MS = 1772356509000


def each(wrap: Callable[[str], Any]) -> Callable[[Sequence[str]], bytes]:
    """Return the function that wraps each record, one a line; what is not text becomes JSON."""

    def wrap_all(records: Sequence[str]) -> bytes:
        wrapped = [wrap(record) for record in records]
        return "\n".join(each if isinstance(each, str) else json.dumps(each) for each in wrapped).encode()

    return wrap_all


AROUND_TEXT: dict[str, Callable[[Sequence[str]], bytes]] = {
    "syslog": each(lambda text: f"<134>Mar  1 09:15:09 web-3 app[1]: {text}"),
    "heroku": each(lambda text: f"<40>1 {AT} host app web.3 - {text}"),
    "docker-json": each(lambda text: {"log": f"{text}\n", "stream": "stdout", "time": AT}),
    "cri": each(lambda text: f"{AT} stdout F {text}"),
    "cloudwatch-logs": each(lambda text: {"logGroup": "a", "logEvents": [{"timestamp": MS, "message": text}]}),
    "cloudwatch-export": each(lambda text: f"{AT} {text}"),
    "journald": each(lambda text: {"__REALTIME_TIMESTAMP": str(MS * 1000), "MESSAGE": text}),
    "gelf": each(lambda text: {"version": "1.1", "host": "a", "timestamp": MS / 1000, "short_message": text}),
}
BY_LINES = ("syslog", "heroku", "cri")
AROUND_OBJECTS: dict[str, Callable[[Any], bytes]] = {
    "eventbridge": lambda event: json.dumps({"detail-type": "a", "time": AT, "detail": event}).encode(),
    "fluentd-json": lambda event: f"{AT}\tweb\t{json.dumps(event)}".encode(),
    "json": lambda event: json.dumps(event).encode(),
}


def records_of(known: Format) -> list[str]:
    """Return the lines of the example, or all of it where its records have several."""
    text = known.example.decode()
    return [text] if known.framing.startswith("s3-multiline") else text.split("\n")


@pytest.mark.parametrize("envelope", AROUND_TEXT)
@each_case("known", FORMATS, ids=lambda known: known.name)
def test_a_record_is_read_inside_an_envelope(envelope: str, known: Format) -> None:
    records = records_of(known)
    if known.name == envelope or (envelope in BY_LINES and "\n" in records[0]):
        return
    wrapped = AROUND_TEXT[envelope](records)
    assert list(timed_events(f"{envelope},{known.name}", wrapped)) == list(timed_events(known.name, known.example))


@pytest.mark.parametrize("envelope", AROUND_OBJECTS)
@each_case(
    "known",
    [known for known in FORMATS if isinstance(known, JsonFormat) and known.example.startswith(b"{")],
    ids=lambda known: known.name,
)
def test_an_object_is_read_inside_an_envelope(envelope: str, known: Format) -> None:
    wrapped = AROUND_OBJECTS[envelope](json.loads(known.example))
    assert list(timed_events(f"{envelope},{known.name}", wrapped)) == list(timed_events(known.name, known.example))


def test_the_time_of_the_envelope_counts_where_the_record_has_none() -> None:
    for envelope, wrap in AROUND_TEXT.items():
        assert [time for time, _ in timed_events(f"{envelope},json", wrap(['{"a":1}']))] == [MS / 1000], envelope
