"""From a Kinesis event to work items; what is none becomes an error item."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ..errors import NotificationError
from ..lanes import decode
from ..model import Failure, WorkItem, digest
from ..ports import Errors
from ..utc import iso


def work_items(event: Mapping[str, Any], lane: str, errors: Errors) -> list[WorkItem]:
    """The work items of a batch, in order. A record that holds none is kept in the ErrorTable, not retried for ever."""
    items: list[WorkItem] = []
    for record in event.get("Records", ()):
        try:
            items.append(decode(record))
        except NotificationError as fault:
            errors.put([_foreign(record, lane, fault)])
    return items


def _foreign(record: Mapping[str, Any], lane: str, fault: NotificationError) -> Failure:
    kinesis = record.get("kinesis", {})
    return Failure(
        request_id=digest("foreign", str(kinesis.get("sequenceNumber")), str(kinesis.get("data"))),
        argument=(),
        stage="dispatch",
        error_type=type(fault).__name__,
        error_message=str(fault),
        failed_at=iso(time.time()),
        lane=lane,
        sample=str(kinesis.get("data", record)),
        fingerprint=digest("dispatch", "foreign")[:16],
    )
