"""Cisco Umbrella: the CSV files that it puts into a bucket, of every version of its log schema.

Later versions add columns at the end; only the web log's version 4 took one away (Identities, then the third).
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping

from ...errors import ParseError
from ..fields import Event
from ..line_format import line_format
from ..patterns import Pattern, abbreviate
from ..row import check_shapes
from ..usual_lines import UsualRows
from ..values import with_numbers

DNS = (
    "Timestamp", "Most Granular Identity", "Identities", "Internal IP", "External IP", "Action", "Query Type",
    "Response Code", "Domain", "Categories", "Most Granular Identity Type", "Identity Types", "Blocked Categories",
    "Rule ID", "Destination Countries", "Organization ID",
)  # fmt: skip
WEB = (
    "Timestamp", "Policy Identity Label", "Internal Client IP", "External Client IP", "Destination IP",
    "Content Type", "Action", "URL", "Referer", "User Agent", "Status Code", "Request Size", "Response Size",
    "Response Body Size", "SHA-SHA256", "Categories", "AV Detections", "PUAs", "AMP Disposition", "AMP Malware Name",
    "AMP Score", "Policy Identity Type", "Blocked Categories", "Identities", "Identity Types", "Request Method",
    "DLP Status", "Certificate Errors", "File Name", "Ruleset ID", "Rule ID", "Destination List IDs",
    "Isolate Action", "File Action", "Warn Status", "Forwarding Method", "Producer", "MSP Organization ID",
    "Geo Location of Blocked Destination Countries", "Application IDs", "Hostname", "Data Center", "Egress",
    "Server Name", "Time Based Rule", "Security Overridden", "Detected Response File Type", "Warn Categories",
    "Organization ID",
)  # fmt: skip
_WEB_BEFORE_4 = (*WEB[:2], "Identities", *WEB[2:23])
IP = (
    "Timestamp", "Identity", "Source IP", "Source Port", "Destination IP", "Destination Port", "Categories",
    "Identity Types",
)  # fmt: skip

_DOCUMENT = "Cisco Umbrella: Log Formats and Versioning"
_IP_NUMBERS = frozenset(("Source Port", "Destination Port"))
_WEB_NUMBERS = frozenset(("Status Code", "Request Size", "Response Size", "Response Body Size", "AMP Score"))

# The logs of one organization lie side by side, and all begin with a time and an identity.
_DNS_SHAPES = {"Action": Pattern("action", r"[A-Za-z ]+"), "Query Type": Pattern("query type", r"(?:\d.*)?")}
_WEB_SHAPES = {
    "Content Type": Pattern("content type", r"(?:\D.*)?"), "Action": Pattern("action", r"[A-Za-z_-]*"),
    "Status Code": Pattern("status code", r"\d*"),
}  # fmt: skip
_PORT = Pattern("port", r"\d{0,5}")
_IP_SHAPES = {"Source Port": _PORT, "Destination Port": _PORT}

# The same, and that there is a time, of rows as Umbrella writes them.
_USUAL_TIME = r'[0-9]{4}[^"]*+'
_USUAL_DNS = {"Timestamp": _USUAL_TIME, "Action": "[A-Za-z ]++", "Query Type": r'(?:[0-9][^"\n]*+)?'}
_USUAL_IP = {"Timestamp": _USUAL_TIME, **dict.fromkeys(_IP_NUMBERS, "[0-9]{0,5}+")}
_USUAL_WEB = {
    "Timestamp": _USUAL_TIME, "Content Type": r'(?:[a-z][^"\n]*+)?', "Action": "[A-Z]++",
    **dict.fromkeys(_WEB_NUMBERS, "[0-9]{0,20}+"),
}  # fmt: skip


def _usual(shapes: Mapping[str, str], numbers: Collection[str] = ()) -> UsualRows:
    return UsualRows(lambda columns: None if "extra" in columns else shapes, integers=numbers)


@line_format(
    "cisco-umbrella-dns",
    tag="cisco.umbrella.dns",
    time="Timestamp",
    signatures=("Domain, Action=Allowed|Blocked|Proxied|Allow*|Block*, Query Type=[0-9]*, Response Code",),
    usual=_usual(_USUAL_DNS),
    specificity=0.4,
    variants=(
        "rows of all versions of the schema, from 9 columns on",
        "a row of headings, which is skipped",
        "cells in quotes or not, with quotes inside",
        "more cells than columns, under `extra`",
    ),
    refused=("rows of the cloud firewall and other logs, by action and query type",),
    document=f"{_DOCUMENT}, DNS logs",
    example=b'"2026-03-01 09:15:02","liz","liz,LAPTOP-7","10.0.4.17","192.0.2.41","Allowed","1 (A)","NOERROR",'
    b'"www.example.com.","Business Services","AD Users","AD Users,Roaming Computers","","506165","","8234970"',
)
def umbrella_dns(line: str) -> Event | None:
    """Umbrella's DNS log."""
    cells = _cells(line)
    return None if _is_header(cells) else check_shapes(_event(cells, DNS, fewest=9), _DNS_SHAPES)


