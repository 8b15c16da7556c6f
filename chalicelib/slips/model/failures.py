"""Error items of what never came to be processed: an object, or a message that names none."""

from __future__ import annotations

import json

import msgspec

from . import Failure, Stage, WorkItem, digest

SAMPLE_CHARACTERS = 256 * 1024
"""A whole SNS message: it holds 256 KiB at most."""


class UnreadableMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message, or one record of it, that names no object: why, and its text (bounded). The same text has the same
    `id` in every delivery."""

    id: str
    reason: str
    sample: str


def describe_unreadable(document: object, reason: str) -> UnreadableMessage:
    """What could not be read, with its text as AWS delivered it."""
    text = document if isinstance(document, str) else _as_text(document)
    text = text.encode("utf-8", "backslashreplace").decode()
    return UnreadableMessage(id=digest(text), reason=reason, sample=text[:SAMPLE_CHARACTERS])


def object_failure(
    stage: Stage, item: WorkItem, failed_at: str, *, error_type: str, message: str, lane: str = "", traceback: str = ""
) -> Failure:
    """The error item of an object that came into no lane. Its id is that of the notification, so that a second delivery
    replaces it."""
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
        fingerprint=digest(stage, "", "", error_type, item.bucket_name, lane),
    )


def message_failure(found: UnreadableMessage, failed_at: str, error_type: str = "NotificationError") -> Failure:
    """The error item of a message that names no object; `sample` is the message."""
    return Failure(
        request_id=digest("dispatch", found.id),
        argument=(),
        stage="dispatch",
        error_type=error_type,
        error_message=found.reason,
        failed_at=failed_at,
        sample=found.sample,
        fingerprint=digest("dispatch", "", "", error_type),
    )


def _as_text(document: object) -> str:
    try:
        return json.dumps(document)
    except (TypeError, ValueError, RecursionError):
        return repr(document)
