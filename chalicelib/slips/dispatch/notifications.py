"""From AWS's notifications of new objects, in any envelope, to ObjectRefs.

Shapes (Amazon S3 User Guide, "Event message structure" and "EventBridge event message structure"; AWS Lambda
Developer Guide, "Using Lambda with Amazon SNS" and "… Amazon SQS"):

    SNS          {"Records": [{"Sns": {"Message": "<JSON text of any shape below>"}}, …]}
    SQS          {"Records": [{"body": "<JSON text of any shape>"}, …]}
    SNS in SQS   {"Type": "Notification", "Message": "<JSON text>"}
    S3           {"Records": [{"eventName": "ObjectCreated:Put", "s3": {…, "object": {"key": "a+b%3D1"}}}, …]}
    a restore    {"Records": [{"eventName": "ObjectRestore:Completed", …}, …]}
    S3, a test   {"Event": "s3:TestEvent", …}
    EventBridge  {"detail-type": "Object Created", "detail": {…, "object": {"key": "a b=1"}}}
                 or "Object Restore Completed"
    Security Lake, to its subscribers: the same, without a detail-type

S3 encodes keys as HTML forms do (`+` is a space); EventBridge sends them as they are. Others that tell of objects have
their shapes in `other_senders`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import unquote_to_bytes

import msgspec

from ..model import ObjectRef, utc
from ..model.failures import UnreadableMessage, describe_unreadable
from .other_senders import VALIDATION, find_told_objects, time_of

MAX_ENVELOPES = 5
RESTORED = "ObjectRestore:Completed"
"""S3's name of the event, as in `ObjectRef.event_name`."""

_REASONS = {
    "PutObject": "Put",
    "POST Object": "Post",
    "CopyObject": "Copy",
    "CompleteMultipartUpload": "CompleteMultipartUpload",
    "": "Put",
}


class ParsedNotifications(msgspec.Struct, frozen=True):
    """What an event holds: objects that were created, those that were restored from an archive, and what could not be
    read. Test events, and events about anything else, leave nothing."""

    refs: tuple[ObjectRef, ...]
    restored: tuple[ObjectRef, ...]
    unreadable: tuple[UnreadableMessage, ...]


class _Bucket(msgspec.Struct):
    name: str


class _Object(msgspec.Struct):
    key: str
    size: int | None = None
    etag: str | None = None
    eTag: str | None = None
    version_id: str | None = msgspec.field(default=None, name="version-id")
    versionId: str | None = None
    sequencer: str | None = None


class _Place(msgspec.Struct):
    bucket: _Bucket
    object: _Object
    reason: str = ""


class _S3Record(msgspec.Struct, rename="camel"):
    s3: _Place
    event_time: str | None = None
    aws_region: str | None = None


class _EventBridge(msgspec.Struct):
    detail: _Place
    time: str | None = None
    region: str | None = None


def parse_notifications(event: object) -> ParsedNotifications:
    """Find every object that the event of a Lambda function (or the document of a text) names. Never raises: what is
    not a notification comes back as `unreadable`."""
    refs: list[ObjectRef] = []
    restored: list[ObjectRef] = []
    unreadable: list[UnreadableMessage] = []
    for result in _parse_document(event, 0):
        if isinstance(result, ObjectRef):
            (restored if result.event_name == RESTORED else refs).append(result)
        else:
            unreadable.append(result)
    return ParsedNotifications(tuple(refs), tuple(restored), tuple(unreadable))


def _parse_document(document: object, depth: int) -> Iterator[ObjectRef | UnreadableMessage]:
    match document:
        case {"Records": list(records)}:
            for record in records:
                yield from _parse_record(record, depth)
        case {"Event": "s3:TestEvent"}:
            return
        case {"detail-type": "Object Created" | "Object Restore Completed"}:
            yield _parse_object(document, _parse_event_bridge)
        case {"detail-type": str(), "source": "aws.s3"}:
            return
        case {"Message": str(text)}:
            yield from _parse_text(text, depth + 1)
        case {"source": "aws.s3", "detail": {"object": _}}:
            yield _parse_object(document, _parse_event_bridge)
        case _:
            yield from _parse_other(document)


