"""The function that tries again what waits: an app.py may have it, lack it as earlier ones do, or lose it."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest

from slips import aws
from slips.config.settings import RETRY_MISSING
from slips.ops.deploy.account import current_account
from slips.ops.deploy.deploy import plan_removal
from slips.ops.deploy.drift.wiring import wiring_drift

from .conftest import Clock
from .emulated_project import EmulatedProject
from .emulated_world import OTHERS, World, backend, deploy

LINE = 'retry = app.schedule("rate(1 minute)")(slips.retry)\n'
_number = count(1)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> World:
    """A project of which nothing is deployed."""
    name = f"retry-{next(_number)}"
    place: Any = {"LocationConstraint": "eu-central-1"}
    aws.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=place)
    return World(EmulatedProject(tmp_path / name, name, monkeypatch), clock)


def edit(world: World, old: str, new: str) -> None:
    """Edit app.py."""
    path = world.project.folder / "app.py"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def rules(world: World) -> list[str]:
    """The rules of EventBridge that call a function of the project."""
    names = backend("events").event_buses["default"].rules
    return [name for name in names if name.startswith(f"{world.name}-")]


def roles(world: World) -> list[str]:
    return [each.name for each in backend("iam").roles.values() if each.name.startswith(f"{world.name}-dev-retry")]


def test_an_app_of_an_earlier_version_is_deployed_and_the_line_that_it_lacks_is_named(world: World) -> None:
    edit(
        world,
        LINE,
        "class tenacity:\n    retry = staticmethod(lambda function: function)\n\n\n@tenacity.retry\ndef send(): ...\n",
    )
    deployed = deploy(world.write())
    assert RETRY_MISSING in deployed.warnings
    assert (world.functions() & {*OTHERS}, rules(world), roles(world)) == ({*OTHERS} - {"retry"}, [], [])
    assert not (world.project.folder / ".chalice" / "policy-dev-retry.json").exists()


def test_the_line_can_be_added_and_taken_away(world: World) -> None:
    edit(world, LINE, "")
    deploy(world.write())
    edit(world, "app.route", f"{LINE}app.route")
    assert RETRY_MISSING not in deploy(world.write()).warnings
    assert ("retry" in world.functions(), len(rules(world)), len(roles(world))) == (True, 1, 1)
    edit(world, LINE, "")
    assert RETRY_MISSING in deploy(world.write()).warnings
    assert ("retry" in world.functions(), rules(world), roles(world)) == (False, [], [])


def test_the_logs_of_a_function_that_was_taken_away_are_removed_with_the_others(world: World) -> None:
    deploy(world.write())
    edit(world, LINE, "")
    deploy(world.write())
    group = f"log group /aws/lambda/{world.name}-dev-retry"
    assert group in {str(store) for store in plan_removal(world.write(), current_account(), data=True).stores}


def drift(world: World) -> list[str]:
    """What the check of the account says of the function, and of what calls it."""
    stage = world.write()
    return [line for line in wiring_drift(stage, current_account()) if f"{stage.function_name('retry')}" in line]


def test_the_check_of_the_account_names_a_schedule_that_calls_nobody(world: World) -> None:
    """What waits would wait in silence: the alarm on it has no figures where nothing runs."""
    deploy(world.write())
    assert drift(world) == []
    [rule] = rules(world)
    aws.client("events").disable_rule(Name=rule)
    assert drift(world) == [f"rule {rule}: is DISABLED, should be ENABLED; run: aws events enable-rule --name {rule}"]
    aws.client("events").remove_targets(Rule=rule, Ids=["1"])
    line = f"function {world.name}-dev-retry: no schedule calls it; run: slips deploy --stage dev"
    assert drift(world) == [line]
    deploy(world.write())
    assert drift(world) == []


def test_the_check_of_the_account_expects_no_schedule_of_an_app_that_lacks_it(world: World) -> None:
    edit(world, LINE, "")
    deploy(world.write())
    assert drift(world) == []
