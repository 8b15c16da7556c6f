"""Kea DHCP, with the fields of the class-based SLIPS."""

from __future__ import annotations

import pytest

from slips.errors import ParseError
from tests.each_case import each_case

from ..reading import one, read

HEAD = b"2026-03-01 09:15:02.481 INFO  [kea-dhcp4.leases] "
CLIENT = b"[hwtype=1 02:00:5e:10:00:01], cid=[01:02:00:5e:10:00:01], tid=0x9a2b17c4: "


def test_an_allocation_has_the_fields_of_the_class_based_slips() -> None:
    line = HEAD + b"DHCP4_LEASE_ALLOC " + CLIENT + b"lease 192.0.2.41 has been allocated"
    reading = one("kea", line)
    assert reading.event == {
        "message": line.decode(),
        "event_datetime": "2026-03-01 09:15:02.481",
        "msg_level": "INFO",
        "proc": "kea-dhcp4.leases",
        "event": "DHCP4_LEASE_ALLOC",
        "hwtype": "1",
        "hwaddr": "02:00:5e:10:00:01",
        "client_id": "01:02:00:5e:10:00:01",
        "tx_id": "0x9a2b17c4",
        "msg": "lease 192.0.2.41 has been allocated",
        "ipaddr": "192.0.2.41",
    }
    assert (reading.tag, reading.time) == ("kea.log", "2026-03-01T09:15:02.481000+00:00")


@each_case(
    ("event", "sentence"),
    [
        (b"DHCP4_INIT_REBOOT", b"client is in INIT-REBOOT state and requests address 192.0.2.41"),
        (b"DHCP4_LEASE_ADVERT", b"lease 192.0.2.41 will be advertised"),
        (b"DHCP4_LEASE_ALLOC", b"lease 192.0.2.41 has been allocated for 4000 seconds"),
    ],
)
def test_three_events_name_the_address(event: bytes, sentence: bytes) -> None:
    assert one("kea", HEAD + event + b" " + CLIENT + sentence)["ipaddr"] == "192.0.2.41"


def test_other_events_of_a_client_are_events_without_an_address() -> None:
    reading = one("kea", HEAD + b"DHCP4_RELEASE " + CLIENT + b"address 192.0.2.41 was released")
    assert "ipaddr" not in reading.event
    assert reading["hwaddr"] == "02:00:5e:10:00:01"


def test_an_event_of_no_client_and_of_a_later_release() -> None:
    reading = one(
        "kea", b"2026-03-01 09:15:02.481 WARN  [kea-dhcp4.dhcp4/812.139780] DHCP4_STARTED Kea version 2.4.1 started"
    )
    assert (reading["proc"], reading["hwaddr"], reading["msg"]) == (
        "kea-dhcp4.dhcp4/812.139780",
        None,
        "Kea version 2.4.1 started",
    )


def test_an_event_without_a_text() -> None:
    assert one("kea", HEAD + b"DHCP4_STARTING")["msg"] == ""


def test_dhcpv6_identifies_its_clients_by_duid() -> None:
    reading = one(
        "kea",
        b"2026-03-01 09:15:02.481 INFO  [kea-dhcp6.leases] DHCP6_LEASE_ALLOC duid=[00:01:00:01], [no hwaddr info], "
        b"tid=0x1f: lease for address 2001:db8::41 and iaid=1 has been allocated",
    )
    assert (reading["client_id"], reading["hwaddr"], reading["ipaddr"]) == ("00:01:00:01", None, "2001:db8::41")


@each_case(
    "broken",
    [
        b"",
        b"hello",
        b"2026-03-01 09:15:02.481 INFO DHCP4_STARTED x",
        HEAD + b"not an event",
        b"2026-13-41 09:15:02 INFO  [kea] A_B x",
    ],
)
def test_a_row_that_does_not_match_is_refused_with_its_reason(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("kea", broken)
