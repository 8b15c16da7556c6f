"""What an error item needs to run again: the work items to put, and the lane of each. Pure."""

from __future__ import annotations

import msgspec

from ..config.routing import Destination, find_destination, route
from ..config.settings import Config
from ..errors import RouteError
from ..model import Lane, WorkItem, digest
from ..quarantine import UNKNOWN, ErrorItem

Requeued = list[tuple[Lane, WorkItem]]

HISTORY, MOST_HISTORY = 200, 5
"""Characters of a line of the history, and lines that are kept: they travel through the lane."""


def plan_requeue(item: ErrorItem, config: Config) -> Requeued:
    """Make the work items of the error item, narrowed to what failed, each with its lane; none where slips.yml now
    drops the objects. Raises RouteError where it sends one nowhere: then none of them goes."""
    if not item.argument:
        raise RouteError("the error item names no object to requeue; read its sample, then delete it")
    placed = [(_lane(item, work, config), _narrowed_item(item, index)) for index, work in enumerate(item.argument)]
    return [(lane, work) for lane, work in placed if lane != "drop"]


def _lane(item: ErrorItem, work: WorkItem, config: Config) -> Destination:
    """Where it was, if it was in a lane; else where slips.yml sends it now, since it may have been fixed."""
    if item.stage in ("route", "dispatch"):
        return find_destination(config, work.ref)
    by_name: dict[str, Lane] = {"fast": "fast", "slow": "slow"}
    by_stream: dict[str, Lane] = {config.fast.stream: "fast", config.slow.stream: "slow"}
    return by_name.get(item.lane) or by_stream.get(work.dest_stream) or route(config, work.ref).lane


def _narrowed_item(item: ErrorItem, index: int) -> WorkItem:
    """The same object, but only what failed of it. Its `work_id` is new, since the ledger knows the first one as done,
    but the same when this drain has to be repeated."""
    work = item.argument[index]
    processors = (item.processor,) if item.processor else work.processors
    return msgspec.structs.replace(
        work,
        work_id=digest(work.work_id or work.ref.work_id, item.request_id, item.attempts, item.failed_at),
        positions=item.positions or work.positions,
        resume_from=1 if item.positions else item.resume_from or work.resume_from,
        processors=processors,
        attempt=item.attempts,
        error_id=_error_id(item, index),
        first_failed="" if item.first_seen == UNKNOWN else item.first_seen,
        history=(*item.history, f"{item.failed_at} {item.error_type}: {item.error_message}"[:HISTORY])[-MOST_HISTORY:],
    )


def _error_id(item: ErrorItem, index: int) -> str:
    """The id of its next error item. Two objects of one error item may both fail again: each needs its own."""
    return item.request_id if len(item.argument) == 1 else digest(item.request_id, index)
