"""What `slips run` says while it waits."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from slips.errors import StoreError
from slips.model import utc
from slips.ops.run.waiting import describe_due, describe_wait, wait_line
from slips.quarantine import Filter, Quarantine

from ...builders import config

INBOX = "inbox/<bucket>/<key>"


@pytest.mark.parametrize(
    ("running", "due", "text"),
    [
        ({}, "", f"waiting for files in {INBOX}"),
        ({}, "waiting to try 1 item again", "waiting to try 1 item again"),
        ({"dispatch": 0.5}, "", f"waiting for files in {INBOX}"),
        ({"dispatch": 3.0}, "waiting to try 1 item again", "dispatch is at work"),
        ({"process_fast": 3.0}, "", "process_fast is at work"),
        ({"process_slow": 3.0}, "", "the slow lane is at work, or waits: its `delay` is 30 s after a full batch"),
    ],
)
def test_a_run_says_what_it_waits_for(running: dict[str, float], due: str, text: str) -> None:
    of = config()
    slow = msgspec.structs.replace(of.slow, delay=30.0)
    assert describe_wait(running, msgspec.structs.replace(of, slow=slow), due, INBOX) == text


def waiting(*retry_at: int, fault: Exception | None = None) -> Quarantine:
    """A quarantine in which items wait until these times."""

    def page(selected: Filter, most: int) -> Any:
        assert (selected, most) == (Filter(state="waiting"), 500)
        if fault is not None:
            raise fault
        return SimpleNamespace(items=[SimpleNamespace(retry_at=at) for at in retry_at])

    return cast("Quarantine", SimpleNamespace(page=page))


@pytest.mark.parametrize(
    ("retry_at", "text"),
    [
        ((), ""),
        ((90,), "waiting to try 1 item again, the next after 12:01:30Z; `slips errors --local` says why"),
        ((90, 30, 0), "waiting to try 3 items again, the next after 12:00:30Z; `slips errors --local` says why"),
        ((0,) * 500, "waiting to try 500 items or more again; `slips errors --local` says why"),
    ],
)
def test_what_is_due_comes_with_its_next_time(retry_at: tuple[int, ...], text: str) -> None:
    noon = int(utc.epoch("2026-03-01T12:00:00Z"))
    assert describe_due(waiting(*(at and noon + at for at in retry_at))) == text


def test_where_the_table_does_not_answer_nothing_is_said() -> None:
    assert describe_due(waiting(fault=StoreError("gone"))) == ""


def test_a_pipe_gets_each_text_once(capsys: pytest.CaptureFixture[str]) -> None:
    with wait_line() as show:
        for text in ("a", "a", "b", "a"):
            show(text)
    assert capsys.readouterr() == ("", "a\nb\n")
