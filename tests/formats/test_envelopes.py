"""Documents whose arrays hold events are opened wherever they are met in an object, for every format that knows any."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from slips.formats.json_format import JsonFormat
from slips.formats.registry import all_formats
from tests.each_case import each_case

from .rows import nested
from .whole import times_of

FORMATS = [
    known
    for known in all_formats()
    if isinstance(known, JsonFormat) and known.array_keys and known.example.startswith(b"{")
]

Arrange = Callable[[Any, Any], str]
"""From an event and the document around it to an object that holds the event four times."""


def lines(*values: Any) -> str:
    return "\n".join(json.dumps(value) for value in values)


ARRANGED: dict[str, Arrange] = {
    "pages in an array": lambda event, page: json.dumps([page(event, event), page(event, event)]),
    "pages in an array, indented": lambda event, page: json.dumps([page(event, event), page(event, event)], indent=2),
    "a plain line before pages": lambda event, page: lines(event, page(event, event), page(event)),
    "a page a line": lambda event, page: lines(page(event, event), page(event, event)),
    "arrays of events": lambda event, page: json.dumps([[event, event], [event, event]]),
    "pages in a line": lambda event, page: lines(event, [page(event), page(event, event)]),
    "pages, each an array": lambda event, page: lines([page(event, event)], [page(event, event)]),
    "events and pages mixed": lambda event, page: json.dumps([event, page(event), event, page(event)]),
    "a page of pages": lambda event, page: json.dumps(page(page(event, event), page(event, event))),
}


@pytest.mark.parametrize("arranged", ARRANGED)
@each_case("known", FORMATS, ids=lambda known: known.name)
def test_every_event_is_found(known: JsonFormat, arranged: str) -> None:
    event = json.loads(known.example)
    [time] = times_of(known.name, known.example)
    for key in known.array_keys:
        content = ARRANGED[arranged](event, lambda *events, key=key: nested(key, list(events)))
        assert times_of(known.name, content.encode()) == [time] * 4, key


def test_findings_are_found_in_each_notification() -> None:
    finding = {"UpdatedAt": "2026-03-01T12:00:00Z"}
    around = {"version": "0", "id": "1", "detail-type": "Security Hub Findings - Imported", "account": "1"}
    notification = around | {
        "region": "x",
        "resources": [],
        "source": "aws.securityhub",
        "time": "2026-03-01T13:00:00Z",
    }
    notification["detail"] = {"findings": [finding, finding]}
    for content in (lines(notification, notification), json.dumps([notification, notification])):
        assert times_of("security-hub", content.encode()) == [1772366400.0] * 4


def test_documents_of_a_subscription_are_found_in_an_array() -> None:
    page = {"messageType": "DATA_MESSAGE", "logEvents": [{"timestamp": 1772366400000, "message": "a"}] * 2}
    content = json.dumps([page, {"messageType": "CONTROL_MESSAGE", "logEvents": []}, page])
    assert times_of("cloudwatch-logs", content.encode()) == [1772366400.0] * 4
