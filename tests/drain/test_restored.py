"""An object that was archived: nobody tries it in vain, and its errors are drained once it is restored."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from slips.drain.chunk import LEASE_SECONDS
from slips.drain.restored import drain_restored
from slips.errors import IndexMissing, ObjectArchived, StoreError
from slips.model import ObjectRef
from slips.testing import MemoryObjects

from ..waiting_world import WaitingWorld


class ArchivingObjects(MemoryObjects):
    """An object store with an archive."""

    def __init__(self) -> None:
        super().__init__(chunk=8)
        self.archived: set[str] = set()

    def open(self, ref: ObjectRef) -> Iterator[bytes]:
        if ref.key in self.archived:
            raise ObjectArchived(f"s3://{ref.bucket}/{ref.key}: archived")
        yield from super().open(ref)


@pytest.fixture
def world() -> WaitingWorld:
    world = WaitingWorld("first", "second")
    world.objects = world.worker.objects = ArchivingObjects()
    return world


def archive(world: WaitingWorld, *refs: ObjectRef) -> None:
    assert isinstance(world.objects, ArchivingObjects)
    world.objects.archived |= {ref.key for ref in refs}


def restore(world: WaitingWorld, *refs: ObjectRef) -> int:
    """Restore the objects, and let S3 say so."""
    assert isinstance(world.objects, ArchivingObjects)
    world.objects.archived -= {ref.key for ref in refs}
    return drain_restored(refs, world.quarantine, world.lanes, world.config, lambda ref: "", world.time)


def test_what_is_restored_is_delivered_once_and_other_objects_stay(world: WaitingWorld) -> None:
    restored, other = world.land(2).ref, world.land().ref
    archive(world, restored, other)
    world.process()
    assert [item.state for item in world.items()] == ["open", "open"]
    for _ in range(5):
        world.minute()
    assert restore(world, restored) == 1
    world.process()
    [left] = world.items()
    assert left.object_key == other.key
    for destination in world.destinations.values():
        assert destination.taken == dict.fromkeys(world.landed[:2], 1)


def test_a_second_notification_finds_nothing(world: WaitingWorld) -> None:
    ref = world.land().ref
    archive(world, ref)
    world.process()
    assert [restore(world, ref), restore(world, ref)] == [1, 0]


def test_nobody_tries_it_before_and_it_is_no_cause_of_what_waits(world: WaitingWorld) -> None:
    archive(world, world.land().ref)
    world.process()
    for _ in range(20):
        world.minute()
    assert {(report.causes, report.released) for report in world.reports} == {(0, 0)}
    assert world.rung == 1


def test_one_that_is_parked_is_drained_too(world: WaitingWorld) -> None:
    ref = world.land().ref
    archive(world, ref)
    world.process()
    for _ in range(world.config.limits.max_attempts):
        drain_restored([ref], world.quarantine, world.lanes, world.config, lambda ref: "", world.time)
        world.process()
    assert [item.state for item in world.items()] == ["parked"]
    assert restore(world, ref) == 1


def test_one_that_a_lane_does_not_take_is_notified_again(world: WaitingWorld) -> None:
    ref = world.land().ref
    archive(world, ref)
    world.process()
    world.lanes.closed = True
    with pytest.raises(StoreError, match="1 error items of restored objects"):
        restore(world, ref)
    world.lanes.closed = False
    assert restore(world, ref) == 1


def test_one_that_the_table_does_not_give_is_notified_again_when_the_others_are_drained(
    world: WaitingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = [world.land().ref, world.land().ref]
    archive(world, *refs)
    world.process()
    claim, calls = world.quarantine.claim, itertools.count()

    def fail_once(*args: Any, **options: Any) -> Any:
        if not next(calls):
            raise StoreError("the table is down")
        return claim(*args, **options)

    monkeypatch.setattr(world.quarantine, "claim", fail_once)
    with pytest.raises(StoreError, match="1 error items"):
        restore(world, *refs)
    assert restore(world, *refs) == 1


def test_one_that_a_drain_has_claimed_which_then_died_is_notified_again(world: WaitingWorld) -> None:
    ref = world.land().ref
    archive(world, ref)
    world.process()
    [item] = world.items()
    world.quarantine.claim(item.request_id, "dead", world.time(), LEASE_SECONDS)
    with pytest.raises(StoreError, match="1 error items"):
        restore(world, ref)


def test_on_a_table_without_the_index_a_person_drains(
    world: WaitingWorld, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise IndexMissing("errors", "due")

    ref = world.land().ref
    archive(world, ref)
    world.process()
    monkeypatch.setattr(world.quarantine, "archived_items", fail)
    assert restore(world, ref) == 0
    assert "s3://logs/f0/0 is restored, and its errors are not drained: table errors: it has no index" in caplog.text
