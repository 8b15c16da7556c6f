"""docs/send/own.md: a sink of one's own, and the tests of functions that send, do what they show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from slips import EventsFailed, RetryLater, aws
from slips.engine.outbox import Outbox
from slips.sinks import Document

from ..docs.blocks import ROOT
from .documents import documents, failures, pairs
from .pages import python_of, run


@pytest.fixture
def table(aws_endpoint: str) -> Iterator[Any]:
    """The sink of the page, and its table."""
    aws.reset()
    name = f"own-{uuid4().hex[:8]}"
    aws.client("dynamodb").create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "event_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "event_id", "AttributeType": "S"}],
    )  # fmt: skip
    yield run(python_of("own.md")[0])["Table"](name)
    aws.reset()


def users(table: Any) -> list[str]:
    items = aws.client("dynamodb").scan(TableName=table.destination)["Items"]
    return sorted(item["user"]["S"] for item in items)


def test_a_sink_of_ones_own_writes_once_what_comes_twice(table: Any) -> None:
    for _ in range(2):
        assert failures(table, documents({"user": "ada"}, {"user": "grace"})) == {}
    assert users(table) == ["ada", "grace"]
    assert table.statements()[0]["Resource"] == [f"arn:*:dynamodb:*:*:table/{table.destination}"]


def test_a_document_that_it_cannot_write_costs_its_own_event(table: Any) -> None:
    outbox = Outbox(lambda pairs: table.send([Document(*pair) for pair in pairs]), size=table.size)
    outbox.extend(pairs({"user": "ada"}, {}, {"user": "grace"}))
    with pytest.raises(EventsFailed) as caught:
        outbox.flush()
    assert [(meta.position, type(cause)) for meta, cause in caught.value.failed.items()] == [(2, KeyError)]
    assert users(table) == ["ada", "grace"]


def test_what_the_table_does_not_take_now_waits(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Busy:
        def batch_write_item(self, RequestItems: dict[str, list[Any]]) -> dict[str, Any]:
            return {"UnprocessedItems": {table.destination: RequestItems[table.destination][1:]}}

    monkeypatch.setattr(aws, "client", lambda name: Busy())
    failed = failures(table, documents({"user": "ada"}, {"user": "grace"}))
    assert {position: type(cause) for position, cause in failed.items()} == {2: RetryLater}


def test_the_tests_of_the_page_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names = run(python_of("own.md")[2])
    names["test_logins_are_sent"]()
    names["test_one_login_that_is_refused_costs_no_other"]()
