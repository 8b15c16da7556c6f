"""HAProxy."""

from __future__ import annotations

from functools import cache

from ...errors import ParseError
from ..day_times import clf
from ..fields import Event
from ..header_times import zone_of
from ..line_format import line_format
from ..patterns import Pattern, abbreviate
from ..row import MakeRow, table_row
from ..syslog_header import has_header, read_line
from ..syslog_header import time_of as header_time
from ..usual_lines import UsualLine
from ..values import with_numbers
from ..variants import SYSLOG_HEADERS

_DATE = r"\d\d/[A-Za-z]{3}/\d{4}:\d\d:\d\d:\d\d(?:\.\d+)?(?: [+-]\d{4})?"
_CLIENT = rf"(\S+):(\d+) \[({_DATE})\] "
_COUNTS = r"(\d+)/(\d+)/(\d+)/(\d+)/\+?(\d+) (\d+)/(\d+)"
_TIMER = r"([+-]?\d+)"

_PLACE = r"(\S+) ([^/\s]+)/(\S*) "
_MORE = r"((?:\S+ ){1,4}?)"
_HTTP_REST = (
    rf"{_TIMER}/{_TIMER}/{_TIMER}/{_TIMER}/{_TIMER} (-1|\d+) (\+?\d+) (\S+) (\S+) "
    rf'(\S{{4}}) {_COUNTS}((?: \{{[^}}]*\}}){{0,2}})(?: "([^"]*)"?)?(?: (.*))?'
)
_HTTP = Pattern("HAProxy HTTP line", _CLIENT + _PLACE + _HTTP_REST)
_HTTP_WITH_MORE = Pattern("HAProxy HTTP line with own fields", _CLIENT + _PLACE + _MORE + _HTTP_REST)
_SHORT, _SHORT_TIMER, _WORD = r"(\d{1,20}+)", r"(-?\d{1,20}+)", r"(\S++)"
_HTTP_FIELDS = (
    "client_ip", "client_port", "accept_date", "frontend_name", "backend_name", "server_name", "TR", "Tw", "Tc", "Tr",
    "Ta", "status_code", "bytes_read", "captured_request_cookie", "captured_response_cookie", "termination_state",
    "actconn", "feconn", "beconn", "srv_conn", "retries", "srv_queue", "backend_queue", "captured_headers",
    "http_request", "extra",
)  # fmt: skip
_TCP_REST = rf"{_TIMER}/{_TIMER}/{_TIMER} (\+?\d+) (\S{{2}}) {_COUNTS}(?: (.*))?"
_TCP = Pattern("HAProxy TCP line", _CLIENT + _PLACE + _TCP_REST)
_TCP_WITH_MORE = Pattern("HAProxy TCP line with own fields", _CLIENT + _PLACE + _MORE + _TCP_REST)
_TCP_FIELDS = (
    "client_ip", "client_port", "accept_date", "frontend_name", "backend_name", "server_name", "Tw", "Tc", "Tt",
    "bytes_read", "termination_state", "actconn", "feconn", "beconn", "srv_conn", "retries", "srv_queue",
    "backend_queue", "extra",
)  # fmt: skip
_ERROR = Pattern("HAProxy error line", rf"{_CLIENT}([^/\s]+)/(\S+): (.*)")
_OTHER = Pattern("HAProxy line", rf"{_CLIENT}(\S.*)")
_ERROR_FIELDS = ("client_ip", "client_port", "accept_date", "frontend_name", "bind_name", "message")
_OTHER_FIELDS = ("client_ip", "client_port", "accept_date", "message")

_NUMBERS = frozenset((
    "client_port", "TR", "Tw", "Tc", "Tr", "Ta", "Tt", "status_code", "bytes_read", "actconn", "feconn", "beconn",
    "srv_conn", "retries", "srv_queue", "backend_queue",
))  # fmt: skip

_USUAL = UsualLine(
    rf"(\S+):{_SHORT} \[({_DATE})\] {_WORD} ([^/\s]++)/(\S*+) "
    rf"{_SHORT_TIMER}/{_SHORT_TIMER}/{_SHORT_TIMER}/{_SHORT_TIMER}/{_SHORT_TIMER} (-1|\d{{1,20}}+) {_SHORT} "
    rf"{_WORD} {_WORD} (\S{{4}}) {_SHORT}/{_SHORT}/{_SHORT}/{_SHORT}/{_SHORT} {_SHORT}/{_SHORT}"
    r'(?: \{([^}]*+)\})?(?: \{([^}]*+)\})? "([^"]++)"(?: (.+))?',
    (*_HTTP_FIELDS[:23], "captured", *_HTTP_FIELDS[23:]),
    integers=_NUMBERS,
)

