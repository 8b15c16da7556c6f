"""One invocation of a handler, as Lambda makes it."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from ....errors import InvocationFailed
from .invocations import Activity
from .region import Place

log = logging.getLogger("slips.embedded")

TIMEOUT = 300.0
"""The seconds that an invocation may take."""

Handlers = Callable[[str], Callable[[Any, Any], Any]]
"""From a function's name to its handler, at every invocation, since app.py may have been reloaded."""

OnAnswer = Callable[[str, dict[str, Any]], None]
"""Called with the function's name and its result after each invocation that succeeded."""


@dataclass
class LambdaContext:
    """A context object like that of AWS's runtime."""

    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: int = 512
    function_version: str = "$LATEST"
    aws_request_id: str = field(default_factory=lambda: str(uuid4()))
    log_group_name: str = ""
    log_stream_name: str = "embedded"
    identity: None = None
    client_context: None = None
    _end: float = field(default_factory=lambda: time.monotonic() + TIMEOUT)

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda would end the invocation."""
        return max(0, int((self._end - time.monotonic()) * 1000))


class LambdaRuntime:
    """A runtime that calls handlers as Lambda does: JSON in, JSON out."""

    def __init__(self, handlers: Handlers, on_answer: OnAnswer, place: Place) -> None:
        self.place = place
        self.activity = Activity()
        self._handlers = handlers
        self._on_answer = on_answer

    def invoke(self, function: str, event: dict[str, Any], *, is_work: bool = True) -> None:
        """Run the function. Raises InvocationFailed whatever it raises. `is_work` is False for the event of a
        schedule."""
        context = LambdaContext(
            function, self.place.arn("lambda", f"function:{function}"), log_group_name=f"/aws/lambda/{function}"
        )
        with self.activity.invocation(function, is_work=is_work):
            try:
                # Through text, as Lambda does: no attempt sees what another one changed in the event.
                answer = json.loads(json.dumps(self._handlers(function)(json.loads(json.dumps(event)), context)))
            # Lambda treats all faults alike; sys.exit ends its process, and the invocation fails.
            except (Exception, SystemExit) as fault:
                log.error("%s raised %s: %s", function, type(fault).__name__, fault)
                raise InvocationFailed(function) from fault
            self._on_answer(function, answer if isinstance(answer, dict) else {})
