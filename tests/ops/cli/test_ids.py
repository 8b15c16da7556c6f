"""Ids and fingerprints may be abbreviated, where only one begins with what was typed."""

from __future__ import annotations

import click
import pytest

from slips.errors import NotFound
from slips.ops.cli import ids
from slips.ops.cli.ids import find_fingerprint, find_item_id, find_item_ids
from slips.quarantine import Quarantine

from ... import error_table
from ...builders import failure
from ...memory_dynamodb import MemoryDynamoDB
from .conftest import Deployed

FIRST, SECOND = "0123456789abcdef", "01234567ffffffff"


@pytest.fixture
def quarantine() -> Quarantine:
    """A table with two items whose ids begin alike."""
    dynamodb = MemoryDynamoDB()
    quarantine = Quarantine(dynamodb, error_table.create(dynamodb), max_attempts=3)
    quarantine.record([failure(FIRST, fingerprint="f" * 16), failure(SECOND, fingerprint="f" * 8 + "0" * 8)])
    return quarantine


def test_an_abbreviation_that_only_one_id_begins_with_is_that_id(quarantine: Quarantine) -> None:
    assert find_item_id(quarantine, FIRST[:9]) == FIRST
    assert find_item_id(quarantine, FIRST) == FIRST


def test_an_abbreviation_of_several_lists_them(quarantine: Quarantine) -> None:
    with pytest.raises(click.UsageError, match=f"01234567 is not unique: {FIRST}, {SECOND}"):
        find_item_id(quarantine, "01234567")


@pytest.mark.parametrize("text", ["0123456", "0123456789abcdee", ""])
def test_what_is_too_short_or_begins_none_is_not_found(quarantine: Quarantine, text: str) -> None:
    with pytest.raises(NotFound):
        find_item_id(quarantine, text)


def test_of_several_those_that_do_not_exist_stay(quarantine: Quarantine) -> None:
    assert find_item_ids(quarantine, [FIRST[:10], "no-such-item"]) == (FIRST, "no-such-item")


def test_fingerprints_likewise(quarantine: Quarantine) -> None:
    assert find_fingerprint(quarantine, "f" * 9) == "f" * 16
    assert find_fingerprint(quarantine, "e" * 9) is None
    with pytest.raises(click.UsageError, match="write 8 digits or more"):
        find_fingerprint(quarantine, "f" * 7)
    with pytest.raises(click.UsageError, match="is not unique"):
        find_fingerprint(quarantine, "f" * 8)


def test_what_may_not_be_unique_is_refused(quarantine: Quarantine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A drain must not take an item that was meant for another."""
    monkeypatch.setattr(ids, "LOOK_SECONDS", 0.0)
    with pytest.raises(click.UsageError, match="only the newest items were looked at; give the whole id"):
        find_item_id(quarantine, SECOND[:9])


def test_the_commands_take_abbreviations(deployed: Deployed) -> None:
    request_id = deployed.failed("in/abbreviated", {"n": 1, "bad": "abbreviated"})
    assert f"RequestID:{request_id}" in deployed.run("error", request_id[:12]).stdout
    assert "bad: abbreviated" in deployed.run("local", "-r", request_id[:12]).stderr
    [row] = deployed.errors("in/abbreviated")
    assert request_id in deployed.run("errors", "--fingerprint", row.fingerprint[:12]).stdout
    assert deployed.run("drain", "--id", request_id[:12]).stdout == "drained: 1, remaining: 0\n"
