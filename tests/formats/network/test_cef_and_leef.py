"""CEF and LEEF."""

from __future__ import annotations

from typing import Any

import pytest

from slips.errors import ParseError
from tests.each_case import each_case

from ..reading import one, read

HEAD = b"CEF:0|Example \\| Systems|Gate\\\\keeper|4.2|100|Connection refused|5|"


def test_header_and_extension_are_unescaped_side_by_side() -> None:
    line = one("cef", HEAD + rb"src=192.0.2.41 spt=52814 cfp1=0.5 msg=a \= b\nc \\ d cs1=x|y cs2= act=drop it")
    assert line.event == {
        "Version": "0",
        "Device Vendor": "Example | Systems",
        "Device Product": "Gate\\keeper",
        "Device Version": "4.2",
        "Device Event Class ID": "100",
        "Name": "Connection refused",
        "Severity": 5,
        "src": "192.0.2.41",
        "spt": 52814,
        "cfp1": 0.5,
        "msg": "a = b\nc \\ d",
        "cs1": "x|y",
        "cs2": "",
        "act": "drop it",
    }
    assert line.tag == "cef.Example | Systems"


@each_case(
    ("extension", "time"),
    [
        (b"rt=1772356502481 end=1", "2026-03-01T09:15:02.481000+00:00"),
        (b"end=Mar 01 2026 09:15:02.481 UTC", "2026-03-01T09:15:02.481000+00:00"),
        (b"start=Mar 01 09:15:02", "2026-03-01T09:15:02.000000+00:00"),
        (b"rt= start=2026-03-01T10:15:02+01:00", "2026-03-01T09:15:02.000000+00:00"),
        (b"endTime=Sun Mar  1 09:15:02 2026", "2026-03-01T09:15:02.000000+00:00"),
        (b"src=192.0.2.41", None),
    ],
)
def test_the_time_is_rt_else_end_else_start(extension: bytes, time: str | None) -> None:
    assert one("cef", HEAD + extension).time == time


def test_the_extension_may_be_empty() -> None:
    assert one("cef", HEAD)["Name"] == "Connection refused"


def test_without_a_time_of_its_own_an_event_has_the_syslog_headers() -> None:
    line = one("cef", b"<134>Mar  1 09:15:03 fw-2 " + HEAD + b"src=192.0.2.41")
    assert (line.time, line["hostname"], line["facility"]) == ("2026-03-01T09:15:03.000000+00:00", "fw-2", 16)
    assert (line["severity"], line["Severity"]) == (6, 5)


@each_case(
    "broken",
    [b"", b"CEF:0|a|b|c", b"CEF:zero|a|b|c|d|e|f|", HEAD + b"no pairs", HEAD + b"rt=soon", HEAD + b"src=1\xff\0\xff"],
)
def test_what_is_not_cef_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("cef", broken)


LEEF1, LEEF2 = b"LEEF:1.0|Example Systems|Gatekeeper|4.2|refused|", b"LEEF:2.0|Example Systems|Gatekeeper|4.2|refused|"


@each_case(
    ("line", "fields"),
    [
        (LEEF1 + b"src=192.0.2.41\tdstPort=22\tmsg=a=b c", {"src": "192.0.2.41", "dstPort": 22, "msg": "a=b c"}),
        (LEEF1 + b"src=192.0.2.41 msg=relayed with spaces sev=5", {"msg": "relayed with spaces", "sev": 5}),
        (LEEF2 + b"^|src=192.0.2.41^msg=a\tb|c", {"src": "192.0.2.41", "msg": "a\tb|c"}),
        (LEEF2 + b"x5E|src=192.0.2.41^sev=5", {"sev": 5}),
        (LEEF2 + b"0x09|src=192.0.2.41\tsev=5", {"sev": 5}),
        (LEEF2 + b" |a=1 2 sev=5", {"a": "1 2", "sev": 5}),
        (LEEF2 + b"src=192.0.2.41\turl=a|b", {"url": "a|b"}),
        (LEEF2 + b"^|msg=a^b^sev=5", {"msg": "a^b", "sev": 5}),
        (LEEF1 + b"^|a=1\tsev=5", {"^|a": "1", "sev": 5}),
        (LEEF1[:-1], {"Event ID": "refused"}),
    ],
)
def test_leef_names_its_delimiter_or_means_a_tab(line: bytes, fields: dict[str, Any]) -> None:
    reading = one("leef", line)
    assert {name: reading[name] for name in fields} == fields
    assert (reading.tag, reading["Product Version"]) == ("leef.Example Systems", "4.2")


@each_case(
    ("named", "between"),
    [
        (rb"\t", b"\t"),
        (rb"\\t", b"\t"),
        (rb"\t", rb"\t"),
        (b"tab", b"\t"),
        (rb"\x09", b"\t"),
        (rb"\u0009", b"\t"),
        (b"0X5E", b"^"),
        (rb"\x5e", b"^"),
        (rb"\^", b"^"),
        (b"u7c", b"|"),
    ],
)
def test_a_delimiter_may_be_written_as_an_escape(named: bytes, between: bytes) -> None:
    pairs = between.join((b"devTime=1772356502", rb"path=C:\temp", b"sev=5"))
    reading = one("leef", b"LEEF:2.0|V|P|1|E|" + named + b"|" + pairs)
    assert (reading["path"], reading["sev"], reading.time) == ("C:\\temp", 5, "2026-03-01T09:15:02.000000+00:00")


@each_case("time", [b"1772356502000", b"Mar 01 2026 09:15:02", b"2026-03-01 09:15:02.000"])
def test_devtime_in_its_usual_shapes(time: bytes) -> None:
    assert one("leef", LEEF1 + b"devTime=" + time + b"\tsev=1").time == "2026-03-01T09:15:02.000000+00:00"


def test_leef_without_devtime_has_the_time_of_its_syslog_header() -> None:
    assert one("leef", b"Mar  1 09:15:03 fw-2 " + LEEF1 + b"sev=1").time == "2026-03-01T09:15:03.000000+00:00"


@each_case("broken", [b"", b"LEEF:3.0|a|b|c|d|", b"LEEF:1.0|a|b", LEEF1 + b"no pairs", LEEF1 + b"devTime=soon"])
def test_what_is_not_leef_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("leef", broken)
