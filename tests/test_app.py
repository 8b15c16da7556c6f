"""app.py as it ships: its functions on the samples. An example for tests of your own (docs/testing.md)."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from slips.testing import SlipsTester, make_meta, slips_fixture

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = sorted(path for path in (ROOT / "samples").rglob("*") if path.is_file())
LOGIN = {"id": {"time": "2026-03-01T09:15:02Z"}, "actor": {"email": "ada@example.com"}}

run = slips_fixture("app")


def test_what_slips_warns_of_is_logged_though_the_app_has_its_name(run: SlipsTester) -> None:
    """Chalice sets the logger of the app's name to ERROR."""
    assert run is not None
    assert logging.getLogger("slips").isEnabledFor(logging.WARNING)


def test_the_samples_hold_no_fault_but_the_planted_ones(run: SlipsTester) -> None:
    """Two faults are planted for the walk of docs/api.md. An app.py in which they are fixed passes, too."""
    for path in SAMPLES:
        bucket, *key = path.relative_to(ROOT / "samples").parts
        outcome = run.file(path, bucket=bucket, key="/".join(key))
        assert outcome.books.events > 0, path
    faults = {(failure.stage, failure.format, failure.processor) for failure in run.errors.items.values()}
    assert faults <= {("parse", "door-badge", ""), ("process", "g-suite-login", "watch_logins")}


def test_a_login_is_counted(run: SlipsTester) -> None:
    outcome = run.lines("g-suite-login", [LOGIN])
    outcome.check()
    assert outcome.delivered == {"watch_logins": 1, "count": 1}


def test_a_login_without_an_actor_costs_itself_alone(run: SlipsTester) -> None:
    outcome = run.lines("g-suite-login", [LOGIN, {"id": LOGIN["id"]}, LOGIN])
    assert {(error.processor, error.positions) for error in outcome.errors} <= {("watch_logins", "2")}
    assert outcome.delivered["watch_logins"] + len(outcome.errors) == outcome.delivered["count"] == 3


def test_records_that_cannot_be_a_console_login_are_not_decoded(run: SlipsTester) -> None:
    records = [{"eventName": "ConsoleLogin", "eventType": "AwsConsoleSignIn"}, {"eventName": "GetObject"}]
    outcome = run.lines("cloudtrail", records)
    assert [event["eventName"] for _, event in outcome.events["index_console_logins"]] == ["ConsoleLogin"]


@pytest.mark.parametrize("killed_after", [0, 1, 2, 3, "flush"])
def test_a_kill_at_any_moment_loses_no_login(run: SlipsTester, killed_after: int) -> None:
    outcome = run.lines("g-suite-login", [LOGIN] * 3, kill_after=killed_after)
    assert {meta.position for meta, _ in outcome.events["watch_logins"]} == {1, 2, 3}


def test_a_function_is_called_like_any_other(run: SlipsTester) -> None:
    assert run.module is not None
    run.module.watch_logins(make_meta(LOGIN, format="g-suite-login"), LOGIN)
