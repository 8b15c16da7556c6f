"""Which functions have concurrency for themselves: what slips.yml asks for, and else what the account can spare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from slips import aws
from slips.ops.deploy.lambda_settings_sync import _concurrency_changes, affordable_reservations
from slips.ops.deploy.stage import DeploymentStage, read_stage

ASKED = "handler: {concurrency: 7}\n"


class Lambda:
    """An account with so much concurrency that is not reserved; `reserved` is what functions have, by name."""

    def __init__(self, free: int, **reserved: int) -> None:
        self.free = free
        self.reserved = {f"app-dev-{name}": concurrency for name, concurrency in reserved.items()}

    def get_account_settings(self) -> Any:
        return {"AccountLimit": {"UnreservedConcurrentExecutions": self.free}}

    def get_function_concurrency(self, FunctionName: str) -> Any:
        answer: dict[str, Any] = {"ResponseMetadata": {}}
        if FunctionName in self.reserved:
            answer["ReservedConcurrentExecutions"] = self.reserved[FunctionName]
        return answer

    def put_function_concurrency(self, FunctionName: str, ReservedConcurrentExecutions: int) -> None:
        left = self.free + self.reserved.get(FunctionName, 0) - ReservedConcurrentExecutions
        if left < 100:
            raise ClientError({"Error": {"Code": "InvalidParameterValueException"}}, "PutFunctionConcurrency")
        self.reserved[FunctionName], self.free = ReservedConcurrentExecutions, left

    def delete_function_concurrency(self, FunctionName: str) -> None:
        self.free += self.reserved.pop(FunctionName)


def make_stage(folder: Path, text: str = "", app: str = "retry = app.schedule('rate(1 minute)')(slips.retry)") -> Any:
    (folder / ".chalice").mkdir()
    (folder / ".chalice" / "config.json").write_text('{"app_name": "app", "stages": {"dev": {}}}')
    (folder / "slips.yml").write_text(f"stack_name: one\n{text}")
    (folder / "app.py").write_text(app)
    return read_stage("dev", project=folder)


@pytest.fixture
def stage(tmp_path: Path) -> DeploymentStage:
    return make_stage(tmp_path)


def let(monkeypatch: pytest.MonkeyPatch, account: Lambda) -> Lambda:
    monkeypatch.setattr(aws, "client", lambda service: account)
    return account


@pytest.mark.parametrize(
    ("free", "names"),
    [
        (10, []),  # A new account.
        (100, []),
        (101, ["retry"]),  # Too few for the slow lane, and enough for the other.
        (116, ["process_slow"]),  # The slow lane takes all that there is.
        (117, ["process_slow", "retry"]),
    ],
)
def test_100_stay_for_all_others(
    stage: DeploymentStage, monkeypatch: pytest.MonkeyPatch, free: int, names: list[str]
) -> None:
    account = let(monkeypatch, Lambda(free))
    assert affordable_reservations(stage) == names
    for change in _concurrency_changes(stage):
        change.apply()
    assert sorted(account.reserved) == [f"app-dev-{name}" for name in names]


def test_what_a_function_has_already_is_room_for_it(stage: DeploymentStage, monkeypatch: pytest.MonkeyPatch) -> None:
    account = let(monkeypatch, Lambda(100, process_slow=16, retry=1))
    assert affordable_reservations(stage) == ["process_slow", "retry"]
    assert list(_concurrency_changes(stage)) == []
    account.reserved["app-dev-process_slow"] = 20
    assert affordable_reservations(stage) == ["process_slow", "retry"]


def test_where_nothing_differs_the_limits_of_the_account_are_not_asked_for(
    stage: DeploymentStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who may look at functions need not be allowed to look at those."""
    account = let(monkeypatch, Lambda(100, process_slow=16, retry=1))
    monkeypatch.setattr(account, "get_account_settings", lambda: pytest.fail("was asked"))
    assert list(_concurrency_changes(stage)) == []


def test_what_slips_yml_asks_for_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried where there is no room, too: then Lambda says so."""
    stage = make_stage(tmp_path, ASKED)
    let(monkeypatch, Lambda(114))
    assert affordable_reservations(stage) == ["process_fast", "process_slow"]
    let(monkeypatch, Lambda(115))
    assert affordable_reservations(stage) == ["process_fast", "process_slow", "retry"]
    let(monkeypatch, Lambda(50))
    assert [change.what for change in _concurrency_changes(stage)] == [
        "app-dev-process_fast: reserved concurrency", "app-dev-process_slow: reserved concurrency",
    ]  # fmt: skip


def test_a_reservation_that_nobody_asks_for_ends(stage: DeploymentStage, monkeypatch: pytest.MonkeyPatch) -> None:
    account = let(monkeypatch, Lambda(10, process_fast=5))
    for change in _concurrency_changes(stage):
        change.apply()
    assert account.reserved == {}


def test_nothing_is_reserved_for_a_function_that_app_py_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    let(monkeypatch, Lambda(1000))
    assert affordable_reservations(make_stage(tmp_path, app="")) == ["process_slow"]
