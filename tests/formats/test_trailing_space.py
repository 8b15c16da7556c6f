"""What exporters leave at the end of a line: spaces, tabs, a carriage return."""

from __future__ import annotations

from slips.formats.registry import get
from tests.each_case import each_case

from .reading import one

LINES = (
    "apache-access", "apache-error", "auditd", "cef", "checkpoint", "cisco-asa", "cisco-umbrella-dns",
    "cisco-umbrella-ip", "cisco-umbrella-proxy", "fastly-access", "fortigate", "haproxy", "heroku", "juniper-srx",
    "laravel", "logfmt", "nginx-access", "nginx-error", "snort-alert", "squid", "syslog", "syslog-rfc3164",
    "syslog-rfc5424", "zscaler-nss",
)  # fmt: skip


@each_case("name", LINES)
def test_white_space_at_the_end_is_not_part_of_the_event(name: str) -> None:
    example = get(name).example
    assert one(name, example + b" \r").event == one(name, example).event


def test_kea_keeps_its_line_as_the_message_without_it() -> None:
    example = get("kea").example
    assert one("kea", example + b"\r").message == example.decode()
