"""Zscaler Internet Access, as its Nanolog Streaming Service (NSS) feeds write it."""

from __future__ import annotations

import csv

from ...errors import ParseError
from ..base import Decoded, ObjectInfo
from ..fields import Event, first_time, lookup
from ..json_format import JsonFormat, JsonParser, loads
from ..patterns import abbreviate
from ..registry import register
from ..syslog_header import read_relay_header
from ..values import merge_pairs
from ..variants import SYSLOG_HEADERS
from .cef import cef
from .leef import envelope_time, leef

_DEVICE = ("deviceowner", "devicehostname")

# The default CSV output of each feed, by the number of columns; an administrator may change them, and then a row
# has `time` and `extra`.
_CSV = {
    "web": (
        "time", "login", "proto", "eurl", "action", "appname", "appclass", "reqsize", "respsize", "stime", "ctime",
        "urlclass", "urlsupercat", "urlcat", "malwarecat", "threatname", "riskscore", "dlpeng", "dlpdict", "location",
        "dept", "cip", "sip", "reqmethod", "respcode", "ua", "ereferer", "ruletype", "rulelabel", "contenttype",
        "unscannabletype", *_DEVICE, "keyprotectiontype",
    ),
    "firewall": (
        "time", "elogin", "dept", "location", "cdport", "csport", "sdport", "ssport", "csip", "cdip", "ssip", "sdip",
        "tsip", "tsport", "ttype", "action", "dnat", "stateful", "aggregate", "nwsvc", "nwapp", "ipproto", "ipcat",
        "destcountry", "avgduration", "rulelabel", "inbytes", "outbytes", "duration", "durationms", "numsessions",
        "ipsrulelabel", "threatcat", "threatname", *_DEVICE,
    ),
    "dns": (
        "time", "login", "dept", "location", "reqaction", "resaction", "reqrulelabel", "resrulelabel", "reqtype",
        "req", "res", "sport", "durationms", "cip", "sip", "category", *_DEVICE,
    ),
    "audit": (
        "time", "recordid", "action", "category", "subcategory", "resource", "interface", "adminid", "clientip",
        "result", "errorcode", "auditlogtype", "preaction", "postaction",
    ),
}  # fmt: skip

# A field that only this feed has.
_TELLING = {
    "auditlogtype": "audit", "tunneltype": "tunnel", "tunsport": "firewall", "csip": "firewall", "cdip": "firewall",
    "reqrulelabel": "dns", "dns_req": "dns", "dnsgw_slot": "dns", "urlcategory": "web", "urlcat": "web", "eurl": "web",
    "urlsupercategory": "web", "tenant": "casb",
}  # fmt: skip


_MARKS = (",", "\t", "CEF:", "LEEF:")
"""Where one of them is before a brace, the line is not a header and JSON."""
_LONGEST_TIME = 32
"""Characters; before a longer one is a header."""
_TIMES = ("event.datetime", "event.time", "event.epochtime", "datetime", "time", "epochtime")


def _time_of(event: Event, reference: float) -> float | None:
    """datetime, time, epochtime (of `event`, where the feed wraps it); of CEF and LEEF theirs"""
    if (time := envelope_time(event, reference)) is not None:
        return time
    return first_time(((lookup(event, path), None) for path in _TIMES), reference)


def _tag(event: Event) -> str:
    """zscaler.<type>"""
    source = str(lookup(event, "sourcetype") or "").casefold()
    if source.startswith("zscalernss"):
        kind = source.removeprefix("zscalernss").strip("-_:")
        return f"zscaler.{'firewall' if kind == 'fw' else kind or 'unknown'}"
    inner = event.get("event")
    names = inner if isinstance(inner, dict) else event
    return f"zscaler.{next((kind for name, kind in _TELLING.items() if name in names), 'unknown')}"


class ZscalerFormat(JsonFormat):
    """A format of the output types of NSS feeds: JSON, CSV, tab-separated pairs, CEF, LEEF."""

    def parser(self, about: ObjectInfo) -> JsonParser:
        return ZscalerParser(self, about)


