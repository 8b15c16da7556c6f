"""Clients drain what they name, when it is due."""

from __future__ import annotations

import math
from typing import Any

import pytest

from .clients import Clients
from .plan import Drain

LISTED = {"errors": [{"request_id": f"r{number}"} for number in range(9)], "cursor": None}
CAUSES = {"causes": [{"fingerprint": "f"}], "complete": True}
REPORT = {"drained": 2, "cursor": "", "whole": {}}


class Api:
    """Answers as it is told to, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.reports: list[Any] = [REPORT]
        self.listed: Any = LISTED

    def ask(self, method: str, resource: str, **request: Any) -> Any:
        self.asked.append((method, request["client"], request.get("body")))
        if method == "GET":
            return CAUSES if "group" in request else self.listed
        return self.reports.pop(0) if len(self.reports) > 1 else self.reports[0]

    def adopt(self) -> None:
        self.asked.append("adopt")


@pytest.fixture
def api() -> Api:
    return Api()


def drain(api: Api, *drains: Drain, batch: float = math.inf) -> Clients:
    clients = Clients(1, drains, api.ask, api.adopt)
    try:
        clients.start(batch)
        while not clients.wait(10):
            pass
    finally:
        clients.close()
    return clients


def test_a_drain_begins_at_its_batch(api: Api) -> None:
    both = Drain(2, 0, "all", adopts=False, shot=0.0), Drain(3, 1, "all", adopts=False, shot=0.0)
    assert drain(api, *both, batch=1).drained == 0
    assert drain(api, *both, batch=2).drained == 2
    assert drain(api, *both).drained == 4
    assert {client for _, client, _ in api.asked} == {0, 1}


def test_a_drain_goes_on_at_its_cursor_while_something_is_drained(api: Api) -> None:
    api.reports = [REPORT | {"cursor": "c"}, REPORT | {"cursor": "d", "drained": 0}]
    assert drain(api, Drain(1, 0, "all", adopts=False, shot=0.0)).drained == 2
    assert api.asked == [("POST", 0, {}), ("POST", 0, {"cursor": "c"})]


def test_some_ids_or_a_cause_is_named(api: Api) -> None:
    drain(api, Drain(1, 0, "ids", adopts=False, shot=0.0))
    assert 0 < len(api.asked[-1][2]["ids"]) < 9
    drain(api, Drain(1, 0, "fingerprint", adopts=False, shot=0.0))
    assert api.asked[-1][2] == {"fingerprint": "f"}


def test_nothing_that_is_listed_is_nothing_to_drain(api: Api) -> None:
    for listed in (None, {"errors": []}):
        api.listed = listed
        drain(api, Drain(1, 0, "ids", adopts=False, shot=0.0))
    assert [method for method, *_ in api.asked] == ["GET", "GET"]


def test_items_of_2018_are_adopted_first(api: Api) -> None:
    drain(api, Drain(1, 0, "all", adopts=True, shot=0.0))
    assert api.asked == ["adopt", ("POST", 0, {})]


def test_an_api_that_does_not_answer_is_counted(api: Api) -> None:
    api.reports = [None]
    assert drain(api, Drain(1, 0, "all", adopts=False, shot=0.0)).answers == {"drains that did not answer": 1}
