"""Fortinet FortiGate."""

from __future__ import annotations

import re
from functools import cache

from ...errors import ParseError
from ..fields import Event, first_time
from ..header_times import zone_of
from ..learned_lines import LearnedLines
from ..line_format import line_format
from ..pair_grammar import PairGrammar
from ..pairs import NameCheck, spaced_pairs
from ..patterns import abbreviate
from ..syslog_header import read_relay_header
from ..syslog_header import time_of as header_time
from ..timestamps import epoch
from ..values import merge_pairs, with_numbers
from ..variants import SYSLOG_HEADERS
from . import cef

# What FortiOS's log reference gives as uint8 to uint64.
_NUMBERS = frozenset((
    "eventtime", "appid", "attackid", "cat", "count", "countapp", "countav", "countips", "countweb", "craction",
    "crscore", "dstport", "duration", "identifier", "incidentserialno", "itime", "lanin", "lanout", "locport",
    "policyid", "proto", "rcvdbyte", "rcvddelta", "rcvdpkt", "remport", "sentbyte", "sentdelta", "sentpkt",
    "sessionid", "srcport", "timestamp", "transport", "tunnelid", "vwlid", "wanin", "wanout",
))  # fmt: skip


@cache
def _start() -> re.Pattern[str]:
    return re.compile(r"(?<![^\s\0>,:])[A-Za-z_][\w.-]*=", re.ASCII)


# A quote ends a value only where the next key, or nothing, follows: values hold quotes (`\"`) and paths (`C:\`) alike.
_QUOTED = r'"([^"]*+(?>"(?!{gap}*[A-Za-z_][\w.-]*=|{gap}*$)[^"]*+)*+)"'


@cache
def _pair(gap: str) -> re.Pattern[str]:
    return re.compile(rf'([A-Za-z_][\w.-]*+)=(?:{_QUOTED.format(gap=gap)}|([^"{gap[1:-1]}]*+))(?:{gap}+|$)', re.ASCII)


@cache
def _empty() -> re.Pattern[str]:
    # `dstip=authid="krb"`: FortiOS leaves out an unknown address, and the space after it.
    return re.compile(r'([A-Za-z_][\w.-]*+)=()()(?=[A-Za-z_][\w.-]*+=")', re.ASCII)


def _time_of(event: Event, reference: float) -> float | None:
    """eventtime, else date + time + tz, else timestamp, itime, else syslog header"""
    if event.get("eventtime"):
        try:
            return epoch(event["eventtime"])
        except ParseError:
            pass  # It is read again with the others.
    date, time, zone = (event.get(name) for name in ("date", "time", "tz"))
    clock = f"{date} {time}" if isinstance(date, str) and isinstance(time, str) else None
    values = ((value, None) for value in (*map(event.get, _TIMES), clock, *map(event.get, _OTHER_TIMES)))
    own = first_time(values, reference, zone if isinstance(zone, str) else zone_of(event))
    if own is not None:
        return own
    return cef.time_of(event, reference) if "Device Vendor" in event else header_time(event, reference)


_TIMES = ("eventtime", "FTNTFGTeventtime", "FortinetFortiGateeventtime")
_OTHER_TIMES = ("timestamp", "itime")
"""Seconds: of older devices, and when FortiAnalyzer received a record."""


def _tag(event: Event) -> str:
    """fortigate.<type>"""
    kind = event.get("type") or event.get("cat") or "unknown"
    return f"fortigate.{str(kind).partition(':')[0]}"


@line_format(
    "fortigate",
    tag=_tag,
    time=_time_of,
    signatures=(
        "devid|devname|devhost, logid, type, subtype, level|vd",
        "Device Vendor=Fortinet",
    ),
    specificity=0.4,
    variants=(
        SYSLOG_HEADERS,
        "`eventtime` in seconds to nanoseconds, `date`, `time` and `tz`, or `timestamp` and `itime`",
        "spaces, commas or NULs between",
        "quotes and backslashes inside quotes, and an empty value glued to the next key",
        "records without a time, behind a header",
        "CEF",
    ),
    refused=("unclosed quotes, and text without `=`",),
    document="Fortinet: FortiOS Log Message Reference",
    example=b'date=2026-03-01 time=09:15:02 devname="fw-2" devid="FGT60F0000000001" eventtime=1772356502481290123 '
    b'tz="+0000" logid="0000000013" type="traffic" subtype="forward" level="notice" vd="root" srcip=192.0.2.41 '
    b'srcport=52814 dstip=198.51.100.7 dstport=443 proto=6 action="close" policyid=5 service="HTTPS" duration=20 '
    b"sentbyte=1922 rcvdbyte=6198",
)
def fortigate(line: str) -> Event:
    """FortiGate's key=value lines, spaces or commas between, and its CEF; with or without a syslog header."""
    line = line.rstrip()
    event: Event = _cef(line) if "|Fortinet|" in line else _LINES.read(line)
    return event


def _careful(line: str) -> Event:
    start = _start().search(line)
    if start is None:
        raise ParseError(f"no key=value: {abbreviate(line)}")
    text = line[start.start() :]
    event = None if "," in text.partition(" ")[0] else spaced_pairs(text)
    if event is None or not _NAMES.accepts(event):
        event = merge_pairs(_pairs(text))
    return {**read_relay_header(line[: start.start()]), **with_numbers(event, _NUMBERS)}


def _find(line: str) -> int:
    start = _start().search(line)
    return -1 if start is None else start.start()


_LINES = LearnedLines(
    _careful,
    PairGrammar(
        find=_find,
        name=r"[A-Za-z_][\w.-]*",
        word=r"[!#-+.-<>-~-]*+",
        quoted=r'[^"]*+',
        numbers=_NUMBERS,
    ),
)
_NAMES = NameCheck(r"[A-Za-z_][\w.-]*")


def _pairs(text: str) -> list[tuple[str, str]]:
    gap = "[,]" if re.match(r"[\w.-]+=[^\s,\"]*,[A-Za-z_]", text) else r"[\s\0]"
    pairs, at, pair = [], 0, _pair(gap).match
    while at < len(text):
        match = pair(text, at) or _empty().match(text, at)
        if match is None:
            raise ParseError(f"no key=value at character {at + 1}: {abbreviate(text[at:])}")
        name, quoted, bare = match.groups()
        pairs.append((name, bare if quoted is None else quoted))
        at = match.end()
    return pairs


@cache
def _cef_start() -> re.Pattern[str]:
    return re.compile(r"(?:CEF: ?)?\d(?:\.\d)?\|Fortinet\|")


def _cef(line: str) -> Event:
    start = _cef_start().search(line)
    if start is None:
        raise ParseError(f"no CEF header: {abbreviate(line)}")
    return {**read_relay_header(line[: start.start()]), **cef.fields(line[start.start() :])}
