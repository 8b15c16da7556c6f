"""Streams and tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....config import Config, LaneConfig
from ....config.settings import RETENTION_HOURS
from ....ledger import ledger
from ....quarantine import schema
from ..tags import tag_property

RETAINED = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
"""Data outlives the stack: what waits in a lane or in the ErrorTable must not be lost."""


def streams(config: Config) -> dict[str, Any]:
    """The lanes that no ARN names."""
    lanes = {"FastLane": config.fast, "SlowLane": config.slow}
    return {name: _stream(config, lane) for name, lane in lanes.items() if not lane.stream_arn}


def _stream(config: Config, lane: LaneConfig) -> dict[str, Any]:
    if lane.shards is None:
        capacity: dict[str, Any] = {"StreamModeDetails": {"StreamMode": "ON_DEMAND"}}
    else:
        capacity = {"StreamModeDetails": {"StreamMode": "PROVISIONED"}, "ShardCount": lane.shards}
    return {
        "Type": "AWS::Kinesis::Stream",
        **RETAINED,
        "Properties": {
            "Name": lane.stream,
            **capacity,
            "RetentionPeriodHours": RETENTION_HOURS,
            "StreamEncryption": {"EncryptionType": "KMS", "KeyId": config.kms_key or "alias/aws/kinesis"},
            **tag_property(config),
        },
    }


def tables(config: Config) -> dict[str, Any]:
    """The ErrorTable, unless an ARN names one, and the LedgerTable."""
    return {
        logical: {"Type": "AWS::DynamoDB::Table", **RETAINED, "Properties": {**properties, **_required(config)}}
        for logical, properties in table_properties(config).items()
        if logical != "ErrorTable" or not config.error_table_arn
    }


def _required(config: Config) -> dict[str, Any]:
    """The properties that companies require of a table of ours."""
    key = {"SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": config.kms_key}}
    protection = {"DeletionProtectionEnabled": config.deletion_protection}
    return {
        **(key if config.kms_key else {}),
        **({} if config.deletion_protection is None else protection),
        **tag_property(config),
    }


def table_properties(config: Config) -> dict[str, dict[str, Any]]:
    """What both tables must be like, also one that an ARN names."""
    return {"LedgerTable": _ledger_table(config.ledger_table), "ErrorTable": _error_table(config.error_table)}


def _error_table(name: str) -> dict[str, Any]:
    newest = _index(schema.INDEX, schema.INDEX_KEY_SCHEMA, schema.PROJECTED)
    due = _index(schema.DUE_INDEX, schema.DUE_KEY_SCHEMA, schema.DUE_PROJECTED)
    return _table(name, schema.ATTRIBUTES, schema.KEY_SCHEMA, [newest, due], schema.TTL_ATTRIBUTE)


def _index(name: str, keys: dict[str, str], projected: Sequence[str]) -> dict[str, Any]:
    projection = {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(projected)}
    return {"IndexName": name, "KeySchema": _keys(keys), "Projection": projection}


def _ledger_table(name: str) -> dict[str, Any]:
    index = {
        "IndexName": ledger.INDEX,
        "KeySchema": _keys({ledger.INDEX_HASH: "HASH", ledger.INDEX_RANGE: "RANGE"}),
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }
    return _table(name, dict.fromkeys(ledger.ATTRIBUTES, "S"), {ledger.KEY: "HASH"}, [index], ledger.TTL_ATTRIBUTE)


def _table(
    name: str, attributes: dict[str, str], keys: dict[str, str], indexes: list[Any], ttl: str
) -> dict[str, Any]:  # fmt: skip
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": attribute, "AttributeType": kind} for attribute, kind in attributes.items()
        ],
        "KeySchema": _keys(keys),
        "GlobalSecondaryIndexes": indexes,
        "TimeToLiveSpecification": {"AttributeName": ttl, "Enabled": True},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "SSESpecification": {"SSEEnabled": True},
    }


def _keys(keys: dict[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()]
