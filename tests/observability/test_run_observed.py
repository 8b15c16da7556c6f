"""A failure to report on an invocation never repeats its work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from slips.observability import logs, metrics, run_observed, tracing
from slips.observability.masking import Secrets


@pytest.fixture(autouse=True)
def in_lambda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "slips-dev-report")
    monkeypatch.setattr(logs, "configure_logging", lambda *_: None)  # It would change the loggers of the whole process.
    monkeypatch.setattr(metrics, "emit", lambda lines: None)
    monkeypatch.setattr(metrics, "invocation_metrics", lambda *_: [])


def done(answer: dict[str, Any]) -> dict[str, Any]:
    return run_observed("report", lambda: answer, "slips", "observed", None, Secrets())


def test_metrics_that_cannot_be_written_do_not_repeat_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(lines: Any) -> None:
        raise OSError("no room left")

    monkeypatch.setattr(metrics, "emit", broken)
    assert done({"errors": 1}) == {"errors": 1}


def test_a_trace_that_cannot_be_ended_does_not_repeat_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def broken(*_: Any) -> Iterator[None]:
        yield
        raise RuntimeError("no segment")

    monkeypatch.setattr(tracing, "trace", broken)
    assert done({"errors": 1}) == {"errors": 1}


def test_work_that_failed_raises() -> None:
    def failing() -> dict[str, Any]:
        raise RuntimeError("both are down")

    with pytest.raises(RuntimeError, match="both are down"):
        run_observed("report", failing, "slips", "observed", None, Secrets())