def _parse_other(document: object) -> Iterator[ObjectRef | UnreadableMessage]:
    objects = find_told_objects(document)
    if objects is None:
        yield describe_unreadable(document, "the message is not a notification of S3")
        return
    time = time_of(document)
    for bucket, key, size in objects:
        version = None if time is None else str(time)
        place = {"bucket": {"name": bucket}, "object": {"key": key, "size": size, "sequencer": version}}
        yield _parse_object(place, partial(_parse_place, time=_from_milliseconds(time)))


def _parse_record(record: object, depth: int) -> Iterator[ObjectRef | UnreadableMessage]:
    match record:
        case {"Sns": {"Message": str(text)}} | {"body": str(text)}:
            yield from _parse_text(text, depth + 1)
        case {"s3": _, "eventName": str(name)}:
            event = name.removeprefix("s3:")
            if event.startswith("ObjectCreated:") or event == RESTORED:
                yield _parse_object(record, _parse_s3)
        case _:
            yield describe_unreadable(record, "the record is not a notification of S3")


def _parse_text(text: str, depth: int) -> Iterator[ObjectRef | UnreadableMessage]:
    if depth > MAX_ENVELOPES:
        yield describe_unreadable(text, f"more than {MAX_ENVELOPES} nested envelopes")
        return
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as fault:
        if text.strip() == VALIDATION:
            return
        yield describe_unreadable(text, f"the message is not JSON: {fault}")
        return
    yield from _parse_document(document, depth)


def _parse_object(record: object, parse: Callable[[object], ObjectRef]) -> ObjectRef | UnreadableMessage:
    try:
        return parse(record)
    except UnicodeError:
        return describe_unreadable(record, "the object's key is not UTF-8")
    except (msgspec.ValidationError, ValueError) as fault:
        return describe_unreadable(record, f"the notification is incomplete: {fault}")


def _parse_s3(record: object) -> ObjectRef:
    s3_record = msgspec.convert(record, _S3Record)
    name = record["eventName"] if isinstance(record, dict) else ""
    key = unquote_to_bytes(s3_record.s3.object.key.replace("+", " ")).decode("utf-8")
    return _make_ref(s3_record.s3, key, name.removeprefix("s3:"), s3_record.event_time, s3_record.aws_region)


def _parse_place(record: object, time: str | None) -> ObjectRef:
    place = msgspec.convert(record, _Place)
    return _make_ref(place, place.object.key, "ObjectCreated:Put", time, None)


def _parse_event_bridge(document: object) -> ObjectRef:
    event = msgspec.convert(document, _EventBridge)
    name = f"ObjectCreated:{_REASONS.get(event.detail.reason, event.detail.reason)}"
    if isinstance(document, dict) and document.get("detail-type") == "Object Restore Completed":
        name = RESTORED
    return _make_ref(event.detail, event.detail.object.key, name, event.time, event.region)


def _make_ref(place: _Place, key: str, name: str, time: str | None, region: str | None) -> ObjectRef:
    if not key or not place.bucket.name:
        raise ValueError("bucket and key may not be empty")
    ref = ObjectRef(
        bucket=place.bucket.name,
        key=key,
        size=place.object.size,
        etag=place.object.eTag or place.object.etag or "",
        version_id=place.object.versionId or place.object.version_id or "",
        sequencer=place.object.sequencer or "",
        region=region or "",
        event_time=_normalize_time(time or ""),
        event_name=name,
    )
    msgspec.json.encode(ref)  # JSON may hold half a surrogate pair, which no lane takes: UnicodeEncodeError
    return ref


def _from_milliseconds(time: str | int | None) -> str | None:
    try:
        return utc.iso(time / 1000) if isinstance(time, int) else time
    except (OverflowError, OSError, ValueError):
        return None


def _normalize_time(text: str) -> str:
    """In UTC; empty where it cannot be read: no object is lost for its time."""
    try:
        return utc.normalize(text)
    except ValueError:
        return ""
