"""Every format reads its good record and the oddest good one, and refuses broken ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from slips.errors import ParseError
from slips.formats.raw import RawFormat
from slips.formats.registry import all_formats, get
from tests.each_case import each_case

from .cases import Case, aws, cloud, endpoint, general, host, identity, microsoft, network, saas, web
from .reading import one, read

TABLES = (general, aws, cloud, microsoft, identity, saas, endpoint, host, web, network)
CASES: dict[str, Case] = {name: case for table in TABLES for name, case in table.CASES.items()}
every_case = each_case("name", CASES)


def split(name: str, record: bytes) -> list[bytes]:
    """Return the records of a case: a header is in lines of its own, but a format of several lines has one record."""
    headed = get(name).framing in ("s3-lines", "s3-csv") and record.startswith((b"#", b'"EVENT_TYPE"', b"time,"))
    if headed or (get(name).framing == "s3-csv" and record.startswith((b"EVENT_T", b"QUERY_", b"created_at"))):
        return record.split(b"\n") if record.startswith(b"#") else record.split(b"\n", 1)
    return [record]


def test_every_format_has_a_good_an_odd_and_a_broken_record() -> None:
    known = {format.name for format in all_formats() if not isinstance(format, RawFormat)}
    assert known == set(CASES)
    assert sum(len(table.CASES) for table in TABLES) == len(CASES)


@every_case
def test_the_good_record_has_its_tag_and_time(name: str) -> None:
    reading = one(name, *split(name, get(name).example))
    assert reading.tag == CASES[name].tag
    assert reading.time is not None
    assert reading.time.startswith("2026-03-01T09:15:0")


@every_case
def test_the_odd_record_is_good_too(name: str) -> None:
    case = CASES[name]
    readings = read(name, *split(name, case.record))
    if case.time is None:
        assert readings == []
        return
    (reading,) = readings
    expected = datetime.fromisoformat(case.time).astimezone(UTC)
    assert reading.time is not None
    assert datetime.fromisoformat(reading.time) == expected
    assert reading.tag == (case.odd_tag or case.tag)
    assert {field: reading.event.get(field) for field in case.has} == case.has


def broken_cases() -> list[Any]:
    """Return the broken records; for JSON formats also some that no JSON format may accept."""
    cut = (b"{", b'"text"', b"[1]", b"\xff", b'{"a":1}}', b"")
    return [
        pytest.param(name, record, id=f"{name}-{record[:30]!r}")
        for name, case in CASES.items()
        for record in (case.broken or (*cut, get(name).example[:-5]))
    ]


@each_case(("name", "record"), broken_cases())
def test_a_broken_record_is_refused(name: str, record: bytes) -> None:
    with pytest.raises(ParseError):
        read(name, *split(name, record))
