"""What could not be read when it came, a message of S3 or a record of a lane, read again: a later version may know its
shape, or a fault may be mended."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator

import msgspec

from ..config.routing import Destination, find_destination, route
from ..config.settings import Config
from ..dispatch.notifications import MAX_ENVELOPES, parse_notifications
from ..errors import NotificationError
from ..model import Lane, WorkItem, work_item
from ..model.work_items import decode_work_item
from ..quarantine import UNKNOWN, ErrorItem

Requeued = list[tuple[Lane, WorkItem]]
"""Work items, each with the lane that it goes into."""


HISTORY, MOST_HISTORY = 200, 5
"""Characters of a line of the history, and lines that are kept: they travel through the lane."""


def read_again(item: ErrorItem, config: Config) -> Requeued:
    """Make the work items of the text in the item's sample; none where it is about no object, or where slips.yml drops
    them. Raises NotificationError where it still cannot be read, or names an object of which other items are to be
    drained, and RouteError where slips.yml sends one nowhere."""
    if not item.sample:
        raise NotificationError("the error item holds neither an object nor the text of a message; discard it")
    try:
        work = decode_work_item(_record(item))
    except NotificationError as fault:
        works = _read_message(item, config, fault)
    else:
        works = [(config.lane_of(item.lane) or route(config, work.ref).lane, work)]
    return [(lane, _after(item, work)) for lane, work in works if lane != "drop"]


def extend_history(item: ErrorItem, earlier: tuple[str, ...]) -> tuple[str, ...]:
    """Add to an earlier history how the item failed, and why it could not be drained."""
    line = f"{item.failed_at} {item.error_type}: {item.error_message}"[:HISTORY]
    return (*earlier, line, *item.refusals)[-MOST_HISTORY:]


def _record(item: ErrorItem) -> bytes:
    """The record of a lane: in base64 as Lambda got it, else as text."""
    try:
        return b64decode(item.sample, validate=True)
    except ValueError:
        return item.sample.encode()


def _read_message(item: ErrorItem, config: Config, no_record: NotificationError) -> list[tuple[Destination, WorkItem]]:
    parsed = parse_notifications({"Message": item.sample})
    for envelope in _other_envelopes(item.sample) if parsed.unreadable and not parsed.refs else ():
        opened = parse_notifications(envelope)
        parsed = parsed if opened.unreadable else opened
    if parsed.unreadable:
        why = "; ".join(message.reason for message in parsed.unreadable)
        raise NotificationError(str(no_record) if config.lane_of(item.lane) else f"it names no object: {why}")
    for ref in parsed.restored:
        raise NotificationError(
            f"it says that s3://{ref.bucket}/{ref.key} can be read again: drain the error items of that object, and "
            "discard this one"
        )
    places = [(find_destination(config, ref), ref) for ref in parsed.refs]
    return [(lane, work_item(ref, "" if lane == "drop" else config.lane(lane).stream)) for lane, ref in places]


def _after(item: ErrorItem, work: WorkItem) -> WorkItem:
    return msgspec.structs.replace(
        work,
        attempt=max(work.attempt, item.attempts),
        error_id=item.request_id,
        first_failed="" if item.first_seen == UNKNOWN else item.first_seen,
        history=extend_history(item, work.history),
    )


def _other_envelopes(text: str) -> Iterator[object]:
    """What `report` and `dispatch` keep of less than a message: a record of it, or a dead letter of Lambda."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return
    yield {"Records": [document]}
    for _ in range(MAX_ENVELOPES):
        match document:
            case {"requestPayload": inner}:
                document = inner
                yield document
