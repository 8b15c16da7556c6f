"""Small objects of a batch, begun and fetched before their turn."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import msgspec
import pytest

from slips import Slips
from slips.config.settings import MIB
from slips.engine import prefetch
from slips.engine.prefetch import Prefetcher
from slips.errors import ObjectMissing, StoreError
from slips.model import ObjectRef, WorkItem
from slips.model.ports import Holder, Progress
from slips.testing import MemoryLedger, SlipsTester

from ..builders import item
from .conftest import MakeSlips
from .test_delivery import raise_on


def items(count: int, **fields: object) -> list[WorkItem]:
    return [item(f"json/{number}", work_id=f"w{number}", **fields) for number in range(count)]


class Slow:
    """Answers once `count` requests wait at the same time."""

    def __init__(self, count: int) -> None:
        self.together = threading.Barrier(count, timeout=20)
        self.requested: list[str] = []

    def open(self, ref: ObjectRef) -> Iterator[bytes]:
        self.requested.append(ref.key)
        self.together.wait()
        yield ref.key.encode()


def prefetch_ahead(works: list[WorkItem], objects: object, ledger: MemoryLedger | None = None) -> Prefetcher:
    return Prefetcher(works, ledger or MemoryLedger(), objects, lambda item: True, hold)  # type: ignore[arg-type]


def hold(work: WorkItem) -> Holder:
    return Holder(f"the record of {work.work_id}", 900.0)


def test_a_window_of_objects_is_fetched_at_once_and_taken_in_order() -> None:
    slow = Slow(prefetch.TOGETHER)
    works = items(prefetch.TOGETHER)
    prefetcher = prefetch_ahead(works, slow)
    fetched = [prefetcher.take(number) for number in range(len(works))]
    prefetcher.close()
    got = [b"".join(each.open(work.ref)) for each, work in zip(fetched, works, strict=True) if each]
    assert got == [work.object_key.encode() for work in works]


def test_no_more_bytes_than_the_window_holds_are_fetched_ahead() -> None:
    fetched = threading.Semaphore(0)

    class CountedObjects:
        def __init__(self) -> None:
            self.requested: list[str] = []

        def open(self, ref: ObjectRef) -> Iterator[bytes]:
            self.requested.append(ref.key)
            fetched.release()
            return iter(())

    most = prefetch.WINDOW_BYTES // MIB
    objects = CountedObjects()
    prefetcher = prefetch_ahead(items(prefetch.WINDOW * 2, object_size=MIB), objects)
    prefetcher.take(0)
    prefetcher.close()
    assert len(objects.requested) <= most + 1


@pytest.mark.parametrize(
    "fields",
    [
        {"object_size": 5 * MIB},
        {"object_size": None},
        {"resume_from": 4},
        {"error_id": "e"},
        {"positions": "3"},
        {"raw_key": "x"},
    ],
)
def test_only_small_objects_that_are_new_and_whole_are_fetched_ahead(fields: dict[str, object]) -> None:
    ledger = MemoryLedger()
    prefetcher = prefetch_ahead(items(2, **fields), Slow(1), ledger)
    assert prefetcher.take(0) is None
    assert ledger.states == {}


def test_what_is_not_to_be_read_is_not_requested() -> None:
    slow = Slow(1)
    prefetcher = Prefetcher(items(2), MemoryLedger(), slow, lambda item: item.object_key != "json/0", hold)
    assert prefetcher.take(0) is None
    assert prefetcher.take(1) is not None
    assert slow.requested == ["json/1"]


def test_work_that_the_ledger_knows_is_left_to_its_turn() -> None:
    ledger = MemoryLedger()
    works = items(2)
    ledger.begin(works[0])
    prefetcher = prefetch_ahead(works, Slow(1), ledger)
    assert prefetcher.take(0) is None
    assert ledger.progress["w0"].attempts == 1


def test_work_that_comes_twice_is_begun_once() -> None:
    ledger = MemoryLedger()
    begun: list[tuple[str, Holder]] = []
    begin_new = ledger.begin_new

    def begin(works: Sequence[tuple[WorkItem, Holder]]) -> list[Progress | StoreError | None]:
        begun.extend((work.work_id, holder) for work, holder in works)
        return begin_new(works)

    ledger.begin_new = begin  # type: ignore[method-assign]
    first, second = items(2)
    prefetcher = prefetch_ahead([first, first, second], Slow(1), ledger)
    fetched = [prefetcher.take(number) for number in range(3)]
    assert [each is not None for each in fetched] == [True, False, True]
    assert begun == [("w0", hold(first)), ("w1", hold(second))]


def test_a_fault_comes_at_the_turn_of_its_object() -> None:
    class Gone:
        def open(self, ref: ObjectRef) -> Iterator[bytes]:
            yield b"begin"
            raise ObjectMissing("gone")

    prefetcher = prefetch_ahead(items(2), Gone())
    fetched = prefetcher.take(0)
    assert fetched is not None
    chunks = fetched.open(items(1)[0].ref)
    assert next(chunks) == b"begin"
    with pytest.raises(ObjectMissing):
        next(chunks)


def test_an_object_larger_than_its_notification_said_is_not_held_whole() -> None:
    chunks_read: list[int] = []

    class Large:
        def open(self, ref: ObjectRef) -> Iterator[bytes]:
            for number in range(10):
                chunks_read.append(number)
                yield b"x" * MIB

    prefetcher = prefetch_ahead(items(1), Large())
    fetched = prefetcher.take(0)
    assert fetched is not None
    assert len(chunks_read) == 2
    assert sum(len(chunk) for chunk in fetched.open(items(1)[0].ref)) == 10 * MIB


def test_a_ledger_that_does_not_answer_raises() -> None:
    ledger = MemoryLedger()
    ledger.broken = True
    with pytest.raises(StoreError):
        prefetch_ahead(items(2), Slow(1), ledger).take(0)


def test_what_was_begun_ahead_and_not_taken_is_given_back(slips: Slips) -> None:
    slips.on_format("json")(raise_on())
    run = SlipsTester(slips)
    works = [
        msgspec.structs.replace(
            work, bucket_name="logs", object_etag=run.objects.put("logs", work.object_key, b'{"n":1}').etag
        )
        for work in items(5)
    ]
    run.items(works, remaining=iter([100.0] * 4 + [1.0] * 50))
    back = run.lanes.take("fast")
    assert back
    for work in back:
        assert work.work_id not in run.ledger.progress or run.ledger.progress[work.work_id].attempts == 0
    assert run.items(back).errors == []


def test_after_a_crash_every_object_is_begun_alone_and_all_before_it_is_safe(make_slips: MakeSlips) -> None:
    """The third object kills the process; the others must neither be lost nor blamed."""
    slips = make_slips("limits: {max_attempts: 2}")

    class Killed(KeyboardInterrupt):
        pass

    @slips.on_format("json")
    def function(meta: object, event: dict[str, int]) -> None:
        if event["n"] == 2:
            raise Killed

    run = SlipsTester(slips)
    works = [
        msgspec.structs.replace(
            work, bucket_name="logs", object_etag=run.objects.put("logs", work.object_key, b'{"n":%d}' % number).etag
        )
        for number, work in enumerate(items(5))
    ]
    deaths = 0
    while True:
        try:
            run.items(works)
            break
        except Killed:
            deaths += 1
            assert deaths < 9
    assert deaths == slips.config.limits.max_attempts
    assert {name: state for name, state in run.ledger.states.items() if state != "done"} == {"w2": "failed"}
    [failure] = run.errors.items.values()
    assert (failure.stage, failure.object_key) == ("crash", "json/2")


def test_objects_wait_for_a_common_write_to_the_ledger(slips: Slips) -> None:
    slips.on_format("json")(raise_on())
    run = SlipsTester(slips)
    writes: list[int] = []
    finish = run.ledger.finish
    run.ledger.finish = lambda ended: (writes.append(len(ended)), finish(ended))[1]  # type: ignore[method-assign]
    works = [
        msgspec.structs.replace(
            work, bucket_name="logs", object_etag=run.objects.put("logs", work.object_key, b'{"n":1}').etag
        )
        for work in items(40)
    ]
    run.items(works)
    assert writes == [25, 15]
