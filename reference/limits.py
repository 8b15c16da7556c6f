"""The page of limits: those of slips.yml, and those that are constants of the code."""

from __future__ import annotations

from typing import NamedTuple

from slips.api.parameters import BODY_BYTES
from slips.api.requests import LIMIT, MOST
from slips.config import Limits
from slips.config.prefixes import MOST_NOTIFICATIONS
from slips.config.settings import RETENTION_HOURS
from slips.drain.chunk import LEASE_SECONDS
from slips.engine.outbox import MOST_ADAPTIVE, MOST_ALONE, MOST_AT_ONCE
from slips.engine.outbox import MOST_BYTES as OUTBOX_BYTES
from slips.engine.record_bytes import MOST_GATHERED
from slips.errors import MOST_AFTER
from slips.ops.deploy.chalice_process import MOST_BYTES as PACKAGE_BYTES
from slips.ops.deploy.lambda_settings import LONGEST_EVENT_AGE
from slips.ops.deploy.stack.queues import RETENTION_SECONDS
from slips.quarantine.bounds import ITEM_BYTES, MESSAGE_BYTES, TRACEBACK_BYTES
from slips.quarantine.items import ENDED_DAYS
from slips.quarantine.selection import LONGEST
from slips.reader.batches import MOST_WEIGHT
from slips.reader.inflate.nested import MOST_LAYERS
from slips.reader.multiline import MOST_LINES
from slips.sinks.datadog import MOST_AGE_SECONDS
from slips.sinks.s3_archive import MOST_ROWS

from .markdown import table

HOUR, DAY = 3600, 86_400


class Limit(NamedTuple):
    """A limit: what it bounds, its value, what happens beyond it, and how to change it."""

    what: str
    value: str
    beyond: str
    change: str = "fixed"


def _bytes(number: int) -> str:
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if number < 1024 or unit == "GiB":
            return f"{number:,} {unit}"
        number //= 1024
    raise AssertionError


_HEAD = """\
# Limits

`make docs` writes this page; the values are those of the code. AWS's own quotas, and what to do where one is reached,
are in [scale.md](../scale.md#where-it-stops-and-what-to-set).
"""
_DEFAULT = Limits()
_ITEM = "error item `LimitExceeded`"
SECTIONS: dict[str, list[Limit]] = {
    "An object": [
        Limit("bytes, inflated", _bytes(_DEFAULT.max_object_bytes), _ITEM, "`limits.max_object_bytes`"),
        Limit("inflated bytes for one stored", f"{_DEFAULT.max_inflate_ratio:,}", _ITEM, "`limits.max_inflate_ratio`"),
        Limit("archives and compressions within each other", str(MOST_LAYERS), "error item `CorruptObject`"),
        Limit("crashes", str(_DEFAULT.max_attempts), "error item of stage `crash`", "`limits.max_attempts`"),
        Limit(
            "failed calls of a function",
            str(_DEFAULT.errors_per_object),
            "the rest of the object is one error item",
            "`limits.errors_per_object`",
        ),
    ],
    "A record": [
        Limit("bytes", _bytes(_DEFAULT.max_line_bytes), "an error item for the record", "`limits.max_line_bytes`"),
        Limit("times that, in memory once decoded", str(MOST_WEIGHT), "an error item for the record"),
        Limit("lines, of a record of several", f"{MOST_LINES:,}", "an error item for the record"),
    ],
    "A function": [
        Limit("bytes of raw records in a batch", _bytes(MOST_GATHERED), "the batch is delivered"),
        Limit("batches at once", f"{MOST_AT_ONCE}; `adaptive`: {MOST_ADAPTIVE}", "reading waits"),
        Limit("bytes of raw records in all batches at once", _bytes(OUTBOX_BYTES), "reading waits"),
        Limit("events of a batch that may fail alone", str(MOST_ALONE), "the rest of the batch fails with them"),
        Limit("seconds that `RetryLater` may ask for", f"{MOST_AFTER:,}", "`ValueError`"),
    ],
    "A sink": [
        Limit("rows of a file of `S3Archive`", f"{MOST_ROWS:,}", "refused when app.py is imported"),
        Limit("hours that an event of `DatadogLogs` may be old", f"{MOST_AGE_SECONDS / HOUR:g}", "the event fails"),
    ],
    "An error item": [
        Limit("bytes in all", _bytes(ITEM_BYTES), "it is split, or shortened"),
        Limit("bytes of the message", _bytes(MESSAGE_BYTES), "it is shortened"),
        Limit("bytes of the traceback", _bytes(TRACEBACK_BYTES), "its middle is left out"),
        Limit("bytes of the sample", _bytes(_DEFAULT.sample_bytes), "it is shortened", "`limits.sample_bytes`"),
        Limit("days that an item `gone` or `superseded` stays", str(ENDED_DAYS), "it is deleted", "`errors.ttl_days`"),
        Limit("minutes of a claim of a drain", f"{LEASE_SECONDS // 60:g}", "another drain may claim it"),
    ],
    "Waiting": [
        Limit(
            "days that a lane keeps a record",
            str(RETENTION_HOURS // 24),
            "it is gone: `slips backfill`",
            "a stream by ARN",
        ),
        Limit(
            "days that the redrive queue keeps a message", str(RETENTION_SECONDS // DAY), "it is gone: `slips backfill`"
        ),
        Limit("hours that Lambda keeps an event for `dispatch`", str(LONGEST_EVENT_AGE // HOUR), "a dead letter"),
    ],
    "The REST API": [
        Limit("bytes of a body", _bytes(BODY_BYTES), "400"),
        Limit("bytes of a text", f"{LONGEST:,} bytes", "400"),
        Limit("items of a page", f"{MOST}; {LIMIT} unless `limit` says otherwise", "400"),
    ],
    "A deployment": [
        Limit("prefixes of which a bucket notifies", str(MOST_NOTIFICATIONS), "fewer folders of each are written"),
        Limit("bytes of a package that goes with the call", _bytes(PACKAGE_BYTES), "refused", "`package_bucket`"),
    ],
}


def write_page() -> str:
    """Return the page."""
    lines = [_HEAD]
    for section, limits in SECTIONS.items():
        lines += [f"## {section}", "", *table(("at most", "value", "beyond it", "to change it"), limits)]
    return "\n".join(lines)
