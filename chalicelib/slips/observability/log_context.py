"""The object that is worked on at this moment, for every line that is logged.

The engine delivers in one thread, so this is one mapping for the process; threads that fetch ahead log nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..model import WorkItem

_fields: dict[str, str] = {}
_invocation = {"id": ""}


def begin_invocation(request_id: str) -> None:
    """Name the invocation that this process now is, by Lambda's request id."""
    _invocation["id"] = request_id


def invocation_id() -> str:
    """Return that request id; empty elsewhere than on Lambda."""
    return _invocation["id"]


def describe(item: WorkItem) -> dict[str, str]:
    """Return `{object, work_id}` of this work item."""
    return {"object": f"s3://{item.bucket_name}/{item.object_key}", "work_id": item.work_id}


def bind(item: WorkItem) -> None:
    """Name the object of this work item in log lines from now on."""
    _fields.update(describe(item))


def clear() -> None:
    """Name no object from now on."""
    _fields.clear()


def current() -> Mapping[str, str]:
    """Return `{object, work_id}`; empty between objects."""
    return _fields
