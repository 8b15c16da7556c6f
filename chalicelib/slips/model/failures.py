"""Error items of what was never processed: an object, or a message that names none."""

from __future__ import annotations

import json

import msgspec

from . import Failure, Stage, WorkItem, digest, escape_surrogates, fingerprint

SAMPLE_CHARACTERS = 256 * 1024
"""A whole SNS message: it holds 256 KiB at most."""


class UnreadableMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message, or one record of it, that names no object: why, and its text (bounded). The same text has the same
    `id` in every delivery."""

    id: str
    reason: str
    sample: str


def describe_unreadable(document: object, reason: str) -> UnreadableMessage:
    """Keep the text of what could not be read, as AWS delivered it."""
    text = escape_surrogates(document if isinstance(document, str) else _to_text(document))
    return UnreadableMessage(id=digest(text), reason=reason, sample=text[:SAMPLE_CHARACTERS])


def name_failure(item: WorkItem, chain: str, function: str, positions: str, resume_from: int) -> str:
    """Name what is to be done again: these events of this version of the object, for that function. So an id is written
    again only by the same failure: whatever dies, comes late or is repeated, no item replaces one that says more."""
    return digest(item.ref.work_id, chain, function, positions, resume_from)


def object_failure(
    stage: Stage, item: WorkItem, failed_at: str, *, error_type: str, message: str, lane: str = "", traceback: str = ""
) -> Failure:
    """Make the error item of an object that was not processed. Its id is that of the notification, so that a second
    delivery replaces it."""
    return Failure(
        request_id=digest(stage, item.work_id),
        argument=(item,),
        stage=stage,
        error_type=error_type,
        error_message=message,
        event_time=item.event_time,
        failed_at=failed_at,
        bucket_name=item.bucket_name,
        object_key=item.object_key,
        object_size=item.object_size,
        lane=lane,
        traceback=traceback,
        fingerprint=fingerprint(stage, "", "", error_type, item.bucket_name, lane),
    )


def message_failure(
    message: UnreadableMessage,
    failed_at: str,
    error_type: str = "NotificationError",
    *,
    stage: Stage = "dispatch",
    lane: str = "",
    event_time: str = "",
    failed_count: int = 1,
) -> Failure:
    """Make the error item of a message that names no object; its `sample` is the message."""
    return Failure(
        request_id=digest(stage, message.id),
        argument=(),
        stage=stage,
        error_type=error_type,
        error_message=message.reason,
        event_time=event_time,
        failed_at=failed_at,
        lane=lane,
        failed_count=failed_count,
        sample=message.sample,
        fingerprint=fingerprint(stage, "", "", error_type, *((lane,) if lane else ())),
    )


def _to_text(document: object) -> str:
    try:
        return json.dumps(document)
    except (TypeError, ValueError, RecursionError):
        return repr(document)
