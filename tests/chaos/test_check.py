"""The checks find what they are for."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import msgspec
import pytest

from .archive import Row
from .check import healed_by_itself, verdict
from .objects import deliveries, sound_object
from .plan import TIMEOUT, plan
from .storms import Storms
from .versions import LATER, OtherVersion

ONE = sound_object("chaos/a", "a", 2, 0.0)
NOTHING = msgspec.structs.replace(
    plan(1),
    objects=[ONE],
    others=[],
    flush_fails=[],
    twins=[],
    faults=0.0,
    down=("", 0),
    max_attempts=2,
    deadline=TIMEOUT,
    storms=Storms([], 0.0, [], (0, 0)),
)
WORK = {name: {"S": name} for name in ("work_id", "object_key")} | {"state": {"S": "done"}, "attempts": {"N": "1"}}


class Run:
    """A run that went well, until something of it is changed."""

    def __init__(self, folder: Path) -> None:
        self.delivered = deliveries(ONE.ids)
        self.rows: list[Row] = []
        self.left: list[dict[str, Any]] = []
        self.errors: list[dict[str, Any]] = []
        self.ledger: list[dict[str, Any]] = [WORK]
        self.records: list[dict[str, Any]] = []
        self.plan: dict[str, Any] = {}
        self.world: dict[str, Any] = {}
        self._folder = folder

    def plant(self, kind: str) -> OtherVersion:
        """Let the run have an item of another version."""
        other = OtherVersion(kind, sound_object("chaos/v0", "v0", 8, 0.0))
        self.plan["others"] = [other]
        return other

    def faults(self) -> list[str]:
        return verdict(self._make_world(), self.left).faults

    def not_healed(self) -> list[str]:
        return healed_by_itself(self._make_world())

    def _make_world(self) -> Mock:
        (self._folder / "delivered").write_text("".join(f"{line}\n" for line in self.delivered))
        world = Mock(
            folder=self._folder,
            interrupted=0,
            crashed=0,
            continued=0,
            plan=msgspec.structs.replace(NOTHING, **self.plan),
        )
        world.config.fast.stream = "chaos-fast"
        world.count_waits.return_value = 0
        world.configure_mock(**self.world)
        world.archive.read.return_value = self.rows
        world.account.error_items.return_value = self.errors
        world.account.ledger_items.return_value = self.ledger
        world.account.records.return_value = [json.dumps(record).encode() for record in self.records]
        return world


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_a_run_that_went_well_has_no_fault(run: Run) -> None:
    assert run.faults() == []


def test_an_event_that_never_came(run: Run) -> None:
    run.delivered.remove("batched a-1")
    assert run.faults() == ["lost: batched a-1"]


def test_an_event_that_nobody_planted(run: Run) -> None:
    run.delivered.append("plain x")
    assert run.faults() == ["delivered, but never planted: plain x"]


def test_an_event_that_is_not_in_the_archive(run: Run) -> None:
    run.delivered.remove("sent a-1")
    run.rows = [Row("id-0", ("a-2",))]
    assert "lost: sent a-1" in run.faults()
    run.rows = [Row("id-0", ("a-1",))]
    assert run.faults() == []


def test_two_events_of_one_id(run: Run) -> None:
    run.delivered = [line for line in run.delivered if line not in ("sent a-0", "sent a-1")]
    run.rows = [Row("id", ("a-0",)), Row("id", ("a-1",))]
    assert run.faults() == ["2 different events have the event_id id"]


def test_an_event_that_came_twice_without_a_reason(run: Run) -> None:
    run.delivered.append("plain a-0")
    assert run.faults() == ["plain a-0 came 2 times, 0 reasons"]
    run.world["interrupted"] = 1
    assert run.faults() == []


def test_what_slips_yml_cuts_otherwise_may_come_twice(run: Run) -> None:
    run.delivered.append("plain a-0")
    run.plan["objects"] = [msgspec.structs.replace(ONE, repeats=True)]
    assert run.faults() == []


def test_an_error_item_that_is_left(run: Run) -> None:
    run.left = [{"request_id": "r", "stage": "parse", "error_message": "no"}]
    assert run.faults() == ["left in the ErrorTable: parse no"]


def test_a_record_of_a_later_version_that_is_nowhere(run: Run) -> None:
    [record] = run.plant("later record").items("chaos-fast").records
    assert run.faults() == ["later record: the record is in no error item"]
    run.errors = [{"request_id": {"S": "r"}, "sample": {"S": b64encode(record).decode()}}]
    run.left = [{"request_id": "r", "stage": "dispatch", "error_message": "later"}]
    assert run.faults() == []


@pytest.mark.parametrize("kind", ["later error item", "later argument"])
def test_an_error_item_of_a_later_version_that_is_gone_or_changed(run: Run, kind: str) -> None:
    [planted] = run.plant(kind).items("chaos-fast").errors
    run.errors = [planted | {"state": {"S": "parked"}, "attempts": {"N": "7"}}]
    run.left = [{"request_id": planted["request_id"]["S"], "stage": "process", "error_message": "boom"}]
    assert run.faults() == []
    run.errors = [planted | {"argument": {"S": "[]"}}]
    assert run.faults() == [f"{kind}: it is no longer the same in argument"]
    run.errors, run.left = [], []
    assert f"{kind}: it is no longer the same in" in run.faults()[0]


@pytest.mark.parametrize(
    ("later", "fault"),
    [
        ([LATER], "chaos/v0: nothing of it was drained"),
        ([LATER, {}], "chaos/v0: a work item has lost fields of a later version"),
        ([LATER, LATER | {"only_events": []}], "chaos/v0: a work item has lost fields of a later version"),
        ([LATER, LATER], None),
    ],
)
def test_fields_of_a_later_version_that_are_lost(run: Run, later: list[dict[str, Any]], fault: str | None) -> None:
    run.delivered += deliveries(run.plant("later fields").planted.ids)
    run.records = [{"object_key": "chaos/v0", **fields} for fields in later] + [{"object_key": "chaos/a"}]
    assert run.faults() == ([fault] if fault else [])


def test_attempts_that_no_death_explains(run: Run) -> None:
    run.ledger = [WORK | {"attempts": {"N": "2"}}]
    assert run.faults() == ["2 attempts at object_key, 0 deaths"]
    run.plan["faults"] = 0.1
    assert run.faults() == []
    run.plan["faults"], run.world["interrupted"] = 0.0, 1
    assert run.faults() == []


def test_an_object_that_was_given_up_without_deaths(run: Run) -> None:
    run.world |= {"crashed": 1, "interrupted": 1}
    assert run.faults() == ["1 objects were given up as crashes, after 1 deaths"]


def test_a_record_that_waits_for_nobody(run: Run) -> None:
    run.world["count_waits.return_value"] = 3
    assert run.faults() == ["3 times a record waited, though no other lane had its work"]


@pytest.mark.parametrize("plan", [{"twins": [0]}, {"deadline": 5.1}, {"faults": 0.1}, {"down": ("dynamodb", 5)}])
def test_a_record_that_may_wait_for_another(run: Run, plan: dict[str, Any]) -> None:
    run.world["count_waits.return_value"] = 3
    run.plan |= plan
    assert run.faults() == []
    run.plan, run.world["continued"] = {}, 1
    assert run.faults() == []


def test_work_that_is_held_for_too_long(run: Run) -> None:
    run.ledger = [WORK | {"held_until": {"N": f"{time.time() + 100:.0f}"}}]
    assert "is held for" in run.faults()[0]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"state": {"S": "started"}}, "the work on object_key is started at the end"),
        ({"books": {"S": '{"records": 2, "parsed": 1}'}}, "the books of object_key do not balance: "),
    ],
)
def test_work_that_did_not_end_or_does_not_add_up(run: Run, changes: dict[str, Any], fault: str) -> None:
    run.ledger = [WORK | changes]
    assert run.faults()[0].startswith(fault)
    run.ledger = [WORK | changes | {"v": {"N": "2"}}]
    assert run.faults() == []


@pytest.mark.parametrize(
    ("state", "stage", "message", "is_healed"),
    [
        ("waiting", "process", "plain is down, as planned", False),
        ("open", "read", "S3 does not answer", False),
        ("open", "process", "plain fails as planned", True),
        ("parked", "crash", "the process ended", True),
    ],
)
def test_what_passes_by_itself_and_is_left(run: Run, state: str, stage: str, message: str, is_healed: bool) -> None:
    texts = {"request_id": "r", "object_key": "chaos/a", "state": state, "stage": stage, "error_message": message}
    run.errors = [{name: {"S": text} for name, text in texts.items()}]
    assert (run.not_healed() == []) == is_healed
    run.errors[0]["object_key"] = {"S": run.plant("shape_1 failed").planted.key}
    assert run.not_healed() == []


def test_a_flush_that_fails_for_a_while_explains_what_came_twice(run: Run) -> None:
    run.delivered += ["buffered a-0"] * 2
    assert run.faults() == ["buffered a-0 came 3 times, 0 reasons"]
    run.plan["storms"] = Storms([], 0.0, [("flush", 3, 4)], (0, 0))
    assert run.faults() == []


def test_tables_that_refuse_explain_attempts(run: Run) -> None:
    run.ledger = [WORK | {"attempts": {"N": "2"}}]
    run.plan["storms"] = Storms([], 0.1, [], (0, 0))
    assert run.faults() == []


def test_a_record_may_wait_for_a_killed_invocation_where_on_setup_has_failed_since(run: Run) -> None:
    run.world |= {"count_waits.return_value": 3, "interrupted": 1}
    assert run.faults() == ["3 times a record waited, though no other lane had its work"]
    run.plan["storms"] = Storms([], 0.0, [("setup", 1, 3)], (0, 0))
    assert run.faults() == []
