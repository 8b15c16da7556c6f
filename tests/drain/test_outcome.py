"""The outcome of a drain: what became of the works that it put into the lanes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from slips.drain import DrainOutcome, DrainReport, DrainRequest, drain, load_outcome
from slips.errors import NotFound, StoreError
from slips.ledger.items import LedgerItem
from slips.model import Books, ProcessorBooks, WorkItem
from slips.quarantine import Filter, Quarantine

from ..builders import config, failure, item
from ..doubles import RecordingLanes
from ..error_table import Time
from .test_run import fill


class Ledger:
    """A ledger that holds the works that a test sets."""

    def __init__(self) -> None:
        self.items: dict[str, LedgerItem] = {}
        self.requested: list[str] = []

    def set_state(self, work: WorkItem, state: str, **counts: int) -> None:
        processor = ProcessorBooks(quarantined=counts.pop("quarantined", 0))
        books = Books(**counts, processors={"f": processor})
        self.items[work.work_id] = LedgerItem(work_id=work.work_id, state=state, books=books)

    def of_works(self, work_ids: Sequence[str]) -> dict[str, LedgerItem]:
        self.requested = list(work_ids)  # DynamoDB refuses a key that comes twice.
        return {work_id: self.items[work_id] for work_id in work_ids if work_id in self.items}


def run_drain(quarantine: Quarantine, lanes: RecordingLanes, time: Time, **selected: object) -> DrainReport:
    return drain(DrainRequest(**selected), quarantine, lanes, config(), time.now + 3600, time)  # type: ignore[arg-type]


def test_works_that_succeeded_failed_again_and_wait_are_counted(quarantine: Quarantine, time: Time) -> None:
    fill(quarantine, 7)
    lanes, ledger = RecordingLanes(), Ledger()
    report = run_drain(quarantine, lanes, time, limit=6)
    assert load_outcome(report.drain_id, quarantine, ledger) == DrainOutcome(
        drain_id=report.drain_id, works=6, pending=6
    )
    ledger.set_state(lanes.items[0], "done")
    ledger.set_state(lanes.items[1], "done", quarantined=1)
    ledger.set_state(lanes.items[2], "done", unparsable=1)
    ledger.set_state(lanes.items[3], "failed")
    ledger.set_state(lanes.items[4], "started")
    assert load_outcome(report.drain_id, quarantine, ledger) == DrainOutcome(
        drain_id=report.drain_id, works=6, succeeded=1, failed_again=3, pending=2
    )


def test_a_drain_that_continues_keeps_its_id(quarantine: Quarantine, time: Time) -> None:
    fill(quarantine, 5)
    lanes = RecordingLanes()
    first = run_drain(quarantine, lanes, time, limit=2)
    second = run_drain(quarantine, lanes, time, cursor=first.cursor)
    assert second.drain_id == first.drain_id
    assert load_outcome(first.drain_id, quarantine, Ledger()).works == 5


def test_works_that_the_lanes_did_not_take_are_left_out(quarantine: Quarantine, time: Time) -> None:
    ids = fill(quarantine, 3)
    report = run_drain(quarantine, RecordingLanes(lambda item: item.object_key == ids[1]), time)
    assert load_outcome(report.drain_id, quarantine, Ledger()).works == 2


def test_a_work_that_was_put_twice_is_one(quarantine: Quarantine, time: Time) -> None:
    quarantine.record([failure("twice", argument=(item(), item()))])
    lanes, ledger = RecordingLanes(), Ledger()
    report = run_drain(quarantine, lanes, time)
    assert len(lanes.items) == 2
    ledger.set_state(lanes.items[0], "done")
    outcome = load_outcome(report.drain_id, quarantine, ledger)
    assert (outcome.works, outcome.succeeded, outcome.pending) == (1, 1, 0)
    assert ledger.requested == [lanes.items[0].work_id]


def test_an_unknown_drain_is_not_found(quarantine: Quarantine) -> None:
    with pytest.raises(NotFound, match="seven days"):
        load_outcome("0" * 32, quarantine, Ledger())


def test_the_record_of_a_drain_is_not_an_error_item(quarantine: Quarantine, time: Time) -> None:
    fill(quarantine, 1)
    report = run_drain(quarantine, RecordingLanes(), time)
    assert quarantine.adopt().adopted == 0
    assert quarantine.page(Filter()).items == ()
    with pytest.raises(NotFound):
        quarantine.get(f"slips:drain:{report.drain_id}")


def test_as_many_works_are_remembered_as_an_item_holds(
    quarantine: Quarantine, monkeypatch: pytest.MonkeyPatch, time: Time
) -> None:
    monkeypatch.setattr("slips.quarantine.store.MOST_WORKS", 3)
    for works in (["a", "b"], ["c", "d"], ["e"]):
        quarantine.record_drain("1", works)
    assert quarantine.works_of_drain("1") == ["a", "b", "c"]


def test_a_drain_that_cannot_be_recorded_drains_all_the_same(
    quarantine: Quarantine, monkeypatch: pytest.MonkeyPatch, time: Time
) -> None:
    fill(quarantine, 2)

    def down(drain_id: str, works: Sequence[str], most: int | None) -> None:
        raise StoreError("down")

    monkeypatch.setattr(quarantine, "record_drain", down)
    assert msgspec.structs.replace(run_drain(quarantine, RecordingLanes(), time), drain_id="") == DrainReport(drained=2)
