"""Error items that the class-based SLIPS writes while this version runs beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chalice import Chalice

from slips import Slips, aws
from slips.ops.deploy.stack.storage import table_properties

from ..builders import legacy_item
from ..doubles import RecordingLanes
from ..memory_dynamodb import MemoryDynamoDB
from .conftest import Ask, Metrics, Queues, serve_api

ARN = "arn:aws:dynamodb:eu-central-1:123456789012:table/old-errors"
CONFIG = "stack_name: api\nbackend: {{{table}}}\nbucket_mapping: {{logs: [{{prefix: json/, format: json}}]}}\n"


class World:
    """A REST API over an ErrorTable to which the class-based SLIPS writes."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, table: str) -> None:
        self.dynamodb = MemoryDynamoDB()
        clients = {"dynamodb": self.dynamodb, "sqs": Queues(), "cloudwatch": Metrics()}
        monkeypatch.setattr(aws, "client", lambda name, **_: clients[name])
        (folder / "slips.yml").write_text(CONFIG.format(table=table))
        self.slips = Slips(Chalice("api"), folder / "slips.yml")
        self.slips.lanes = RecordingLanes()  # type: ignore[assignment]
        self.table = self.slips.config.error_table
        for properties in table_properties(self.slips.config).values():
            self.dynamodb.create_table(**properties)
        self.now = 1_790_000_000.0
        self.slips.quarantine._clock = lambda: self.now
        self.scans = 0

    def write(self, request_id: str) -> None:
        item = {"request_id": {"S": request_id}, "argument": {"S": json.dumps([legacy_item("json/x")])}}
        self.dynamodb.put_item(TableName=self.table, Item=item)


@pytest.fixture(params=[f"dynamodb_arn: '{ARN}'"], ids=["shared"])
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> World:
    world = World(tmp_path, monkeypatch, request.param)
    scan = world.dynamodb.scan

    def count(**request: Any) -> Any:
        world.scans += 1
        return scan(**request)

    monkeypatch.setattr(world.dynamodb, "scan", count)
    return world


@pytest.fixture
def ask(world: World) -> Iterator[Ask]:
    with serve_api(world.slips) as ask:
        yield ask


def ids(ask: Ask) -> list[str]:
    status, body = ask("GET", "/errors")
    assert status == 200
    return sorted(item["request_id"] for item in body["errors"])


def test_they_are_listed_within_an_hour(world: World, ask: Ask) -> None:
    world.write("first")
    assert ids(ask) == ["first"]
    world.write("second")
    world.now += 3599
    assert ids(ask) == ["first"]
    world.now += 2
    assert ids(ask) == ["first", "second"]
    assert world.scans == 2


LISTINGS: dict[str, Callable[[Ask], tuple[int, Any]]] = {
    "drain": lambda ask: ask("POST", "/drain", {}, **{"Content-Type": "application/json"}),
    "discard": lambda ask: ask(
        "POST", "/discard", {"bucket": "logs", "reason": "x"}, **{"Content-Type": "application/json"}
    ),
    "stats": lambda ask: ask("GET", "/stats"),
    "causes": lambda ask: ask("GET", "/errors?group=fingerprint"),
}


@pytest.mark.parametrize("listing", LISTINGS.values(), ids=LISTINGS)
def test_all_that_lists_sees_them(world: World, ask: Ask, listing: Callable[[Ask], tuple[int, Any]]) -> None:
    world.write("first")
    assert listing(ask)[0] == 200
    assert world.scans == 1


@pytest.mark.parametrize("world", ["lane: {}"], indirect=True)
def test_a_table_of_ours_is_not_scanned(world: World, ask: Ask) -> None:
    world.write("first")
    assert ids(ask) == []
    assert world.scans == 0


def test_a_request_ends_though_the_table_is_long(world: World, ask: Ask) -> None:
    """API Gateway ends it after 29 seconds; the next one goes on."""
    update = world.dynamodb.update_item

    def take_a_second(**request: Any) -> Any:
        world.now += 1
        return update(**request)

    world.dynamodb.update_item = take_a_second  # type: ignore[method-assign]
    for number in range(3):
        world.write(f"old-{number}")
    assert [len(ids(ask)) for _ in range(4)] == [1, 2, 3, 3]


def test_a_role_that_may_not_scan_lists_the_others(
    world: World, ask: Ask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from botocore.exceptions import ClientError

    def refuse(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Scan")

    world.write("first")
    assert ids(ask) == ["first"]
    world.now += 3601
    monkeypatch.setattr(world.dynamodb, "scan", refuse)
    assert ids(ask) == ["first"]
    assert "new error items of the class-based SLIPS are not listed" in caplog.text
