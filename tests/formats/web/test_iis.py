"""IIS."""

from __future__ import annotations

import pytest

from slips.errors import ParseError
from slips.formats.base import ObjectInfo, Parser
from slips.formats.registry import get
from slips.formats.web.iis import IisParser
from tests.each_case import each_case

from ..reading import one, read

ABOUT = ObjectInfo()
FIELDS = b"#Fields: date time c-ip cs-uri-stem cs-username sc-status time-taken"


def test_the_header_names_the_fields() -> None:
    line = one("iis", b"#Software: Microsoft IIS 10.0", FIELDS, b"2026-03-01 09:15:02 192.0.2.41 /a+b - 200 31")
    assert line.event == {
        "date": "2026-03-01",
        "time": "09:15:02",
        "c-ip": "192.0.2.41",
        "cs-uri-stem": "/a+b",
        "cs-username": None,
        "sc-status": 200,
        "time-taken": 31,
    }
    assert (line.tag, line.time) == ("iis", "2026-03-01T09:15:02.000000+00:00")


def test_a_restart_writes_another_header() -> None:
    lines = read(
        "iis",
        FIELDS,
        b"2026-03-01 09:15:02 1.1.1.1 / - 200 1",
        b"#Fields: date time s-port",
        b"2026-03-01 09:15:03 443",
    )
    assert [sorted(line.event) for line in lines][1] == ["date", "s-port", "time"]


def test_without_a_date_column_the_directive_tells_the_day() -> None:
    lines = read("iis", b"#Date: 2026-03-01 00:00:00", b"#Fields: time c-ip", b"09:15:02 192.0.2.41")
    assert lines[0].time == "2026-03-01T09:15:02.000000+00:00"
    assert read("iis", b"#Fields: time c-ip", b"09:15:02 192.0.2.41")[0].time is None


HEADLESS = [(14, 9, 10), (15, 9, 11), (22, 12, 16)]


@each_case(("width", "agent", "status"), HEADLESS)
def test_a_file_that_lost_its_header_has_the_usual_fields(width: int, agent: int, status: int) -> None:
    cells = ["2026-03-01", "09:15:02", *(f"c{number}" for number in range(2, width))]
    cells[status] = "200"
    line = one("iis", " ".join(cells).encode())
    assert (line["cs(User-Agent)"], line.time) == (f"c{agent}", "2026-03-01T09:15:02.000000+00:00")


@each_case(
    "broken",
    [
        b"",
        b"2026-03-01 09:15:02",
        b"2026-13-01 09:15:02 1.1.1.1 / - 200 1",
        b"2026-03-01 09:15:02 1.1.1.1 / - 200",
        b"\xff",
    ],
)
def test_a_broken_row_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("iis", FIELDS, broken)


@each_case("cell", [(0, "01/Mar/2026"), (1, "0.048"), (11, "GET")])
def test_a_row_without_a_header_that_has_not_the_cells_of_iis_is_refused(cell: tuple[int, str]) -> None:
    cells = get("iis").example.decode().split()
    good = " ".join(cells).encode()
    cells[cell[0]] = cell[1]
    assert read("iis", good)
    for before in ([], [good]):
        with pytest.raises(ParseError):
            read("iis", *before, " ".join(cells).encode())


QUOTED = b"#Fields: date time c-ip cs(User-Agent) cs(Referer) sc-status"


@each_case(
    ("row", "agent", "referer"),
    [
        (b'2026-03-01 09:15:02 192.0.2.41 "Mozilla/5.0  (X11; Linux)" - 200', "Mozilla/5.0  (X11; Linux)", None),
        (b'"2026-03-01" "09:15:02" "192.0.2.41" "a b" "-" "200"', "a b", None),
        (b'2026-03-01 09:15:02 192.0.2.41 "say ""yes"" twice" "" 200', 'say "yes" twice', ""),
        (b'2026-03-01 09:15:02 192.0.2.41 """a""" https://a/?"b" 200', '"a"', 'https://a/?"b"'),
        (b'2026-03-01 09:15:02 192.0.2.41 "Mozilla/5.0+(X11) 5"+tall 200', '"Mozilla/5.0+(X11)', '5"+tall'),
        (b"2026-03-01\t09:15:02\t192.0.2.41\ta b c\t-\t200", "a b c", None),
        (b'2026-03-01\t09:15:02\t192.0.2.41\ta "b\t-\t200', 'a "b', None),
    ],
)
def test_a_cell_may_hold_spaces(row: bytes, agent: str, referer: str | None) -> None:
    line = one("iis", QUOTED, row)
    assert (line["cs(User-Agent)"], line["cs(Referer)"], line["sc-status"]) == (agent, referer, 200)
    assert (line["c-ip"], line.time) == ("192.0.2.41", "2026-03-01T09:15:02.000000+00:00")


