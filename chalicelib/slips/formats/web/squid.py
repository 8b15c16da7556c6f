"""Squid."""

from __future__ import annotations

from ..fields import Event
from ..line_format import line_format
from ..patterns import Pattern
from ..syslog_header import read_relay_header
from ..usual_lines import UsualLine
from ..values import with_numbers
from ..variants import SYSLOG_HEADERS

_LINE = Pattern(
    "Squid line",
    r"(?:(.*?) )??(\d{9,11}(?:\.\d{1,6})?) +(-?\d+) (\S+) ([A-Z_]+)/(\d{3}|-) (\d+) (\S+) (\S+) (\S+) "
    r"([A-Z_]+)/(\S+) (\S+)(?: (.*))?",
)
_FIELDS = (
    "header", "time", "elapsed", "remotehost", "code", "status", "bytes", "method", "URL", "rfc931", "peerstatus",
    "peerhost", "type", "extra",
)  # fmt: skip
_NUMBERS = frozenset(("time", "elapsed", "status", "bytes"))
_USUAL = UsualLine(
    r"(\d{9,11}+\.\d{1,6}+) ++(\d{1,20}+) ([^ ]++) ([A-Z_]++)/(\d{3}) (\d{1,20}+) ([^ ]++) ([^ ]++) ([^ ]++) "
    r"([A-Z_]++)/([^ ]++) ([!-~]++)",
    _FIELDS[1:-1],
    integers=("elapsed", "status", "bytes"),
    decimals=("time",),
    without="\t\n\r\v\f",
)


@line_format(
    "squid",
    tag="squid",
    time="time:s",
    specificity=0.9,
    variants=(
        SYSLOG_HEADERS,
        "seconds with or without a fraction",
        "more columns at the end, under `extra`",
    ),
    refused=("emulated common or combined lines: see [apache-access](#apache-access)",),
    document="Squid: access.log, native log format",
    usual=_USUAL,
    example=b"1772356502.481    117 192.0.2.41 TCP_MISS/200 318399 GET http://www.example.com/a.cab - "
    b"HIER_DIRECT/198.51.100.7 application/vnd.ms-cab-compressed",
)
def squid(line: str) -> Event:
    """Squid's native access log."""
    event: Event = dict(zip(_FIELDS, _LINE.match(line.rstrip()).groups(), strict=True))
    event.update(read_relay_header(event.pop("header") or ""))
    if event["extra"] is None:
        del event["extra"]
    return with_numbers(event, _NUMBERS)
