"""Laravel."""

from __future__ import annotations

import msgspec

from ..fields import Event
from ..line_format import line_format
from ..patterns import Pattern

_RECORD = Pattern("Laravel record", r"\[(\d{4}-\d\d-\d\d[^\]]*)\] ([^\s.]+)\.([A-Z]+): ?((?s:.*))")


@line_format(
    "laravel",
    tag="laravel",
    time="datetime",
    framing=r"s3-multiline:^\[\d{4}-\d\d-\d\d",
    specificity=0.9,
    variants=(
        "stack traces, with their record",
        "ISO times with offset and fraction",
        "a context in JSON, or none",
    ),
    refused=("records without channel and level",),
    document="Laravel: Logging; Monolog's LineFormatter",
    example=b'[2026-03-01 09:15:02] production.ERROR: Payment refused {"order":4711} []',
)
def laravel(record: str) -> Event:
    """Laravel's (Monolog's) log, stack traces with their record; a JSON context is decoded."""
    time, channel, level, text = _RECORD.match(record.rstrip()).groups()
    message, context = _context(text)
    return {"datetime": time, "channel": channel, "level_name": level, "message": message, **context}


def _context(text: str) -> tuple[str, Event]:
    """Return the message, and Monolog's `context` (with `extra`) where the text ends in them. An exception's context
    holds raw line breaks, so it is not JSON and stays in the message."""
    bare = text.removesuffix(" []")
    start = bare.find(' {"')
    if start < 0 or not bare.endswith("}"):
        return text, {}
    try:
        context = msgspec.json.decode(bare[start + 1 :])
    except (ValueError, RecursionError):
        return text, {}
    return bare[:start], {"context": context}
