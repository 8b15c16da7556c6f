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

FOLDER = Path(os.environ["CHAOS_FOLDER"])
PLAN = json.loads((FOLDER / "plan.json").read_text())
KILLS = {tuple(kill) for kill in PLAN["kills"]}
STALLS = {(point, visit): seconds for point, visit, seconds in PLAN["stalls"]}
OF_WHOM = " of a drain" if os.environ["AWS_LAMBDA_FUNCTION_NAME"] == "api" else ""
FLUSH_FAILS = set(PLAN["flush_fails"])


def is_healed() -> bool:
    """Return whether functions and parser are fixed."""
    return (FOLDER / "healed").exists()


def visit(name: str) -> int:
    """Count a visit of this point in all processes. Some visits end the process, or take seconds."""
    file = os.open(FOLDER / "points" / name, os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    os.write(file, b".")
    count = os.fstat(file).st_size
    os.close(file)
    if (name, count) in KILLS and not is_healed():
        os.kill(os.getpid(), signal.SIGKILL)
    if not is_healed():
        time.sleep(STALLS.get((name, count), 0.0))
    return count


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
        case "UpdateItem" if "#state = :started" in update:
            return "begin"
        case "UpdateItem" if "resume_from = :at" in update:
            return "checkpoint"
        case "UpdateItem" if "books = :books" in update:
            return "end"
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
slips.drain.chunk.LEASE_SECONDS = 2.0
