"""`slips tail` shows the events of what lands from now on."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from slips.model import WorkItem, work_item

from .conftest import Deployed


@pytest.fixture
def land(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let work come into the fast lane at the first pause of a tail; at the next one, press Ctrl-C."""

    def later(*items: WorkItem) -> None:
        pauses = iter((lambda: deployed.to.lanes.enqueue("fast", items),))

        def wait(_: float) -> None:
            next(pauses, interrupt)()

        monkeypatch.setattr("slips.ops.cli.tail.wait", wait)

    def interrupt() -> None:
        raise KeyboardInterrupt

    return later


def item_of(deployed: Deployed, key: str, *records: object) -> WorkItem:
    return work_item(deployed.put(key, *records), deployed.config.fast.stream)


def events(output: str) -> list[object]:
    return [json.loads(line)["event"]["n"] for line in output.splitlines()]


def test_events_are_shown_with_their_object(deployed: Deployed, land: Callable[..., None]) -> None:
    deployed.to.lanes.enqueue("fast", [item_of(deployed, "in/tail-before", {"n": 0})])
    land(item_of(deployed, "in/tail-now", {"n": 1}, {"n": 2}))
    ran = deployed.run("tail")
    assert ran.exit_code == 0
    assert events(ran.stdout) == [1, 2]
    line = json.loads(ran.stdout.splitlines()[1])
    assert (line["bucket"], line["key"], line["position"], line["tag"]) == (deployed.bucket, "in/tail-now", 2, "json")


def test_only_some_events_are_shown(deployed: Deployed, land: Callable[..., None]) -> None:
    land(item_of(deployed, "in/tail-many", *({"n": n} for n in range(30))))
    assert events(deployed.run("tail", "--where", "event['n'] % 2").stdout) == list(range(1, 30, 2))
    land(item_of(deployed, "in/tail-most", *({"n": n} for n in range(30))))
    assert events(deployed.run("tail", "-F", "js*", "--events", "3").stdout) == [0, 1, 2]
    land(item_of(deployed, "in/tail-limit", *({"n": n} for n in range(30))))
    assert events(deployed.run("tail", "--limit", "2").stdout) == [0, 1]
    land(item_of(deployed, "in/tail-other", {"n": 1}))
    assert deployed.run("tail", "-F", "csv").stdout == ""


def test_what_is_drained_or_resumed_is_not_shown(deployed: Deployed, land: Callable[..., None]) -> None:
    import msgspec

    item = item_of(deployed, "in/tail-drained", {"n": 1}, {"n": 2})
    drained = msgspec.structs.replace(item, work_id="", positions="2")
    land(drained, msgspec.structs.replace(item, work_id="", resume_from=2))
    assert deployed.run("tail").stdout == ""


def test_a_record_that_cannot_be_parsed_is_told(deployed: Deployed, land: Callable[..., None]) -> None:
    land(item_of(deployed, "in/tail-broken", "{broken\n", {"n": 2}))
    ran = deployed.run("tail")
    assert events(ran.stdout) == [2]
    assert "in/tail-broken at 1: " in ran.stderr


def test_an_expression_that_raises_shows_nothing_and_says_so(deployed: Deployed, land: Callable[..., None]) -> None:
    land(item_of(deployed, "in/tail-where", {"n": 1}, {"n": 2, "user": "ada"}))
    ran = deployed.run("tail", "--where", "event['user'] == 'ada'")
    assert events(ran.stdout) == [2]
    assert "--where raised for 1 event, which are not shown; first: KeyError: 'user'" in ran.stderr
    ran = deployed.run("tail", "--where", "event[")
    assert (ran.exit_code, "write a Python expression, such as: event['status'] >= 500" in ran.stderr) == (2, True)


def test_more_objects_than_are_read_are_counted(
    deployed: Deployed, land: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slips.ops.cli.tail.MOST_OBJECTS", 1)
    land(*(item_of(deployed, f"in/tail-flood-{n}", {"n": n}) for n in range(3)))
    ran = deployed.run("tail")
    assert len(events(ran.stdout)) == 1
    assert "2 objects passed without being read" in ran.stderr


def test_a_large_object_is_not_read_to_its_end(
    deployed: Deployed, land: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slips.ops.cli.tail.MOST_RECORDS", 3)
    land(item_of(deployed, "in/tail-large", *({"n": n} for n in range(9))))
    ran = deployed.run("tail", "--where", "event['n'] > 1")
    assert events(ran.stdout) == [2]
    assert "in/tail-large: the records after the first 3 are not looked at" in ran.stderr
