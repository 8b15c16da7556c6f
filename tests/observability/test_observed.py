"""What an invocation tells of itself is never more than that."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.observability import logs, metrics, observed
from chalicelib.secrets import Secrets


def test_metrics_that_cannot_be_written_do_not_have_the_work_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(lines: Any) -> None:
        raise OSError("no room left")

    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "slips-dev-report")
    monkeypatch.setattr(metrics, "emit", broken)
    monkeypatch.setattr(logs, "say", lambda *_: None)  # It would change the loggers of the whole process.
    assert observed("report", lambda: {"errors": 1}, "slips", "observed", None, Secrets()) == {"errors": 1}
