"""Access logs of web servers in the Common Log Format and its extensions: Apache, nginx, Fastly."""

from __future__ import annotations

from contextlib import suppress

from ...errors import ParseError
from ..day_times import clf
from ..fields import Event, first_time, lookup
from ..general.plain import USUAL_TIMES
from ..json_format import loads
from ..line_format import line_format
from ..patterns import QUOTED, Pattern
from ..syslog_header import has_header, read_line
from ..usual_lines import UsualLine
from ..values import with_numbers
from ..variants import SYSLOG_HEADERS
from .access_variants import AccessLine, name_columns, none_if_dash, number_or_none, read_variant, tls_request

_LINE = Pattern(
    "access log line",
    rf"(\S+) (\S+) (.*?) \[(\d\d/[A-Za-z]{{3}}/\d{{4}}:[^\]]{{8,24}})\] {QUOTED} (\d{{3}}|-) (\d+|-)"
    rf"(?: {QUOTED} {QUOTED})?(?: (.*))?",
)


# A common or combined line, for all columns that a server names as it likes: what follows is a format's own.
_WORD, _URI = r"([!-~]++)", r"([!#-~]++)"
_USUAL = (
    rf"{_WORD} LOGNAME {_WORD} \[(\d\d/[A-Za-z]{{3}}/\d{{4}}:[^\]]{{8,24}}+)\] "
    rf'"({_URI} {_URI} {_URI})" (\d{{3}}) (\d{{1,20}}+)(?: "([^"]*+)" "([^"]*+)"MORE|)'
)
_USUAL_APACHE = UsualLine(
    _USUAL.replace("LOGNAME", "(-)").replace("MORE", ""),
    (
        "remote_host", "remote_logname", "remote_user", "time", "request", "request_method", "request_uri",
        "request_protocol", "status", "bytes", "referer", "user_agent",
    ),
    integers=("status", "bytes"),
    absent=("remote_logname", "remote_user", "referer", "user_agent"),
    without="\\",
)  # fmt: skip
_USUAL_NGINX = UsualLine(
    _USUAL.replace("LOGNAME", "-").replace("MORE", r'(?: "([^"\n]*+)"|)'),
    (
        "remote_addr", "remote_user", "time_local", "request", "request_method", "request_uri", "server_protocol",
        "status", "body_bytes_sent", "http_referer", "http_user_agent", "http_x_forwarded_for",
    ),
    integers=("status", "body_bytes_sent"),
    absent=("remote_user", "http_referer", "http_user_agent", "http_x_forwarded_for"),
    last_is_optional=True,
    without="\\",
)  # fmt: skip


_HEADER_STARTS = frozenset("<0123456789JFMASONDTW*.")
"""What a header begins with: a PRI, a number, a month, a day of the week, or Cisco's marks."""


def _parts(line: str) -> tuple[Event, AccessLine | Event]:
    """Return the fields of a syslog header, of which a line seldom has one, and the parts of a common, combined or
    vhost-combined line, or of a variant; the event of a line in JSON or of an ssl_request_log. Raises ParseError."""
    header: Event = {}
    match = _LINE.find(line)
    # The second column of nearly all lines is `-`, so only the others are searched for a header.
    if (match is None or match[2] != "-") and line[:1] in _HEADER_STARTS and has_header(line):
        header = read_line(line)
        line = header.pop("message").lstrip()
        match = _LINE.find(line)
    return header, _other_parts(line) if match is None else _usual_parts(*match.groups())


def _usual_parts(
    host: str, logname: str, user: str, time: str, request: str, status: str, size: str, referer: str | None,
    agent: str | None, extra: str | None,
) -> AccessLine:  # fmt: skip
    vhost = None
    if logname != "-":
        vhost, host, logname, user = name_columns(host, logname, user)
    return AccessLine(
        vhost, host, None if logname == "-" else logname, None if user == "-" else user, time, request,
        number_or_none(status), number_or_none(size), None if referer == "-" else referer,
        None if agent == "-" else agent, extra,
    )  # fmt: skip


def _other_parts(line: str) -> AccessLine | Event:
    try:
        return read_variant(line)
    except ParseError:
        event: Event | None = loads(line) if line[:1] == "{" else tls_request(line)
        if event is None:
            raise
        return event


