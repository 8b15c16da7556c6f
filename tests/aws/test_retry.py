"""For how long a request is sent again."""

from __future__ import annotations

import pytest

from slips.aws.retry import Backoff, Deadline

from ..error_table import Time


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
