"""The headers of syslog: RFC 3164, RFC 5424, and what relays put before a line of another format."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from ..errors import ParseError
from . import day_times, timestamps
from .fields import Event, first_time
from .header_times import WEEKDAY, time_pattern, zone_of
from .pairs import NameCheck, quoted_pairs
from .patterns import QUOTED, Pattern, abbreviate
from .values import merge_pairs
from .zones import cache_by_zones

PRIORITY = r"<(\d{1,3})>"
CANONICAL_PRIORITY = r"1[0-8]\d|19[01]|[1-9]\d|\d"
_PRIORITIES = {str(code): divmod(code, 8) for code in range(24 * 8)}
"""Facility and severity by PRI, as nearly every device writes it: without zeros before it."""

# A host may hold colons (IPv6) but not end in one; a tag ends in `:` and a space, or in `[pid]`.
_TAGGED = r"(?:([^\s:\[]+)(?:\[([^\]\s]*)\])?(?:(?<=\]):? *|: +|:$))?((?s:.*))"
_BODY = Pattern("message", rf"(?:(\S*[^\s:]) +)?{_TAGGED}")
_TIMELESS = Pattern("RFC 3164 line", rf"(?:\d+ (?=<))?{PRIORITY} *+:?+ *+(?=\S){_TAGGED}")

# The shape of nearly every line of a syslog file; the rest (a fraction, a year, IPv6, no tag, …) goes the slower way,
# as does what looks like a zone or a year in place of the host, or like a counter of Cisco's in place of the process.
# A small letter first, as in most, saves to look for these.
_USUAL = Pattern(
    "syslog line",
    rf"(?:{PRIORITY})?"
    r"([JFMASOND][aepuco][nbrylgptvc] [ \d]\d \d\d:\d\d:\d\d) "
    r"((?:[a-z]|(?![A-Z]{1,5} |[+-]|\d{4} )[^ :\[])[^ :\[]*+) "
    r"((?:[A-Za-z]|(?!\d+:)[^ :\[])[^ :\[]*+)(?:\[([^\] ]*+)\])?: ++((?s:.*+))",
)

# AIX's syslogd puts this before what it passes on.
_FORWARDED_FROM = "Message forwarded from "
_FORWARDED = Pattern("relayed line", rf"{_FORWARDED_FROM}(\S+):(?= )")

_DATA = r'\[[^\s="\]]+(?> +[^\s="\]]+="[^"\\]*+(?>\\.[^"\\]*+)*+")*+ ?\]'
# `83 <40>1 …` begins with RFC 6587's octet count. Daemons that write files leave out the PRI, VMware and others the
# structured data, or break it: then the rest is the message.
_IETF = Pattern(
    "RFC 5424 line",
    rf"(?:\d+ (?=<))?(?:{PRIORITY})?(\d{{1,2}}) (-|\d{{4}}-\d\d-\d\d\S+) (\S+) (\S+) (\S+) (\S+)"
    rf"(?: (?:(-|(?>{_DATA})++)(?: |$))?((?s:.*)))?",
)
_IETF_START = Pattern("start of RFC 5424", r"(?:(?:\d+ )?<\d{1,3}>)?\d{1,2} (?:- |\d{4}-\d\d-\d\dT)")


@cache_by_zones(1)
def _header() -> str:
    # Cisco writes `45: rtr-1: 000046: *Nov 21 06:00:24.512 UTC: `: counters, the name of the device where `origin-id`
    # is on, and a mark where its clock is not set. Meraki writes the version of RFC 5424 before its epoch.
    return (
        rf"(?:\d++ (?=<))?(?:{PRIORITY})? *+:?+ *+(?:\d++: ++)?(?:([^\s:<>]++) ?: ++)?(?:\d++: ++)?"
        rf"(?:\d{{1,2}} (?=\d{{4}}-|\d{{10}}))?[*.]?{WEEKDAY}({time_pattern()}):? *"
    )


@cache_by_zones(1)
def _start() -> re.Pattern[str]:
    return re.compile(_header(), re.ASCII)


@cache_by_zones(1)
def _relayed() -> re.Pattern[str]:
    return re.compile(rf"(?:(\S++) ++)??{_header()}", re.ASCII)


def is_rfc5424(line: str) -> bool:
    """Tell whether the line begins like RFC 5424: with a version before the time."""
    return _IETF_START.regex.match(line) is not None


def has_header(line: str) -> bool:
    """Tell whether the line begins with a header of either RFC, or with a PRI."""
    return line[:1] == "<" or is_rfc5424(line) or _start().match(line) is not None


def usual_decoder(read_other: Callable[[str], Event]) -> Callable[[bytes], Event]:
    """Return the function from a record to its event: the usual BSD line by one match, any other by `read_other`."""
    usual = _USUAL.regex.fullmatch

    def decode(record: bytes) -> Event:
        line = record.decode().rstrip()
        match = usual(line)
        if match is None:
            return read_other(line)
        priority, time, host, name, number, message = match.groups()
        if priority is None:
            return {"datetime": time, "hostname": host, "proc_name": name, "proc_id": number, "message": message}
        codes = _PRIORITIES.get(priority)
        if codes is None:
            return read_other(line)
        return {
            "datetime": time, "hostname": host, "proc_name": name, "proc_id": number, "message": message,
            "facility": codes[0], "severity": codes[1],
        }  # fmt: skip

    return decode


def read_line(line: str) -> Event:
    """Return the fields of a syslog line of either RFC, or between them. Raises ParseError."""
    match = _IETF.find(line) if is_rfc5424(line) else None
    return rfc3164(line) if match is None else _ietf_event(match)


def rfc3164(line: str) -> Event:
    """Return the fields of a BSD syslog line, with or without PRI, host and tag. Of several headers, the device's own
    is the last. A line with a PRI needs no time: RFC 3164, section 4.3.3. Raises ParseError."""
    usual = _USUAL.find(line)
    if usual is not None:
        return _bsd_event(*usual.groups())
    line = _FORWARDED.regex.sub(r"\1", line, 1) if _FORWARDED_FROM in line else line
    start = _start().match(line)
    if start is None:
        priority, name, number, message = _TIMELESS.match(line).groups()
        return _bsd_event(priority, None, None, name, number, message)
    priority, origin, time = start.groups()
    body = _BODY.regex.fullmatch(line, start.end())
    host, name, number, message = body.groups() if body else (None, None, None, "")
    inner = _relayed().match(line, start.end()) if name is None or name.isdigit() else None  # Else the message began.
    for _ in range(MOST_RELAYS):
        if inner is None:
            break
        relay, inner_priority, inner_origin, inner_time = inner.groups()
        ietf = _IETF.regex.fullmatch(line, inner.end(1) + 1 if relay else inner.start())
        if ietf is not None:
            return _ietf_event(ietf)
        body = _BODY.regex.fullmatch(line, inner.end())
        # An application may write a time first in its message, and no host after it.
        if body is None or not (body[2] or inner_priority or inner_time[:1].isalpha() or inner_origin):
            break
        priority, origin, time = inner_priority or priority, inner_origin or relay or origin, inner_time
        host, name, number, message = body.groups()
        inner = _relayed().match(line, inner.end())
    return _bsd_event(priority, time, host or origin, name, number, message)


MOST_RELAYS = 4
"""Headers before the device's own; what follows more of them is the message."""


