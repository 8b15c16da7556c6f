"""PAN-OS, with the columns and messages of the class-based SLIPS."""

from __future__ import annotations

import pytest

from slips.errors import ParseError
from slips.formats.network.paloalto_columns import COLUMNS
from tests.each_case import each_case

from ..reading import one, read

GENERATED, PRECISE = "2026/03/01 09:15:02", "2026-03-01T10:15:02.481+01:00"


def row(kind: str, width: int | None = None, **cells: str) -> bytes:
    """Return a row of that type and width (all known columns by default), cells by column name (`_` for other
    characters)."""
    columns = COLUMNS[kind]
    values = {"Domain": "1", "Receive Time": GENERATED, "Type": kind, "Generate Time": GENERATED}
    named = {name.replace(" ", "_").replace("/", "_"): name for name in columns}
    values.update({named[name]: value for name, value in cells.items()})
    return ",".join([values.get(name, "") for name in columns][:width]).encode()


def flow(kind: str, width: int | None = None, **cells: str) -> bytes:
    endpoints = {
        "Source_address": "192.0.2.41",
        "Source_Port": "52814",
        "Destination_address": "198.51.100.7",
        "Destination_Port": "443",
        "IP_Protocol": "tcp",
    }
    return row(kind, width, **endpoints, **cells)


def test_traffic_of_the_class_based_slips() -> None:
    line = flow("TRAFFIC", 54, Bytes_Sent="758", Bytes_Received="5015", session_end_reason="tcp-fin")
    reading = one("paloalto", line)
    assert reading.message == "192.0.2.41:52814 => 198.51.100.7:443 (tcp), Sent 758 byte, Recv 5015 byte"
    assert reading["raw_message"] == line.decode()
    assert (reading.tag, reading.time) == ("paloalto.traffic", "2026-03-01T09:15:02.000000+00:00")
    assert (reading["Source Port"], reading["session_end_reason"]) == ("52814", "tcp-fin")
    assert set(reading.event) == {*COLUMNS["TRAFFIC"][:54], "raw_message", "message"}


def test_threat_of_the_class_based_slips() -> None:
    reading = one("paloalto", flow("THREAT", 61, URL='"example.com/a,b?c=""d"""', Threat_Content_Name="Evasion(34805)"))
    assert reading.message == (
        "192.0.2.41:52814 => 198.51.100.7:443 (tcp), Sent None byte, Recv None byte Evasion(34805)"
    )
    assert (reading["URL"], reading.tag) == ('example.com/a,b?c="d"', "paloalto.threat")
    assert set(reading.event) == {*COLUMNS["THREAT"][:61], "raw_message", "message"}


@each_case(
    ("kind", "column", "name"),
    [
        ("TRAFFIC", 1, "Domain"),
        ("TRAFFIC", 31, "Action"),
        ("TRAFFIC", 54, "action_source"),
        ("TRAFFIC", 103, "high_res_timestamp"),
        ("THREAT", 32, "URL"),
        ("THREAT", 61, "file_url"),
        ("SYSTEM", 15, "opaque"),
        ("SYSTEM", 26, "high_res_timestamp"),
        ("GLOBALPROTECT", 37, "high_res_timestamp"),
        ("HIPMATCH", 31, "high_res_timestamp"),
    ],
)
def test_columns_are_where_the_documents_put_them(kind: str, column: int, name: str) -> None:
    assert COLUMNS[kind][column - 1] == name


@each_case("columns", [pytest.param(columns, id=kind) for kind, columns in COLUMNS.items()])
def test_no_type_names_a_column_twice(columns: tuple[str, ...]) -> None:
    assert len(set(columns)) == len(columns)


@each_case("kind", [kind for kind, columns in COLUMNS.items() if "high_res_timestamp" in columns])
def test_the_high_resolution_time_counts_where_the_release_has_it(kind: str) -> None:
    assert one("paloalto", row(kind, high_res_timestamp=PRECISE)).time == "2026-03-01T09:15:02.481000+00:00"
    assert one("paloalto", row(kind)).time == "2026-03-01T09:15:02.000000+00:00"


def test_the_time_without_a_generated_one_is_the_received() -> None:
    assert one("paloalto", row("SYSTEM", Generate_Time="")).time == "2026-03-01T09:15:02.000000+00:00"


def test_columns_of_a_later_release_are_extra_and_may_hold_the_time() -> None:
    reading = one("paloalto", row("TRAFFIC") + f",new,{PRECISE}".encode())
    assert (reading["extra"], reading.time) == (["new", PRECISE], "2026-03-01T09:15:02.481000+00:00")