def _time_at(event: Event, own: str, reference: float) -> float | None:
    for name in (own, "time"):
        value = event.get(name)
        if isinstance(value, str):
            with suppress(ParseError):
                return clf(value)
    return first_time(((event.get(name), None) for name in (own, *_OTHER_TIMES)), reference)


_OTHER_TIMES = ("time_iso8601", "msec", *USUAL_TIMES)


def _apache_time(event: Event, reference: float) -> float | None:
    """[time], or a usual time field of JSON"""
    return _time_at(event, "time", reference)


def _nginx_time(event: Event, reference: float) -> float | None:
    """[time], or time_local, time_iso8601, msec or another usual time field of JSON"""
    return _time_at(event, "time_local", reference)


@line_format(
    "apache-access",
    tag="apache.access",
    time=_apache_time,
    signatures=(
        "time, request, status, remote_host, !extra=*, !user_agent=*",
        "time, request, status, vhost=*",
        "time, request_protocol, status",
        "time, request, remote_host, ssl_protocol=TLS*|SSL*",
    ),
    specificity=0.5,
    variants=(
        SYSLOG_HEADERS,
        "common, combined, and the virtual host before or after the address",
        "no user, or a name with spaces",
        "a list of forwarded addresses first",
        "ISO or epoch time in the brackets",
        "a field before the request, and more columns at the end, under `extra`",
        "`-` for status and bytes, and any request, with escaped quotes",
        "mod_ssl's ssl_request_log",
        "JSON, a line each",
    ),
    refused=("error logs, and lines without a time in brackets",),
    usual=_USUAL_APACHE,
    document="Apache HTTP Server: Log Files; mod_log_config",
    example=b'192.0.2.41 - liz [01/Mar/2026:09:15:02 +0000] "GET /index.html HTTP/1.1" 200 2326 "https://example.com/" '
    b'"Mozilla/5.0"',
)
def apache_access(line: str) -> Event:
    """Apache's common, combined and vhost-combined logs, variants of them, JSON, and mod_ssl's ssl_request_log; further
    columns under extra."""
    header, parts = _parts(line.rstrip())
    if not isinstance(parts, AccessLine):
        return {**header, **parts} if header else parts
    vhost, host, logname, user, time, request, status, size, referer, agent, extra = parts
    event: Event = {
        "remote_host": host, "remote_logname": logname, "remote_user": user, "time": time, "request": request,
    }  # fmt: skip
    if vhost is not None:
        event = {"vhost": vhost, **event}
    words = request.split(" ")
    if len(words) == 3:  # Scanners send anything.
        event["request_method"], event["request_uri"], event["request_protocol"] = words
    event["status"], event["bytes"], event["referer"], event["user_agent"] = status, size, referer, agent
    if extra is not None:
        event["extra"] = extra
    return {**header, **event} if header else event


# The ingress controller's `log-format-upstream`, after the combined part.
# A request that was sent to several upstreams has lists, with commas, and colons after a redirect inside.
_UPSTREAMS = r"(\S++(?>(?:(?<=,)| :) \S++)*+)"
_INGRESS = Pattern(
    "ingress suffix",
    rf"(\d+) (\d+\.\d+) \[(.*?)\] \[([^\]]*)\] {_UPSTREAMS} {_UPSTREAMS} {_UPSTREAMS} {_UPSTREAMS} ([0-9a-f]{{32}})",
)
_INGRESS_FIELDS = (
    "request_length", "request_time", "proxy_upstream_name", "proxy_alternative_upstream_name", "upstream_addr",
    "upstream_response_length", "upstream_response_time", "upstream_status", "req_id",
)  # fmt: skip
_INGRESS_NUMBERS = frozenset(("request_length", "request_time", *_INGRESS_FIELDS[5:8]))
_FORWARDED = Pattern("forwarded address", QUOTED)


