"""Discarding many items ends in time, and continues at its cursor."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from slips.errors import BadRequest
from slips.model import utc
from slips.quarantine import DiscardRequest, Filter, Quarantine, discard, discard_one

from ..builders import failure
from ..error_table import NOW, SKEWED, Tapped, Time
from .test_listing import at, fill


def request(cursor: str = "") -> DiscardRequest:
    return DiscardRequest(reason="test data", fingerprint="f1", cursor=cursor)


def test_it_ends_before_its_deadline_and_continues_at_the_cursor(
    quarantine: Quarantine, tapped: Tapped, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(call: Any, **request: Any) -> Any:
        time.now += 100
        return call(**request)

    monkeypatch.setattr(sys.modules["slips.quarantine.discard"], "CHUNK", 4)
    fill(quarantine, 10)
    tapped.on["delete_item"] = slow
    first = discard(request(), quarantine, NOW + 150, time)
    assert (first.discarded, bool(first.cursor)) == (4, True)
    quarantine.record([failure("later", failed_at=at(10_000))])
    second = discard(request(first.cursor), quarantine, NOW + 10_000, time)
    assert (second.discarded, second.cursor) == (6, "")
    assert [row.request_id for row in quarantine.page(Filter()).items] == ["later"]


@SKEWED
def test_it_takes_what_had_failed_whatever_the_clock_says(quarantine: Quarantine, time: Time, skew: float) -> None:
    quarantine.record([failure("new", failed_at=utc.iso(time.now), fingerprint="f1")])
    clock = Time(time.now + skew)
    assert discard(request(), quarantine, clock() + 60, clock).discarded == 1


def test_a_broken_cursor_is_refused(quarantine: Quarantine) -> None:
    with pytest.raises(BadRequest, match="cursor: "):
        discard(request("broken"), quarantine, NOW)


def test_one_item_is_discarded_with_a_line_in_the_log(quarantine: Quarantine, caplog: pytest.LogCaptureFixture) -> None:
    fill(quarantine, 1)
    discard_one(quarantine, "r0000", "of a test\nbench")
    assert caplog.messages == [f"{word} r0000: 'of a test\\nbench'" for word in ("discarding", "discarded")]
    assert quarantine.page(Filter()).items == ()