# With the number of fields that every line has; the others may be missing.
_KINDS = (
    (_HTTP, _HTTP_FIELDS, 23),
    (_TCP, _TCP_FIELDS, 18),
    (_ERROR, _ERROR_FIELDS, 6),
    # Some insert a captured header, or whatever `%[…]` gives, before the timers.
    (_HTTP_WITH_MORE, (*_HTTP_FIELDS[:6], "own_fields", *_HTTP_FIELDS[6:]), 24),
    (_TCP_WITH_MORE, (*_TCP_FIELDS[:6], "own_fields", *_TCP_FIELDS[6:]), 19),
)
# The rest of a syslog header after a collector has removed time and host.
_TAGGED = Pattern("tag", r"([\w.-]+)\[(\d+)\]: +((?s:.*))")


def _time_of(event: Event, reference: float) -> float | None:
    """[accept date], else syslog header"""
    accepted = event.get("accept_date")
    if not isinstance(accepted, str):
        return header_time(event, reference)
    return clf(accepted, zone_of(event))


@line_format(
    "haproxy",
    tag="haproxy",
    time=_time_of,
    signatures=(
        "client_ip, client_port, accept_date, frontend_name",
        "proc_name=haproxy*",
    ),
    specificity=0.5,
    variants=(
        SYSLOG_HEADERS,
        "HTTP, TCP and connection error lines",
        "own fields before the timers or at the end",
        "a request that was cut off",
        "a bare `haproxy[14]:` before it",
        "after a syslog header also notices, and lines of your own `log-format`, as `message`",
    ),
    refused=("other lines without a syslog header",),
    document="HAProxy Configuration Manual: Logging, Log formats",
    example=b"192.0.2.41:52814 [01/Mar/2026:09:15:02.481] https~ app/app-3 0/0/1/27/28 200 1060 - - ---- 29/29/3/1/0 "
    b'0/0 {www.example.com} "GET /index.html HTTP/1.1"',
)
def haproxy(line: str) -> Event:
    """HAProxy's HTTP, TCP and connection error lines, with or without a syslog header; by syslog its notices too."""
    line = line.rstrip()
    event = _traffic(line) if line[:1].isdigit() else None
    if event is not None:
        return event
    if not has_header(line):
        tagged = _TAGGED.find(line)
        event = _traffic(tagged[3] if tagged else line)
        if event is None:
            raise ParseError(f"not an HAProxy line: {abbreviate(line)}")
        return {"proc_name": tagged[1], "proc_id": tagged[2], **event} if tagged else event
    header = read_line(line)
    event = _traffic(header["message"].lstrip())
    if event is None:
        custom = _OTHER.find(header["message"].lstrip())  # A `log-format` of the user's own.
        if custom is None and header["proc_name"] is None:
            raise ParseError(f"not an HAProxy line: {abbreviate(line)}")
        if custom is not None:
            header.update(with_numbers(dict(zip(_OTHER_FIELDS, custom.groups(), strict=True)), _NUMBERS))
        return header  # `Proxy app started.`, `Server app/app-3 is DOWN, …`
    del header["message"]
    return {**header, **event}


def _traffic(text: str) -> Event | None:
    event = _USUAL.read(text)
    if event is not None:
        captured = event.pop("captured"), event.pop("captured_headers")
        if event["extra"] is None:
            del event["extra"]
        if not event["server_name"]:
            del event["server_name"]
        if captured[0] is not None:
            event["captured_headers"] = [part.split("|") for part in captured if part is not None]
        return event
    for kind, (pattern, _, _) in enumerate(_KINDS):
        match = pattern.find(text)
        if match is not None:
            return _event(kind, match.groups())
    return None


@cache
def _maker(kind: int) -> MakeRow | None:
    _, names, fewest = _KINDS[kind]
    return table_row(names[:fewest], (), _NUMBERS.intersection(names[:fewest]))


def _event(kind: int, values: tuple[str, ...]) -> Event:
    _, names, fewest = _KINDS[kind]
    make = _maker(kind)
    if make is not None and all(values[:fewest]):
        event = make(values[:fewest])
        event.update({name: value for name, value in zip(names[fewest:], values[fewest:], strict=True) if value})
    else:
        event = with_numbers({name: value for name, value in zip(names, values, strict=True) if value}, _NUMBERS)
    if "own_fields" in event:
        event["own_fields"] = event["own_fields"].split()
    captured = event.pop("captured_headers", None)
    if captured:
        # Request headers come first; a single pair of braces may be theirs or the response's.
        event["captured_headers"] = [part.split("|") for part in captured.strip()[1:-1].split("} {")]
    return event