@line_format(
    "nginx-access",
    tag="nginx.access",
    time=_nginx_time,
    signatures=(
        "time_local, request, status, http_user_agent=*, !server_name=*:[0-9]*",
        "time_local, status, req_id|http_x_forwarded_for=*",
        "time_local, status, extra=*, !server_name=*:[0-9]*",
        "time_local, request, status",
    ),
    specificity=0.6,
    variants=(
        SYSLOG_HEADERS,
        "combined, with the server's name before or after the address",
        "no user",
        "a list of forwarded addresses first, or X-Forwarded-For at the end",
        "`$time_iso8601` or `$msec` in the brackets",
        "ingress-nginx, also a request to several upstreams",
        "other columns at the end, under `extra`",
        "JSON (`escape=json`) with `time_local`, `time_iso8601`, `msec` or another usual time",
    ),
    refused=("error logs, and lines without a time in brackets",),
    usual=_USUAL_NGINX,
    document="nginx: ngx_http_log_module; Ingress-NGINX: Log format",
    example=b'192.0.2.41 - liz [01/Mar/2026:09:15:02 +0000] "GET /index.html HTTP/1.1" 200 2326 "-" "Mozilla/5.0" "-"',
)
def nginx_access(line: str) -> Event:
    """nginx's combined log, variants of it, and JSON; X-Forwarded-For or ingress-nginx's upstream columns behind."""
    header, parts = _parts(line.rstrip())
    if not isinstance(parts, AccessLine):
        return {**header, **parts} if header else parts
    vhost, host, logname, user, time, request, status, size, referer, agent, extra = parts
    name = vhost or logname  # nginx has no logname: in its place stands what users put there.
    event: Event = {"remote_addr": host, "remote_user": user, "time_local": time, "request": request}
    if name is not None:
        event = {"server_name": name, **event}
    words = request.split(" ")
    if len(words) == 3:  # Scanners send anything.
        event["request_method"], event["request_uri"], event["server_protocol"] = words
    event["status"], event["body_bytes_sent"], event["http_referer"] = status, size, referer
    event["http_user_agent"] = agent
    if extra:
        event.update(_suffix(extra))
    return {**header, **event} if header else event


def _suffix(text: str) -> Event:
    ingress = _INGRESS.find(text) if text[:1].isdigit() else None
    if ingress is not None:
        named: Event = dict(zip(_INGRESS_FIELDS, ingress.groups(), strict=True))
        with_numbers(named, _INGRESS_NUMBERS)
        return {name: None if value in ("-", "") else value for name, value in named.items()}
    if text.count('"') == 2 and text[0] == text[-1] == '"' and "\\" not in text:
        return {"http_x_forwarded_for": none_if_dash(text[1:-1])}
    forwarded = _FORWARDED.find(text) if text[:1] == '"' else None
    if forwarded is not None:
        return {"http_x_forwarded_for": none_if_dash(forwarded[1])}
    return {"extra": text}


_FASTLY_TIMES = (*USUAL_TIMES, "time_start", "start_time", "request_time", "begin", "now")


def _fastly_time(event: Event, reference: float) -> float | None:
    """timestamp or another usual time field, [time], or the syslog header"""
    return first_time(((lookup(event, name), None) for name in (*_FASTLY_TIMES, "datetime")), reference)


@line_format(
    "fastly-access",
    tag="fastly.access",
    time=_fastly_time,
    signatures=(
        (
            "fastly_server|fastly_is_edge|fastly_info.state|fastly_info|fastly_pop|server_datacenter|fastly_is_shield, "
            "timestamp|time|time_start|start_time, client_ip|host|url|request|request_method, "
            "status|response_status|response_state"
        ),
        "hostname=cache-*, proc_name",
    ),
    variants=(
        SYSLOG_HEADERS,
        "JSON, or Apache's common and combined lines",
    ),
    refused=("lines in a log format without a time in brackets",),
    document="Fastly: Custom log formats; Recommended log formats",
    example=b'{"timestamp":"2026-03-01T09:15:02+0000","client_ip":"192.0.2.41","request_method":"GET","url":"/index.html",'
    b'"response_status":200,"response_body_size":2326,"fastly_server":"cache-fra-1234","fastly_is_edge":true}',
)
def fastly_access(line: str) -> Event:
    """Fastly's access logs: JSON, or Apache's common and combined, with or without a syslog header."""
    line = line.strip()
    if not line.startswith("{"):
        return _USUAL_APACHE.read(line) or apache_access(line)
    event: Event = loads(line)
    return event
