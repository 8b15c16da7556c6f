"""What is set behind Chalice: the values, and Lambda's state while it is still at work."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from botocore.exceptions import ClientError

from slips import aws
from slips.config import LaneConfig
from slips.errors import DeploymentError
from slips.ops import cli
from slips.ops.deploy import event_sources
from slips.ops.deploy.event_sources import changed_settings, update_event_source
from slips.ops.deploy.lambda_settings import event_source_settings
from slips.ops.deploy.retry_conflicts import retry_conflicts

LANE = LaneConfig(name="slow", stream="slips-slow")


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slips.ops.deploy.retry_conflicts.PAUSE", 0)
    monkeypatch.setattr(event_sources, "PAUSE", 0)


@pytest.mark.parametrize(("hours", "age"), [(24, 74_057), (168, 518_400), (8_760, 604_800)])
def test_a_record_is_given_up_while_the_stream_still_holds_it(hours: int, age: int) -> None:
    """And not later than Lambda can be told: a week."""
    assert event_source_settings(LANE, hours)["MaximumRecordAgeInSeconds"] == age


def test_what_lambda_leaves_out_is_at_its_default() -> None:
    assert (
        changed_settings({"FilterCriteria": {"Filters": []}}, {"FilterCriteria": {}, "FunctionResponseTypes": []}) == {}
    )
    found = {"FilterCriteria": {"Filters": [{"Pattern": "{}"}]}}
    assert changed_settings(found, {"FilterCriteria": {}}) == {"FilterCriteria": (found["FilterCriteria"], {})}


class Lambda:
    """A mapping that is at work for some looks after each change, and refuses to be changed meanwhile."""

    def __init__(self, busy: int) -> None:
        self.busy, self.changes = busy, 0

    def get_event_source_mapping(self, UUID: str) -> dict[str, str]:
        self.busy = max(0, self.busy - 1)
        return {"State": "Updating" if self.busy else "Enabled"}

    def update_event_source_mapping(self, UUID: str, **_: Any) -> None:
        assert not self.busy, "ResourceInUseException"
        self.changes, self.busy = self.changes + 1, 3


def test_a_mapping_is_changed_when_it_is_at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Lambda(busy=3)  # As `chalice deploy` leaves it.
    monkeypatch.setattr(aws, "client", lambda name: found)
    update_event_source("slow", {"UUID": "1"}, {"BatchSize": 1})
    assert (found.changes, found.busy) == (1, 0)


def test_a_mapping_that_comes_to_no_rest_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_sources, "PATIENCE", 0)
    monkeypatch.setattr(aws, "client", lambda name: Lambda(busy=10**6))
    with pytest.raises(DeploymentError, match="its mapping is still Updating; call this again"):
        update_event_source("slow", {"UUID": "1"}, {"BatchSize": 1})


def refusals(*codes: str, message: str = "") -> Any:
    left = list(codes)

    def call() -> str:
        if left:
            raise ClientError({"Error": {"Code": left.pop(0), "Message": message}}, "Put")
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
def test_what_passes_is_waited_for(codes: tuple[str, ...], message: str) -> None:
    assert retry_conflicts(refusals(*codes, message=message)) == "done"


@pytest.mark.parametrize("code", ["InvalidParameterValueException", "AccessDeniedException"])
def test_what_does_not_pass_is_told_at_once(code: str) -> None:
    with pytest.raises(ClientError):
        retry_conflicts(refusals(code, message="below its minimum value"))


@pytest.mark.parametrize(
    ("gathered", "delay", "own"),
    [(5, 0, 5), (30, 30, 5), (0, 0, 0), (12, 0, 12)],
    ids=["", "delayed", "off", "limited"],
)
def test_a_lanes_window_is_told_apart_from_its_delay(
    monkeypatch: pytest.MonkeyPatch, gathered: int, delay: float, own: int
) -> None:
    lane = LaneConfig(name="slow", stream="s", batch_window=5, delay=delay)
    module: Any = sys.modules[f"{cli.__name__}.limit"]  # Its package has the command under this name.
    monkeypatch.setattr(module, "read_limits", lambda function, known: known)
    mapping = {
        "FunctionArn": "arn:aws:lambda:e:1:function:f",
        "BatchSize": 10,
        "MaximumBatchingWindowInSeconds": gathered,
    }
    assert module._present(lane, mapping)["window"] == own
