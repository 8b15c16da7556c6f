"""What the Lambda functions do, each with the parts it needs: imported by the first invocation of any of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import aws
from .model import Lane
from .observability import bind_invocation, run_observed

if TYPE_CHECKING:
    from .runtime import Runtime


def handle_dispatch(runtime: Runtime, event: Any) -> dict[str, Any]:
    """An SNS event with notifications of S3."""
    from .dispatch.dispatch import dispatch

    def work() -> dict[str, Any]:
        return dict(dispatch(event.to_dict(), runtime.config, runtime.lanes, runtime.quarantine, time.time))

    return _observed(runtime, "dispatch", event, work)


def handle_lane(runtime: Runtime, lane: Lane, event: Any) -> dict[str, Any]:
    """A Kinesis event with work items."""
    from .engine.budget import Budget
    from .engine.invocation import process
    from .lanes.intake import work_items
    from .lanes.throttle import throttle
    from .ledger import counters

    batch, budget = event.to_dict(), Budget.of(event.context)
    waited = counters.lane_age(batch, time.time())

    def work() -> dict[str, Any]:
        return found.add_foreign(process(runtime.worker, lane, found.items, budget))

    found = work_items(batch, lane, runtime.quarantine)
    answer = _observed(runtime, lane, event, work)
    # Lambda ends the process at its deadline, and would deliver again what is done.
    if budget.remaining() > 2 * counters.WAIT:
        runtime.counters.record(lane, answer, waited)
    throttle(runtime.config.lane(lane), len(found.items), budget.remaining, time.sleep)
    return answer


def handle_report(runtime: Runtime, event: Any) -> dict[str, Any]:
    """An SNS event with dead letters."""
    from .dispatch.dead_letters import Reporter, report
    from .lanes.kinesis import KinesisStreams

    to = Reporter(runtime.quarantine, KinesisStreams(aws.client("kinesis")), runtime.ledger, time.time)
    return _observed(runtime, "report", event, lambda: dict(report(event.to_dict(), to)))


def log_request_middleware(runtime: Runtime) -> Callable[[Any, Callable[[Any], Any]], Any]:
    """A middleware of Chalice: the log lines of a request to the REST API say which it is."""

    def logged(event: Any, get_response: Callable[[Any], Any]) -> Any:
        bind_invocation("api", runtime.config.stack_name, runtime.app_name, event.lambda_context, runtime.secrets)
        return get_response(event)

    return logged


def _observed(runtime: Runtime, kind: str, event: Any, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    return run_observed(kind, work, runtime.config.stack_name, runtime.app_name, event.context, runtime.secrets)
