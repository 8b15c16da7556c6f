"""Error items of what was never processed."""

from __future__ import annotations

import pytest

from slips.model import Failure, fingerprint
from slips.model.failures import describe_unreadable, message_failure, object_failure

from ..builders import item

AT = "2026-01-31T12:00:00.000Z"


@pytest.mark.parametrize(
    "failure",
    [
        object_failure("route", item(), AT, error_type="RouteError", message="no rule"),
        message_failure(describe_unreadable({"a": 1}, "no object"), AT),
    ],
    ids=["object", "message"],
)
def test_a_fingerprint_has_16_digits_whatever_failed(failure: Failure) -> None:
    assert len(failure.fingerprint) == len(fingerprint("process", "json", "f", "KeyError", "app.py")) == 16
