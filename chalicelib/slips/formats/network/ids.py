"""Intrusion detection: Suricata's EVE, and the fast alerts of Snort (which Suricata writes too)."""

from __future__ import annotations

from ...errors import ParseError
from .. import syslog_header
from ..calendar_times import latest_year
from ..fields import Event
from ..json_format import JsonFormat
from ..line_format import line_format
from ..patterns import Pattern, abbreviate
from ..registry import register
from ..syslog_header import read_relay_header
from ..timestamps import utc
from ..usual_lines import UsualLine
from ..values import with_numbers
from ..variants import SYSLOG_HEADERS

register(
    JsonFormat(
        name="suricata-eve",
        tag="suricata.<event_type>",
        time="timestamp",
        signatures=("event_type, timestamp, flow_id|host|in_iface, src_ip|stats, proto|dest_ip|stats, !firewall_name",),
        description="Suricata EVE: alert, dns, http, tls, flow and all other events",
        variants=("offsets with and without a colon",),
        document="Suricata User Guide: EVE JSON Format",
        example=b'{"timestamp":"2026-03-01T09:15:02.481290+0000","flow_id":1531972173335705,"event_type":"alert",'
        b'"src_ip":"192.0.2.41","src_port":52814,"dest_ip":"198.51.100.7","dest_port":80,"proto":"TCP",'
        b'"alert":{"action":"allowed","gid":1,"signature_id":2008578,"rev":4,"signature":"Scan","severity":2}}',
    )
)

# `[Drop]` inline, `<eth0>` with -I, no `[**]` in alert_syslog; after the priority, Snort 3 has `[AppID: http]`.
_NUMBER = Pattern("alert's number", r"\[(\d+):(\d+):(\d+)\] *")
_BEFORE = Pattern("Snort header", r"(.*?)(?:\[(\w+)\] *+)?(?:\[\*\*\] *+)?(?:<([^<>]*)> *+)?")
_NOTE = Pattern("note", r"(?: |(?=\[\*\*\]))\[(?:\*\*|([A-Za-z]\w*): ([^\]]*))\]:?")
_ROUTE = Pattern("Snort route", r"([^}]*+)\} +(\S+) +-> +(\S+)")
_TIME = Pattern("Snort time", r"(\d\d)/(\d\d)(?:/(?:(\d\d)|(\d{4})))?-(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?")
_TEXT = r"[!#-Z\\^-z|~]"
"""The first and the last character of a usual message."""
_ENDPOINT = r"([\d.]++)(?::(\d{1,20}))?"
_USUAL = UsualLine(
    r"(\d\d/\d\d(?:/\d\d(?:\d\d|)|)-\d\d:\d\d:\d\d(?:\.\d{1,9}+|)) ++"
    r"\[\*\*\] \[(\d{1,20}+):(\d{1,20}+):(\d{1,20}+)\] "
    rf"({_TEXT}(?:[^\"{{}}\[]*{_TEXT})?) *\[\*\*\] \[Classification: ([^\]{{}}\[]*+)\] \[Priority: (\d{{1,20}}+)\] "
    rf"\{{([A-Z]++)\}} {_ENDPOINT} -> {_ENDPOINT}",
    (
        "timestamp", "gid", "sid", "rev", "msg", "class", "priority", "proto", "src_addr", "src_port", "dst_addr",
        "dst_port",
    ),
    integers=("gid", "sid", "rev", "priority", "src_port", "dst_port"),
    blank=("src_port", "dst_port"),
)  # fmt: skip
_NAMES = {"Classification": "class", "Priority": "priority"}
_NUMBERS = frozenset(("priority", "src_port", "dst_port"))
_WITH_PORTS = frozenset({"TCP", "UDP", "SCTP", "006", "017", "132"})


def _time_of(event: Event, reference: float) -> float | None:
    """header, its year from the object's time where it has none"""
    if "timestamp" not in event:
        return syslog_header.time_of(event, reference)
    month, day, short, year, hour, minute, second, fraction = _TIME.match(event["timestamp"]).groups()
    clock = (int(month), int(day), int(hour), int(minute), int(second))
    full = int(year or 0) or (2000 + int(short) if short else 0)
    return utc(full or latest_year(reference, *clock), *clock, fraction)


@line_format(
    "snort-alert",
    tag="snort.alert",
    time=_time_of,
    specificity=0.9,
    variants=(
        SYSLOG_HEADERS,
        "a date without a year, or with one of two or four digits",
        "`[Drop]`, an interface, notes such as `[AppID: http]`",
        "IPv6, and protocols without ports",
        "no route",
    ),
    refused=("alerts without a time, and full alerts of several lines",),
    usual=_USUAL,
    document="Snort Users Manual: alert_fast, alert_syslog; Snort 3: alert_fast; Suricata User Guide: fast.log",
    example=b"03/01-09:15:02.481290  [**] [1:2008578:4] ET SCAN Sipvicious Scan [**] [Classification: Attempted "
    b"Information Leak] [Priority: 2] {UDP} 192.0.2.41:5116 -> 198.51.100.7:5060",
)
def snort_alert(line: str) -> Event:
    """Snort's fast alerts, of Snort 2, Snort 3 and Suricata, also by syslog; field names as in alert_json."""
    line = line.strip()
    number = _NUMBER.regex.search(line)
    if number is None:
        raise ParseError(f"no [generator:signature:revision]: {abbreviate(line)}")
    event = _header(line[: number.start()])
    event["gid"], event["sid"], event["rev"] = (int(part[:20]) for part in number.groups())
    text, brace, route = line[number.end() :].rpartition(" {")
    event.update(_notes(text if brace else line[number.end() :]))
    if brace:
        event.update(_endpoints(route))
    return with_numbers(event, _NUMBERS)


def _header(text: str) -> Event:
    time, action, interface = _BEFORE.match(text.rstrip()).groups()
    time = time.strip()
    event: Event = {"timestamp": time} if _TIME.find(time) else read_relay_header(time)
    if not {"timestamp", "datetime"} & event.keys():
        raise ParseError(f"no time before the alert: {abbreviate(text)}")
    named = {"action": action, "iface": interface}
    return {**event, **{name: value for name, value in named.items() if value}}


def _notes(text: str) -> Event:
    """Return the message, and the notes in brackets after it."""
    first = _NOTE.regex.search(text)
    event: Event = {"msg": (text[: first.start()] if first else text).strip().strip('"')}
    for name, value in _NOTE.regex.findall(text):
        if name:
            event[_NAMES.get(name, name)] = value
    return event


def _endpoints(text: str) -> Event:
    protocol, source, destination = _ROUTE.match(text).groups()
    event: Event = {"proto": protocol}
    event["src_addr"], event["src_port"] = _endpoint(source, protocol)
    event["dst_addr"], event["dst_port"] = _endpoint(destination, protocol)
    return event


def _endpoint(text: str, protocol: str) -> tuple[str, str | None]:
    """Return address and port. Only protocols with ports have one: the last group of an IPv6 address is not a port."""
    address, colon, port = text.rpartition(":")
    if not colon or (protocol.upper() not in _WITH_PORTS and text.count(":") > 1):
        return text, None
    return address.strip("[]"), port
