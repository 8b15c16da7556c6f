"""The pace at which all threads ask a bucket that throttles."""

from __future__ import annotations

from itertools import pairwise

from slips.reader.pace import EARNED, FASTEST, NAP, SLOWEST, Pace

from ..error_table import Time
from ..fake_s3 import patient


def make_pace() -> tuple[Pace, Time]:
    time = Time(0.0)
    return Pace(patient(time)), time


def slow_down(pace: Pace, time: Time) -> None:
    """Let requests fail until the pace is the slowest."""
    for _ in range(20):
        pace.note_fault(time.now)
        time.now += 0.001


def turns(pace: Pace, time: Time, count: int = 10) -> list[float]:
    """The seconds between that many turns."""
    starts = []
    for _ in range(count):
        pace.wait(1e9)
        starts.append(time.now)
    return [round(second - first, 6) for first, second in pairwise(starts)]


def test_a_bucket_without_faults_is_never_waited_for() -> None:
    pace, time = make_pace()
    assert set(turns(pace, time)) == {0.0}


def test_each_further_fault_doubles_the_distance_up_to_a_limit() -> None:
    pace, time = make_pace()
    for distance in (FASTEST, 2 * FASTEST, 4 * FASTEST):
        pace.note_fault(time.now)
        assert set(turns(pace, time)) == {round(distance, 6)}
    for _ in range(20):
        pace.note_fault(time.now)
        time.now += 1
    assert set(turns(pace, time)) == {SLOWEST}


def test_requests_that_fail_together_count_once() -> None:
    pace, time = make_pace()
    begun, time.now = time.now, 1.0
    for _ in range(32):
        pace.note_fault(begun)
    assert set(turns(pace, time)) == {FASTEST}


def test_answers_bring_the_old_pace_back_within_seconds() -> None:
    pace, time = make_pace()
    slow_down(pace, time)
    begun = time.now
    for _ in range(10):
        pace.wait(1e9)
        pace.note_answer()
    assert time.now - begun < 2 * SLOWEST
    assert pace.is_calm


def test_who_waits_for_a_turn_sees_that_the_pace_recovers() -> None:
    time = Time(0.0)
    sleep = time.sleep
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        sleep(seconds)
        for _ in range(10):
            pace.note_answer()

    time.sleep = nap  # type: ignore[method-assign]
    pace = Pace(patient(time))
    slow_down(pace, time)
    pace.wait(1e9)
    assert naps == [NAP]


def test_nobody_waits_beyond_the_time_that_is_left() -> None:
    pace, time = make_pace()
    slow_down(pace, time)
    begun = time.now
    pace.wait(0.1)
    assert round(time.now - begun, 6) == 0.1
    pace.wait(-1.0)
    assert round(time.now - begun, 6) == 0.1


def is_patient_between(pace: Pace, time: Time, seconds: float) -> bool:
    """Fail for so many seconds, and then answer."""
    pace.note_fault(time.now)
    time.now += seconds
    is_patient = pace.is_patient
    pace.note_answer()
    return is_patient


def test_answers_between_the_faults_keep_patience_alive() -> None:
    pace, time = make_pace()
    assert all(is_patient_between(pace, time, EARNED - 1) for _ in range(70))


def test_answers_that_are_too_rare_do_not() -> None:
    pace, time = make_pace()
    assert [is_patient_between(pace, time, 20.0) for _ in range(3)] == [True, False, False]


def test_a_bucket_that_answers_now_and_then_holds_up_no_invocation_for_ever() -> None:
    pace, time = make_pace()
    while is_patient_between(pace, time, EARNED - 1):
        assert time.now < 400
    assert time.now > 290
    pace.begin(1)
    assert is_patient_between(pace, time, EARNED - 1)
