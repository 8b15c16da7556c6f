"""A line in the log for each object that ended: what became of it, and where to look for more."""

from __future__ import annotations

from typing import Any

import pytest

from slips.model import work_item
from slips.testing import SlipsTester

from .conftest import MakeSlips
from .test_delivery import raise_on

EIGHT = [b'{"n":1}\n{"n":2}\n{"n":3}\nbroken\n', *[b'{"n":1}\n'] * 7]


def run_objects(make_slips: MakeSlips, caplog: pytest.LogCaptureFixture, *lines: str) -> list[dict[str, Any]]:
    """The fields of the lines of eight objects, one of which has a bad event and a bad record."""
    caplog.set_level("INFO", "slips")
    slips = make_slips(*lines)
    slips.on_format("json")(raise_on(2))
    run = SlipsTester(slips)
    refs = [run.objects.put("logs", f"json/{number}", content) for number, content in enumerate(EIGHT)]
    run.items([work_item(ref, "s") for ref in refs])
    return [vars(record) for record in caplog.records if "records" in vars(record)]


def test_names_object_work_format_books_and_seconds(make_slips: MakeSlips, caplog: pytest.LogCaptureFixture) -> None:
    fields = run_objects(make_slips, caplog)
    assert [each["object"] for each in fields] == [f"s3://logs/json/{number}" for number in range(8)]
    assert len({each["work_id"] for each in fields}) == 8
    names = ("format", "records", "events", "unparsable", "delivered", "quarantined", "waiting")
    assert [fields[0][name] for name in names] == ["json", 4, 3, 1, 2, 1, 0]
    assert all(0 <= each["seconds"] < 60 for each in fields)
    assert fields[0]["message"] == "object done"


def test_says_where_the_object_was_gone(make_slips: MakeSlips, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "slips")
    slips = make_slips()
    slips.on_format("json")(raise_on())
    run = SlipsTester(slips)
    ref = run.objects.put("logs", "json/gone", b"")
    run.objects.contents.clear()
    run.object(ref)
    assert [record.message for record in caplog.records if "records" in vars(record)] == ["object gone"]


def test_is_left_out_on_request(make_slips: MakeSlips, caplog: pytest.LogCaptureFixture) -> None:
    assert run_objects(make_slips, caplog, "log_objects: false") == []
