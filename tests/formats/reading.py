"""How the tests of formats read a record: through the registry, as the engine does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from slips.errors import ParseError
from slips.formats.base import Event, ObjectInfo, events_of
from slips.formats.registry import get

LANDED = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()


@dataclass
class Reading:
    """An event as a function gets it; `time` is ISO text in UTC, None where the event has none."""

    event: Event
    tag: str
    time: str | None
    message: str | None

    def __getitem__(self, name: str) -> Any:
        return self.event[name]


def read(name: str, *records: bytes, event_time: float = LANDED) -> list[Reading]:
    """Return the events of the records, in order, by one parser. Raises ParseError as `slips parse` would report it."""
    parser = get(name).parser(ObjectInfo(event_time=event_time))
    readings = []
    for record in records:
        try:
            decoded = list(events_of(parser.read(record)))
        except ParseError:
            raise
        except ValueError as fault:
            raise ParseError(str(fault)) from fault
        for overrides, event in decoded:
            time = overrides.get("timestamp", parser.time(event))
            text = None if time is None else datetime.fromtimestamp(time, UTC).isoformat(timespec="microseconds")
            readings.append(Reading(event, overrides.get("tag", parser.tag(event)), text, parser.message(event)))
    return readings


def one(name: str, *records: bytes, event_time: float = LANDED) -> Reading:
    """Return the only event of the records."""
    (reading,) = read(name, *records, event_time=event_time)
    return reading
