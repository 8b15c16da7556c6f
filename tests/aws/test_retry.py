"""For how long a request is sent again."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from slips.aws.retry import Backoff, Deadline, is_transient
from slips.errors import AccessDenied, OutOfTime, StoreError, Unavailable

from ..error_table import Time
from ..fake_s3 import refused, unreachable


def test_patience_leaves_half_of_the_invocation_for_what_has_to_be_done_about_it() -> None:
    time, deadline = Time(0.0), Deadline()
    backoff = Backoff(patience=20.0, sleep=time.sleep, clock=time, jitter=lambda: 1.0, remaining=deadline.remaining)
    assert backoff.end() == 20
    with deadline.during(lambda: 6.0):
        assert backoff.end() == 3
        list(backoff.attempts(backoff.end()))
    assert 0 < time.now <= 3


def test_an_invocation_that_is_over_leaves_one_attempt() -> None:
    time, deadline = Time(0.0), Deadline()
    backoff = Backoff(sleep=time.sleep, clock=time, remaining=deadline.remaining)
    with deadline.during(lambda: -1.0):
        assert [*backoff.attempts(backoff.end())] == [0]


def test_the_end_of_an_invocation_is_no_end_of_the_next_one() -> None:
    deadline = Deadline()
    with pytest.raises(ValueError, match="broken"), deadline.during(lambda: 1.0):
        raise ValueError("broken")
    assert deadline.remaining() == float("inf")


def test_an_invocation_keeps_some_of_its_time_for_its_end() -> None:
    deadline = Deadline()
    assert deadline.left_for_work() == float("inf")
    with deadline.during(lambda: 9.0, lambda: 5.0):
        assert (deadline.remaining(), deadline.left_for_work(), deadline.invocation) == (9.0, 4.0, 1)
    assert deadline.left_for_work() == float("inf")


def raise_from(fault: Exception, cause: BaseException | None) -> Exception:
    try:
        raise fault from cause
    except Exception as raised:
        return raised


@pytest.mark.parametrize("code", ["SlowDown", "KMS.ThrottlingException", "RequestThrottled", "LimitExceededException"])
def test_every_code_that_throttles_passes(code: str) -> None:
    assert is_transient(refused(code, 400))


@pytest.mark.parametrize(
    ("code", "message", "passes"),
    [
        ("InvalidSignatureException", "Signature expired: 20260101T000000Z is now earlier than 20260102T000000Z", True),
        ("InvalidSignatureException", "Signature not yet current: 20260101T000000Z is still later than …", True),
        ("InvalidSignatureException", "The request signature we calculated does not match", False),
        ("ExpiredTokenException", "The security token included in the request is expired", True),
        ("AccessDenied", "no", False),
        ("ValidationException", "no", False),
    ],
)
def test_expired_credentials_and_wrong_clocks_pass_and_wrong_keys_do_not(code: str, message: str, passes: bool) -> None:
    assert is_transient(refused(code, 400, message)) == passes


def test_a_fault_passes_where_its_cause_does() -> None:
    assert is_transient(raise_from(StoreError("table a"), unreachable()))
    assert is_transient(raise_from(RuntimeError("mine"), raise_from(StoreError("table a"), refused())))
    assert not is_transient(raise_from(AccessDenied("no"), refused("AccessDenied", 403)))
    assert not is_transient(raise_from(RuntimeError("mine"), None))
    assert is_transient(OutOfTime("s3://logs/a"))
    assert is_transient(Unavailable("s3://logs/a"))


def test_a_chain_of_causes_without_an_end_is_not_followed_for_ever() -> None:
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert not is_transient(first)


def test_a_refusal_without_a_code_is_no_reason_to_send_again() -> None:
    answer: Any = {}
    assert not is_transient(ClientError(answer, "GetObject"))
