"""The settings that Chalice does not know, and Lambda while it is still changing them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from slips import aws
from slips.config import LaneConfig
from slips.errors import DeploymentError
from slips.ops.deploy import lane_limits
from slips.ops.deploy.event_sources import changed_settings, update_event_source
from slips.ops.deploy.lambda_settings import event_source_settings
from slips.ops.deploy.lane_limits import read_limits
from slips.ops.deploy.retry_conflicts import PATIENCE, retry_conflicts

from .conftest import Clock

LANE = LaneConfig(name="slow", stream="slips-slow")


pytestmark = pytest.mark.usefixtures("clock")


@pytest.mark.parametrize(("hours", "age"), [(24, 74_057), (168, 518_400), (8_760, 604_800)])
def test_lambda_gives_up_a_record_while_the_stream_still_holds_it(hours: int, age: int) -> None:
    """And at the latest after a week, Lambda's limit."""
    assert event_source_settings(LANE, hours)["MaximumRecordAgeInSeconds"] == age


def test_what_lambda_leaves_out_is_at_its_default() -> None:
    defaults = {"FilterCriteria": {}, "FunctionResponseTypes": []}
    assert changed_settings({"FilterCriteria": {"Filters": []}}, defaults) == {}
    filters = {"Filters": [{"Pattern": "{}"}]}
    assert changed_settings({"FilterCriteria": filters}, {"FilterCriteria": {}}) == {"FilterCriteria": (filters, {})}


class Lambda:
    """An event source that is busy for some looks after each change, and cannot be changed while it is."""

    def __init__(self, busy: int) -> None:
        self.busy, self.changes = busy, 0

    def get_event_source_mapping(self, UUID: str) -> dict[str, str]:
        self.busy = max(0, self.busy - 1)
        return {"State": "Updating" if self.busy else "Enabled"}

    def update_event_source_mapping(self, UUID: str, **_: Any) -> None:
        assert not self.busy, "ResourceInUseException"
        self.changes, self.busy = self.changes + 1, 3


def test_an_event_source_is_changed_once_it_is_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Lambda(busy=3)  # As `chalice deploy` leaves it.
    monkeypatch.setattr(aws, "client", lambda name: client)
    update_event_source("slow", {"UUID": "1"}, {"BatchSize": 1})
    assert (client.changes, client.busy) == (1, 0)


def test_an_event_source_that_never_settles_ends_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "client", lambda name: Lambda(busy=10**6))
    with pytest.raises(DeploymentError, match="its event source is still Updating; run this command again"):
        update_event_source("slow", {"UUID": "1"}, {"BatchSize": 1})


def refusals(*codes: str, message: str = "") -> Any:
    remaining = list(codes)

    def call() -> str:
        if remaining:
            raise ClientError({"Error": {"Code": remaining.pop(0), "Message": message}}, "Put")
        return "done"

    return call


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        (("ResourceConflictException", "ResourceInUseException"), "an update is in progress"),
        (
            ("InvalidParameterValueException",),
            "The function's execution role does not have permissions to call Publish",
        ),
    ],
)
def test_a_conflict_is_retried_until_it_passes(codes: tuple[str, ...], message: str) -> None:
    assert retry_conflicts(refusals(*codes, message=message)) == "done"


@pytest.mark.parametrize("code", ["InvalidParameterValueException", "AccessDeniedException"])
def test_any_other_refusal_is_raised_at_once(code: str, clock: Clock) -> None:
    with pytest.raises(ClientError):
        retry_conflicts(refusals(code, message="below its minimum value"))
    assert clock.seconds == 0


def test_a_conflict_that_lasts_is_raised_after_a_minute(clock: Clock) -> None:
    with pytest.raises(ClientError):
        retry_conflicts(refusals(*["ResourceConflictException"] * 99))
    assert clock.seconds == PATIENCE


@pytest.mark.parametrize(
    ("seconds", "delay", "own"),
    [(5, 0, 5), (30, 30, 5), (0, 0, 0), (12, 0, 12)],
    ids=["", "delayed", "off", "limited"],
)
def test_the_window_of_a_lane_is_not_confused_with_its_delay(
    monkeypatch: pytest.MonkeyPatch, seconds: int, delay: float, own: int
) -> None:
    lane = LaneConfig(name="slow", stream="s", batch_window=5, delay=delay)
    monkeypatch.setattr(lane_limits, "read_function_limits", lambda function, lane: lane)
    source = {
        "FunctionArn": "arn:aws:lambda:e:1:function:f",
        "BatchSize": 10,
        "MaximumBatchingWindowInSeconds": seconds,
    }
    assert read_limits(lane, source).window == own
