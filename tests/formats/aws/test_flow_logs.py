"""VPC and Transit Gateway flow logs."""

from __future__ import annotations

from typing import Any

import pytest

from slips.errors import ParseError
from slips.formats.aws.flow_logs import TRANSIT_GATEWAY_COLUMNS, VPC_COLUMNS
from tests.each_case import each_case

from ..reading import one, read

ROW = b"2 123456789012 eni-0a1b 192.0.2.41 10.0.4.17 52814 443 6 20 4249 1772356502 1772356562 ACCEPT OK"
TIME = "2026-03-01T09:15:02.000000+00:00"


def test_a_file_without_a_header_has_the_default_columns() -> None:
    flow = one("vpc-flow", ROW)
    assert flow.event == {
        "version": 2,
        "account-id": "123456789012",
        "interface-id": "eni-0a1b",
        "srcaddr": "192.0.2.41",
        "dstaddr": "10.0.4.17",
        "srcport": 52814,
        "dstport": 443,
        "protocol": 6,
        "packets": 20,
        "bytes": 4249,
        "start": 1772356502,
        "end": 1772356562,
        "action": "ACCEPT",
        "log-status": "OK",
    }
    assert (flow.tag, flow.time) == ("aws.vpc_flow", TIME)


def test_a_header_may_name_any_columns_in_any_order() -> None:
    header, first, second = b"end start dstport action", b"9 1772356502 443 ACCEPT", b"9 1772356503 - REJECT"
    flows = read("vpc-flow", header, first, second)
    assert [flow.event for flow in flows] == [
        {"end": 9, "start": 1772356502, "dstport": 443, "action": "ACCEPT"},
        {"end": 9, "start": 1772356503, "dstport": None, "action": "REJECT"},
    ]
    assert flows[0].time == TIME


@each_case(
    "header",
    [
        b"srcaddr action",  # Without numbers a header looks like its rows.
        b"${srcaddr} ${action}",
        b"\xef\xbb\xbfsrcaddr  action ",
    ],
)
def test_headers_are_distinguished_from_rows(header: bytes) -> None:
    rows = (b"192.0.2.41 ACCEPT", header, b"192.0.2.42 REJECT")
    flows = read("vpc-flow", header, *rows)
    assert [flow.event for flow in flows] == [
        {"srcaddr": "192.0.2.41", "action": "ACCEPT"},
        {"srcaddr": "192.0.2.42", "action": "REJECT"},
    ]


def test_a_header_in_the_middle_counts_from_there() -> None:
    flows = read("vpc-flow", ROW, b"start dstport", b"1772356502 443", b"account_id start", b"1 1772356502")
    assert [set(flow.event) for flow in flows[1:]] == [{"start", "dstport"}, {"account_id", "start"}]


def test_underscores_in_a_header_hide_no_number() -> None:
    assert one("vpc-flow", b"tcp_flags start", b"19 1772356502").event == {"tcp_flags": 19, "start": 1772356502}


@each_case("status", ["NODATA", "SKIPDATA"])
def test_a_record_without_traffic_has_none_for_what_was_not_seen(status: str) -> None:
    flow = one("vpc-flow", f"2 123456789012 eni-0a1b - - - - - - - 1772356502 1772356562 - {status}".encode())
    assert (flow["srcaddr"], flow["bytes"], flow["action"], flow["log-status"]) == (None, None, None, status)
    assert flow.time == TIME


@each_case(("cells", "last"), [(21, "pkt-dstaddr"), (25, "sublocation-id"), (29, "traffic-path")])
def test_without_a_header_the_number_of_cells_shows_the_version(cells: int, last: str) -> None:
    row = ROW.split() + [b"1"] * (cells - 14)
    assert list(one("vpc-flow", b" ".join(row)).event)[-1] == last


def test_cells_beyond_the_columns_are_kept_under_extra() -> None:
    assert one("vpc-flow", b"start action", b"1772356502 ACCEPT new newer")["extra"] == ["new", "newer"]
    assert one("vpc-flow", ROW + b" vpc-1")["extra"] == ["vpc-1"]


def test_an_invalid_number_stays_text() -> None:
    assert one("vpc-flow", ROW.replace(b"443", b"https"))["dstport"] == "https"


def test_tabs_and_doubled_spaces_are_spaces() -> None:
    assert one("vpc-flow", ROW.replace(b" ", b"\t")).event == one("vpc-flow", ROW.replace(b" ", b"  ") + b" ").event


def test_rows_of_parquet_come_as_objects() -> None:
    flow = one("vpc-flow", b'{"version":2,"start":1772356502,"srcaddr":"192.0.2.41","action":"ACCEPT"}')
    assert (flow["srcaddr"], flow.time) == ("192.0.2.41", TIME)


@each_case("start", [b"-", b"0"])
def test_where_the_start_is_not_a_time_the_end_is(start: bytes) -> None:
    assert one("vpc-flow", b"end action", b"1772356502 ACCEPT").time == TIME
    assert one("vpc-flow", b"start end action", start + b" 1772356502 ACCEPT").time == TIME


@each_case(
    "broken",
    [b"", b"2 123456789012 eni-0a1b", b"\xff\0" + ROW, b'{"start":', b"[1]"],
)
@each_case("name", ["vpc-flow", "transit-gateway-flow"])
def test_what_is_not_a_flow_is_refused(name: str, broken: bytes) -> None:
    with pytest.raises(ParseError):
        read(name, broken)


def test_a_row_shorter_than_its_header_is_refused() -> None:
    with pytest.raises(ParseError, match="3 cells were expected, not 2"):
        read("vpc-flow", b"start end action", b"1772356502 1772356562")


def test_a_transit_gateways_flow() -> None:
    cells: dict[str, Any] = dict.fromkeys(TRANSIT_GATEWAY_COLUMNS, "-")
    cells |= {"version": 6, "tgw-id": "tgw-0a1b", "start": 1772356502, "packets-lost-blackhole": 3, "tcp-flags": 19}
    flow = one("transit-gateway-flow", " ".join(map(str, cells.values())).encode())
    assert (flow.tag, flow.time) == ("aws.transit_gateway_flow", TIME)
    assert {name: value for name, value in flow.event.items() if value is not None} == {
        name: value for name, value in cells.items() if value != "-"
    }


def test_the_documents_count_their_fields() -> None:
    assert (len(VPC_COLUMNS), len(TRANSIT_GATEWAY_COLUMNS)) == (42, 36)
