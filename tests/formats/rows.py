"""Rows of the tables of formats: a record, and the tag and time that it must be read with."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from slips.errors import ParseError

from .reading import one, read

NOON = "2026-03-01T12:00:00+00:00"
"""A time for rows in which only its field matters: 1772366400 seconds."""


@dataclass(frozen=True)
class Row:
    """A record (bytes, or an object to be written as JSON) and what it must be read as; `time` is ISO 8601 or None."""

    format: str
    record: Any
    tag: str
    time: str | None

    def check(self) -> None:
        """Read the record, and compare."""
        record = self.record if isinstance(self.record, bytes) else json.dumps(self.record).encode()
        reading = one(self.format, record)
        expected = None if self.time is None else datetime.fromisoformat(self.time).astimezone(UTC)
        time = None if reading.time is None else datetime.fromisoformat(reading.time)
        assert (reading.tag, time) == (self.tag, expected)

    def __str__(self) -> str:
        return self.format


def at(format: str, tag: str, *records: Any, time: str | None = NOON) -> list[Row]:
    """Return rows of one format that all have the same tag and time."""
    return [Row(format, record, tag, time) for record in records]


def nested(path: str, value: Any) -> Any:
    """Return `{"a": {"b": value}}` for `a.b`."""
    for name in reversed(path.split(".")):
        value = {name: value}
    return value


def broken_records(times: dict[str, str]) -> list[Any]:
    """Return, for each format and the path of its time, records that it must refuse."""
    unreadable = ("yesterday", {}, [1], True, 1e300, "2026-02-30T00:00:00Z")
    return [
        pytest.param(format, broken, id=f"{format}-{str(broken)[:40]}")
        for format, path in times.items()
        for broken in (
            *(b"", b"{", b'"text"', b"[1]", b"\xff", b'{"a":1}}'),
            *(nested(path, wrong) for wrong in unreadable),
        )
    ]


def check_refused(format: str, broken: Any) -> None:
    """Check that reading raises ParseError, and nothing else."""
    record = broken if isinstance(broken, bytes) else json.dumps(broken).encode()
    with pytest.raises(ParseError):
        read(format, record)


def page(format: str, path: str, *events: Any) -> list[str | None]:
    """Return the times of the events of an API's page, which holds them at `path`."""
    return [reading.time for reading in read(format, json.dumps(nested(path, list(events))).encode())]


def letter_cases(path: str) -> Iterable[str]:
    """Return the path in the letter cases that exporters make of it."""
    return (path, path.lower(), path.upper())
