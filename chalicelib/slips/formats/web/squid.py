"""Squid."""

from __future__ import annotations

from ..fields import Event
from ..line_format import line_format
from ..patterns import Pattern
from ..syslog_header import read_relay_header
from ..values import with_numbers

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


@line_format(
    "squid",
    tag="squid",
    time="time:s",
    specificity=0.9,
    document="Squid: access.log, native log format",
    example=b"1772356502.481    117 192.0.2.41 TCP_MISS/200 318399 GET http://www.example.com/a.cab - "
    b"HIER_DIRECT/198.51.100.7 application/vnd.ms-cab-compressed",
)
def squid(line: str) -> Event:
    """Squid's native access log."""
    line = line.rstrip()
    return _ordinary(line) or _careful(line)


def _ordinary(line: str) -> Event | None:
    """Return the event of a line of the usual shape, cut at its spaces; None where it needs a closer look."""
    time, _, rest = line.partition(" ")
    words = rest.lstrip(" ").split(" ")
    if len(words) != 9 or "" in words or not line.isascii() or not line.isprintable():
        return None
    elapsed, host, result, size, method, url, user, hierarchy, kind = words
    code, _, status = result.partition("/")
    peer, _, peer_host = hierarchy.partition("/")
    seconds, _, fraction = time.partition(".")
    if len(seconds) != 10 or not 1 <= len(fraction) <= 6 or len(status) != 3 or not peer_host:
        return None
    if not (f"{seconds}{fraction}{elapsed}{status}{size}".isdigit() and elapsed and size and len(elapsed + size) <= 20):
        return None
    if not f"{code}{peer}".replace("_", "").isalpha() or not (code.isupper() and peer.isupper()):
        return None
    return {
        "time": float(time), "elapsed": int(elapsed), "remotehost": host, "code": code, "status": int(status),
        "bytes": int(size), "method": method, "URL": url, "rfc931": user, "peerstatus": peer, "peerhost": peer_host,
        "type": kind,
    }  # fmt: skip


def _careful(line: str) -> Event:
    event: Event = dict(zip(_FIELDS, _LINE.match(line).groups(), strict=True))
    event.update(read_relay_header(event.pop("header") or ""))
    if event["extra"] is None:
        del event["extra"]
    return with_numbers(event, _NUMBERS)
