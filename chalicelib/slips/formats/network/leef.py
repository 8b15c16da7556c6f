"""IBM QRadar's Log Event Extended Format."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from ...errors import ParseError
from .. import syslog_header
from ..fields import Event
from ..header_times import zone_of
from ..java_times import read_java_time
from ..learned_lines import LearnedLines
from ..line_format import line_format
from ..pair_grammar import PairGrammar
from ..pairs import delimited_pairs
from ..patterns import abbreviate
from ..syslog_header import read_relay_header
from ..values import merge_pairs, with_numbers
from ..variants import SYSLOG_HEADERS
from . import cef

HEADER = ("LEEF Version", "Vendor", "Product", "Product Version", "Event ID")

# The predefined attributes that LEEF gives as Integer.
_NUMBERS = frozenset((
    "sev", "srcPort", "dstPort", "srcPreNATPort", "dstPreNATPort", "srcPostNATPort", "dstPostNATPort", "srcBytes",
    "dstBytes", "srcPackets", "dstPackets", "totalPackets",
))  # fmt: skip


@cache
def _marker() -> re.Pattern[str]:
    return re.compile(r"LEEF: ?[12]")


@cache
def _header() -> re.Pattern[str]:
    return re.compile(r"LEEF: ?([12](?:\.\d)?)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)(?:\|((?s:.*)))?")


def time_of(event: Event, reference: float) -> float | None:
    """devTime, else syslog header"""
    value, pattern = event.get("devTime"), event.get("devTimeFormat")
    if isinstance(value, str) and isinstance(pattern, str):
        try:
            return read_java_time(value, pattern, reference, zone_of(event))
        except ParseError:
            pass  # Devices name another pattern than they write.
    return syslog_header.time_or_header(event, ("devTime",), reference)


def envelope_time(event: Event, reference: float) -> float | None:
    """Return the time of an event in CEF or LEEF, as these formats have it; None for any other event."""
    if "LEEF Version" in event:
        return time_of(event, reference)
    return cef.time_of(event, reference) if "Device Vendor" in event else None


@line_format(
    "leef",
    tag="leef.<Vendor>",
    time=time_of,
    specificity=0.93,
    variants=(
        SYSLOG_HEADERS,
        "1.0, and 2.0 with any delimiter, as a character, `x5E`, `0x5E` or `\\t`",
        "spaces in place of tabs, as some relays write them",
        "`devTimeFormat`",
    ),
    refused=("versions above 2, and text before the first key",),
    document="IBM QRadar: Log Event Extended Format (LEEF), version 2",
    example=b"LEEF:2.0|Example Systems|Gatekeeper|4.2|refused|^|devTime=Mar 01 2026 09:15:02^src=192.0.2.41"
    b"^dst=198.51.100.7^dstPort=22^sev=5",
)
def leef(line: str) -> Event:
    """LEEF 1.0 and 2.0, with or without a syslog header; the header's fields and the attributes side by side."""
    event: Event = _LINES.read(line.rstrip("\r\n"))
    return event


_STARTS = {f"LEEF:{space}{version}": version for version in ("1.0", "2.0") for space in ("", " ")}


def _ordinary(line: str) -> Event | None:
    """Return the event of a line of the usual shape; None where it needs a closer look."""
    start = line.find("LEEF:")
    named, *cells = line[start:].split("|", 6)
    version = _STARTS.get(named)
    if version is None or len(cells) < 5:
        return None
    delimiter, attributes = "\t", "|".join(cells[4:])
    if version == "2.0" and len(cells) == 6:
        if len(cells[4]) > 1:
            return None
        delimiter, attributes = cells[4] or "\t", cells[5]
    pairs = delimited_pairs(attributes, delimiter, "=") if delimiter != " " and delimiter in attributes else None
    if pairs is None or not pairs.keys().isdisjoint(HEADER):
        return None
    vendor, product, release, kind = cells[:4]
    event = read_relay_header(line[:start]) if start else {}
    event |= {
        "LEEF Version": version, "Vendor": vendor, "Product": product, "Product Version": release, "Event ID": kind,
    }  # fmt: skip
    event.update(with_numbers(pairs, _NUMBERS))
    return event


def _careful(line: str) -> Event:
    event = _ordinary(line)
    if event is not None:
        return event
    relay, rest = syslog_header.split_at(_marker(), line, "LEEF line")
    match = _header().fullmatch(rest)
    if match is None:
        raise ParseError(f"no LEEF header: {abbreviate(rest)}")
    *header, attributes = match.groups()
    delimiter, attributes = _delimiter(header[0], attributes or "")
    pairs = [*zip(HEADER, header, strict=True), *_pairs(attributes, delimiter)]
    return {**relay, **with_numbers(merge_pairs(pairs), _NUMBERS)}


_CODE = re.compile(r"\\{0,2}(?:0?[xX]|u)([0-9A-Fa-f]{1,4})")
_ESCAPES = {r"\t": "\t", r"\\t": "\t", "tab": "\t", r"\|": "|", r"\^": "^"}


def _delimiter(version: str, attributes: str) -> tuple[str, str]:
    """Return the delimiter and what follows it. Version 2 may name one, as a character, `x5E`, `0x5E`, `\\x5E` or
    `\\t`; else it is a tab."""
    named, bar, rest = attributes.partition("|")
    if version.startswith("1") or not bar:
        return "\t", attributes
    code = _CODE.fullmatch(named)
    if code is not None:
        return chr(int(code[1], 16)), rest
    named = _ESCAPES.get(named, named)
    return (named or "\t", rest) if len(named) <= 1 else ("\t", attributes)


@cache
def _written_tab() -> re.Pattern[str]:
    return re.compile(r"\\t(?=[A-Za-z][\w.-]{0,63}=)", re.ASCII)


@lru_cache(maxsize=16)
def _key(delimiter: str) -> re.Pattern[str]:
    mark = re.escape(delimiter)
    return re.compile(rf"(?:\A|{mark})([^={mark}]++)=")


def _pairs(text: str, delimiter: str) -> list[tuple[str, str]]:
    if delimiter == "\t" and "\t" not in text:  # Nor is it written in another way than in the header.
        text = _written_tab().sub("\t", text)
    # Relays turn tabs into spaces: then a value reaches up to the next ` key=`.
    if delimiter.isspace() and (delimiter == " " or delimiter not in text.strip()):
        return cef.pairs_of(text)
    return cef.pairs_between(_key(delimiter), text.strip(delimiter), unescape=str)


_CELL, _PART = r"[ -{}-~]*+", r"[!-\]_-{}-~]"
_LINES = LearnedLines(
    _careful,
    PairGrammar(
        find=lambda line: line.find("LEEF:"),
        head=r"LEEF: ?([12]\.0)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|(?:[\t^]?\|)?",
        columns={HEADER[0]: "", **dict.fromkeys(HEADER[1:], _CELL)},
        name=r"[A-Za-z0-9_.-]+",
        word=f"{_PART}*+",
        text=f"{_PART}++(?> {_PART}++)*+",
        between=r"[\t^]",
        numbers=_NUMBERS,
    ),
)
