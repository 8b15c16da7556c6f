"""Formats whose cells have no names: they refuse the rows of others, which lie under the same prefix."""

from __future__ import annotations

from slips.errors import ParseError
from slips.formats.registry import get
from tests.each_case import each_case

from .reading import one, read
from .test_cases import CASES, split

POSITIONAL = (
    "alb", "alb-connection", "apache-error", "cisco-umbrella-dns", "cisco-umbrella-ip", "cisco-umbrella-proxy", "clb",
    "cloudfront", "nlb", "postgresql-csvlog", "redshift-connection", "route53-public-dns", "s3-access",
    "transit-gateway-flow", "vpc-flow",
)  # fmt: skip
TEXT = tuple(
    name
    for name in CASES
    if get(name).example.lstrip()[:1] not in (b"{", b"[") and get(name).framing in ("s3-lines", "s3-csv")
)
REALTIME = get("cloudfront-realtime").example


def accepts(name: str, record: bytes) -> bool:
    """Tell whether a format makes events of a record."""
    try:
        return bool(read(name, record))
    except ParseError:
        return False


@each_case("name", POSITIONAL)
def test_rows_of_other_formats_are_refused(name: str) -> None:
    rows = {other: split(other, get(other).example)[-1] for other in TEXT if other != name}
    assert [other for other, row in rows.items() if accepts(name, row)] == []


def altered(record: bytes, cell: int, value: bytes, between: bytes = b" ") -> bytes:
    """Return the record with another value in the cell with this index."""
    cells = record.split(between)
    cells[cell] = value
    return between.join(cells)


@each_case(
    ("name", "cell", "value"),
    [
        ("alb", 0, b"TLS"),
        ("alb", 1, b"2.0"),
        ("alb", 3, b"192.0.2.41"),
        ("alb", 8, b"OK"),
        ("alb-connection", 0, b"09:15:02"),
        ("alb-connection", 1, b"shop"),
        ("alb-connection", 2, b"-1a"),
        ("alb-connection", 3, b"443a"),
        ("nlb", 0, b"5"),
        ("nlb", 1, b"two"),
        ("nlb", 2, b"net/shop/c6e7"),
        ("clb", 0, b"09:15:02"),
        ("clb", 2, b"shop"),
        ("clb", 7, b"OK"),
        ("vpc-flow", 0, b"v2"),
        ("vpc-flow", 10, b"soon"),
        ("vpc-flow", 12, b"ALLOW"),
        ("vpc-flow", 13, b"1772356562"),
        ("transit-gateway-flow", 1, b"Vpc"),
        ("route53-public-dns", 0, b"1"),
        ("route53-public-dns", 2, b"zone"),
    ],
)
def test_a_cell_that_tells_is_looked_at(name: str, cell: int, value: bytes) -> None:
    example = get(name).example
    assert accepts(name, example)
    # Where a number is none, the shapes are what is left to look at.
    number = {"alb": 10, "nlb": 9, "clb": 9, "vpc-flow": 7, "transit-gateway-flow": 18}.get(name)
    record = example if number is None else altered(example, number, b"many")
    assert accepts(name, record)
    assert not accepts(name, altered(record, cell, value))


@each_case(
    ("name", "row"),
    [
        ("cisco-umbrella-dns", b"2026-03-01 09:15:02,liz,liz,10.0.4.17,192.0.2.41,1,1 (A),NOERROR,a.example,"),
        ("cisco-umbrella-dns", b"2026-03-01 09:15:02,liz,liz,10.0.4.17,192.0.2.41,Allowed,A,NOERROR,a.example,"),
        ("cisco-umbrella-proxy", b"2026-03-01 09:15:02,liz,10.0.4.17,192.0.2.41,198.51.100.7,443,ALLOWED,a.example"),
        ("cisco-umbrella-proxy", b"2026-03-01 09:15:02,liz,10.0.4.17,192.0.2.41,198.51.100.7,,1 (A),a.example"),
        ("cisco-umbrella-proxy", b"2026-03-01 09:15:02,liz,10.0.4.17,192.0.2.41,198.51.100.7,,ALLOWED,a,,,OK"),
        ("cisco-umbrella-ip", b"2026-03-01 09:15:02,liz,10.0.4.17,shop,198.51.100.7,443,Malware,AD Users"),
        ("cisco-umbrella-ip", b"2026-03-01 09:15:02,liz,10.0.4.17,52814,198.51.100.7,https,Malware,AD Users"),
        ("redshift-connection", altered(get("redshift-connection").example, 4, b"shop", b"|")),
        ("postgresql-csvlog", altered(get("postgresql-csvlog").example, 3, b"shop", b",")),
        ("postgresql-csvlog", altered(get("postgresql-csvlog").example, 5, b"shop", b",")),
        ("cloudfront", b"2026-03-01 09:15:02 eu-west-1 5 192.0.2.41 GET a.example /a 200 - x - - Hit"),
        ("cloudfront", b"2026-03-01 09:15:02 FRA56-P1 5 192.0.2.41 GET a.example /a OK - x - - Hit"),
        ("cloudfront-realtime", altered(REALTIME, 0, b"20260301", b"\t")),
        ("cloudfront-realtime", altered(REALTIME, 11, b"eu-west-1", b"\t")),
        ("cloudfront-realtime", b"83 192.0.2.41 -"),
    ],
)
def test_a_row_with_another_cell_in_a_telling_column_is_refused(name: str, row: bytes) -> None:
    assert not accepts(name, row)


def test_edge_locations_and_times_of_cloudfront_without_a_header() -> None:
    row = b"2026-03-01 09:15:02 FRA56-P1 5 192.0.2.41 GET a.example /a 200 - x - - Hit"
    assert accepts("cloudfront", row.replace(b"FRA56-P1", b"SFO5"))
    assert one("cloudfront-realtime", b"1772356502481\t192.0.2.41").time == "2026-03-01T09:15:02.481000+00:00"


@each_case("name", ["haproxy", "juniper-srx"])
def test_what_only_looks_like_a_header_makes_no_line(name: str) -> None:
    for other in ("alb", "alb-connection", "clb", "csv", "squid"):
        assert not accepts(name, split(other, get(other).example)[-1]), other
