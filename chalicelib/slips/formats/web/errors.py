"""Error logs of web servers: nginx and Apache."""

from __future__ import annotations

import re
from functools import cache

from ..fields import Event
from ..line_format import line_format
from ..patterns import Pattern
from ..timestamps import any_shape
from ..values import with_numbers

_NGINX = Pattern(
    "nginx error line",
    r"(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) \[([a-z]+)\] (\d+)#(\d+): (?:\*(\d+) )?((?s:.*))",
)


@cache
def _request() -> re.Pattern[str]:
    # What nginx appends about the request, always in this order, each once.
    return re.compile(r', (client|server|request|subrequest|upstream|host|referrer): ("[^"]*+"|[^,"]*+)(?=,|$)')


_REQUEST_NAMES = ("client", "server", "request", "subrequest", "upstream", "host", "referrer")
_USUAL_REQUEST = Pattern(
    "what nginx appends about the request",
    r", client: ([^,\"]*+)(?:, server: ([^,\"]*+))?"
    + "".join(rf'(?:, {name}: "([^"]*+)")?' for name in _REQUEST_NAMES[2:]),
)


@line_format(
    "nginx-error",
    tag="nginx.error",
    time="time",
    framing=r"s3-multiline:^\d{4}/\d\d/\d\d ",  # What FastCGI writes to its stderr keeps its line breaks.
    specificity=0.9,
    variants=(
        "messages of several lines",
        "no connection",
    ),
    refused=("access logs",),
    document="nginx: Core functionality, error_log; Debugging log",
    example=b"2026/03/01 09:15:02 [error] 9841#9841: *1031 connect() failed (111: Connection refused) while connecting "
    b'to upstream, client: 192.0.2.41, server: api.example.com, request: "GET /health HTTP/1.1", upstream: '
    b'"http://10.0.4.17:80/health", host: "api.example.com"',
)
def nginx_error(record: str) -> Event:
    """nginx's error log, with messages of several lines; what it says of the request as fields."""
    line = record.rstrip()
    start = line.find(", client: ")
    match = _NGINX.match(line) if start < 0 else _NGINX.regex.fullmatch(line, 0, start) or _NGINX.match(line)
    time, level, process, thread, connection, message = match.groups()
    event: Event = {"time": time, "level": level, "pid": int(process[:20]), "tid": int(thread[:20])}
    if connection is not None:
        event["connection"] = int(connection[:20])
    event["message"] = message
    if start < 0:
        return event
    usual = _USUAL_REQUEST.regex.fullmatch(line, start)
    if usual is None:
        request = {name: value.strip('"') for name, value in _request().findall(line, start)}
        event["message"] += _request().sub("", line[start:])  # What else a module appended.
        return {**event, **request}
    for name, value in zip(_REQUEST_NAMES, usual.groups(), strict=True):
        if value is not None:
            event[name] = value
    return event


def _apache_time(event: Event, reference: float) -> float:
    """header"""
    return any_shape(event["time"], reference)


# ErrorLogFormat's default: 2.4 names module, process and thread, 2.2 none of them. The level tells its lines from those
# of Kafka, PHP and the kernel.
_APACHE = Pattern(
    "Apache error line",
    r"\[([A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d(?:\.\d{1,6})? \d{4}|\d{4}-\d\d-\d\d[^\]]{0,24})\] "
    r"\[(?:([\w-]*):)?(emerg|alert|crit|error|warn|notice|info|debug|trace[1-8])\] "
    r"(?:\[pid (\d+)(?::tid (\w+))?\] )?((?s:.*))",
)
_CLIENT = Pattern("client", r"\[(client|remote) ([^\]\s]+)\] ?")
_NUMBERS = frozenset(("pid", "tid"))
_CODE = Pattern("code", r"(AH\d{5}): ")


@line_format(
    "apache-error",
    tag="apache.error",
    time=_apache_time,
    # Stack traces of modules, and what CGI programs write, follow a line without its header.
    framing=r"s3-multiline:^\[(?:[A-Z][a-z]{2} [A-Z][a-z]{2} |\d{4}-)",
    specificity=0.85,
    variants=(
        "2.2's lines, without module and process",
        "ISO times",
        "messages of several lines",
    ),
    refused=("lines whose level is not one of Apache's, such as Kafka's",),
    document="Apache HTTP Server: Log Files, Error Log; ErrorLogFormat",
    example=b"[Sun Mar 01 09:15:02.481290 2026] [core:error] [pid 35708:tid 4328636416] [client 192.0.2.41:52814] "
    b"AH00128: File does not exist: /var/www/favicon.ico",
)
def apache_error(record: str) -> Event:
    """Apache's error log, of 2.2 and 2.4, with messages of several lines."""
    time, module, level, process, thread, message = _APACHE.match(record.rstrip()).groups()
    client = _CLIENT.regex.search(message, 0, 400)
    if client is not None:
        message = message[: client.start()] + message[client.end() :]
    code = _CODE.regex.search(message, 0, 400)
    event: Event = {
        "time": time,
        "module": module or None,
        "level": level,
        "pid": process,
        "tid": thread,
        "client": client[2] if client else None,
        "error_code": code[1] if code else None,
        "message": message,
    }
    fields = {name: value for name, value in event.items() if value is not None}
    return with_numbers(fields, _NUMBERS)