@each_case(
    "zero", ["1970-01-01T00:00:00.000Z", "1970-01-01T01:00:00.000+01:00", "0001-01-01T00:00:00.000Z", "0", "N/A"]
)
def test_a_zero_time_gives_way_to_the_next(zero: str) -> None:
    assert one("paloalto", row("TRAFFIC", high_res_timestamp=zero)).time == "2026-03-01T09:15:02.000000+00:00"
    assert one("paloalto", row("TRAFFIC") + f",{zero}".encode()).time == "2026-03-01T09:15:02.000000+00:00"
    received = row("SYSTEM", Generate_Time="1970/01/01 00:00:00", Receive_Time="2026/03/01 09:15:07")
    assert one("paloalto", received).time == "2026-03-01T09:15:07.000000+00:00"
    never = row("SYSTEM", Generate_Time="1970/01/01 00:00:00", Receive_Time="1970/01/01 00:00:00")
    assert one("paloalto", never).time is None


@each_case(
    "time",
    ["2026-03-01T09:15:02.000000Z", "2026-03-01T09:15:02Z", "2026-03-01 09:15:02", "2026-03-01T10:15:02.000+01:00"],
)
@each_case("header", ["", "<14>1 2026-03-01T09:15:09Z gw-1 logforwarder - panwlogs - ", "Mar  1 09:15:09 gw-1 "])
@each_case("quoted", [False, True])
def test_services_in_the_cloud_write_iso_times(time: str, header: str, quoted: bool) -> None:
    cells = flow("TRAFFIC", 54, Receive_Time=time, Generate_Time=time).decode().split(",")
    line = ",".join(f'"{cell}"' for cell in cells) if quoted else ",".join(cells)
    reading = one("paloalto", (header + line).encode())
    assert (reading["Type"], reading["Source address"], reading.tag) == ("TRAFFIC", "192.0.2.41", "paloalto.traffic")
    assert (reading["Domain"], reading.time) == ("1", "2026-03-01T09:15:02.000000+00:00")


def test_a_type_in_small_letters_has_its_columns() -> None:
    reading = one("paloalto", flow("TRAFFIC", 54).replace(b",TRAFFIC,", b",traffic,"))
    assert (reading["Source address"], reading.tag) == ("192.0.2.41", "paloalto.traffic")


def test_a_short_row_is_mapped_as_far_as_it_goes() -> None:
    reading = one("paloalto", flow("TRAFFIC", 30))
    assert reading.message == "192.0.2.41:52814 => 198.51.100.7:443 (tcp), Sent None byte, Recv None byte"
    assert "Action" not in reading.event


def test_an_unknown_type_keeps_its_columns() -> None:
    reading = one("paloalto", row("SYSTEM", 8).replace(b"SYSTEM", b"QUANTUM") + b",x")
    assert (reading.tag, reading["extra"], reading.message) == ("paloalto.quantum", ["", "x"], None)


def test_a_config_row_with_the_detail_of_a_change() -> None:
    plain = row("CONFIG", seqno="7", actionflags="0x0", device_name="fw-2").decode().split(",")
    assert one("paloalto", ",".join(plain).encode())["device_name"] == "fw-2"
    detailed = one("paloalto", ",".join([*plain[:14], "before", "after", *plain[14:]]).encode())
    assert (detailed["before_change_detail"], detailed["after_change_detail"]) == ("before", "after")
    assert detailed["device_name"] == "fw-2"


@each_case(
    "header",
    [
        b"Mar  1 09:15:03 fw-2 ",
        b"<14>Mar  1 09:15:03 fw-2 ",
        b"<14>",
        b": ",
        b"<14>1 2026-03-01T09:15:03Z fw-2 - - - - ",
        b'<14>1 2026-03-01T09:15:03Z fw-2 - - - [a b="c,d"] ',
    ],
)
def test_a_syslog_header_may_precede_the_row(header: bytes) -> None:
    reading = one("paloalto", header + flow("TRAFFIC", 54))
    assert (reading["Domain"], reading["Type"], reading["Source address"]) == ("1", "TRAFFIC", "192.0.2.41")
    assert reading["raw_message"] == (header + flow("TRAFFIC", 54)).decode()


def test_a_quoted_cell_may_hold_commas() -> None:
    assert one("paloalto", row("SYSTEM", opaque='"failed, for user ""liz"""'))["opaque"] == 'failed, for user "liz"'


@each_case(
    "broken",
    [
        b"",
        b"hello",
        b"1,2026/03/01 09:15:02,0,TRAFFIC",
        b"1,yesterday,0,TRAFFIC,end,1,2026/03/01 09:15:02,a",
        row("SYSTEM", opaque='"open'),
        b"\xff",
    ],
)
def test_a_row_that_does_not_match_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("paloalto", broken)
