"""What each Lambda function does, with the parts that it needs. app.py does not import this module."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec

from . import aws
from .errors import StoreError
from .model import Lane, ObjectRef
from .observability import Run, bind_invocation, is_lambda, run_measured, run_observed, run_traced

if TYPE_CHECKING:
    from .engine.child_processes import ChildProcesses
    from .runtime import Runtime


log = logging.getLogger("slips")

WATCH_MINUTES: Final = 5
"""Between two looks at what is silent or about to be deleted: alarms look as often."""
WATCH_SECONDS: Final = 2.0
"""For the oldest error items, where there are many."""
RETRY_SECONDS: Final = 45.0
"""The next run comes after a minute."""


def handle_dispatch(runtime: Runtime, event: Any) -> dict[str, Any]:
    """Handle an event of SNS or EventBridge with notifications of S3."""
    return _observe(runtime, "dispatch", event.context, lambda: _dispatch(runtime, event.to_dict()))


def handle_dispatch_queue(runtime: Runtime, event: Any) -> dict[str, Any]:
    """Handle an SQS event with notifications of S3, in the envelopes of SNS and EventBridge or without one."""
    from .dispatch.queue import FAILURES, dispatch_batch

    def dispatch(document: object) -> dict[str, int]:
        return _dispatch(runtime, document)

    result = _observe(runtime, "dispatch", event.context, lambda: dispatch_batch(event.to_dict(), dispatch))
    return {FAILURES: result[FAILURES]} if FAILURES in result else result


def _dispatch(runtime: Runtime, document: object) -> dict[str, int]:
    from .dispatch.dispatch import dispatch

    def drain(refs: Sequence[ObjectRef]) -> int:
        from .drain.restored import drain_restored

        config, errors = runtime.config, runtime.quarantine
        return drain_restored(refs, errors, runtime.lanes, config, runtime.counting, time.time)

    lanes, errors = runtime.lanes, runtime.quarantine
    return dispatch(document, runtime.config, lanes, errors, time.time, drain_restored=drain, retries=runtime.retries)


def handle_lane(runtime: Runtime, lane: Lane, event: Any) -> dict[str, Any]:
    """Handle a Kinesis event with work items, here or in child processes, as slips.yml says."""
    from .engine.budget import Budget
    from .lanes.throttle import throttle

    batch, budget = event.to_dict(), Budget.of(event.context)
    if children := runtime.child_processes(lane, partial(_answer, runtime, lane)):
        result = _hand_out(runtime, lane, batch, event.context, children)
    else:
        result = _process(runtime, lane, batch, event.context, run_observed)
    throttle(runtime.config.lane(lane), len(batch.get("Records", ())), budget.remaining, time.sleep)
    return result


def _process(runtime: Runtime, lane: Lane, batch: Any, context: Any, run: Run) -> dict[str, Any]:
    """Process a batch, or a share of it, in this process."""
    from .engine.budget import Budget
    from .engine.invocation import process
    from .lanes.intake import take_in
    from .ledger import counters
    from .ledger.side_writes import WAIT
    from .ledger.sources import newest_by_mapping

    budget, age = Budget.of(context), counters.lane_age(batch, time.time())

    def work() -> dict[str, Any]:
        result = process(runtime.worker, lane, intake.items, budget)
        result["results"] = runtime.secrets.mask_value(result["results"])
        return intake.add_foreign(result)

    with runtime.deadline.during(budget.remaining, budget.reserve):
        intake = take_in(batch, lane, runtime.quarantine)
        result = _observe(runtime, lane, context, work, run)
    # At its deadline Lambda ends the process, and would deliver again what is done.
    if budget.remaining() > 2 * WAIT:
        works = [item.work_id for item in intake.items]
        runtime.counters.record(lane, result, age, newest_by_mapping(runtime.config, intake.items), works)
    return result


def _hand_out(
    runtime: Runtime, lane: Lane, batch: Any, context: Any, children: ChildProcesses
) -> dict[str, Any]:  # fmt: skip
    """Divide a batch among the child processes. Raises what one of them raised, and ProcessDied: nothing of the batch
    is then acknowledged, and the ledger knows what the others have done; it is measured all the same."""
    from .engine.shared_batch import SharedBatch

    shared = SharedBatch(children, runtime.config.limits.max_attempts)

    def work() -> dict[str, Any]:
        return shared.process(batch.get("Records", ()), context)

    result = run_measured(lane, work, runtime.config.stack_name, runtime.app_name, context, runtime.secrets)
    if shared.fault is not None:
        raise shared.fault
    return result


def _answer(runtime: Runtime, lane: Lane, request: bytes) -> bytes:
    """Process a share of a batch in the child process that this is."""
    from .engine.shared_batch import answer_share

    return answer_share(
        request, lambda share: _process(runtime, lane, {"Records": share.records}, share, run_traced), runtime.secrets
    )


def handle_retry(runtime: Runtime, event: Any) -> dict[str, Any]:
    """Handle the event of a schedule: what waits is tried again. Raises StoreError where a table failed: what was done
    all the same is measured before."""
    from .drain.retry import Retrying
    from .engine.budget import Budget
    from .ledger.counters import newest_age

    end = time.time() + min(Budget.of(event.context).remaining(), RETRY_SECONDS)
    retrying = Retrying(
        runtime.quarantine, runtime.ledger, runtime.lanes, runtime.config, end,
        lane_age=lambda: newest_age(runtime.counters.since(0), time.time()), counting=runtime.counting,
    )  # fmt: skip
    result = _observe(runtime, "retry", event.context, lambda: msgspec.to_builtins(retrying.run()))
    if int(time.time() // 60) % WATCH_MINUTES == 0:
        _watch(runtime)
    if retrying.fault is not None:
        raise retrying.fault
    return result


def _watch(runtime: Runtime) -> None:
    """Measure what no other function can: sources that are silent, more objects than usual, and error items that are
    about to be deleted. What waits was tried before; nothing depends on this."""
    from .ledger.silence import read_sources
    from .observability import count_expiring, count_silent, count_surge

    stack = runtime.config.stack_name
    try:
        sources = read_sources(runtime.counters.sources, runtime.config, time.time())
        count_silent(stack, sum(source.is_silent for source in sources))
        if runtime.config.alarms.surge:
            count_surge(stack, runtime.surge.measure(time.time()))
        if runtime.config.errors_ttl_days is not None:
            count_expiring(stack, runtime.quarantine.count_expiring(WATCH_SECONDS))
    except StoreError as fault:
        log.warning("not measured in these minutes: %s", fault)


def handle_report(runtime: Runtime, event: Any) -> dict[str, Any]:
    """Handle an SNS event with dead letters."""
    from .dispatch.dead_letters import Reporter, report
    from .lanes.kinesis import KinesisStreams

    to = Reporter(runtime.quarantine, KinesisStreams(aws.client("kinesis")), runtime.ledger, time.time)
    return _observe(runtime, "report", event.context, lambda: dict(report(event.to_dict(), to)))


def log_request_middleware(runtime: Runtime) -> Callable[[Any, Callable[[Any], Any]], Any]:
    """Make a middleware of Chalice by which log lines name the request to the REST API that they are of."""

    def log_request(event: Any, get_response: Callable[[Any], Any]) -> Any:
        bind_invocation("api", runtime.config.stack_name, runtime.app_name, event.lambda_context, runtime.secrets)
        return get_response(event)

    return log_request


def _observe(
    runtime: Runtime, kind: str, context: Any, work: Callable[[], dict[str, Any]], run: Run = run_observed
) -> dict[str, Any]:
    def work_and_count() -> dict[str, Any]:
        result, causes = work(), runtime.quarantine.take_causes()
        # Elsewhere nothing is measured.
        return {**result, "new_causes": runtime.known_causes.count_new(causes)} if is_lambda() else result

    return run(kind, work_and_count, runtime.config.stack_name, runtime.app_name, context, runtime.secrets)
