"""OSSEC and Wazuh, as JSON and by syslog."""

from __future__ import annotations

import pytest

from slips.errors import ParseError
from tests.each_case import each_case

from ..reading import one, read

HEADER = b"<132>Mar  1 09:15:02 siem-1 ossec: "
TIME = "2026-03-01T09:15:02.000000+00:00"


def test_an_alert_by_syslog_has_the_names_of_one_in_json() -> None:
    alert = b"Alert Level: 5; Rule: 5503 - User login failed; twice.; Location: (web-3) 192.0.2.9->/var/log/auth.log; "
    line = one(
        "ossec", HEADER + alert + b"user: liz; srcip: 192.0.2.41; classification:  pam,syslog,; sshd[7]: no; really"
    )
    assert line.time == TIME
    assert line["rule"] == {"level": 5, "sidid": 5503, "comment": "User login failed; twice.", "group": "pam,syslog,"}
    assert line["location"] == "(web-3) 192.0.2.9->/var/log/auth.log"
    assert (line["user"], line["srcip"], line["hostname"]) == ("liz", "192.0.2.41", "siem-1")
    assert line["full_log"] == "sshd[7]: no; really"


def test_an_alert_without_other_fields_keeps_its_log() -> None:
    line = one("ossec", HEADER + b"Alert Level: 3; Rule: 502 - Ossec server started.; Location: a->b; ossec: started")
    assert (line["location"], line["full_log"]) == ("a->b", "ossec: started")


@each_case(
    "alert",
    [
        b'crit=3 id=5502 description="Login session closed." component="web-3->/var/log/secure" message="closed"',
        b'{"crit":3,"id":5502,"description":"Login session closed.","component":"web-3->/var/log/secure"}',
    ],
)
def test_the_other_formats_of_syslog_output(alert: bytes) -> None:
    line = one("ossec", HEADER + alert)
    assert (str(line["id"]), line["description"], line.time) == ("5502", "Login session closed.", TIME)


def test_cef_of_syslog_output() -> None:
    line = one("ossec", HEADER + b"CEF:0|Trend Micro Inc.|OSSEC HIDS|v2.9|5502|Login session closed.|3|dvc=siem-1")
    assert (line["Name"], line["dvc"], line.time) == ("Login session closed.", "siem-1", TIME)


@each_case("broken", [b"", b"up", HEADER + b"started", HEADER + b"{", HEADER + b"Alert Level: x; Rule: 1 - a; b"])
def test_what_is_not_an_alert_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("ossec", broken)
