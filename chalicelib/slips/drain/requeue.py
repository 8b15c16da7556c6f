"""What an error item needs to run again: the work items to put, and the lane of each. Pure."""

from __future__ import annotations

import msgspec

from ..config.routing import Destination, find_destination, find_mapping, route
from ..config.settings import Config
from ..errors import NotificationError, RouteError
from ..model import WorkItem, digest
from ..quarantine import UNKNOWN, ErrorItem
from .reread import Requeued, extend_history, read_again

ALONE = 10_000
"""Divides the largest batch into single events."""


def plan_requeue(item: ErrorItem, config: Config) -> Requeued:
    """Make the work items of the error item, narrowed to what failed, each with its lane; none where slips.yml now
    drops the objects. Raises RouteError where it sends one nowhere, NotificationError where the item cannot be read:
    then none of them goes."""
    if item.unreadable:
        raise NotificationError(item.unreadable)
    if not item.argument:
        return read_again(item, config)
    placed = [
        (_lane(item, work, config), _narrowed_item(item, index, config)) for index, work in enumerate(item.argument)
    ]
    return [(lane, work) for lane, work in placed if lane != "drop"]


def _lane(item: ErrorItem, work: WorkItem, config: Config) -> Destination:
    """Where it was, if it was in a lane; else where slips.yml sends it now, since it may have been fixed."""
    if item.stage in ("route", "dispatch"):
        return find_destination(config, work.ref)
    return config.lane_of(item.lane) or config.lane_of(work.dest_stream) or route(config, work.ref).lane


def _narrowed_item(item: ErrorItem, index: int, config: Config) -> WorkItem:
    """The same object, but only what failed of it. Its `work_id` is new, since the ledger knows the first one as done;
    the same when this drain has to be repeated, and another for anything else that is to be done."""
    work = item.argument[index]
    if item.untouched:  # It is the same work still: whoever does it first, does it.
        return _after(item, work)
    processors = (item.processor,) if item.processor else work.processors
    positions = item.positions or work.positions
    resume_from = 1 if item.positions else item.resume_from or work.resume_from
    chain = (item.chain or _former_chain(item, work, config)) if item.positions or item.resume_from else work.chain
    work_id = digest(
        work.work_id or work.ref.work_id, item.request_id, item.attempts, item.failed_at,
        positions, resume_from, chain, *processors, *([item.tries] if item.tries else []),
    )  # fmt: skip
    return msgspec.structs.replace(
        _after(item, work),
        work_id=work_id,
        from_work=work.work_id,
        positions=positions,
        resume_from=resume_from,
        chain=chain if positions or resume_from > 1 else "",
        processors=processors,
        split=_split(item, config.limits.max_attempts),
        not_before=0,
    )


def _after(item: ErrorItem, work: WorkItem) -> WorkItem:
    """The work, with what it went through."""
    return msgspec.structs.replace(
        work,
        attempt=max(work.attempt, item.attempts),
        tries=item.tries,
        waiting_since=item.waiting_since,
        error_id=item.request_id,
        first_failed="" if item.first_seen == UNKNOWN else item.first_seen,
        history=extend_history(item, work.history),
    )


def _former_chain(item: ErrorItem, work: WorkItem, config: Config) -> str:
    """What counted the positions of an item that does not say: empty where its format is still the object's."""
    try:
        name = find_mapping(config, work.ref).chain[-1]
    except RouteError:
        return ""
    return "" if item.format in ("", UNKNOWN, name) else item.format


def _split(item: ErrorItem, max_attempts: int) -> int:
    """By how much smaller are the pieces in which a function gets the events again, so that one bad event among many
    is at last alone: at the latest on the last attempt."""
    if item.stage not in ("process", "crash") or item.retry_at:
        return 1
    if item.attempts + 1 >= max_attempts:
        return ALONE
    return min(ALONE, 10**item.attempts) if item.positions else 1
