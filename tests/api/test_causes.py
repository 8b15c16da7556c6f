"""The past of a cause: new, came back, muted; and when its items failed."""

from __future__ import annotations

import time
from typing import Any

import pytest

from slips import Slips, aws
from slips.errors import StoreError
from slips.ledger.cause_notes import CauseNotes
from slips.ledger.causes import KNOWN_SECONDS, KnownCauses
from slips.model.utc import iso

from ..builders import failure
from .conftest import Ask

NOW = int(time.time())
HOUR, DAY = 3600, 86400


def plant(slips: Slips, *ages: float, **fields: Any) -> None:
    """Record an item of the cause f1 for each of these seconds before now."""
    errors = [failure(f"r{age}", failed_at=iso(NOW - age), fingerprint="f1", **fields) for age in ages]
    slips.quarantine.record(errors)


def cause(ask: Ask) -> dict[str, Any]:
    """The cause, as both routes say."""
    (one,) = ask("GET", "/errors?group=fingerprint")[1]["causes"]
    (other,) = ask("GET", "/stats")[1]["errors"]["causes"]
    assert one == other
    return dict(one)


def notes(slips: Slips, at: float = NOW) -> CauseNotes:
    return CauseNotes(aws.client("dynamodb"), slips.config.ledger_table, lambda: at)


def test_items_are_counted_by_the_hour_in_which_they_failed(slips: Slips, ask: Ask) -> None:
    plant(slips, 60, 120, 1.5 * HOUR, 23.5 * HOUR, 30 * HOUR)
    hours = cause(ask)["hours"]
    assert (len(hours), hours[-1], hours[-2], hours[0], sum(hours)) == (24, 2, 1, 1, 4)


def test_a_cause_is_known_since_its_oldest_item_or_since_the_ledger_noted_it(slips: Slips, ask: Ask) -> None:
    plant(slips, 60)
    assert cause(ask)["known_since"] == iso(NOW - 60)
    for age in (5 * DAY, 2 * DAY):
        KnownCauses(aws.client("dynamodb"), slips.config.ledger_table, lambda at=NOW - age: at).count_new(["f1"])  # type: ignore[misc]
    assert cause(ask)["known_since"] == iso(NOW - 5 * DAY)


@pytest.mark.parametrize(("route", "more"), [("/drain", {}), ("/discard", {"reason": "why"})])
def test_a_cause_that_was_drained_or_discarded_as_a_whole_comes_back_when_it_fails_again(
    slips: Slips, ask: Ask, route: str, more: dict[str, str]
) -> None:
    plant(slips, 60)
    assert cause(ask)["came_back"] is False
    ask("POST", route, {"fingerprint": "f1", **more})
    plant(slips, round(NOW - time.time()) - 60)  # NOW is when this module was imported: minutes ago in a long run.
    came_back = cause(ask)
    assert came_back["came_back"] is True
    assert abs(time.time() - NOW) < 60 or came_back["resolved_at"] >= iso(NOW)


@pytest.mark.parametrize(
    "part",
    [
        {"fingerprint": "f1", "limit": 1},
        {"ids": ["r60"]},
        {"fingerprint": "f1", "dry_run": True},
        {"fingerprint": "f1", "bucket": "logs"},
        {},
    ],
)
def test_what_is_drained_in_part_does_not_come_back(slips: Slips, ask: Ask, part: dict[str, Any]) -> None:
    plant(slips, 60, 120)
    ask("POST", "/drain", part)
    plant(slips, -60)
    assert cause(ask)["resolved_at"] == ""


def test_a_failure_from_before_the_drain_is_no_return(slips: Slips, ask: Ask) -> None:
    plant(slips, 60)
    notes(slips, NOW - 30).note_resolved("f1")
    assert cause(ask)["came_back"] is False


def test_a_cause_is_muted_with_a_note_by_somebody_until_a_time(slips: Slips, ask: Ask) -> None:
    plant(slips, 60)
    status, answer = ask("POST", "/mute", {"fingerprint": "f1", "hours": 24, "note": "vendor ticket 4711"})
    assert (status, answer["fingerprint"]) == (200, "f1")
    assert NOW + DAY <= answer["muted_until"] <= time.time() + DAY
    muted = cause(ask)
    assert (muted["muted_until"], muted["muted_by"]) == (answer["muted_until"], "this machine")
    assert muted["mute_note"] == "vendor ticket 4711"
    ask("POST", "/mute", {"fingerprint": "f1", "hours": 0})
    assert (cause(ask)["muted_until"], cause(ask)["mute_note"]) == (0, "")
    entries = ask("GET", "/audit")[1]["entries"]
    assert [(entry["action"], entry["reason"]) for entry in entries] == [("unmute", ""), ("mute", "vendor ticket 4711")]


def test_a_mute_ends_by_itself(slips: Slips, ask: Ask) -> None:
    plant(slips, 60)
    notes(slips, NOW - 2 * HOUR).mute("f1", HOUR, "a", "b")
    assert cause(ask)["muted_until"] == 0


def test_a_mute_lasts_no_longer_than_its_item(slips: Slips) -> None:
    assert notes(slips).mute("f1", 10**9, "a", "b") == NOW + KNOWN_SECONDS
    item = aws.client("dynamodb").get_item(
        TableName=slips.config.ledger_table, Key={"work_id": {"S": "slips:cause:f1"}}
    )["Item"]
    assert int(item["expires_at"]["N"]) > NOW + KNOWN_SECONDS


def test_a_muted_cause_that_the_ledger_did_not_know_is_still_new_to_the_alarm(slips: Slips) -> None:
    notes(slips).mute("f1", HOUR, "a", "b")
    assert KnownCauses(aws.client("dynamodb"), slips.config.ledger_table, lambda: NOW).count_new(["f1"]) == 1
    assert notes(slips).read(["f1"])["f1"].mute_note == "b"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"fingerprint": "f1", "hours": 24}, "note"),
        ({"fingerprint": "f1", "hours": 24, "note": " "}, "note"),
        ({"fingerprint": "f1", "note": "why"}, "hours"),
        ({"fingerprint": "f1", "hours": 337, "note": "why"}, "hours"),
        ({"hours": 24, "note": "why"}, "fingerprint"),
        ({"fingerprint": "", "hours": 24, "note": "why"}, "fingerprint"),
    ],
)
def test_a_mute_that_is_not_whole_is_refused_with_what_is_missing(
    slips: Slips, ask: Ask, body: Any, named: str
) -> None:
    status, answer = ask("POST", "/mute", body)
    assert (status, answer["Message"].startswith(named)) == (400, True), answer


def test_a_ledger_that_does_not_answer_hides_no_cause(slips: Slips, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreError("no answer")

    plant(slips, 60)
    monkeypatch.setattr(slips.cause_notes, "read", fail)
    monkeypatch.setattr(slips.cause_notes, "note_resolved", fail)
    assert cause(ask)["count"] == 1
    assert ask("POST", "/drain", {"fingerprint": "f1"})[1]["drained"] == 1
