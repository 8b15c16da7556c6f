"""Patches where moto differs from AWS in what SLIPS relies on."""

from __future__ import annotations

import time
from functools import lru_cache
from itertools import count
from threading import RLock
from typing import Any
from urllib.parse import quote_plus

from ...deploy.notification_entries import encode_filter, is_in_filter
from .partiql import NotOurStatement, Translated, translate

_sequence = count(time.time_ns())


def patch_moto() -> None:
    """Patch the moto of this process, only once."""
    from moto.dynamodb.responses import DynamoHandler
    from moto.s3 import models, notifications

    from . import queue_metrics  # noqa: F401 - moto finds what it defines

    notifications._get_s3_event = s3_event
    notification: Any = models.Notification
    notification._key_matches = _key_matches
    if not hasattr(DynamoHandler, "slips_lock"):
        _make_conditional_writes_atomic(DynamoHandler)
        _judge_statements(DynamoHandler)
        _refuse_missing_indexes()
        _cache_backends()
        _serialize_only_present_members()


def _key_matches(notification: Any, key: str) -> bool:
    """Return whether a bucket notifies of the key. S3 compares what is URL-encoded; moto, what was written."""
    rules = notification.filters.get("S3Key", {}).get("FilterRule", ())
    values = {rule["Name"].lower(): rule["Value"] for rule in rules}
    return is_in_filter(key, values.get("prefix", "")) and encode_filter(key).endswith(values.get("suffix", ""))


def _make_conditional_writes_atomic(handler: Any) -> None:
    """Check a condition and write in one step, as DynamoDB does. moto takes two steps, and has a thread per request, so
    that two requests could both find the condition met."""
    lock, unlocked = RLock(), handler.call_action

    def locked(self: Any) -> Any:
        with lock:
            return unlocked(self)

    handler.slips_lock = lock
    handler.call_action = locked


def _judge_statements(handler: Any) -> None:
    """Take each statement of a batch as the request that does the same (see `partiql`)."""
    from moto.core.exceptions import JsonRESTError
    from moto.dynamodb.exceptions import MockValidationException
    from moto.dynamodb.responses import DynamoResult

    def take(self: Any, translated: Translated) -> dict[str, Any]:
        self.body = translated.request
        try:
            getattr(self, translated.operation)()
        except JsonRESTError as fault:
            code, there = fault.relative_error_type, None
            if code == "ConditionalCheckFailedException":
                there = self.dynamodb_backend.get_item(translated.table, translated.key)
            return translated.error(code, str(fault.message), there.to_json()["Attributes"] if there else None)
        return {"TableName": translated.table}

    def batch_execute_statement(self: Any) -> Any:
        try:
            statements = [translate(each) for each in self.body["Statements"]]
        except NotOurStatement as fault:
            raise MockValidationException(str(fault)) from fault
        return DynamoResult({"Responses": [take(self, each) for each in statements]})

    handler.batch_execute_statement = batch_execute_statement


def _refuse_missing_indexes() -> None:
    """Refuse a query of an index that a table does not have with DynamoDB's own error; moto has one of its own."""
    from moto.dynamodb.models import DynamoDBBackend

    backend: Any = DynamoDBBackend
    get_schema = backend.get_schema

    def get_schema_or_refuse(self: Any, table_name: str, index_name: str | None) -> Any:
        if index_name:
            self.get_table(table_name).get_index(index_name, error_if_not=True)
        return get_schema(self, table_name, index_name)

    backend.get_schema = get_schema_or_refuse


def _cache_backends() -> None:
    """Cache the backend of each host: moto searches it at each request, for a quarter of the request's time."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication

    dispatcher: Any = DomainDispatcherApplication
    dispatcher.get_backend_for_host = lru_cache(dispatcher.get_backend_for_host)


def _serialize_only_present_members() -> None:
    """Serialize only the member that a DynamoDB value has (`{"S": …}`). moto looks for all ten, each under several
    names, for three quarters of a query's time."""
    from moto.core.serialize import BaseJSONSerializer

    serializer: Any = BaseJSONSerializer
    structure = serializer._serialize_type_structure

    def value_of_dynamodb(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name != "AttributeValue" or not key or value.__class__ is not dict:
            structure(self, serialized, value, shape, key)
            return
        members: dict[str, Any] = {}
        for kind, content in value.items():
            if kind in ("B", "BS", "L", "M"):  # These hold bytes, or may.
                member = shape.members[kind]
                member.parent = shape
                self._serialize_structure_member(members, value, member, kind)
            else:
                members[kind] = content
        self._default_serialize(serialized, members, shape, key)

    serializer._serialize_type_structure = value_of_dynamodb


def s3_event(event_name: str, bucket: Any, key: Any, notification_id: str) -> dict[str, Any]:
    """Return a notification as S3 sends it (Amazon S3 User Guide, "Event message structure").

    moto's own has no sequencer, so that an object that gets its old content back would look like a second delivery of
    the old notification. It also has no version, and encodes the slashes of the key, which S3 does not.
    """
    now = time.time()
    entry: dict[str, Any] = {
        "key": quote_plus(key.name, safe="/"),
        "size": key.size,
        "eTag": key.etag.strip('"'),
        "sequencer": f"{next(_sequence):016X}",
    }
    if bucket.is_versioned:
        entry["versionId"] = key.version_id
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": bucket.region_name,
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03d}Z",
        "eventName": event_name.removeprefix("s3:"),
        "userIdentity": {"principalId": "EMBEDDED"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": entry["sequencer"], "x-amz-id-2": "embedded"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": notification_id,
            "bucket": {
                "name": bucket.name,
                "ownerIdentity": {"principalId": "EMBEDDED"},
                "arn": bucket.arn,
            },
            "object": entry,
        },
    }
    return {"Records": [record]}
