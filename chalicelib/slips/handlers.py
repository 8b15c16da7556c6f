"""What each Lambda function does, with the parts that it needs. The first invocation imports this module."""

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
    """Handle an SNS event with notifications of S3."""
    from .dispatch.dispatch import dispatch

    def work() -> dict[str, Any]:
        return dict(dispatch(event.to_dict(), runtime.config, runtime.lanes, runtime.quarantine, time.time))

    return _observe(runtime, "dispatch", event, work)


def handle_lane(runtime: Runtime, lane: Lane, event: Any) -> dict[str, Any]:
    """Handle a Kinesis event with work items."""
    from .engine.budget import Budget
    from .engine.invocation import process
    from .lanes.intake import take_in
    from .lanes.throttle import throttle
    from .ledger import counters

    batch, budget = event.to_dict(), Budget.of(event.context)
    age = counters.lane_age(batch, time.time())

    def work() -> dict[str, Any]:
        result = process(runtime.worker, lane, intake.items, budget)
        result["results"] = runtime.secrets.mask_value(result["results"])
        return intake.add_foreign(result)

    with runtime.deadline.during(budget.remaining):
        intake = take_in(batch, lane, runtime.quarantine)
        result = _observe(runtime, lane, event, work)
    # At its deadline Lambda ends the process, and would deliver again what is done.
    if budget.remaining() > 2 * counters.WAIT:
        runtime.counters.record(lane, result, age)
    throttle(runtime.config.lane(lane), len(intake.items), budget.remaining, time.sleep)
    return result


def handle_report(runtime: Runtime, event: Any) -> dict[str, Any]:
    """Handle an SNS event with dead letters."""
    from .dispatch.dead_letters import Reporter, report
    from .lanes.kinesis import KinesisStreams

    to = Reporter(runtime.quarantine, KinesisStreams(aws.client("kinesis")), runtime.ledger, time.time)
    return _observe(runtime, "report", event, lambda: dict(report(event.to_dict(), to)))


def log_request_middleware(runtime: Runtime) -> Callable[[Any, Callable[[Any], Any]], Any]:
    """Make a middleware of Chalice by which log lines name the request to the REST API that they are of."""

    def log_request(event: Any, get_response: Callable[[Any], Any]) -> Any:
        bind_invocation("api", runtime.config.stack_name, runtime.app_name, event.lambda_context, runtime.secrets)
        return get_response(event)

    return log_request


def _observe(runtime: Runtime, kind: str, event: Any, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    return run_observed(kind, work, runtime.config.stack_name, runtime.app_name, event.context, runtime.secrets)
