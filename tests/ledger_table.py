"""A LedgerTable, made for a test."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from slips.ledger import ledger


def create(client: Any) -> str:
    """A new LedgerTable; its name."""
    name = f"ledger-{uuid4().hex}"
    client.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ledger.ATTRIBUTES],
        KeySchema=[{"AttributeName": ledger.KEY, "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": ledger.INDEX,
                "KeySchema": [
                    {"AttributeName": ledger.INDEX_HASH, "KeyType": "HASH"},
                    {"AttributeName": ledger.INDEX_RANGE, "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 0.02, "MaxAttempts": 500})
    return name
