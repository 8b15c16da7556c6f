"""From a notification into a lane. Returns only when every object is safe: in its lane, or in the ErrorTable."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import msgspec

from ..config.routing import Destination, find_destination
from ..config.settings import Config
from ..engine.failures import set_waiting
from ..engine.retries import Retries
from ..errors import RouteError
from ..model import Failure, Lane, ObjectRef, WorkItem, utc, work_item
from ..model.failures import message_failure, object_failure
from ..model.ports import Errors, Lanes
from ..observability import log_context
from .notifications import parse_notifications

log = logging.getLogger("slips")


def dispatch(
    event: object, config: Config, lanes: Lanes, errors: Errors, clock: utc.Clock, *,
    drain_restored: Callable[[Sequence[ObjectRef]], int], retries: Retries | None = None,
) -> dict[str, int]:  # fmt: skip
    """Put every object that the event names into its lane: `{"fast", "slow", "dropped", "errors", "waiting",
    "restored"}`.

    What no rule, mapping or lane takes and what is not a notification becomes an error item; a second delivery makes
    the same ones. With `retries`, what a lane did not take waits for another try. `drain_restored` drains the error
    items of objects that can be read again, and returns how many. Raises StoreError when the ErrorTable
    cannot be written: then AWS delivers again.
    """
    now = clock()
    failed_at = utc.iso(now)
    plan = _plan(event, config, failed_at)
    fast, slow = plan.items("fast", config), plan.items("slow", config)
    fast_refused, slow_refused = lanes.enqueue("fast", fast), lanes.enqueue("slow", slow)
    failures = [
        *plan.failures,
        *(_lane_failure(item, "fast", now, retries) for item in fast_refused),
        *(_lane_failure(item, "slow", now, retries) for item in slow_refused),
    ]
    errors.record(failures)
    counts = {
        "fast": len(fast) - len(fast_refused),
        "slow": len(slow) - len(slow_refused),
        "dropped": len(plan.refs["drop"]),
        "errors": sum(failure.is_open for failure in failures),
        "waiting": sum(not failure.is_open for failure in failures),
        "restored": drain_restored(plan.restored) if plan.restored else 0,
    }
    refused = (*fast_refused, *slow_refused)
    lines = [item for item in (*fast, *slow) if item not in refused] if config.log_objects else []
    # Where each object has a line, the counts would say the same again: an object has a notification of its own.
    if len(lines) < sum(counts.values()) or not lines:
        log.info("dispatched %s", counts)
    for item in lines:
        log.info("dispatched to %s", item.dest_stream, extra=log_context.describe(item))
    return counts


class _Plan(msgspec.Struct):
    """The objects of an event by where they go, and what goes nowhere."""

    refs: dict[Destination, list[ObjectRef]]
    restored: tuple[ObjectRef, ...]
    failures: list[Failure]

    def items(self, lane: Lane, config: Config) -> list[WorkItem]:
        """The work items of a lane."""
        return [work_item(ref, config.lane(lane).stream) for ref in self.refs[lane]]


def _plan(event: object, config: Config, failed_at: str) -> _Plan:
    parsed = parse_notifications(event)
    refs: dict[Destination, list[ObjectRef]] = {"fast": [], "slow": [], "drop": []}
    failures = [message_failure(message, failed_at) for message in parsed.unreadable]
    for ref in parsed.refs:
        try:
            refs[find_destination(config, ref)].append(ref)
        except RouteError as fault:
            failures.append(_route_failure(ref, fault, failed_at))
    return _Plan(refs, parsed.restored, failures)


def _route_failure(ref: ObjectRef, fault: RouteError, failed_at: str) -> Failure:
    return object_failure("route", work_item(ref, ""), failed_at, error_type="RouteError", message=str(fault))


def _lane_failure(item: WorkItem, lane: Lane, now: float, retries: Retries | None) -> Failure:
    message = f'the stream "{item.dest_stream}" of the {lane} lane did not take the work item; the log says why'
    failure = object_failure("dispatch", item, utc.iso(now), error_type="StoreError", message=message, lane=lane)
    failure = msgspec.structs.replace(failure, untouched=True)
    retry = retries.next_try(item, now) if retries else None
    return set_waiting(failure, retry, now) if retry else failure
