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


def test_fingerprints_likewise_and_unknown_ones_stay(quarantine: Quarantine) -> None:
    assert find_fingerprint(quarantine, "f" * 9) == "f" * 16
    assert find_fingerprint(quarantine, "e" * 9) == "e" * 9
    assert find_fingerprint(quarantine, "") == ""
    with pytest.raises(click.UsageError, match="is not unique"):
        find_fingerprint(quarantine, "f" * 8)


def test_a_table_that_takes_too_long_is_not_read_to_its_end(
    quarantine: Quarantine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ids, "LOOK_SECONDS", 0.0)
    assert find_item_id(quarantine, SECOND[:9]) == SECOND
    assert "only the newest items were looked at" in capsys.readouterr().err
