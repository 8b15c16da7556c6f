"""An ErrorTable in the emulated AWS or in memory, made from the same constants as the CloudFormation template."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from slips.aws.retry import Backoff
from slips.model import utc
from slips.quarantine import Quarantine, schema

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOW = utc.epoch("2026-02-01T00:00:00Z")


class Time:
    """A clock that only the test and `sleep` move."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


SKEWED = pytest.mark.parametrize("skew", [-240.0, 240.0], ids=["behind", "ahead"])
"""Seconds that a machine's clock may be wrong: AWS refuses requests from five minutes on (AWS General Reference,
"Signature Version 4": the time of a request)."""


class Ticking(Time):
    """A clock on which every look costs a second."""

    def __call__(self) -> float:
        self.now += 1
        return self.now


class Tapped:
    """A client whose calls a test can see and replace: `on["query"] = f(call, **request)`."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.on: dict[str, Callable[..., Any]] = {}
        self.calls: list[str] = []
        self.requests: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._client, name)

        def tapped(**request: Any) -> Any:
            self.calls.append(name)
            self.requests.append(request)
            return self.on[name](call, **request) if name in self.on else call(**request)

        return tapped


def create(client: DynamoDBClient) -> str:
    """Create a table. Return its name."""
    name = f"errors-{uuid4().hex}"
    index: dict[str, Any] = {
        "IndexName": schema.INDEX,
        "KeySchema": [{"AttributeName": key, "KeyType": kind} for key, kind in schema.INDEX_KEY_SCHEMA.items()],
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": [*schema.PROJECTED]},
    }
    due: dict[str, Any] = {
        "IndexName": schema.DUE_INDEX,
        "KeySchema": [{"AttributeName": key, "KeyType": kind} for key, kind in schema.DUE_KEY_SCHEMA.items()],
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": [*schema.DUE_PROJECTED]},
    }
    table: dict[str, Any] = {
        "AttributeDefinitions": [
            {"AttributeName": key, "AttributeType": kind} for key, kind in schema.ATTRIBUTES.items()
        ],
        "KeySchema": [{"AttributeName": key, "KeyType": kind} for key, kind in schema.KEY_SCHEMA.items()],
        "GlobalSecondaryIndexes": [index, due],
    }
    client.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **table)
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 0.02, "MaxAttempts": 500})
    return name


def quarantine(client: Any, table: str, time: Time | None = None, **fields: Any) -> Quarantine:
    """Return the ErrorTable, with a clock and pauses of the test's own."""
    time = time or Time()
    backoff = Backoff(sleep=time.sleep, clock=time, jitter=lambda: 1.0, patience=20.0)
    return Quarantine(client, table, clock=time, backoff=backoff, **fields)
