"""Cisco ASA and Umbrella."""

from __future__ import annotations

import pytest

from slips.errors import ParseError
from slips.formats.network.umbrella import DNS, WEB
from tests.each_case import each_case

from ..reading import one, read

MESSAGE = b"%ASA-6-302013: Built inbound TCP connection 33291"


@each_case(
    ("header", "time", "host"),
    [
        (b"", None, None),
        (b"<166>", None, None),
        (b"Mar  1 09:15:02 fw-2 ", "2026-03-01T09:15:02.000000+00:00", "fw-2"),
        (b"<166>Mar 01 2026 09:15:02 fw-2 : ", "2026-03-01T09:15:02.000000+00:00", "fw-2"),
        (b"<166>Mar 01 2026 09:15:02: ", "2026-03-01T09:15:02.000000+00:00", None),
        (b"<166>:Mar 01 10:15:02 CET: ", "2026-03-01T09:15:02.000000+00:00", None),
        (b"2026-03-01T09:15:02Z fw-2 : ", "2026-03-01T09:15:02.000000+00:00", "fw-2"),
        (b"<166>1 2026-03-01T09:15:02Z fw-2 - - - - ", "2026-03-01T09:15:02.000000+00:00", "fw-2"),
        (b"Mar  1 09:15:09 192.0.2.9 Mar 01 2026 09:15:02: ", "2026-03-01T09:15:02.000000+00:00", "192.0.2.9"),
    ],
)
def test_any_header_or_none(header: bytes, time: str | None, host: str | None) -> None:
    line = one("cisco-asa", header + MESSAGE)
    assert (line.tag, line.time, line["hostname"]) == ("cisco.asa", time, host)
    assert (line["level"], line["message_number"], line["message"]) == (
        6,
        "302013",
        "Built inbound TCP connection 33291",
    )


def test_the_class_of_a_message_and_the_other_products() -> None:
    assert "class" not in one("cisco-asa", MESSAGE).event
    assert one("cisco-asa", MESSAGE.replace(b"ASA-", b"ASA-session-"))["class"] == "session"


@each_case("product", ["FTD", "NGIPS", "PIX", "FWSM"])
def test_other_products_write_the_same_lines(product: str) -> None:
    line = one("cisco-asa", b"2026-03-01T09:15:02Z fw-2  " + MESSAGE.replace(b"ASA", product.encode()))
    assert (line["product"], line["hostname"], line["message_number"]) == (product, "fw-2", "302013")


@each_case("number", ["302013", "302013:", "302013 :"])
def test_the_colon_after_the_number_may_be_missing(number: str) -> None:
    line = one("cisco-asa", b"Mar  1 09:15:02 fw-2 %ASA-6-" + number.encode() + b" Built inbound")
    assert (line["message_number"], line["message"].lstrip(": ")) == ("302013", "Built inbound")
    assert one("cisco-asa", b"%ASA-6-302013")["message"] == ""


@each_case(
    "broken",
    [
        b"",
        b"hello",
        b"%ASA-9-302013: x",
        b"%ASA-6-30: x",
        b"%ASA-6-302013x: y",
        b"%IOS-6-302013: x",
        b"Feb 30 10:00:00 a " + MESSAGE,
    ],
)
def test_what_is_not_an_asa_line_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("cisco-asa", broken)


def csv_row(*cells: str) -> bytes:
    return ",".join(f'"{cell}"' for cell in cells).encode()


TIME = "2026-03-01 09:15:02"


def test_a_dns_row_of_the_first_version_and_of_one_to_come() -> None:
    first = one("cisco-umbrella-dns", csv_row(TIME, *"ABCDE1GHI"))
    assert list(first.event) == list(DNS[:10])
    assert (first.tag, first.time) == ("cisco.umbrella.dns", "2026-03-01T09:15:02.000000+00:00")
    assert one("cisco-umbrella-dns", csv_row(TIME, *"ABCDE1GHIJKLMNOPQ"))["extra"] == ["P", "Q"]


def test_a_web_row_before_and_after_the_identities_went() -> None:
    before = one(
        "cisco-umbrella-proxy",
        csv_row(
            TIME,
            "liz",
            "liz,Site",
            "10.0.4.17",
            "1.1.1.1",
            "2.2.2.2",
            "text/html",
            "ALLOWED",
            "https://a/",
            "",
            "Mozilla",
            "200",
        ),
    )
    after = one(
        "cisco-umbrella-proxy",
        csv_row(TIME, "liz", "10.0.4.17", "1.1.1.1", "2.2.2.2", "", "BLOCKED", "https://a/", "", "Mozilla", "200"),
    )
    for row, action in ((before, "ALLOWED"), (after, "BLOCKED")):
        assert (row["Action"], row["URL"], row["Status Code"], row["Destination IP"]) == (
            action,
            "https://a/",
            200,
            "2.2.2.2",
        )
    assert before["Identities"] == "liz,Site"
    assert list(after.event) == list(WEB[:11])


def test_a_quote_that_was_not_doubled_and_a_space_after_a_comma() -> None:
    line = b'"2026-03-01 09:15:02","liz","10.0.4.17","1.1.1.1", "2.2.2.2","","ALLOWED",""<https://a/"","b"'
    row = one("cisco-umbrella-proxy", line)
    assert (row["Destination IP"], row["Referer"]) == ("2.2.2.2", "b")
    line = b'"2026-03-01 09:15:02","liz","10.0.4.17","1.1.1.1","2.2.2.2","","ALLOWED","https://a/?b="c"","d ""e"""'
    row = one("cisco-umbrella-proxy", line)
    assert (row["URL"], row["Referer"]) == ('https://a/?b="c"', 'd "e"')
    row = one("cisco-umbrella-proxy", line.replace(b'"1.1.1.1"', b"1.1.1.1"))
    assert (row["Destination IP"], row["Action"]) == ("2.2.2.2", "ALLOWED")


def test_an_ip_row() -> None:
    row = one(
        "cisco-umbrella-ip", csv_row(TIME, "LAPTOP-7", "10.0.4.17", "55605", "2.2.2.2", "443", "Tunnel", "Roaming")
    )
    assert (row["Source Port"], row["Destination Port"], row["Identity Types"]) == (55605, 443, "Roaming")


@each_case("name", ["cisco-umbrella-dns", "cisco-umbrella-proxy", "cisco-umbrella-ip"])
def test_a_header_is_not_an_event(name: str) -> None:
    assert read(name, b'\xef\xbb\xbf"Timestamp",b,c') == []
    assert read(name, b"timestamp,policy identity label,c") == []


def test_a_row_that_does_not_begin_with_a_time_is_refused_with_the_reason() -> None:
    with pytest.raises(ParseError, match="first cell"):
        read("cisco-umbrella-dns", csv_row(*"ABCDEFGHIJ"))


@each_case("name", ["cisco-umbrella-dns", "cisco-umbrella-proxy", "cisco-umbrella-ip"])
@each_case(
    "broken",
    [
        b"",
        csv_row(TIME, "liz"),
        csv_row("soon", *"ABCDEFGHIJ"),
        csv_row("2026-13-01 09:15:02", *"ABCDEFGHIJ"),
        csv_row(TIME, *"ABCDEFGHIJ")[:-1],
    ],
)
def test_a_broken_row_is_refused(name: str, broken: bytes) -> None:
    with pytest.raises(ParseError):
        read(name, broken)
