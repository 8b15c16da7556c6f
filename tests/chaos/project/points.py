"""Named points in the life of a function's process, at some of which it is killed, or stalls.

Counts are kept in files, one byte a visit, so that the next process continues them.
"""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from botocore.client import BaseClient

import chalicelib  # noqa: F401 - makes chalicelib/slips/ of the package the package slips
import slips.drain.chunk
import slips.drain.retry
import slips.engine.pauses
import slips.engine.retries
import slips.reader.s3
from slips.aws.retry import Backoff
from slips.errors import RetryLater

FOLDER = Path(os.environ["CHAOS_FOLDER"])
PLAN = json.loads((FOLDER / "plan.json").read_text())
KILLS = {tuple(kill) for kill in PLAN["kills"]}
STALLS = {(point, visit): seconds for point, visit, seconds in PLAN["stalls"]}
NAME = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
OF_WHOM = " of a drain" if NAME in ("api", "retry") else ""
FLUSH_FAILS = set(PLAN["flush_fails"])
ARCHIVE = PLAN["archive"]
DOWN = {name: range(first, last + 1) for name, first, last in PLAN["down"]}

if NAME in ("dispatch", "report") and (FOLDER / "broken").exists():
    raise ImportError("No module named 'a_wheel_that_is_missing'")


def is_calm() -> bool:
    """Return whether AWS and all destinations work, and nothing is killed."""
    return (FOLDER / "calm").exists()


def is_healed() -> bool:
    """Return whether functions and parser are fixed, too."""
    return (FOLDER / "healed").exists()


def visit(name: str) -> int:
    """Count a visit of this point in all processes. Some visits end the process, or take seconds."""
    file = os.open(FOLDER / "points" / name, os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    os.write(file, b".")
    count = os.fstat(file).st_size
    os.close(file)
    if (name, count) in KILLS and not is_calm():
        os.kill(os.getpid(), signal.SIGKILL)
    if not is_calm():
        time.sleep(STALLS.get((name, count), 0.0))
    return count


def reach(destination: str) -> None:
    """Raise where a function's destination is down."""
    if visit(f"reach {destination}") in DOWN.get(destination, ()) and not is_calm():
        if destination == "setup":
            raise RuntimeError("setup fails as planned")
        raise RetryLater(f"the destination of {destination} is down as planned")


def deliver(function: str, ids: list[str]) -> None:
    """Write down what a function took, in one write that other processes do not cut."""
    file = os.open(FOLDER / "delivered", os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    os.write(file, "".join(f"{function} {name}\n" for name in ids).encode())
    os.close(file)


def _point_of(operation: str, request: dict[str, Any]) -> str:
    update = request.get("UpdateExpression", "")
    match operation:
        case "UpdateItem" if "#claim_id = :claim_id" in update:
            return "claim"
        case "UpdateItem" if "if_not_exists(#begun_at" in update:
            return "begin"
        case "UpdateItem" if "resume_from = :at" in update:
            return "checkpoint"
        case "UpdateItem" if "books = :books" in update:
            return "end"
        case "BatchExecuteStatement":
            return "begin" if request["Statements"][0]["Statement"].startswith("INSERT") else "end"
        case "PutRecords" | "BatchWriteItem" | "DeleteItem" | "GetObject":
            return {"PutRecords": "put", "BatchWriteItem": "error", "DeleteItem": "delete", "GetObject": "read"}[
                operation
            ]
    return ""


_call = BaseClient._make_api_call


def _called(self: Any, operation: str, request: dict[str, Any]) -> Any:
    name = _point_of(operation, request)
    if not name:
        return _call(self, operation, request)
    visit(f"before {name}{OF_WHOM}")
    answer = _call(self, operation, request)
    visit(f"after {name}{OF_WHOM}")
    return answer


BaseClient._make_api_call = _called
# What lasts for minutes takes seconds, so that an outage is over while the run goes on.
slips.drain.chunk.LEASE_SECONDS = 2.0
slips.drain.retry.ANSWER_SECONDS = 2
slips.engine.pauses.FIRST, slips.engine.pauses.LONGEST = 0.1, 0.5
slips.engine.retries.PAUSES = (0, 0, 1)
slips.reader.s3.SILENCES = (0.6, 0.4, 0.2)
slips.reader.s3.SHORTEST = 0.3
slips.reader.s3.S3Objects.__init__.__defaults__ = (None, Backoff(patience=1.0, first=0.02))