class ZscalerParser(JsonParser):
    """A parser that recognizes JSON by its first character."""

    def __init__(self, declared: JsonFormat, about: ObjectInfo) -> None:
        super().__init__(declared, about)
        self.use_decoder(self._either)

    def _either(self, record: bytes) -> Decoded:
        if record.lstrip()[:1] in (b"{", b"[", b""):
            return self.json(record)
        line = record.decode().strip()
        before, brace, _ = line.partition("{") if line[-1:] == "}" else ("", "", "")
        if not brace or any(mark in before for mark in _MARKS):
            return text(line)
        event: Event = loads(line[len(before) :])
        return {**_header(before), **event}


def _header(text: str) -> Event:
    """Return the fields of a syslog header, None being left out."""
    return {name: value for name, value in read_relay_header(text).items() if value is not None}


def text(line: str) -> Event:
    """Return the event of a feed that is not JSON. Raises ParseError."""
    if "CEF:" in line:
        return cef(line)
    if "LEEF:" in line:
        return leef(line)
    if "\t" in line:
        return _pairs(line)
    return _row(line)


def _pairs(line: str) -> Event:
    """Return the pairs of `2026-03-01 09:15:02 <tab> reason=Allowed <tab> …`, as for Splunk; the time has no name
    there."""
    time, *parts = line.split("\t")
    header = _header(time) if "=" not in time else {}
    time = header.pop("datetime", time)
    named = ["time=" + time] if "=" not in time else [time]
    split = [part.partition("=") for part in [*named, *parts] if part.strip()]
    if not parts or not all(equals for _, equals, _ in split):
        raise ParseError(f"no key=value between tabs: {abbreviate(line)}")
    return {**header, **merge_pairs([(name.strip(), value) for name, _, value in split])}


def _row(line: str) -> Event:
    if line.count('"') % 2:
        raise ParseError(f"a quote is not closed: {abbreviate(line)}")
    try:
        cells = next(csv.reader([line], skipinitialspace=True), [])
    except csv.Error as fault:
        raise ParseError(f"not a CSV row: {fault}") from fault
    if len(cells) < 3 or not any(character.isdigit() for character in cells[0]):
        raise ParseError(f"not a CSV row that begins with a time: {abbreviate(line)}")
    header: Event = {}
    if cells[0][0] == "<" or len(cells[0]) > _LONGEST_TIME:
        header = _header(cells[0])
        cells[0] = header.pop("datetime", cells[0])
    columns = next((known for known in _CSV.values() if len(known) == len(cells)), ("time",))
    event: Event = {**header, **dict(zip(columns, cells, strict=False))}
    if len(cells) > len(columns):
        event["extra"] = cells[len(columns) :]
    return event


register(
    ZscalerFormat(
        name="zscaler-nss",
        tag=_tag,
        time=_time_of,
        framing="s3-lines",
        signatures=(
            "event, sourcetype=zscalernss*",
            (
                "datetime|time|epochtime, login|elogin|user|adminid|devicehostname|locationname|location, "
                "csip|cdip|urlcategory|urlcat|urlsupercat|reqrulelabel|dns_req|auditlogtype|tunneltype|eurl, "
                "action|reqaction|auditlogtype|tunnelactionname"
            ),
            "Device Vendor=Zscaler",
            "Vendor=Zscaler",
        ),
        description="Zscaler NSS feeds: web, firewall, DNS, tunnel, audit, CASB; JSON, CSV, tabbed pairs, CEF, LEEF",
        variants=(
            SYSLOG_HEADERS,
            "JSON, under `event` or bare",
            "CSV, with names where it has as many columns as a feed's default",
            "pairs with tabs between, the first of which may be a time alone",
            "CEF and LEEF",
        ),
        refused=("rows that do not begin with a time, and text",),
        document="Zscaler: NSS Feed Output Format (Web, Firewall, DNS, Tunnel, Admin Audit, SaaS Security logs)",
        example=b'{"sourcetype":"zscalernss-web","event":{"datetime":"Sun Mar 01 09:15:02 2026","action":"Allowed",'
        b'"login":"liz@example.com","url":"www.example.com/","urlcategory":"Corporate","ClientIP":"192.0.2.41"}}',
    )
)
