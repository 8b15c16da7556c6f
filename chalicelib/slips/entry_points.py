"""What app.py wires to Chalice: topics and streams, the functions that they call, and the REST API."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from . import aws
from .config import LaneConfig, Topic
from .config.settings import DispatchQueue
from .runtime import Runtime

if TYPE_CHECKING:
    from chalice.app import Blueprint, Chalice

# What app.py names is imported here; what one Lambda function needs, only when that is called: all import app.py.


class EntryPoints(Runtime):
    """The entry points of the Lambda functions."""

    if TYPE_CHECKING:
        app: Chalice

    @property
    def topics(self) -> Sequence[Topic]:
        """The SNS topics that call a function each; each has `name` and `arn`. None where they fill the queue."""
        return self.config.calling_topics

    @property
    def queue(self) -> DispatchQueue | None:
        """The queue that the topics fill: `name`, `batch_size`, `batch_window`."""
        return self.config.queue

    @property
    def fast(self) -> LaneConfig:
        """The fast lane: `stream`, `batch_size`, `batch_window`."""
        return self.config.fast

    @property
    def slow(self) -> LaneConfig:
        """The slow lane."""
        return self.config.slow

    @property
    def dead_letters(self) -> str:
        """The topic of dead letters: notifications and batches that Lambda or SNS gave up on."""
        return self.config.dead_letters

    @cached_property
    def api(self) -> Blueprint:
        """The REST API; register it last. Raises ConfigError for formats that nothing defines."""
        from .api import blueprint
        from .handlers import log_request_middleware

        self.check()
        self.app.register_middleware(log_request_middleware(self), "http")
        return blueprint(self, aws.client)

    def dispatch(self, event: Any) -> dict[str, Any]:
        """Handle an event of the SNS topics, or of a rule of EventBridge."""
        from .handlers import handle_dispatch

        return handle_dispatch(self, event)

    def dispatch_queue(self, event: Any) -> dict[str, Any]:
        """Handle a batch of an SQS queue that SNS topics or rules of EventBridge fill."""
        from .handlers import handle_dispatch_queue

        return handle_dispatch_queue(self, event)

    def process_fast(self, event: Any) -> dict[str, Any]:
        """Handle a batch of the fast lane."""
        from .handlers import handle_lane

        return handle_lane(self, "fast", event)

    def process_slow(self, event: Any) -> dict[str, Any]:
        """Handle a batch of the slow lane."""
        from .handlers import handle_lane

        return handle_lane(self, "slow", event)

    def retry(self, event: Any) -> dict[str, Any]:
        """Handle the event of a schedule: try again what waits."""
        from .handlers import handle_retry

        return handle_retry(self, event)

    def report(self, event: Any) -> dict[str, Any]:
        """Handle an event of the dead-letter topic."""
        from .handlers import handle_report

        return handle_report(self, event)
