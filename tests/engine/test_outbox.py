"""What a function hands over is sent in batches, several at once, and nothing of it is left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from concurrent.futures import wait
from typing import Any

import pytest

from slips import EventsFailed, Meta, RetryLater
from slips.engine.outbox import MOST_ALONE, Outbox, SendRate
from slips.errors import Killed, UnknownEvent
from slips.testing import make_meta

Pair = tuple[Meta, Any]
SECONDS = 10
"""That a test waits for a thread, before it fails."""


def pairs(first: int, last: int) -> list[Pair]:
    return [(make_meta({"n": number}, position=number), number) for number in range(first, last + 1)]


def failed_of(call: Callable[[], None]) -> dict[int, BaseException]:
    """What the call says has failed, by the number of the event."""
    try:
        call()
    except EventsFailed as fault:
        return {meta.position: cause for meta, cause in fault.failed.items()}
    return {}


class Destination:
    """Notes the batches that it gets; `on` is called with each first."""

    def __init__(self, on: Callable[[list[int]], None] = lambda numbers: None) -> None:
        self.batches: list[list[int]] = []
        self.on = on

    def __call__(self, batch: list[Pair]) -> None:
        numbers = [number for _, number in batch]
        self.on(numbers)
        self.batches.append(numbers)


def test_batches_hold_what_several_calls_gave_and_no_more_than_their_size() -> None:
    destination = Destination()
    outbox = Outbox(destination, size=3)
    outbox.extend(pairs(1, 2))
    assert destination.batches == []
    outbox.extend(pairs(3, 7))
    assert destination.batches == [[1, 2, 3], [4, 5, 6]]
    outbox.flush()
    assert destination.batches[2:] == [[7]]


def test_a_batch_waits_no_longer_than_it_may() -> None:
    destination, now = Destination(), [0.0]
    outbox = Outbox(destination, size=3, most_seconds=10, clock=lambda: now[0])
    for second, numbers in ((100, (1, 1)), (109, (2, 2)), (110, (3, 4)), (119, (5, 5)), (121, (6, 6))):
        now[0] = second
        outbox.extend(pairs(*numbers))
    assert destination.batches == [[1, 2, 3], [4, 5, 6]]
    outbox.extend(pairs(7, 7))
    now[0] = 131
    outbox.extend(pairs(8, 8))
    assert destination.batches[2:] == [[7, 8]]


def test_a_batch_has_as_many_bytes_as_it_may() -> None:
    destination = Destination()
    outbox = Outbox(destination, size=100, most_bytes=25)  # A record of these has 8 bytes.
    outbox.extend(pairs(1, 2))
    outbox.extend(pairs(3, 9))
    outbox.flush()
    assert [number for batch in destination.batches for number in batch] == [*range(1, 10)]
    assert {len(batch) for batch in destination.batches} <= {1, 2, 3}


def test_a_record_that_is_larger_is_a_batch_of_its_own() -> None:
    destination = Destination()
    outbox = Outbox(destination, size=100, most_bytes=7)
    outbox.extend(pairs(1, 3))
    outbox.flush()
    assert destination.batches == [[1], [2], [3]]


def test_a_batch_of_one_call_is_sent_as_it_is() -> None:
    destination = Destination()
    outbox = Outbox(destination, size=100, joins=False)
    outbox.extend(pairs(1, 2))
    outbox.extend(pairs(3, 3))
    assert destination.batches == [[1, 2], [3]]


class TestSeveralDocumentsOfAnEvent:
    """Events 1, 2, … of so many documents each: all of an event are in one batch."""

    @staticmethod
    def of(*counts: int) -> list[Pair]:
        return [pair for number, count in enumerate(counts, 1) for pair in pairs(number, number) * count]

    @pytest.mark.parametrize(
        ("counts", "batches"),
        [
            ((2, 2, 2), [[1, 1], [2, 2], [3, 3]]),
            ((1, 2, 3), [[1, 2, 2], [3, 3, 3]]),
            ((2, 5, 1), [[1, 1], [2, 2, 2, 2, 2], [3]]),
            ((3, 1, 2), [[1, 1, 1], [2, 3, 3]]),
        ],
    )
    def test_are_never_apart(self, counts: tuple[int, ...], batches: list[list[int]]) -> None:
        destination = Destination()
        outbox = Outbox(destination, size=3)
        outbox.extend(self.of(*counts))
        outbox.flush()
        assert destination.batches == batches

    def test_are_never_apart_where_a_batch_has_too_many_bytes(self) -> None:
        destination = Destination()
        outbox = Outbox(destination, size=100, most_bytes=25)  # A record of these has 8 bytes.
        outbox.extend(self.of(2, 2, 5, 1))
        outbox.flush()
        assert destination.batches == [[1, 1], [2, 2], [3, 3, 3, 3, 3], [4]]

    def test_are_never_apart_where_a_batch_is_halved(self) -> None:
        def refuse_two(numbers: list[int]) -> None:
            if 2 in numbers:
                raise ValueError("bad row")

        destination = Destination(refuse_two)
        outbox = Outbox(destination, size=100)
        outbox.extend(self.of(1, 4, 1, 3))
        assert failed_of(outbox.flush).keys() == {2}
        assert sorted(destination.batches) == [[1], [3, 4, 4, 4]]


class TestABatchThatRaises:
    def test_is_halved_until_the_bad_one_is_alone(self) -> None:
        def refuse_five(numbers: list[int]) -> None:
            if 5 in numbers:
                raise ValueError("bad row")

        destination = Destination(refuse_five)
        outbox = Outbox(destination, size=8)
        failed = failed_of(lambda: outbox.extend(pairs(1, 8)))
        assert {number: str(cause) for number, cause in failed.items()} == {5: "bad row"}
        assert sorted(number for batch in destination.batches for number in batch) == [1, 2, 3, 4, 6, 7, 8]

    def test_leaves_nothing_in_the_next_one(self) -> None:
        def refuse_five(numbers: list[int]) -> None:
            if 5 in numbers:
                raise ValueError("bad row")

        destination = Destination(refuse_five)
        outbox = Outbox(destination, size=100)
        outbox.extend(pairs(1, 6))
        assert failed_of(outbox.flush).keys() == {5}
        outbox.extend(pairs(7, 8))
        assert failed_of(outbox.flush) == {}
        assert destination.batches[-1] == [7, 8]

    def test_is_not_halved_for_ever_where_all_of_it_is_bad(self) -> None:
        calls: list[int] = []

        def refuse(numbers: list[int]) -> None:
            calls.append(len(numbers))
            raise ValueError("no such table")

        outbox = Outbox(Destination(refuse), size=1000)
        assert failed_of(lambda: outbox.extend(pairs(1, 1000))).keys() == set(range(1, 1001))
        assert len(calls) < 4 * MOST_ALONE

    def test_is_whole_where_only_the_function_knows_what_it_did(self) -> None:
        def refuse(numbers: list[int]) -> None:
            raise ValueError("no")

        destination = Destination(refuse)
        outbox = Outbox(destination, size=4, is_whole=True)
        assert failed_of(lambda: outbox.extend(pairs(1, 4))).keys() == {1, 2, 3, 4}

    def test_is_not_halved_where_it_passes_by_itself(self) -> None:
        calls: list[int] = []

        def refuse(numbers: list[int]) -> None:
            calls.append(len(numbers))
            raise ConnectionError("no route")

        outbox = Outbox(Destination(refuse), size=8)
        assert failed_of(lambda: outbox.extend(pairs(1, 8))).keys() == set(range(1, 9))
        assert calls == [8]

    def test_of_what_waits_in_the_middle_the_rest_waits_too(self) -> None:
        def refuse(numbers: list[int]) -> None:
            if len(numbers) == 8:
                raise ValueError("bad row")
            if 3 in numbers:
                raise RetryLater("429")

        outbox = Outbox(Destination(refuse), size=8)
        failed = failed_of(lambda: outbox.extend(pairs(1, 8)))
        assert {type(cause) for cause in failed.values()} == {RetryLater}
        assert failed.keys() == set(range(1, 9))

    def test_with_names_loses_those_alone(self) -> None:
        def send(batch: list[Pair]) -> None:
            raise EventsFailed({meta: "no" for meta, number in batch if number % 3 == 0})

        outbox = Outbox(send, size=10)
        assert failed_of(lambda: outbox.extend(pairs(1, 10))).keys() == {3, 6, 9}

    def test_with_a_name_that_is_not_in_it_fails_whole(self) -> None:
        foreign = make_meta({}, position=77)

        def send(batch: list[Pair]) -> None:
            raise EventsFailed({foreign: "no"})

        outbox = Outbox(send, size=2, is_whole=True)
        failed = failed_of(lambda: outbox.extend(pairs(1, 2)))
        assert {number: type(cause) for number, cause in failed.items()} == dict.fromkeys((1, 2), UnknownEvent)


class TestRetryLater:
    def test_has_nothing_sent_until_the_next_flush(self) -> None:
        state = {"down": True}

        def refuse(numbers: list[int]) -> None:
            if state["down"]:
                raise RetryLater("429")

        calls: list[list[int]] = []
        destination = Destination(lambda numbers: (calls.append(numbers), refuse(numbers))[0])
        outbox = Outbox(destination, size=2)
        assert failed_of(lambda: outbox.extend(pairs(1, 6))).keys() == set(range(1, 7))
        assert failed_of(lambda: outbox.extend(pairs(7, 7))) == {}
        assert failed_of(outbox.flush).keys() == {7}
        assert calls == [[1, 2]]
        state["down"] = False
        outbox.extend(pairs(8, 9))
        assert destination.batches == [[8, 9]]


class TestADestinationThatCannotBeReached:
    def test_is_not_called_again_and_again(self) -> None:
        """Each call may take as long as a connection that times out, and each object has batches of its own."""
        calls: list[int] = []
        state = {"down": True}

        def refuse(numbers: list[int]) -> None:
            calls.append(len(numbers))
            if state["down"]:
                raise ConnectionError("no route")

        outbox, failed = Outbox(Destination(refuse), size=1), dict[int, BaseException]()
        for pair in pairs(1, 6):
            failed |= failed_of(lambda pair=pair: outbox.extend([pair]))  # type: ignore[misc]
        assert [type(failed[number]) for number in range(1, 7)] == [ConnectionError] * 3 + [RetryLater] * 3
        assert str(failed[4]) == "3 batches one after another failed: no route"
        assert len(calls) == 3
        assert failed_of(outbox.flush) == {}
        state["down"] = False
        outbox.extend(pairs(7, 7))
        assert len(calls) == 4

    def test_counts_anew_after_a_batch_that_was_taken(self) -> None:
        def refuse(numbers: list[int]) -> None:
            if numbers[0] % 3:
                raise TimeoutError("slow")

        outbox, failed = Outbox(Destination(refuse), size=1), dict[int, BaseException]()
        for pair in pairs(1, 12):
            failed |= failed_of(lambda pair=pair: outbox.extend([pair]))  # type: ignore[misc]
        assert {type(cause) for cause in failed.values()} == {TimeoutError}


class TestSeveralAtOnce:
    def test_are_as_many_as_may_be_and_flush_waits_for_all(self) -> None:
        together = threading.Barrier(3)
        destination = Destination(lambda numbers: together.wait(SECONDS) and None)
        outbox = Outbox(destination, size=1, concurrency=3)
        outbox.extend(pairs(1, 6))
        outbox.flush()
        assert sorted(destination.batches) == [[1], [2], [3], [4], [5], [6]]

    def test_are_never_more_and_what_is_gathered_is_one_batch(self) -> None:
        now, most, lock = [0], [0], threading.Lock()
        release = threading.Semaphore(0)

        def hold(numbers: list[int]) -> None:
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            assert release.acquire(timeout=SECONDS)
            with lock:
                now[0] -= 1

        destination = Destination(hold)
        outbox = Outbox(destination, size=1, concurrency=2)
        threading.Thread(target=lambda: [release.release() for _ in range(9)]).start()
        outbox.extend(pairs(1, 9))
        outbox.flush()
        assert (most[0] <= 2, len(destination.batches)) == (True, 9)

    def test_together_have_as_many_bytes_as_they_may(self, monkeypatch: pytest.MonkeyPatch) -> None:
        waited_for: list[int] = []

        def note_wait(flights: Collection[Any], **options: Any) -> Any:
            waited_for.append(len(flights))
            return wait(flights, **options)

        monkeypatch.setattr("slips.engine.outbox.wait", note_wait)
        monkeypatch.setattr("slips.engine.outbox.MOST_BYTES", 20)  # Two records of these.
        outbox = Outbox(Destination(), size=1, concurrency=8)
        outbox.extend(pairs(1, 9))
        assert max(waited_for) == 2

    def test_are_more_than_a_single_batch_may_have_of_bytes(self) -> None:
        together = threading.Barrier(3)
        destination = Destination(lambda numbers: together.wait(SECONDS) and None)
        outbox = Outbox(destination, size=9, concurrency=3, most_bytes=8)
        outbox.extend(pairs(1, 6))
        outbox.flush()

    def test_come_back_where_no_more_threads_can_be_started(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(pool: object, *call: object) -> None:
            raise RuntimeError("can't start new thread")

        monkeypatch.setattr("concurrent.futures.ThreadPoolExecutor.submit", refuse)
        outbox = Outbox(Destination(), size=2, concurrency=2)
        outbox.extend(pairs(1, 1))
        assert failed_of(lambda: outbox.extend(pairs(2, 3))).keys() == {1, 2}
        assert failed_of(outbox.flush).keys() == {3}

    @pytest.mark.parametrize("concurrency", [1, 2])
    def test_come_back_where_it_is_the_outbox_that_fails(
        self, concurrency: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(numbers: list[int]) -> None:
            raise ValueError("no")

        def fail(fault: BaseException) -> bool:
            monkeypatch.undo()
            raise MemoryError

        monkeypatch.setattr("slips.engine.outbox.passes_by_itself", fail)
        outbox = Outbox(Destination(refuse), size=9, concurrency=concurrency)
        outbox.extend(pairs(1, 2))
        failed = failed_of(outbox.flush)
        assert {number: type(cause) for number, cause in failed.items()} == dict.fromkeys((1, 2), MemoryError)

    def test_lose_what_they_name_wherever_it_is(self) -> None:
        def send(batch: list[Pair]) -> None:
            raise EventsFailed({meta: f"{number}" for meta, number in batch if number in (2, 9)})

        outbox = Outbox(send, size=3, concurrency=4)
        found: dict[int, BaseException] = {}
        for first in (1, 4, 7):
            found |= failed_of(lambda first=first: outbox.extend(pairs(first, first + 2)))  # type: ignore[misc]
        found |= failed_of(outbox.flush)
        assert {number: str(cause) for number, cause in found.items()} == {2: "2", 9: "9"}

    def test_end_with_the_process(self) -> None:
        def die(numbers: list[int]) -> None:
            raise Killed

        outbox = Outbox(Destination(die), size=10, concurrency=2)
        outbox.extend(pairs(1, 5))
        with pytest.raises(Killed):
            outbox.flush()

    def test_of_an_invocation_that_ended_in_the_middle_are_forgotten(self) -> None:
        destination = Destination()
        outbox = Outbox(destination, size=2, concurrency=2)
        outbox.extend(pairs(1, 3))
        outbox.reset()
        outbox.extend(pairs(4, 5))
        outbox.flush()
        assert [batch for batch in destination.batches if 3 in batch] == []


class TestAdaptive:
    def grow(self, rate: SendRate, batches: int, seconds: float = 0.1) -> None:
        for _ in range(batches):
            rate.note(seconds, is_refused=False)

    def test_begins_with_one_and_adds_one_each_time_that_all_are_taken(self) -> None:
        rate = SendRate("adaptive")
        assert (rate.limit, rate.most, rate.is_serial) == (1, 16, False)
        limits = []
        for _ in range(1 + 2 + 3):
            self.grow(rate, 1)
            limits.append(rate.limit)
        assert limits == [2, 2, 3, 3, 3, 4]
        self.grow(rate, 1000)
        assert rate.limit == 16

    @pytest.mark.parametrize(("seconds", "is_refused"), [(0.1, True), (1.0, False)])
    def test_is_halved_where_the_destination_refuses_or_gets_slow(self, seconds: float, is_refused: bool) -> None:
        rate = SendRate("adaptive")
        self.grow(rate, 1000)
        rate.note(seconds, is_refused=is_refused)
        rate.note(seconds, is_refused=is_refused)
        assert rate.limit == 8

    def test_of_a_number_is_that_number(self) -> None:
        rate = SendRate(5)
        rate.note(0.1, is_refused=True)
        rate.note(9.0, is_refused=True)
        assert rate.limit == 5
