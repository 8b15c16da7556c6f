"""Dead letters to error items: what Lambda or SNS gave up on. No message is lost, whatever it is.

Shapes of the SNS messages (AWS Lambda Developer Guide, "Adding a destination"; "Process Amazon Kinesis Data Streams
records with Lambda", on-failure destination):

    a notification of S3, as SNS could not deliver it
    {"requestContext": {"condition": "RetriesExhausted", …}, "requestPayload": <the event>, "responsePayload":
        {"errorType", "errorMessage", "stackTrace"}}
    {"requestContext": {"condition": "RetryAttemptsExhausted", …}, "KinesisBatchInfo": {"shardId", "streamArn",
        "startSequenceNumber", "endSequenceNumber", "batchSize", …}}
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeGuard

import msgspec

from ..model import Failure, utc, work_item
from ..model.failures import describe_unreadable, message_failure, object_failure
from ..model.ports import Errors, Ledger, Streams
from .abandoned_batch import AbandonedBatch, Reason, fail_batch
from .notifications import MAX_ENVELOPES, parse_notifications


class Reporter(NamedTuple):
    """What a report needs: where error items go, and where the records of an abandoned batch may still be."""

    errors: Errors
    streams: Streams
    ledger: Ledger
    clock: utc.Clock


def report(event: object, to: Reporter) -> dict[str, int]:
    """Record an error item for every object of the SNS event, or else for every message: `{"errors": n}`. Raises
    StoreError: then AWS delivers again."""
    failed_at = utc.iso(to.clock())
    failures = [failure for text in _messages(event) for failure in _failures(text, Reason(), failed_at, to, 0)]
    if failures:
        to.errors.record(failures)
    return {"errors": len(failures)}


def _messages(event: object) -> list[str]:
    """The messages of an SNS event; of anything else, its text."""
    match event:
        case {"Records": [*records]}:
            messages = [record["Sns"]["Message"] for record in records if _has_message(record)]
            return messages if len(messages) == len(records) else [json.dumps(event)]
        case _:
            return [json.dumps(event)]


def _has_message(record: object) -> TypeGuard[dict[str, dict[str, str]]]:
    match record:
        case {"Sns": {"Message": str()}}:
            return True
    return False


def _failures(text: str, reason: Reason, failed_at: str, to: Reporter, depth: int) -> Iterator[Failure]:
    match _parse(text):
        case {"requestPayload": payload, **document} if depth < MAX_ENVELOPES:
            cause = _parse_reason(document)
            # A dead letter may hold another one: the report itself failed on it.
            inner = [
                failure for message in _messages(payload)
                for failure in _failures(message, cause, failed_at, to, depth + 1)
            ]  # fmt: skip
            yield from inner or [message_failure(describe_unreadable(text, cause.message), failed_at, cause.error_type)]
        case {"KinesisBatchInfo": dict(batch), **document}:
            abandoned = AbandonedBatch.parse(batch, text)
            yield from fail_batch(abandoned, _parse_reason(document), failed_at, to.streams, to.ledger)
        case _:
            yield from _fail_notification(text, reason, failed_at)


def _fail_notification(text: str, reason: Reason, failed_at: str) -> Iterator[Failure]:
    """The objects of a notification that never came into a lane."""
    parsed = parse_notifications({"Message": text})
    for ref in parsed.refs:
        yield object_failure(
            "dispatch",
            work_item(ref, ""),
            failed_at,
            error_type=reason.error_type,
            message=reason.message,
            traceback=reason.traceback,
        )
    if parsed.restored:
        named = ", ".join(f"s3://{ref.bucket}/{ref.key}" for ref in parsed.restored)
        why = f"{named} can be read again, but its error items were not drained: {reason.message}"
        yield message_failure(describe_unreadable(text, why), failed_at, reason.error_type)
    for message in parsed.unreadable:
        unreadable = msgspec.structs.replace(message, reason=f"{reason.message}; {message.reason}")
        yield message_failure(unreadable, failed_at, reason.error_type)


def _parse_reason(document: Mapping[Any, Any]) -> Reason:
    """What Lambda says: how the function failed, or why it was not called."""
    context, response = document.get("requestContext"), document.get("responsePayload")
    condition = str(context.get("condition", "")) if isinstance(context, dict) else ""
    error = response if isinstance(response, dict) else {}
    stack = error.get("stackTrace")
    return Reason(
        error_type=str(error.get("errorType") or condition or "DeadLetter"),
        message=str(error.get("errorMessage") or condition or "Lambda gave up"),
        traceback="".join(map(str, stack)) if isinstance(stack, list) else "",
    )


def _parse(text: str) -> object:
    """The message; its text where it is not JSON: `parse_notifications` then says why."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