def _bsd_event(
    priority: str | None, time: str | None, host: str | None, name: str | None, number: str | None, message: str | None
) -> Event:
    event: Event = {"datetime": time, "hostname": host, "proc_name": name, "proc_id": number, "message": message}
    return with_priority(event, priority)


def rfc5424(line: str) -> Event:
    """Return the fields of an RFC 5424 line; `-` is None. Raises ParseError."""
    return _ietf_event(_IETF.match(line))


def _ietf_event(match: re.Match[str]) -> Event:
    priority, version, time, host, name, number, identifier, data, message = match.groups()
    event: Event = {
        "datetime": None if time == "-" else time,
        "hostname": None if host == "-" else host,
        "proc_name": None if name == "-" else name,
        "proc_id": None if number == "-" else number,
        "msg_id": None if identifier == "-" else identifier,
        "structured_data": structured_data(data or "-"),
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


@cache_by_zones(1)
def _times() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)({time_pattern()}):? *([^\s:]\S*)?", re.ASCII)


def _find_origin(text: str) -> str:
    """Return the name of a device before its time, as Cisco's `45: rtr-1: 000046: *` has it; `-` for none."""
    for word in reversed(text.rstrip(" *.").replace(" :", ":").split()[-2:]):
        name = word[:-1].rpartition(">")[2]
        if word[-1] != ":" or (name and not name.isdigit()):
            return name if word[-1] == ":" else "-"
    return "-"


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
        host = hosts[-1] if hosts else _find_origin(text[: matches[0].start(1)])
        return {**event, "datetime": matches[-1][1], "hostname": none_if_nil(host)}
    rest = re.sub(rf"^{PRIORITY}", "", text).strip(" :")
    return {**event, "header": rest} if rest else event


_read_relay_header_once = cache_by_zones(256)(_read_relay_header)


def time_of(event: Event, reference: float) -> float | None:
    """The time in the header"""
    text = event.get("datetime")
    if not isinstance(text, str):
        return None
    return timestamps.epoch(text, None, reference) if text[:1].isdigit() else day_times.bsd(text, reference)


def time_or_header(event: Event, names: Sequence[str], reference: float, offset: str = "") -> float | None:
    """Return the first of these fields that is a time, in the zone of `offset`, else of the header, where it names none
    of its own; else the time in the header. Raises ParseError where there are times, and none can be read."""
    first = event.get(names[0])
    if first:
        try:
            return timestamps.epoch(first, None, reference, offset or zone_of(event))
        except ParseError:
            pass  # It is read again with the others.
    values = ((event.get(name), None) for name in names)
    try:
        time = first_time(values, reference, offset or zone_of(event))
    except ParseError:
        time = time_of(event, reference)
        if time is None:
            raise
        return time
    return time_of(event, reference) if time is None else time


def split_at(marker: re.Pattern[str], line: str, what: str) -> tuple[Event, str]:
    """Return the header before the first match of `marker`, and the line from there on. Raises ParseError without a
    match."""
    match = marker.search(line)
    if match is None:
        raise ParseError(f"not a valid {what}: {abbreviate(line)}")
    return read_relay_header(line[: match.start()]), line[match.start() :]
