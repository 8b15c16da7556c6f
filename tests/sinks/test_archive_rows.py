"""What a row of an archive holds, and where it lies."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from slips.errors import EventFailed
from slips.sinks.archive_rows import LARGE, make_line, name_file, shelf_of
from slips.sinks.base import Encoded

from .archived import NINE, document


def row(body: Any, **of_document: Any) -> Any:
    """Return the row of a document, without its event_id."""
    line = make_line(document(body, **of_document))
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    read = msgspec.json.decode(line)
    assert len(read.pop("event_id")) == 32
    return read


PLACE = {"source_bucket": "test-bucket", "source_key": "test-key", "position": 7}


def test_a_row_says_where_it_comes_from() -> None:
    one = document({"user": "ada", "list": [1, {"a": None}]}, 7)
    assert msgspec.json.decode(make_line(one)) == {
        "event_id": one.meta.event_id, **PLACE, "user": "ada", "list": [1, {"a": None}]
    }  # fmt: skip


@pytest.mark.parametrize("name", ["source_bucket", "source_key", "position", "Position", "SOURCE_KEY"])
def test_a_field_of_its_own_is_there_instead(name: str) -> None:
    left = {key: value for key, value in PLACE.items() if key != name.lower()}
    assert row({name: "own"}, position=7) == left | {name: "own"}


@pytest.mark.parametrize("name", ["event_id", "format", "year", "month", "day", "hour", "other_fields", "Hour"])
def test_what_would_be_hidden_is_renamed(name: str) -> None:
    assert row({name: 1, "a": 2}, position=7) == PLACE | {f"own_{name}": 1, "a": 2}


def test_a_new_name_takes_no_other_field_away() -> None:
    body = {"HOUR": 1, "own_hour": 2, "Own_Own_Hour": 3}
    assert row(body, position=7) == PLACE | {"own_own_own_HOUR": 1, "own_hour": 2, "Own_Own_Hour": 3}


class Login(msgspec.Struct):
    user: str
    hour: int


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ("text", {"value": "text"}),
        ([1, 2], {"value": [1, 2]}),
        (None, {"value": None}),
        (Login("ada", 9), {"user": "ada", "own_hour": 9}),
        ({1: "a"}, {"1": "a"}),
    ],
)
def test_a_document_of_any_type_is_a_row(body: Any, fields: dict[str, Any]) -> None:
    assert row(body, position=7) == PLACE | fields


def test_a_key_that_utf8_cannot_hold_is_escaped() -> None:
    assert row({}, key="a\udcff")["source_key"] == "a\\udcff"


@pytest.mark.parametrize("body", [{"a": "\ud800"}, "\ud800"])
def test_what_json_cannot_hold_is_refused(body: Any) -> None:
    with pytest.raises(EventFailed, match="cannot be written as JSON"):
        make_line(document(body))


@pytest.mark.parametrize(
    ("time", "folder"),
    [
        ("2026-03-01T00:59:59+01:00", "format=json/year=2026/month=02/day=28/hour=23/"),
        ("2026-12-31T23:59:59Z", "format=json/year=2026/month=12/day=31/hour=23/"),
        ("0099-01-02T03:04:05Z", "format=json/year=0099/month=01/day=02/hour=03/"),
    ],
)
def test_a_folder_is_an_hour_in_utc(time: str, folder: str) -> None:
    assert shelf_of(document({}, time=None, event={"time": time}).meta) == (folder, "")


def test_a_format_of_any_name_is_one_folder() -> None:
    meta = document({}).meta
    meta._context.format = "own/a=b"
    assert shelf_of(meta).folder.startswith("format=own%2Fa%3Db/year=")


def test_an_event_whose_time_cannot_be_read_is_in_the_folder_of_its_object() -> None:
    broken = shelf_of(document({}, time=None, event={"time": "yesterday"}).meta)
    assert broken == shelf_of(document({}, time=None, event={}).meta)


@pytest.mark.parametrize("time", [1e12, -1e12, float("inf"), float("nan")])
def test_a_time_that_no_calendar_has_is_refused(time: float) -> None:
    with pytest.raises(EventFailed, match=r"its time, \S+ seconds after 1970, is not in the years 1 to 9999"):
        shelf_of(document({}, time=time).meta)


def test_a_large_object_has_a_shelf_of_its_own() -> None:
    assert [shelf_of(document({}, size=size).meta).object_digest for size in (None, 0, LARGE - 1)] == ["", "", ""]
    large = [
        shelf_of(document({}, **each).meta).object_digest
        for each in (
            {"size": LARGE}, {"size": LARGE, "version": "2"}, {"size": LARGE, "key": "b"},
            {"size": LARGE, "bucket": "b"},
        )
    ]  # fmt: skip
    assert len(set(large)) == 4
    assert {len(each) for each in large} == {32}
    assert shelf_of(document({}, 2, size=LARGE, time=NINE + 1).meta).object_digest == large[0]


def rows_of(*positions: int) -> list[Encoded]:
    return [Encoded(document({}, at).meta, {}, make_line(document({}, at))) for at in positions]


def test_a_file_is_named_after_its_rows_and_its_large_object() -> None:
    small, large = (shelf_of(document({}, size=size).meta) for size in (1, LARGE))
    rows = rows_of(3, 4, 9)
    name = name_file(small, rows, b"the rows")
    assert len(name) == 32
    assert name_file(large, rows, b"the rows") == f"{large.object_digest}-3-9-{name}"
    assert name_file(small, rows, b"other rows") != name
