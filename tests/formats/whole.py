"""How the tests of formats read a whole object: by its usual chain, as `slips parse` does."""

from __future__ import annotations

from collections.abc import Iterator

from slips.formats.base import Decoded, Event, ObjectInfo, Parser, events_of
from slips.formats.chain import compile_chain
from slips.reader import FRAMER_NAMES, FRAMERS
from slips.reader.framing import FramingOptions, RecordFilter

from .reading import LANDED


def times_of(chain: str, content: bytes) -> list[float | None]:
    """Return the time of each event (seconds, UTC), in order. Raises ParseError for the first broken record."""
    return [time for time, _ in timed_events(chain, content)]


def events_in(chain: str, content: bytes) -> list[Event]:
    """Return the events, in order. Raises ParseError for the first broken record."""
    return [event for _, event in timed_events(chain, content)]


def timed_events(chain: str, content: bytes) -> Iterator[tuple[float | None, Event]]:
    """Yield each event and its time (seconds, UTC), in order. Raises ParseError for the first broken record."""
    compiled = compile_chain(chain.split(","), FRAMER_NAMES)
    parser = compiled.parser(ObjectInfo(event_time=LANDED))
    options = FramingOptions(argument=compiled.argument, array_keys=compiled.array_keys)
    for batch in FRAMERS[compiled.framing]([content], RecordFilter(), options):
        for record in batch.records:
            if record.strip():
                yield from _timed(parser, parser.read(record))
    yield from _timed(parser, parser.finish())


def _timed(parser: Parser, decoded: Decoded) -> Iterator[tuple[float | None, Event]]:
    for overrides, event in events_of(decoded):
        yield overrides["timestamp"] if "timestamp" in overrides else parser.time(event), event