def test_a_cell_too_many_is_kept_under_extra() -> None:
    line = one("iis", QUOTED, b'2026-03-01 09:15:02 192.0.2.41 "a b" - 200 more "and more"')
    assert (line["cs(User-Agent)"], line["sc-status"], line["extra"]) == ("a b", 200, ["more", "and more"])


def test_without_a_header_quotes_count_too() -> None:
    line = one("iis", get("iis").example.replace(b"Mozilla/5.0", b'"Mozilla 5"'))
    assert (line["cs(User-Agent)"], line["sc-status"]) == ("Mozilla 5", 200)


@each_case(
    ("header", "row", "name"),
    [
        (b"#Fields:\tdate\ttime\tGMT Time\tc-agent", b"2026-03-01\t09:15:02\t-\tMozilla 5 x", "GMT Time"),
        (b"#Fields:   date time  s-ip", b"2026-03-01 09:15:02 192.0.2.1", "s-ip"),
        (b"#Fields: date-time,client-ip,message-subject", b'2026-03-01T09:15:02Z,192.0.2.1,"a, ""b"" c"', "client-ip"),
        (b"#Fields: timestamp time-taken c-ip", b"1772356502 31 192.0.2.1", "time-taken"),
        (b"#Fields: x-timestamp-unix c-ip", b"1772356502 192.0.2.1", "c-ip"),
        (b"#Fields: c-ip cs-start", b'"192.0.2.1" "1772356502000"', "c-ip"),
        (b"#Fields: localtime c-ip", b"[01/Mar/2026:10:15:02 +0100] 192.0.2.1", "c-ip"),
        (b"#Start-Date: 2026-03-01 00:00:00.128\n#Fields: time c-ip", b"09:15:02 192.0.2.1", "c-ip"),
        (b"#Date: 01/Mar/2026 09:15:02\n#Fields: time c-ip", b'"09:15:02" "192.0.2.1"', "c-ip"),
    ],
)
def test_the_headers_and_times_of_proxies_and_gateways(header: bytes, row: bytes, name: str) -> None:
    line = one("iis", *header.split(b"\n"), row)
    assert name in line.event
    assert line.time == "2026-03-01T09:15:02.000000+00:00"
    assert "extra" not in line.event


def test_a_day_of_an_unknown_zone_is_no_time() -> None:
    assert one("iis", b"#Fields: date-local time-local", b"2026-03-01 09:15:02").time is None


def test_a_row_of_unknown_fields_is_refused() -> None:
    with pytest.raises(ParseError):
        read("iis", b"2026-03-01 09:15:02 a b c")


ROW = b"2026-03-01 09:15:02 192.0.2.41 /a+b - 200 31"
OTHERS = [
    ROW, b"2026-03-01 09:15:02 192.0.2.41 /a+b - 200 -", b"2026-03-01 09:15:02 192.0.2.41 /a+b - 200 3.5",
    b"2026-03-01  09:15:02 192.0.2.41 /a+b - 200 31", b'2026-03-01 09:15:02 192.0.2.41 "/a b" - 200 31', ROW + b" more",
    "2026-03-01 09:15:02 192.0.2.41 /é - 200 31".encode(), ROW[:-3], b"", b"#Software: x", b"\xff", FIELDS, ROW,
    b"#Fields: time c-ip", b"09:15:02 192.0.2.41", b"#Date: 2026-03-02", b"09:15:02 192.0.2.41",
    FIELDS.replace(b" ", b"\t").replace(b"\t", b" ", 1), ROW.replace(b" ", b"\t"), ROW,
]  # fmt: skip


@each_case("head", [FIELDS, b""])
def test_a_row_after_many_of_the_same_columns_is_read_as_before(head: bytes) -> None:
    row = ROW if head else get("iis").example
    fresh, used = (get("iis").parser(ABOUT) for _ in range(2))
    usual: list[bytes] = [head, row] if head else [row]
    for record in usual + [row] * 600:
        used.read(record)
    assert isinstance(used, IisParser)
    assert used._usual is not None
    for record in usual:
        fresh.read(record)
    changed = [
        row.replace(old, new) for old, new in [(b"200", b"20"), (b"200", b"020"), (b"2026", b"26"), (b"15", b"")]
    ]
    for record in [*changed, *OTHERS]:
        assert outcome(used, record) == outcome(fresh, record)


def outcome(parser: Parser, record: bytes) -> str:
    try:
        return repr(parser.read(record))
    except ParseError as fault:
        return f"ParseError: {fault}"


def test_a_day_of_its_own_or_another_delimiter_keeps_its_rows_from_the_usual_way() -> None:
    for head, row in [
        ([b"#Date: 2026-03-01", b"#Fields: time c-ip"], b"09:15:02 192.0.2.41"),
        ([b"#Fields: time\tc-ip"], b"09:15:02\t192.0.2.41"),
    ]:
        parser = get("iis").parser(ABOUT)
        events = [parser.read(record) for record in [*head, *[row] * 600]]
        assert repr(events[-1]) == repr(events[len(head)])
