"""app.py as it ships: its functions on the samples."""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from chalicelib.testing import SlipsTester

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = sorted(path for path in (ROOT / "samples").rglob("*") if path.is_file())


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(ROOT))
    monkeypatch.delenv("SLIPS_CONFIG", raising=False)
    monkeypatch.delitem(sys.modules, "app", raising=False)
    yield importlib.import_module("app")
    sys.modules.pop("app", None)


def test_what_slips_warns_of_is_logged_though_the_app_has_its_name(app: ModuleType) -> None:
    """Chalice sets the logger of the app's name to ERROR."""
    assert logging.getLogger("slips").isEnabledFor(logging.WARNING)


def test_the_samples_hold_the_planted_faults_and_no_other(app: ModuleType) -> None:
    run = SlipsTester(app.slips)
    for path in SAMPLES:
        bucket, *key = path.relative_to(ROOT / "samples").parts
        outcome = run.file(path, bucket=bucket, key="/".join(key))
        assert outcome.books.events > 0, path
    found = sorted((failure.stage, failure.format, failure.processor) for failure in run.errors.items.values())
    assert found == [("parse", "door-badge", ""), ("process", "g-suite-login", "watch_logins")]


def test_a_login_is_counted(app: ModuleType) -> None:
    login = {"id": {"time": "2026-03-01T09:15:02Z"}, "actor": {"email": "ada@example.com"}}
    assert SlipsTester(app.slips).lines("g-suite-login", [login]).delivered["watch_logins"] == 1
