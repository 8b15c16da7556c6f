"""FortiGate."""

from __future__ import annotations

from typing import Any

import pytest

from slips.errors import ParseError
from tests.each_case import each_case

from ..reading import one, read


@each_case(
    ("line", "fields"),
    [
        (b'type="traffic" srcport=52814 dstip=N/A', {"type": "traffic", "srcport": 52814, "dstip": "N/A"}),
        (b'type=event,msg="a, 34 > 12, b",user=,count=3', {"msg": "a, 34 > 12, b", "user": "", "count": 3}),
        (rb'path="C:\dir\" msg="say \"hi\" now" x="a=b"', {"path": "C:\\dir\\", "msg": 'say \\"hi\\" now', "x": "a=b"}),
        (b'sessionid=1 sessionid=2 level="x" level="x"', {"sessionid": ["1", "2"], "level": "x"}),
        (b'<189>date=2026-03-01 time=09:15:02 cert-type="CRL"', {"facility": 23, "cert-type": "CRL"}),
        (b'Mar  1 09:15:03 fw-2 logid="1"', {"hostname": "fw-2", "logid": "1"}),
    ],
)
def test_pairs_with_quotes_between_spaces_or_commas(line: bytes, fields: dict[str, Any]) -> None:
    event = one("fortigate", line).event
    assert {name: event[name] for name in fields} == fields


@each_case(
    ("line", "time"),
    [
        (b"eventtime=1772356502", "2026-03-01T09:15:02.000000+00:00"),
        (b"eventtime=1772356502481", "2026-03-01T09:15:02.481000+00:00"),
        (b"eventtime=1772356502481290", "2026-03-01T09:15:02.481290+00:00"),
        (b'date=2026-03-02 eventtime="1772356502481290123"', "2026-03-01T09:15:02.481290+00:00"),
        (b'date=2026-03-01 time=10:15:02 tz="+0100"', "2026-03-01T09:15:02.000000+00:00"),
        (b"date=2026-03-01,time=09:15:02,level=x", "2026-03-01T09:15:02.000000+00:00"),
        (b'time=09:15:02 tz="+0100"', None),
    ],
)
def test_the_time_is_eventtime_in_any_unit_else_date_and_time(line: bytes, time: str | None) -> None:
    assert one("fortigate", line).time == time


@each_case(
    ("line", "fields"),
    [
        (b'type="event" dstip=authid="krb" user="liz"', {"dstip": "", "authid": "krb", "user": "liz"}),
        (b'a=b="c=d" e=f', {"a": "", "b": "c=d", "e": "f"}),
        (b'type="event" url=/q?a=b c=d', {"url": "/q?a=b", "c": "d"}),
        (b'\0\0type="event" a=b\0\0c="d"\0', {"a": "b", "c": "d"}),
        (b"<189>\0date=2026-03-01 time=09:15:02\0\n", {"date": "2026-03-01", "time": "09:15:02"}),
    ],
)
def test_an_empty_value_without_a_space_and_nul_bytes(line: bytes, fields: dict[str, Any]) -> None:
    assert one("fortigate", line).event.items() >= fields.items()


def test_the_tag_is_the_type() -> None:
    assert one("fortigate", b'type="utm" subtype="ips"').tag == "fortigate.utm"
    assert one("fortigate", b"level=x").tag == "fortigate.unknown"


@each_case("mark", [b"CEF:0", b"<189>Mar  1 09:15:03 fw-2 CEF: 0", b"0"])
def test_cef_even_without_its_first_word(mark: bytes) -> None:
    reading = one(
        "fortigate", mark + b"|Fortinet|Fortigate|v7|28704|x|2|FTNTFGTeventtime=1772356502 cat=utm:app-ctrl spt=1"
    )
    assert (reading.tag, reading.time, reading["spt"]) == ("fortigate.utm", "2026-03-01T09:15:02.000000+00:00", 1)


@each_case(
    "broken",
    [b"", b"hello", b'a="open', b'a="b"c', b"a=1 stray b=2", b"eventtime=soon", b"x|Fortinet|", b"date=x time=y"],
)
def test_what_is_not_a_fortigate_line_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("fortigate", broken)


@each_case("record", [b"devname=fw-1 type=traffic", b"CEF:0|Fortinet|Fortigate|v7.4|13|traffic|3|act=a"])
def test_the_header_has_the_time_where_the_record_has_none(record: bytes) -> None:
    assert one("fortigate", b"Mar  1 09:15:02 fw-1 " + record).time == "2026-03-01T09:15:02.000000+00:00"


@each_case("field", ["timestamp", "itime"])
def test_other_times_of_a_record(field: str) -> None:
    line = f"Mar  1 09:15:04 fw-1 {field}=1772356502 devname=fw-1 type=traffic"
    assert one("fortigate", line.encode()).time == "2026-03-01T09:15:02.000000+00:00"


def test_cef_may_have_the_time_of_cef() -> None:
    line = b"Mar  1 09:15:04 fw-1 CEF:0|Fortinet|Fortigate|v7.4|13|traffic|3|start=1772356502000 act=a"
    assert one("fortigate", line).time == "2026-03-01T09:15:02.000000+00:00"
