"""How the tests of formats read a whole object: by its usual chain, as `slips parse` does."""

from __future__ import annotations

from slips.formats.base import ObjectInfo
from slips.formats.chain import compile_chain, events_of
from slips.reader import FRAMER_NAMES, FRAMERS
from slips.reader.framing import FramingOptions, RecordFilter

from .reading import LANDED


def times_of(chain: str, content: bytes) -> list[float | None]:
    """Return the time of each event (seconds, UTC), in order. Raises ParseError for the first broken record."""
    compiled = compile_chain(chain.split(","), FRAMER_NAMES)
    parser = compiled.parser(ObjectInfo(event_time=LANDED))
    options = FramingOptions(argument=compiled.argument, array_keys=compiled.array_keys)
    times: list[float | None] = []
    for batch in FRAMERS[compiled.framing]([content], RecordFilter(), options):
        for record in batch.records:
            if record.strip():
                for overrides, event in events_of(parser.read(record)):
                    times.append(overrides["timestamp"] if "timestamp" in overrides else parser.time(event))
    return times
