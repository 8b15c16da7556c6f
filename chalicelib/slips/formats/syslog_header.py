"""The headers of syslog: RFC 3164, RFC 5424, and what relays put before a line of another format."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from ..errors import ParseError
from . import day_times, timestamps, zones
from .fields import Event
from .pairs import NameCheck, quoted_pairs
from .patterns import QUOTED, Pattern, abbreviate
from .values import merge_pairs

# Besides the RFC's `Nov 21 06:00:24`: one digit without padding, a fraction, a year before or after the clock.
BSD_TIME = (
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})?"
    r"(?: (?:19|20)\d\d(?=[\s:]))?"
)
ISO_TIME = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|[+-]\d\d:?\d\d))?"
PRIORITY = r"<(\d{1,3})>"

# A host may hold colons (IPv6) but not end in one; a tag ends in `:` and a space, or in `[pid]`.
_REST = r"(?:(\S*[^\s:]) +)?(?:([^\s:\[]+)(?:\[([^\]\s]*)\])?(?:(?<=\]):? *|: +|:$))?((?s:.*))"

# BusyBox and OpenWrt begin with the day of the week.
_BSD = Pattern(
    "RFC 3164 line", rf"(?:{PRIORITY} ?)?(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?({BSD_TIME}|{ISO_TIME}):? +{_REST}"
)
_DATA = r'\[[^\s="\]]+(?: +[^\s="\]]+="[^"\\]*+(?:\\.[^"\\]*+)*+")*+ ?\]'
# `83 <40>1 …` begins with RFC 6587's octet count. Daemons that write files leave out the PRI.
_IETF = Pattern(
    "RFC 5424 line",
    rf"(?:\d+ (?=<))?(?:{PRIORITY})?(\d{{1,2}}) (-|\d{{4}}-\d\d-\d\d\S+) (\S+) (\S+) (\S+) (\S+) "
    rf"(-|(?:{_DATA})++)(?: ((?s:.*)))?",
)
_IETF_START = Pattern("start of RFC 5424", r"(?:(?:\d+ )?<\d{1,3}>\d{1,2} |\d{1,2} (?:-|\d{4}-\d\d-\d\dT))")


def is_rfc5424(line: str) -> bool:
    """Tell whether the line begins like RFC 5424: with a version after the PRI."""
    return _IETF_START.regex.match(line) is not None


def rfc3164(line: str) -> Event:
    """Return the fields of a BSD syslog line, with or without PRI, host and tag. Raises ParseError."""
    priority, time, host, name, number, message = _BSD.match(line).groups()
    event: Event = {"datetime": time, "hostname": host, "proc_name": name, "proc_id": number, "message": message}
    return with_priority(event, priority)


def rfc5424(line: str) -> Event:
    """Return the fields of an RFC 5424 line; `-` is None. Raises ParseError."""
    match = _IETF.match(line)
    priority, version, time, host, name, number, identifier, data, message = match.groups()
    event: Event = {
        "datetime": None if time == "-" else time,
        "hostname": None if host == "-" else host,
        "proc_name": None if name == "-" else name,
        "proc_id": None if number == "-" else number,
        "msg_id": None if identifier == "-" else identifier,
        "structured_data": structured_data(data),
        "message": (message or "").removeprefix("\ufeff"),
        "version": int(version),
    }
    return with_priority(event, priority)


def none_if_nil(text: str) -> str | None:
    """Return None for `-`, the NILVALUE of RFC 5424, else the text."""
    return None if text == "-" else text


def with_priority(event: Event, priority: str | None) -> Event:
    """Return the event with the `facility` and `severity` that a PRI encodes. Raises ParseError above 191."""
    if priority is not None:
        event["facility"], event["severity"] = divmod(int(priority), 8)
        if event["facility"] > 23:
            raise ParseError(f"not a syslog priority: {priority}")
    return event


@cache
def _elements() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    return (
        re.compile(_DATA, re.ASCII),
        re.compile(rf' ([^\s="\]]+)={QUOTED}', re.ASCII),
        re.compile(r'\\(["\\\]])'),
    )


_NAMES = NameCheck(r'[^\s="\]]+')


def structured_data(text: str) -> dict[str, Event]:
    """Return RFC 5424's structured data as a dict of dicts: by SD-ID, then by name."""
    name, _, rest = text[1:-1].partition(" ")
    simple = quoted_pairs(rest, '" ', '="')
    if simple is not None and _NAMES.accepts(simple):
        return {name: simple}
    element, parameter, escaped = _elements()
    elements: dict[str, Event] = {}
    for element_text in element.findall(text):
        name = element_text[1:].partition(" ")[0].rstrip("]")
        pairs = parameter.findall(element_text)
        if "\\" in element_text:
            pairs = [(key, escaped.sub(r"\1", value)) for key, value in pairs]
        elements.setdefault(name, {}).update(merge_pairs(pairs))
    return elements


@cache
def _times() -> re.Pattern[str]:
    names = "|".join(zones.zone_names())
    return re.compile(rf"(?<!\w)((?:{BSD_TIME}|{ISO_TIME})(?: (?:{names})(?=[:\s]|$))?):? *([^\s:]\S*)?", re.ASCII)


def read_relay_header(header: str) -> Event:
    """Return what relays put before a line of another format: `datetime` and `hostname` of the last of several headers
    (the nearest to the device), `facility` and `severity`; other text under `header`."""
    if not header:
        return {}
    return dict(_read_relay_header(header) if len(header) > LONGEST_KEPT else _read_relay_header_once(header))


LONGEST_KEPT = 200
"""Characters of a header that is kept: the lines of a second share one."""


def _read_relay_header(header: str) -> Event:
    text = header.strip()
    priorities = re.findall(PRIORITY, text)
    event = with_priority({}, priorities[-1] if priorities else None)
    matches = list(_times().finditer(text))
    if matches:
        hosts = [match[2].rstrip(":") for match in matches if match[2]]
        return {**event, "datetime": matches[-1][1], "hostname": none_if_nil(hosts[-1]) if hosts else None}
    rest = re.sub(rf"^{PRIORITY}", "", text).strip(" :")
    return {**event, "header": rest} if rest else event


_read_relay_header_once = lru_cache(maxsize=256)(_read_relay_header)


def time_of(event: Event, reference: float) -> float | None:
    """The time in the header"""
    text = event.get("datetime")
    if not isinstance(text, str):
        return None
    return timestamps.iso(text) if text[:1].isdigit() else day_times.bsd(text, reference)


def split_at(marker: re.Pattern[str], line: str, what: str) -> tuple[Event, str]:
    """Return the header before the first match of `marker`, and the line from there on. Raises ParseError without a
    match."""
    match = marker.search(line)
    if match is None:
        raise ParseError(f"not a valid {what}: {abbreviate(line)}")
    return read_relay_header(line[: match.start()]), line[match.start() :]
