"""Cisco Secure Firewall: ASA, and FTD, NGIPS, PIX and FWSM, which write the same lines."""

from __future__ import annotations

import re
from functools import cache

from ...errors import ParseError
from ..fields import Event
from ..line_format import line_format
from ..patterns import abbreviate
from ..syslog_header import read_relay_header, time_of
from ..variants import SYSLOG_HEADERS


@cache
def _message() -> re.Pattern[str]:
    # `%ASA-session-6-302013` names the class where `logging emblem` or a class filter is on. Some relays take the colon
    # for the end of a syslog tag, and drop it.
    products = "ASA|FTD|NGIPS|PIX|FWSM"
    return re.compile(rf"(?<![\w-])%?({products})-(?:([a-z]+)?-)?([0-7])-(\d{{5,7}})(?::|(?=\s)|$) *((?s:.*))")


@line_format(
    "cisco-asa",
    tag="cisco.asa",
    time=time_of,
    specificity=0.93,
    variants=(
        SYSLOG_HEADERS,
        "ASA, FTD, NGIPS, PIX and FWSM, with or without a class (`%ASA-session-6-…`)",
        "no `%`, and no colon after the number",
        "no header at all",
    ),
    refused=("lines of IOS, NX-OS and others, which [syslog](#syslog) reads",),
    document="Cisco Secure Firewall ASA Series Syslog Messages",
    example=b"<166>Mar 01 2026 09:15:02 fw-2 : %ASA-6-302013: Built inbound TCP connection 33291 for "
    b"outside:192.0.2.41/52814 (192.0.2.41/52814) to dmz:198.51.100.7/443 (198.51.100.7/443)",
)
def cisco_asa(line: str) -> Event:
    """Cisco ASA, FTD and NGIPS lines with any header: time with or without year and zone, host, PRI, RFC 5424, none."""
    line = line.rstrip()
    match = _message().search(line)
    if match is None:
        raise ParseError(f"no %ASA-level-number: {abbreviate(line)}")
    product, kind, level, number, message = match.groups()
    event: Event = {"datetime": None, "hostname": None, **read_relay_header(line[: match.start()])}
    event.update(product=product, level=int(level), message_number=number, message=message)
    if kind is not None:
        event["class"] = kind
    return event
