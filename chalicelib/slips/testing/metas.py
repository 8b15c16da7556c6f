"""A `meta` for tests that call a function directly."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..engine.object_context import ObjectContext
from ..formats.base import Format, ObjectInfo
from ..formats.custom import custom_format
from ..formats.registry import get as registered
from ..formats.registry import is_known
from ..model import Source, utc
from ..model.meta import Meta, MetaCache
from .memory import LANDED

if TYPE_CHECKING:
    from ..decorators import Slips

BUCKET = "test-bucket"


def make_meta(
    event: dict[str, Any] | None = None,
    *,
    format: str = "json",
    tag: str | None = None,
    timestamp: float | None = None,
    message: str | None = None,
    position: int = 1,
    index: int | None = None,
    bucket: str = BUCKET,
    key: str = "test-key",
    landed: str = LANDED,
    lane: str = "fast",
    slips: Slips | None = None,
) -> Meta:
    """Return the Meta of an event, as the engine makes it.

        watch_logins(make_meta(event, format="g-suite-login"), event)

    By default the format gives the tag and the time (seconds, UTC) from `event`, or `landed` (ISO 8601) if there is no
    time. Formats that app.py defines need `slips` for message and tag.
    """
    parser = _format(format, slips).parser(ObjectInfo(event_time=utc.epoch(landed)))
    source = Source(bucket=bucket, key=key, version="1", region="eu-central-1", size=None, lane=lane)
    cache: MetaCache = {}
    if tag is not None:
        cache["tag"] = tag
    if timestamp is not None:
        cache |= {"timestamp": timestamp, "time_source": "event"}
    if message is not None:
        cache["message"] = message
    record = json.dumps(event or {}, default=str).encode()
    context = ObjectContext(format, parser, source, utc.epoch(landed))
    return Meta(position, event or {}, record, context, index, cache)


def _format(name: str, slips: Slips | None) -> Format:
    if slips is not None:
        return slips.find_format(name)
    return registered(name) if is_known(name) else custom_format(name, lambda record: record, "s3-lines")
