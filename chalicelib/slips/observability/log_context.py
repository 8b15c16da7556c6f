"""Which object is worked on at this moment, for every line that is logged meanwhile.

The engine delivers in one thread, so this is one mapping for the process; threads that fetch ahead log nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..model import WorkItem

_fields: dict[str, str] = {}


def bind(item: WorkItem) -> None:
    """The object of this work item is begun, or gone on with."""
    _fields.update(object=f"s3://{item.bucket_name}/{item.object_key}", work_id=item.work_id)


def clear() -> None:
    """No object any more."""
    _fields.clear()


def current() -> Mapping[str, str]:
    """`{object, work_id}`; empty between objects."""
    return _fields