@line_format(
    "cisco-umbrella-proxy",
    tag="cisco.umbrella.proxy",
    time="Timestamp",
    signatures=("Destination IP, Action=Allowed|Blocked|Proxied|Isolate*|Warn*|Bypass*|, URL=*.?*",),
    usual=_usual(_USUAL_WEB, _WEB_NUMBERS),
    specificity=0.4,
    variants=(
        "rows of all versions of the schema, from 8 columns on, up to version 3 with Identities in the third",
        "a row of headings, which is skipped",
        "quotes in a URL, doubled or not",
    ),
    refused=("rows of other logs, by content type, action and status",),
    document=f"{_DOCUMENT}, web (proxy) logs",
    example=b'"2026-03-01 09:15:02","liz","10.0.4.17","192.0.2.41","198.51.100.7","text/html","ALLOWED",'
    b'"https://www.example.com/","","Mozilla/5.0","200","562","1489","1290","","Business Services","","","","","",'
    b'"AD Users",""',
)
def umbrella_proxy(line: str) -> Event | None:
    """Umbrella's web log (selective proxy and secure web gateway)."""
    cells = _cells(line)
    if _is_header(cells):
        return None
    # The action is a word in capitals; earlier versions have the content type in that column.
    before_4 = len(cells) > 7 and cells[7].isalpha() and cells[7].isupper() and not cells[6].isupper()
    event = check_shapes(_event(cells, _WEB_BEFORE_4 if before_4 else WEB, fewest=8), _WEB_SHAPES)
    return with_numbers(event, _WEB_NUMBERS)


@line_format(
    "cisco-umbrella-ip",
    tag="cisco.umbrella.ip",
    time="Timestamp",
    signatures=("Source IP=*.*|*:*, Source Port=[0-9]*, Destination IP=*.*|*:*, Destination Port=[0-9]*",),
    usual=_usual(_USUAL_IP, _IP_NUMBERS),
    specificity=0.4,
    variants=(
        "rows of all versions of the schema, from 6 columns on",
        "a row of headings, which is skipped",
    ),
    refused=("rows of other logs, by the ports",),
    document=f"{_DOCUMENT}, IP logs",
    example=b'"2026-03-01 09:15:02","LAPTOP-7","10.0.4.17","55605","198.51.100.7","443","Unauthorized IP Tunnel",'
    b'"Roaming Computers"',
)
def umbrella_ip(line: str) -> Event | None:
    """Umbrella's IP layer log."""
    cells = _cells(line)
    if _is_header(cells):
        return None
    return with_numbers(check_shapes(_event(cells, IP, fewest=6), _IP_SHAPES), _IP_NUMBERS)


def _cells(line: str) -> list[str]:
    line = line.strip().removeprefix("\ufeff")
    if line.count('"') % 2:
        raise ParseError(f"a quote is not closed: {abbreviate(line)}")
    cells = line[1:-1].split('","')
    if line.count('"') == 2 * len(cells) and line[0] == line[-1] == '"':
        return cells
    try:
        return next(csv.reader([line], skipinitialspace=True, strict=True), [])
    except csv.Error:
        if len(cells) > 1 and line[0] == line[-1] == '"' and not _has_bare_cells(cells):
            return [cell.replace('""', '"') for cell in cells]  # Umbrella does not double every quote inside a URL.
    try:
        return next(csv.reader([line], skipinitialspace=True), [])
    except csv.Error as fault:
        raise ParseError(f"not a CSV row: {fault}") from fault


def _has_bare_cells(cells: list[str]) -> bool:
    """Tell whether cells that were cut between their quotes hold others, without quotes."""
    return any('",' in cell or ',"' in cell for cell in cells)


def _is_header(cells: list[str]) -> bool:
    return bool(cells) and cells[0].casefold() == "timestamp"


def _event(cells: list[str], columns: tuple[str, ...], fewest: int) -> Event:
    if len(cells) < fewest:
        raise ParseError(f"at least {fewest} cells were expected, not {len(cells)}")
    if not cells[0][:4].isdigit():
        raise ParseError(f"no time in the first cell: {abbreviate(cells[0])}")
    event: Event = dict(zip(columns, cells, strict=False))
    if len(cells) > len(columns):
        event["extra"] = cells[len(columns) :]
    return event
