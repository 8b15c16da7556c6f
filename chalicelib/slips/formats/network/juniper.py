"""Juniper SRX."""

from __future__ import annotations

import re
from functools import cache

from ...errors import ParseError
from ..fields import Event
from ..learned_lines import SAME_GROUP, LearnedLines
from ..line_format import line_format
from ..pair_grammar import PairGrammar
from ..patterns import abbreviate
from ..syslog_header import (
    CANONICAL_PRIORITY,
    has_header,
    is_rfc5424,
    none_if_nil,
    read_relay_header,
    rfc3164,
    rfc5424,
    time_of,
)
from ..values import with_numbers
from ..variants import SYSLOG_HEADERS

_NUMBERS = frozenset((
    "source-port", "destination-port", "nat-source-port", "nat-destination-port", "protocol-id", "session-id-32",
    "session-id", "packets-from-client", "bytes-from-client", "packets-from-server", "bytes-from-server",
    "elapsed-time", "icmp-type", "epoch-time", "inbound-bytes", "outbound-bytes", "inbound-packets",
    "outbound-packets", "repeat-count", "verdict-number", "th",
))  # fmt: skip


@cache
def _inner() -> re.Pattern[str]:
    return re.compile(r"(?<!\S)(?:<\d{1,3}>)?1 \d{4}-\d\d-\d\dT")


@cache
def _versionless() -> re.Pattern[str]:
    # Some releases of Junos leave out the version that RFC 5424 requires after the PRI.
    return re.compile(r"^((?:<\d{1,3}>)?)(?=\d{4}-\d\d-\d\dT)")


@cache
def _nameless() -> re.Pattern[str]:
    # Newer releases leave out the id of the structured data, junos@2636 and the model.
    header = r"(?:<\d{1,3}>)?\d{4}-\d\d-\d\dT\S+(?: \S+){3} [A-Z][A-Z0-9_]{2,63} "
    return re.compile(rf'(?<!\S)({header}\[)(?=[\w.-]{{1,64}}=")')


@cache
def _event_name() -> re.Pattern[str]:
    return re.compile(r"([A-Z][A-Z0-9_]{3,63}): ((?s:.*))")


@line_format(
    "juniper-srx",
    tag="juniper.srx",
    time=time_of,
    signatures=(
        "sd_id=junos@*, msg_id",
        "proc_name=RT_*, message",
        "msg_id=RT_*|*_SESSION_*, message",
    ),
    specificity=0.7,
    variants=(
        SYSLOG_HEADERS,
        "structured data with or without `junos@…`, and with or without a version after the PRI",
        "plain lines, whose text is `message`",
    ),
    refused=("plain lines without a process",),
    document="Juniper Junos OS: System Log Explorer; structured-data format for security logs",
    example=b"<14>1 2026-03-01T09:15:02.481Z srx-1 RT_FLOW - RT_FLOW_SESSION_CREATE [junos@2636.1.1.1.2.129 "
    b'source-address="192.0.2.41" source-port="52814" destination-address="198.51.100.7" destination-port="443" '
    b'protocol-id="6" policy-name="allow-web" session-id-32="33291"] session created 192.0.2.41/52814',
)
def juniper_srx(line: str) -> Event:
    """SRX security logs: structured syslog, with or without `junos@`, its parameters as fields; else the message."""
    event: Event = _LINES.read(line.rstrip())
    return event


def _careful(line: str) -> Event:
    is_structured = "[junos@" in line
    if not is_structured:
        line, count = _nameless().subn(r"\1- ", line, 1)
        is_structured = count == 1
    if is_rfc5424(line):
        return _read_structured(line)
    start = _inner().search(line)
    if start is not None and has_header(line):  # A relay put its own header before the device's.
        return {**read_relay_header(line[: start.start()]), **_read_structured(line[start.start() :])}
    if is_structured:
        line = _versionless().sub(r"\g<1>1 ", line)
    return _read_structured(line) if is_rfc5424(line) else _plain(line)


def _read_structured(line: str) -> Event:
    event = rfc5424(line)
    parameters = event.pop("structured_data")
    for identifier, values in parameters.items():
        event["sd_id"] = none_if_nil(identifier)
        if values.keys().isdisjoint(event):
            event.update(values)
        else:
            event.update((name, value) for name, value in values.items() if name not in event)
    return with_numbers(event, _NUMBERS)


def _plain(line: str) -> Event:
    event = rfc3164(line)
    named = _event_name().fullmatch(event["message"])
    if event["proc_name"] is None:
        raise ParseError(f"no process in the header: {abbreviate(line)}")
    if named is not None:
        event["msg_id"], event["message"] = named.groups()
    return event


_LINES = LearnedLines(
    _careful,
    PairGrammar(
        head=rf"(?:<({CANONICAL_PRIORITY})>)?(1) (\d{{4}}-\d\d-\d\dT\S+)" + r" (\S+)" * 4 + r' \[(junos@[^\s="\]]+) ',
        columns={
            "facility": CANONICAL_PRIORITY, "severity": SAME_GROUP, "version": "", "datetime": r"\d{4}-\d\d-\d\dT\S++",
            **dict.fromkeys(("hostname", "proc_name", "proc_id", "msg_id"), r"\S++"), "sd_id": "",
        },
        python={
            "facility": "int({0}) >> 3", "severity": "int({0}) & 7", "version": "int({0})",
            **dict.fromkeys(("hostname", "proc_name", "proc_id", "msg_id"), "None if {0} == '-' else {0}"),
        },
        name=r'[^\s="\]]+',
        equals='="',
        word=r'[^"\\]*+',
        between=r'" ',
        tail=r'"\](?: ((?s:.*)))?',
        tail_columns={"message": r"(?!\ufeff)(?s:.*+)"},
        numbers=_NUMBERS,
    ),
)  # fmt: skip
