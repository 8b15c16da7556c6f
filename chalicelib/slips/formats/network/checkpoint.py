"""Check Point, as its Log Exporter writes it."""

from __future__ import annotations

import re
from functools import cache

from ...errors import ParseError
from .. import syslog_header
from ..fields import Event
from ..learned_lines import LearnedLines
from ..line_format import line_format
from ..pair_grammar import PairGrammar
from ..pairs import NameCheck, quoted_pairs
from ..patterns import abbreviate
from ..syslog_header import read_relay_header
from ..values import merge_pairs, with_numbers
from ..variants import SYSLOG_HEADERS
from .cef import cef
from .leef import envelope_time, leef

_NUMBERS = frozenset((
    "bytes", "client_inbound_bytes", "client_inbound_packets", "client_outbound_bytes", "client_outbound_packets",
    "icmp_code", "icmp_type", "packets", "proto", "received_bytes", "s_port", "sent_bytes", "sequencenum",
    "server_inbound_bytes", "server_inbound_packets", "server_outbound_bytes", "server_outbound_packets", "service",
    "time", "xlatedport", "xlatesport",
))  # fmt: skip


@cache
def _pair() -> re.Pattern[str]:
    # `sys_message::"…"` has a colon too many. A quote ends a value where `;`, `]` or the end follows: values hold
    # quotes of their own.
    inner = r'\\.|"(?!\s*(?:[;\]]|$))'
    return re.compile(
        rf'\s*([^:=";\s][^:=";]*+)(?:::?|=)"([^"\\]*+(?>(?:{inner})[^"\\]*+)*+)"\s*+(?:;\s*+|$)', re.ASCII
    )


@cache
def _start() -> re.Pattern[str]:
    return re.compile(r'(?<![\w.-])[A-Za-z_][\w.-]*(?:::?|=)"', re.ASCII)


@cache
def _piped() -> re.Pattern[str]:
    return re.compile(r"(?<![\w|])(?:time|hostname|action|loguid|product)=[^|]*\|")


def _time_of(event: Event, reference: float) -> float | None:
    """time, else that of CEF or LEEF, else syslog header"""
    if event.get("time") is None and (time := envelope_time(event, reference)) is not None:
        return time
    return syslog_header.time_or_header(event, ("time", "rt"), reference)


@line_format(
    "checkpoint",
    tag="checkpoint",
    time=_time_of,
    signatures=(
        (
            "time, action|product|loguid|origin|ifdir, loguid|origin|sequencenum|hostname|originsicname, "
            "!Device Vendor, !Vendor"
        ),
        "Device Vendor=Check Point",
        "Vendor=Check Point",
    ),
    specificity=0.4,
    variants=(
        SYSLOG_HEADERS,
        '`key:"value"`, `key="value"` or `key=value|`, with quotes and pipes inside values',
        "names that end in a colon (`sys_message::`)",
        "CEF and LEEF",
    ),
    refused=("unclosed quotes",),
    document="Check Point: Log Exporter (sk122323), formats syslog, generic, Splunk, CEF and LEEF",
    example=b'<134>1 2026-03-01T09:15:02Z gw-1 CheckPoint 1930 - [action:"Accept"; flags:"444676"; ifdir:"inbound"; '
    b'ifname:"eth0"; time:"1772356502"; dst:"198.51.100.7"; proto:"6"; s_port:"52814"; service:"443"]',
)
def checkpoint(line: str) -> Event:
    """Check Point's Log Exporter: key:"value" with a syslog header or not, key=value with pipes, CEF, LEEF."""
    line = line.rstrip()
    if "CEF:" in line:
        return cef(line)
    if "LEEF:" in line:
        return leef(line)
    event: Event = _LINES.read(line)
    return event


def _careful(line: str) -> Event:
    piped = _piped().search(line) if "|" in line else None
    start = _find_start(line)
    if piped is not None and (start is None or piped.start() <= start):
        return _event(line, piped.start(), merge_pairs(_piped_pairs(line[piped.start() :])))
    if start is None:
        raise ParseError(f'no key:"value": {abbreviate(line)}')
    text = line[start:].rstrip(" ]")
    simple = quoted_pairs(text, '"; ', ':"')
    if simple is None or not _NAMES.accepts(simple):
        simple = merge_pairs(_quoted_pairs(text))
    return _event(line, start, simple)


def _find_start(line: str) -> int | None:
    quote = line.find('"')
    if quote < 0:
        return None
    at = max(line.rfind(" ", 0, quote), line.rfind("[", 0, quote)) + 1
    if line[quote - 1] in ":=" and _NAMES.accepts({line[at : quote - 1]: None}):
        return at
    start = _start().search(line)
    return None if start is None else start.start()


_NAMES = NameCheck(r"[A-Za-z_][\w.-]*")


def _event(line: str, start: int, pairs: Event) -> Event:
    # An RFC 5424 header ends in the bracket that opens the pairs.
    return {**_header(line[:start]), **with_numbers(pairs, _NUMBERS)}


def _header(text: str) -> Event:
    return read_relay_header(text.rstrip(" ["))


def _quoted_pairs(text: str) -> list[tuple[str, str]]:
    pairs, at, pair = [], 0, _pair().match
    while at < len(text):
        match = pair(text, at)
        if match is None:
            raise ParseError(f'no key:"value" at character {at + 1}: {abbreviate(text[at:])}')
        pairs.append((match[1].strip(), _unescape(match[2])))
        at = match.end()
    return pairs


def _piped_pairs(text: str) -> list[tuple[str, str]]:
    # Not every pipe of a value is escaped: only one before a key, or the last one, ends it.
    parts = _piped_end().split(text)
    split = [part.partition("=") for part in parts if part.strip()]
    return [(name.strip(), _unescape(value)) for name, _, value in split]


@cache
def _piped_end() -> re.Pattern[str]:
    return re.compile(r"(?<!\\)\|(?=\s*(?:[A-Za-z_][\w. -]{0,127}=|$))", re.ASCII)


def _unescape(text: str) -> str:
    return re.sub(r'\\(["\\|=;\]])', r"\1", text) if "\\" in text else text


def _find_ordinary(line: str) -> int:
    start = None if "|" in line else _find_start(line)
    return -1 if start is None else start


_LINES = LearnedLines(
    _careful,
    PairGrammar(
        find=_find_ordinary,
        read_header=_header,
        name=r"[A-Za-z_][\w.-]*",
        equals=':"',
        word=r'[^"\\]*+',
        between='"; ',
        tail=r'"[ \]]*',
        numbers=_NUMBERS,
    ),
)
