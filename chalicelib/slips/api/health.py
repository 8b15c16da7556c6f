"""`GET /health`: whether streams, tables and their indexes exist, and which SLIPS runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..config.settings import Config
from ..ledger import ledger
from ..quarantine import schema
from ..version import VERSION

READABLE = ("ACTIVE", "UPDATING")


def check_health(config: Config, client: Callable[[str], Any]) -> dict[str, Any]:
    """Answer `{ok, version, parts}`: whether both streams, and both tables with their index, are active. Reads only
    their descriptions."""
    parts = {
        f"stream {config.fast.stream}": lambda: _stream(client("kinesis"), config.fast.stream),
        f"stream {config.slow.stream}": lambda: _stream(client("kinesis"), config.slow.stream),
        f"table {config.error_table}": lambda: _table(client("dynamodb"), config.error_table, schema.INDEX),
        f"table {config.ledger_table}": lambda: _table(client("dynamodb"), config.ledger_table, ledger.INDEX),
    }
    states = {name: _read_state(describe) for name, describe in parts.items()}
    ok = all(state in READABLE for state in states.values())
    return {"ok": ok, "version": VERSION, "parts": states}


def _read_state(describe: Callable[[], str]) -> str:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return describe()
    except ClientError as fault:
        return str(fault.response.get("Error", {}).get("Code", "unknown"))
    except BotoCoreError as fault:
        return type(fault).__name__


def _stream(kinesis: Any, name: str) -> str:
    return str(kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamStatus"])


def _table(dynamodb: Any, name: str, index: str) -> str:
    table = dynamodb.describe_table(TableName=name)["Table"]
    states = {each["IndexName"]: each["IndexStatus"] for each in table.get("GlobalSecondaryIndexes", ())}
    if index not in states:
        return f"no index {index}"
    return str(table["TableStatus"]) if states[index] in READABLE else f"index {index} {states[index]}"
