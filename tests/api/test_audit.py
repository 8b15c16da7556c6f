"""Who drained and discarded what: `GET /audit`, and what is written for it."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

import pytest

from slips import Slips, aws
from slips.api.caller import find_caller
from slips.errors import StoreError
from slips.ledger.audit import MOST_IDS, PREFIX, TTL_SECONDS, Act, Caller, Trail
from slips.ledger.ledger import KEY
from slips.model import utc

from ..builders import failure
from ..memory_dynamodb import MemoryDynamoDB
from .conftest import Ask
from .test_routes import plant

NOW = utc.epoch("2026-02-01T00:00:00Z")
ALICE, MALLORY = (
    Caller(name="arn:aws:iam::1:user/alice", address="192.0.2.1"),
    Caller(name="arn:aws:iam::1:user/mallory"),
)


def entries(ask: Ask) -> list[dict[str, Any]]:
    return list(ask("GET", "/audit")[1]["entries"])


def test_a_drain_and_a_discard_are_recorded_with_who_what_why_and_how_many(slips: Slips, ask: Ask) -> None:
    plant(slips, 3, fingerprint="f1")
    plant_other = failure("x", fingerprint="f2")
    slips.quarantine.record([plant_other])
    ask("POST", "/drain", {"fingerprint": "f1"})
    ask("POST", "/discard", {"ids": ["x", "gone"], "reason": "test data"})
    slips.quarantine.record([plant_other])
    ask("DELETE", "/errors/x?reason=again")
    one, discard, drain = entries(ask)
    assert (drain["action"], drain["fingerprint"], drain["items"]) == ("drain", "f1", 3)
    assert (drain["who"], drain["what"], drain["requests"]) == ("this machine", "fingerprint 'f1'", 1)
    assert (discard["action"], discard["ids"], discard["reason"]) == ("discard", ["x", "gone"], "test data")
    assert (discard["items"], one["what"], one["reason"]) == (1, "item 'x'", "again")


def test_items_that_could_not_be_drained_are_counted(slips: Slips, ask: Ask) -> None:
    ask("POST", "/drain", {"ids": ["none", "nil"]})
    (entry,) = entries(ask)
    assert (entry["items"], entry["refused"], entry["requests"]) == (0, 2, 1)


def test_a_dry_run_and_a_wrong_request_leave_no_entry(slips: Slips, ask: Ask) -> None:
    plant(slips, 1)
    ask("POST", "/drain", {"dry_run": True})
    ask("POST", "/drain", {"cursor": "broken"})
    ask("POST", "/discard", {"fingerprint": "f1", "cursor": "broken", "reason": "why"})
    assert entries(ask) == []


@pytest.mark.parametrize("path", ["/drain", "/discard"])
def test_what_one_request_leaves_and_the_next_takes_is_one_entry(
    slips: Slips, ask: Ask, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    plant(slips, 5, fingerprint="f1")
    reason = {"reason": "why"} if path == "/discard" else {}
    monkeypatch.setattr("slips.api.views.SECONDS", 0.0)  # No chunk has time; the cursor says where to go on.
    first = ask("POST", path, {"fingerprint": "f1", **reason})[1]
    monkeypatch.setattr("slips.api.views.SECONDS", 24.0)
    ask("POST", path, {"fingerprint": "f1", "cursor": first["cursor"], **reason})
    (entry,) = entries(ask)
    assert (entry["items"], entry["requests"]) == (5, 2)


def test_entries_come_newest_first_page_by_page(slips: Slips, ask: Ask) -> None:
    for number in range(5):
        trail = Trail(aws.client("dynamodb"), slips.config.ledger_table, lambda at=NOW + number // 2: at)  # type: ignore[misc]
        with trail.record(act(f"{number}")):
            pass
    names, cursor = [], ""
    for _ in range(4):
        page = ask("GET", f"/audit?limit=2&cursor={quote(cursor)}")[1]
        names += [entry["id"] for entry in page["entries"]]
        cursor = page["cursor"] or ""
        if not cursor:
            break
    assert names == ["4", "3", "2", "1", "0"]
    assert ask("GET", "/audit?cursor=broken")[0] == 400


def test_the_index_need_not_hold_more_than_keys(slips: Slips, trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    query = trail._table.query

    def keys_only(*args: Any, **named: Any) -> Any:
        page = query(*args, **named)
        return page | {"Items": [{KEY: item[KEY]} for item in page["Items"]]}

    with trail.record(act(what="all of it")):
        pass
    monkeypatch.setattr(trail._table, "query", keys_only)
    assert [entry.what for entry in trail.page(10).entries] == ["all of it"]


def act(name: str = "1", caller: Caller = ALICE, what: str = "everything", **fields: Any) -> Act:
    return Act(id=name, action="drain", caller=caller, what=what, **fields)


@pytest.fixture
def trail(slips: Slips) -> Trail:
    return Trail(aws.client("dynamodb"), slips.config.ledger_table, lambda: NOW)


def stored(slips: Slips, name: str) -> dict[str, Any]:
    dynamodb: MemoryDynamoDB = aws.client("dynamodb")  # type: ignore[assignment]
    return dict(dynamodb.get_item(slips.config.ledger_table, {KEY: {"S": f"{PREFIX}{name}"}})["Item"])


def test_an_entry_is_bounded_and_expires(slips: Slips, trail: Trail) -> None:
    long = "é" * 5000
    with trail.record(
        act(caller=Caller(name=long, address=long), what=long, reason=long, fingerprint=long, ids=[long] * 500)
    ):
        pass
    item = stored(slips, "1")
    assert int(item["expires_at"]["N"]) == NOW + TTL_SECONDS
    assert len(item["ids"]["L"]) == MOST_IDS
    assert len(str(item).encode()) < 10_000


def test_an_entry_is_there_before_anything_is_done(slips: Slips, trail: Trail) -> None:
    def crash() -> None:
        with trail.record(act()):
            assert stored(slips, "1")["who"]["S"] == ALICE.name
            raise RuntimeError

    with pytest.raises(RuntimeError):
        crash()
    assert trail.page(10).entries[0].items == 0


def test_nobody_adds_to_the_entry_of_another(slips: Slips, trail: Trail) -> None:
    for caller, items in ((ALICE, 1), (MALLORY, 100)):
        with trail.record(act(caller=caller)) as outcome:
            outcome.items = items
    assert {(entry.who, entry.items) for entry in trail.page(10).entries} == {(ALICE.name, 1), (MALLORY.name, 100)}


def test_a_trail_that_cannot_be_written_stops_nobody_and_is_logged(
    slips: Slips, ask: Ask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreError("table ledger: access denied")

    plant(slips, 2)
    monkeypatch.setattr(slips.trail._table, "update", fail)
    with caplog.at_level(logging.WARNING, "slips"):
        assert ask("POST", "/drain", {"fingerprint": "f1"})[1]["drained"] == 2
    assert "drain by this machine: fingerprint 'f1'" in caplog.text
    assert "the audit trail lacks this entry" in caplog.text


@pytest.mark.parametrize(
    ("identity", "auth", "caller"),
    [
        ({"userArn": ALICE.name, "sourceIp": "192.0.2.1"}, "iam", ALICE),
        ({"userArn": None, "sourceIp": "192.0.2.1"}, "token", Caller(name="token", address="192.0.2.1")),
        ({"sourceIp": "127.0.0.1"}, "none", Caller(name="this machine", address="127.0.0.1")),
        (None, "iam", Caller(name="this machine")),
    ],
)
def test_a_caller_is_who_the_credentials_say(identity: Any, auth: str, caller: Caller) -> None:
    assert find_caller({"identity": identity}, auth) == caller
