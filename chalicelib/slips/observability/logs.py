"""Every log line as a JSON object."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from ..model import LANES
from . import log_context
from .masking import Secrets, describe_broken


class JsonLines(LambdaPowertoolsFormatter):
    """Powertools' formatter, with the object that is worked on, and without secrets, wherever a record holds them."""

    def __init__(self, service: str, secrets: Secrets) -> None:
        super().__init__(service=service, utc=True, use_rfc3339=True)
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Format one line."""
        # A line may name an object of its own.
        for name, value in log_context.current().items():
            record.__dict__.setdefault(name, value)
        try:
            return super().format(record)
        # The handler would print the record as it is, and its arguments with it.
        except Exception as fault:  # noqa: BLE001
            at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
            line = {"level": record.levelname, "message": describe_broken(record, fault), "timestamp": at}
            return self.serialize({**line, "service": self.log_format.get("service"), **log_context.current()})

    def serialize(self, log: Any) -> str:
        """Write the line as JSON. Masked is what becomes JSON, not the JSON: there an escape may be cut in two, and a
        number become no value at all. But most lines hold no secret, and one look at the whole is faster."""
        text = super().serialize(log)
        return super().serialize(self._secrets.mask_value(log)) if self._secrets.are_in(text) else text


_formatters: dict[str, JsonLines] = {}


def configure_logging(service: str, logger: str, context: Any, secrets: Secrets, kind: str) -> None:
    """Make the lines of all loggers JSON, with the invocation's id and, where `kind` is a lane, its name."""
    formatter = _formatters.get(logger)
    is_cold_start = formatter is None
    log_context.begin_invocation(getattr(context, "aws_request_id", None) or "")
    if formatter is None:
        formatter = _formatters[logger] = JsonLines(service, secrets)
        _install(formatter, logger)
    formatter.append_keys(
        function_name=getattr(context, "function_name", None),
        function_request_id=getattr(context, "aws_request_id", None),
        cold_start=is_cold_start,
        **({"lane": kind} if kind in LANES else {}),
    )


def _install(formatter: JsonLines, logger: str) -> None:
    """Give it to Lambda's own handler and to Chalice's, whose level would leave out all but errors."""
    level = os.environ.get("POWERTOOLS_LOG_LEVEL") or os.environ.get("AWS_LAMBDA_LOG_LEVEL") or "INFO"
    for name in {"slips", logger}:
        logging.getLogger(name).setLevel(level.upper())
    for each in {logging.getLogger(), logging.getLogger("slips"), logging.getLogger(logger)}:
        for handler in each.handlers:
            handler.setFormatter(formatter)
