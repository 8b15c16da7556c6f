"""The run of `make live`, against the emulated account: what it plants happens, what it removes is gone, and it tells a
lost event."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import pytest

from slips import aws

from ..deployment.deployed_functions import DeployedFunctions
from ..deployment.emulator import Emulator
from ..deployment.events import of_schedule
from ..deployment.project import REGION, environment
from ..lambda_runtime import InvocationError
from .account import STAGE, TIMEOUT, LiveAccount
from .objects import PREFIX, plan_objects
from .page import describe_costs, write_page
from .run import Result, play

NAME = "slips-live-test"


@pytest.mark.slow
def test_a_run_in_the_emulated_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator() as emulator:
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        aws.reset()
        monkeypatch.setattr("tests.live.run.PAUSE", 0.5)
        monkeypatch.setattr("tests.live.account.TIMEOUT", 12)
        live = LiveAccount(NAME, tmp_path)
        live._variables = {**environment(live.project), **emulator.environment}
        objects = list(plan_objects(2, 12))
        with played(live, emulator, tmp_path):
            result = play(live, objects, print, patience=240.0)
        assert result.left == []
        assert result.lost == {"taken": [], "sent": []}
        assert result.is_sound
        assert len(result.canaries) == 1
        assert "done" in result.canaries[0]
        assert result.happened["kill"] == result.planted["kill"] > 2
        assert result.happened["stall"] == result.planted["stall"] == 1
        assert result.failed > 0
        assert live.remove() == []
        assert emulator.client("lambda").list_functions()["Functions"] == []
        assert emulator.client("s3").list_buckets()["Buckets"] == []
        assert emulator.client("kinesis").list_streams()["StreamNames"] == []
        assert emulator.client("dynamodb").list_tables()["TableNames"] == []
    aws.reset()


@contextmanager
def played(live: LiveAccount, emulator: Emulator, folder: Path) -> Iterator[None]:
    """Play S3, SNS, Lambda and the schedule, until the block ends."""
    functions = DeployedFunctions(emulator, live.project, folder, tries=30)
    ended = Event()
    seen: set[str] = set()
    faults: list[BaseException] = []
    s3, missing = emulator.client("s3"), emulator.client("lambda").exceptions.ResourceNotFoundException

    def step() -> None:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=live.bucket, Prefix=PREFIX)
        for found in [each for page in pages for each in page.get("Contents", ()) if each["Key"] not in seen]:
            if functions.notify(live.bucket, found["Key"], found["Size"]):
                seen.add(found["Key"])
        functions.process()
        if seen:
            with suppress(InvocationError):
                functions.invoke(f"{NAME}-{STAGE}-retry", of_schedule())

    def run() -> None:
        try:
            while not ended.wait(0.2):
                with suppress(s3.exceptions.NoSuchBucket, missing):
                    step()
        except BaseException as fault:
            faults.append(fault)

    player = Thread(target=run)
    player.start()
    try:
        yield
    finally:
        ended.set()
        player.join()
        functions.close()
        if faults:
            raise faults[0]


def test_the_first_objects_have_every_fault_that_passes() -> None:
    objects = list(plan_objects(1, 30))
    kinds = Counter(kind for planted in objects for kind in planted.faults)
    assert set(kinds) == {"kill", "stall", "later", "fail", "broken"}
    assert [planted.faults["kill"] for planted in objects[:3]] == [1, 1, 1]
    assert objects == list(plan_objects(1, 30))
    assert TIMEOUT < 900


def result(**changes: object) -> Result:
    sound = Result(
        objects=1, events=2, lost={"taken": [], "sent": []}, twice={"taken": 1, "sent": 0},
        planted=Counter(kill=3, fail=1), happened=Counter(kill=2), failed=1, left=[], canaries=["s3://b/c: done"],
        seconds={"until all objects had ended": 61.0}, cold_starts="none",
    )  # fmt: skip
    return sound._replace(**changes)  # type: ignore[arg-type]


def test_the_page_says_what_was_seen() -> None:
    page = write_page(result(), region=REGION, seed=7, commands={"slips deploy": 61.0, "slips errors --json": 2.0})
    assert "1 objects, 2 events, nothing was lost" in page
    assert "| faults of kind `kill` | 3 planted, 2 happened |" in page
    assert "| events more than once, function `taken` | 1 |" in page
    assert "- `slips deploy`: 61 s" in page
    assert "slips errors" not in page


def test_a_lost_event_and_what_is_left_are_not_sound() -> None:
    lost = result(lost={"taken": ["0-1"], "sent": []})
    left = result(left=[json.dumps({"id": "a"})])
    assert not lost.is_sound
    assert not left.is_sound
    assert "- `taken`: 0-1" in write_page(lost, region=REGION, seed=7, commands={})
    assert "NOT SOUND" in write_page(left, region=REGION, seed=7, commands={})


def test_costs_are_said_with_their_date() -> None:
    assert any("$0.09 an hour" in line for line in describe_costs())
