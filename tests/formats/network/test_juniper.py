"""Juniper SRX."""

from __future__ import annotations

import pytest

from slips.errors import ParseError
from tests.each_case import each_case

from ..reading import one, read

DATA = b'[junos@2636.1.1.1.2.129 source-address="192.0.2.41" source-port="52814" policy-name="a b"] session created'
TIME = b"2026-03-01T10:15:02.481+01:00"


@each_case(
    "header",
    [
        b"<14>1 " + TIME,
        b"1 " + TIME,
        b"<14>" + TIME,
        b"Mar  1 09:15:09 relay <14>1 " + TIME,
    ],
)
def test_the_parameters_of_structured_syslog_are_fields(header: bytes) -> None:
    line = one("juniper-srx", header + b" srx-1 RT_FLOW - RT_FLOW_SESSION_CREATE " + DATA)
    assert (line["source-address"], line["source-port"], line["policy-name"]) == ("192.0.2.41", 52814, "a b")
    assert (line["msg_id"], line["proc_name"], line["hostname"]) == ("RT_FLOW_SESSION_CREATE", "RT_FLOW", "srx-1")
    assert (line.tag, line.time, line.message) == ("juniper.srx", "2026-03-01T09:15:02.481000+00:00", "session created")


@each_case(
    "header",
    [b"<14>1 " + TIME, b"1 " + TIME, b"<14>" + TIME, b"Mar  1 09:15:09 relay <14>1 " + TIME],
)
def test_newer_releases_leave_out_the_id_of_the_parameters(header: bytes) -> None:
    data = DATA.replace(b"junos@2636.1.1.1.2.129 ", b"").replace(b"created", b'created [x="y"]')
    line = one("juniper-srx", header + b" srx-1 RT_FLOW - RT_FLOW_SESSION_CREATE " + data)
    assert (line["source-address"], line["source-port"], line["policy-name"]) == ("192.0.2.41", 52814, "a b")
    assert (line["msg_id"], line["hostname"], line["sd_id"]) == ("RT_FLOW_SESSION_CREATE", "srx-1", None)
    assert (line.time, line.message) == ("2026-03-01T09:15:02.481000+00:00", 'session created [x="y"]')


def test_a_parameter_does_not_replace_a_field_of_the_header() -> None:
    line = one("juniper-srx", b"<14>1 " + TIME + b' srx-1 RT_AAMW - A_B [junos@2636 hostname="victim" th="7"]')
    assert (line["hostname"], line["th"], line["sd_id"]) == ("srx-1", 7, "junos@2636")


def test_an_unstructured_line_is_its_message() -> None:
    line = one("juniper-srx", b"<14>Mar  1 09:15:02 srx-1 RT_FLOW: RT_FLOW_SESSION_DENY: session denied 192.0.2.41/1")
    assert (line["msg_id"], line.message) == ("RT_FLOW_SESSION_DENY", "session denied 192.0.2.41/1")
    plain = one("juniper-srx", b"Mar  1 09:15:02 srx-1 sshd[1]: Accepted")
    assert plain.message == "Accepted"
    assert one("juniper-srx", TIME + b" srx-1 sshd[1]: Accepted").message == "Accepted"
    assert "msg_id" not in plain.event
    assert one("juniper-srx", TIME + b' srx-1 a: b c [d="e"]').message == 'b c [d="e"]'


@each_case(
    "broken",
    [
        b"",
        b"hello",
        b"Mar  1 09:15:02 srx-1 no process here",
        b"<14>1 2026-13-01T10:15:02Z a b - C " + DATA,
    ],
)
def test_what_is_not_an_srx_line_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("juniper-srx", broken)
