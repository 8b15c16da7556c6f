"""From a Kinesis event to work items; what is none becomes an error item."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..errors import NotificationError
from ..model import Failure, Stage, WorkItem, digest
from ..model.failures import UnreadableMessage, message_failure
from ..model.ports import Errors
from ..model.utc import iso
from .kinesis import decode

STAGE: Stage = "dispatch"
"""Of the error items of foreign records: what came into the lane was none of dispatch's."""


class Intake(NamedTuple):
    """The work items of a batch, in order, and how many of its records held none."""

    items: list[WorkItem]
    foreign: int

    def add_foreign(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The answer of the worker, with the foreign records among its error items: they show in the metrics as all
        others do."""
        if self.foreign:
            by_stage = answer["by_stage"]
            count, failed = by_stage.get(STAGE, (0, 0))
            answer["by_stage"] = {**by_stage, STAGE: [count + self.foreign, failed + self.foreign]}
        return answer


def work_items(event: Mapping[str, Any], lane: str, errors: Errors) -> Intake:
    """What a batch holds. A record that is no work item is kept in the ErrorTable, not retried for ever. Raises
    StoreError: then the batch is delivered again."""
    items: list[WorkItem] = []
    foreign: list[Failure] = []
    for record in event.get("Records", ()):
        try:
            items.append(decode(record))
        except NotificationError as fault:
            foreign.append(_foreign(record, lane, fault))
    if foreign:
        errors.record(foreign)
    return Intake(items, len(foreign))


def _foreign(record: Mapping[str, Any], lane: str, fault: NotificationError) -> Failure:
    kinesis = record.get("kinesis", {})
    data = str(kinesis.get("data", record))
    # Two records of the same data are two: the id of the message is that of the record.
    message = UnreadableMessage(id=digest(str(kinesis.get("sequenceNumber")), data), reason=str(fault), sample=data)
    return message_failure(message, iso(time.time()), type(fault).__name__, stage=STAGE, lane=lane)
