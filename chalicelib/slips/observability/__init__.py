"""What a deployed function tells of itself: JSON lines and CloudWatch metrics, through AWS Lambda Powertools.

Only under Lambda: elsewhere logs stay text, and nothing is measured. Powertools costs some 50 ms of a cold start, so
it is imported by the first invocation, and never by `import app`.

logs      every log line as JSON, with request, lane, object and work id, and without secrets
metrics   what an invocation did, as embedded metric format
tracing   optional: segments for X-Ray
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Any

from .masking import Secrets

log = logging.getLogger("slips")


def is_lambda() -> bool:
    """Whether this process is a deployed function."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


def run_observed(
    kind: str, work: Callable[[], dict[str, Any]], stack: str, logger: str, context: Any, secrets: Secrets
) -> dict[str, Any]:
    """Do the work of an invocation of `dispatch`, `report`, or of the lane `fast` or `slow`: its log lines say which
    invocation they are of, and its answer is measured; what is for the metrics alone is not answered. `logger` is the
    app's own."""
    if not is_lambda():
        return _answered(work())
    from .logs import configure_logging
    from .metrics import emit, invocation_metrics
    from .tracing import trace

    configure_logging(stack, logger, context, secrets, kind)
    answer: dict[str, Any] | None = None
    try:
        with trace(stack, kind):
            answer = work()
        emit(invocation_metrics(stack, kind, answer))
    except Exception:
        if answer is None:
            raise
        # The work is done: nothing that goes wrong with measuring may have it done again, and hold up the shard.
        log.exception("metrics: left out")
    return _answered(answer)


def bind_invocation(kind: str, stack: str, logger: str, context: Any, secrets: Secrets) -> None:
    """From now on, log lines say that they are of this invocation."""
    if is_lambda():
        from .logs import configure_logging

        configure_logging(stack, logger, context, secrets, kind)


def _answered(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "measures"}
