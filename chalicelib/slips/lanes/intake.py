"""From a Kinesis event to work items; any other record becomes an error item."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..errors import NotificationError
from ..model import Failure, Stage, WorkItem, digest
from ..model.failures import UnreadableMessage, message_failure
from ..model.ports import Errors
from ..model.utc import iso
from .kinesis import decode_record

STAGE: Stage = "dispatch"
"""The stage of foreign records: what is in the lane did not come from dispatch."""


class Intake(NamedTuple):
    """The work items of a batch, in order, and how many records held something else."""

    items: list[WorkItem]
    foreign: int

    def add_foreign(self, report: dict[str, Any]) -> dict[str, Any]:
        """Add the foreign records to the error items in the worker's report, so that they show in the metrics."""
        if self.foreign:
            by_stage = report["by_stage"]
            count, failed = by_stage.get(STAGE, (0, 0))
            report["by_stage"] = {**by_stage, STAGE: [count + self.foreign, failed + self.foreign]}
        return report


def take_in(event: Mapping[str, Any], lane: str, errors: Errors) -> Intake:
    """Decode a batch. A record that is not a work item goes to the ErrorTable, and is not retried for ever. Raises
    StoreError: the batch is then delivered again."""
    items: list[WorkItem] = []
    foreign: list[Failure] = []
    for record in event.get("Records", ()):
        try:
            items.append(decode_record(record))
        except NotificationError as fault:
            foreign.append(_to_failure(record, lane, fault))
    if foreign:
        errors.record(foreign)
    return Intake(items, len(foreign))


def _to_failure(record: Mapping[str, Any], lane: str, fault: NotificationError) -> Failure:
    kinesis = record.get("kinesis", {})
    data = str(kinesis.get("data", record))
    # Two records of the same data are two: the id is that of the record.
    message = UnreadableMessage(id=digest(str(kinesis.get("sequenceNumber")), data), reason=str(fault), sample=data)
    return message_failure(message, iso(time.time()), type(fault).__name__, stage=STAGE, lane=lane)
