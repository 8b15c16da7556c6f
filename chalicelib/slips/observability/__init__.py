"""What a deployed function reports: JSON log lines and CloudWatch metrics, through AWS Lambda Powertools.

Only on Lambda: elsewhere logs stay text, and nothing is measured. Powertools costs some 50 ms of a cold start, so only
a Lambda function imports it, in the init phase.

logs      every log line as JSON, with request, lane, object and work id
metrics   what an invocation did, as embedded metric format
tracing   optional: segments for X-Ray
output    lines of several processes, whole
masking   none of them, nor an error item, holds a secret: `secret_parts`, `spellings` and `secret_index` find it
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from . import log_context
from .masking import Secrets

if TYPE_CHECKING:
    from .metrics import MetricLine

log = logging.getLogger("slips")

Work = Callable[[], dict[str, Any]]
Run = Callable[[str, Work, str, str, Any, Secrets], dict[str, Any]]
"""`run_observed`, and what is like it."""


def is_lambda() -> bool:
    """Whether this process is a deployed function."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


def run_observed(
    kind: str, work: Work, stack: str, logger: str, context: Any, secrets: Secrets
) -> dict[str, Any]:  # fmt: skip
    """Do the work of an invocation of `dispatch`, `report`, or of the lane `fast` or `slow`. Its log lines name the
    invocation, and its result is measured; what only the metrics need is left out of the result. `logger` is the
    app's."""
    if not is_lambda():
        return _without_measures(work())
    with _named(kind, stack, logger, context, secrets):
        return _measure(kind, lambda: _trace(kind, work, stack, secrets), stack)


def run_traced(kind: str, work: Work, stack: str, logger: str, context: Any, secrets: Secrets) -> dict[str, Any]:
    """Do a share of that work in a child process: as `run_observed`, but for the metrics, which the parent writes."""
    if not is_lambda():
        return work()
    with _named(kind, stack, logger, context, secrets):
        return _trace(kind, work, stack, secrets)


def run_measured(kind: str, work: Work, stack: str, logger: str, context: Any, secrets: Secrets) -> dict[str, Any]:
    """Do that work where child processes do all that a trace would show: as `run_observed`, without one."""
    if not is_lambda():
        return _without_measures(work())
    with _named(kind, stack, logger, context, secrets):
        return _measure(kind, work, stack)


@contextmanager
def _named(kind: str, stack: str, logger: str, context: Any, secrets: Secrets) -> Iterator[None]:
    """Name the invocation in all log lines."""
    from .logs import configure_logging

    configure_logging(stack, logger, context, secrets, kind)
    try:
        yield
    finally:
        log_context.begin_invocation("")  # What the next one writes before it is named is not of this one.


def _trace(kind: str, work: Work, stack: str, secrets: Secrets) -> dict[str, Any]:
    from .tracing import trace

    result: dict[str, Any] | None = None
    try:
        with trace(stack, kind, secrets):
            result = work()
    except Exception:
        if result is None:
            raise
        # The work is done: a failure to trace or to measure it must not repeat it, and hold up the shard.
        log.exception("trace: left out")
    return result


def _measure(kind: str, work: Work, stack: str) -> dict[str, Any]:
    from .metrics import emit, invocation_metrics

    result = work()
    try:
        emit(invocation_metrics(stack, kind, result))
    except Exception:  # See above.
        log.exception("metrics: left out")
    return _without_measures(result)


def count_expiring(stack: str, items: int) -> None:
    """Measure how many error items are about to be deleted."""
    if items and is_lambda():
        from .metrics import expiring_metrics

        _emit(expiring_metrics(stack, items))


def count_silent(stack: str, sources: int) -> None:
    """Measure how many sources are silent."""
    if sources and is_lambda():
        from .metrics import silence_metrics

        _emit(silence_metrics(stack, sources))


def count_surge(stack: str, times: float) -> None:
    """Measure how many times the usual number of objects there is, where it is more than usual."""
    if times > 1 and is_lambda():
        from .metrics import surge_metrics

        _emit(surge_metrics(stack, times))


def _emit(lines: Iterable[MetricLine]) -> None:
    from .metrics import emit

    try:
        emit(lines)
    except Exception:  # What was asked for can be answered without it.
        log.exception("metrics: left out")


def bind_invocation(kind: str, stack: str, logger: str, context: Any, secrets: Secrets) -> None:
    """Name this invocation in all log lines from now on."""
    if is_lambda():
        from .logs import configure_logging

        configure_logging(stack, logger, context, secrets, kind)


def _without_measures(result: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name not in ("measures", "new_causes")}
