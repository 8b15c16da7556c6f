"""Reference loops of lines of a fixed shape; see `references`."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

Reference = Callable[[bytes], Any]


def by_regex(pattern: str, names: str, numbers: str = "", decimals: str = "") -> Reference:
    """Make a reference of one regular expression: its groups under these names."""
    match, keys = re.compile(pattern, re.DOTALL).fullmatch, names.split()
    ints = [keys.index(name) for name in numbers.split()]
    floats = [keys.index(name) for name in decimals.split()]

    def parse(line: bytes) -> Any:
        found = match(line.decode())
        assert found is not None
        values: list[Any] = list(found.groups())
        for at in ints:
            values[at] = int(values[at])
        for at in floats:
            values[at] = float(values[at])
        return dict(zip(keys, values, strict=False))

    return parse


def by_cells(split: Callable[[str], Sequence[str]], columns: Iterable[str], numbers: str = "", decimals: str = "",
             absent: str | None = "-") -> Reference:  # fmt: skip
    """Make a reference of a row: cells under columns, some of them numbers."""
    keys = tuple(columns)
    ints = [keys.index(name) for name in numbers.split()]
    floats = [keys.index(name) for name in decimals.split()]

    def parse(line: bytes) -> Any:
        values: list[Any] = [None if cell == absent else cell for cell in split(line.decode())]
        for at in ints:
            if values[at] is not None:
                values[at] = int(values[at])
        for at in floats:
            if values[at] is not None:
                values[at] = float(values[at])
        return dict(zip(keys, values, strict=False))

    return parse


def by_mapped_cells(split: Callable[[str], Sequence[str]], columns: Iterable[str], numbers: str = "",
                    decimals: str = "", absent: str | None = "-") -> Reference:  # fmt: skip
    """Make a reference of a row: a converter for each column, called in one comprehension."""
    ints, floats = set(numbers.split()), set(decimals.split())
    kinds = [(name, int if name in ints else float if name in floats else str) for name in columns]

    def parse(line: bytes) -> Any:
        return {
            name: None if cell == absent else cell if kind is str else kind(cell)
            for (name, kind), cell in zip(kinds, split(line.decode()), strict=False)
        }

    return parse


def quoted_cells(row: str) -> Sequence[str]:
    """Split a row of which each cell is in quotes."""
    return row[1:-1].split('","')


def csv_cells(row: str) -> Sequence[str]:
    """Split a row with the csv module."""
    return next(csv.reader([row]))


def _none(text: str) -> str | None:
    return None if text == "-" else text


_ACCESS = r'(\S+) (\S+) (\S+) \[([^\]]+)\] "([^"]*)" (\d+) (\d+) "([^"]*)" "([^"]*)"'


_NGINX = re.compile(_ACCESS + r'(?: "([^"]*)")?')


def nginx_by_regex(line: bytes) -> Any:
    """One expression, and the request split."""
    found = _NGINX.fullmatch(line.decode())
    assert found is not None
    host, _, user, time, request, status, size, referer, agent, forwarded = found.groups()
    method, uri, protocol = request.split(" ")
    return {
        "remote_addr": host, "remote_user": _none(user), "time_local": time, "request": request,
        "request_method": method, "request_uri": uri, "server_protocol": protocol, "status": int(status),
        "body_bytes_sent": int(size), "http_referer": _none(referer), "http_user_agent": _none(agent),
        "http_x_forwarded_for": _none(forwarded),
    }  # fmt: skip


def nginx_by_split(line: bytes) -> Any:
    """Cut at the quotes, then at the spaces."""
    head, request, sizes, referer, _, agent, _, forwarded, _ = line.decode().split('"')
    host, _, user, time, zone, _ = head.split(" ")
    _, status, size, _ = sizes.split(" ")
    method, uri, protocol = request.split(" ")
    return {
        "remote_addr": host, "remote_user": None if user == "-" else user, "time_local": f"{time[1:]} {zone[:-1]}",
        "request": request, "request_method": method, "request_uri": uri, "server_protocol": protocol,
        "status": int(status), "body_bytes_sent": int(size), "http_referer": None if referer == "-" else referer,
        "http_user_agent": None if agent == "-" else agent,
        "http_x_forwarded_for": None if forwarded == "-" else forwarded,
    }  # fmt: skip


def apache_by_split(line: bytes) -> Any:
    """Cut at the quotes, then at the spaces."""
    head, request, sizes, referer, _, agent, _ = line.decode().split('"')
    host, logname, user, time, zone, _ = head.split(" ")
    _, status, size, _ = sizes.split(" ")
    method, uri, protocol = request.split(" ")
    return {
        "remote_host": host, "remote_logname": None if logname == "-" else logname,
        "remote_user": None if user == "-" else user, "time": f"{time[1:]} {zone[:-1]}", "request": request,
        "request_method": method, "request_uri": uri, "request_protocol": protocol, "status": int(status),
        "bytes": int(size), "referer": None if referer == "-" else referer,
        "user_agent": None if agent == "-" else agent,
    }  # fmt: skip


_APACHE = re.compile(_ACCESS)


def apache_by_regex(line: bytes) -> Any:
    """One expression, and the request split."""
    found = _APACHE.fullmatch(line.decode())
    assert found is not None
    host, logname, user, time, request, status, size, referer, agent = found.groups()
    method, uri, protocol = request.split(" ")
    return {
        "remote_host": host, "remote_logname": _none(logname), "remote_user": _none(user), "time": time,
        "request": request, "request_method": method, "request_uri": uri, "request_protocol": protocol,
        "status": int(status), "bytes": int(size), "referer": _none(referer), "user_agent": _none(agent),
    }  # fmt: skip


_HAPROXY_NAMES = (
    "client_ip client_port accept_date frontend_name backend_name server_name TR Tw Tc Tr Ta status_code bytes_read "
    "captured_request_cookie captured_response_cookie termination_state actconn feconn beconn srv_conn retries "
    "srv_queue backend_queue"
)
_HAPROXY_NUMBERS = "client_port TR Tw Tc Tr Ta status_code bytes_read actconn feconn beconn srv_conn retries srv_queue"
_HAPROXY = re.compile(
    r"(\S+):(\d+) \[([^\]]+)\] (\S+) (\S+)/(\S+) (-?\d+)/(-?\d+)/(-?\d+)/(-?\d+)/\+?(\d+) (-?\d+) \+?(\d+) (\S+) (\S+) "
    r'(\S+) (\d+)/(\d+)/(\d+)/(\d+)/\+?(\d+) (\d+)/(\d+)(?: \{([^}]*)\})?(?: \{([^}]*)\})? "(.*)"'
)
_HAPROXY_INTS = (1, *range(6, 13), *range(16, 23))


def haproxy_by_regex(line: bytes) -> Any:
    """One expression."""
    found = _HAPROXY.fullmatch(line.decode())
    assert found is not None
    values: list[Any] = list(found.groups())
    for at in _HAPROXY_INTS:
        values[at] = int(values[at])
    event = dict(zip(_HAPROXY_NAMES.split(), values, strict=False))
    event["http_request"] = values[25]
    event["captured_headers"] = [group.split("|") for group in values[23:25] if group is not None]
    return event


def haproxy_by_split(line: bytes) -> Any:
    """Cut at the quote, the spaces, the slashes."""
    head, request, _ = line.decode().split('"')
    client, date, front, server, timers, status, size, cookie, set_cookie, state, counts, queues, *headers, _ = (
        head.split(" ")
    )
    address, _, port = client.rpartition(":")
    backend, _, name = server.partition("/")
    values: list[Any] = [address, int(port), date[1:-1], front, backend, name, *map(int, timers.split("/"))]
    values += [int(status), int(size), cookie, set_cookie, state, *map(int, counts.split("/"))]
    values += map(int, queues.split("/"))
    event = dict(zip(_HAPROXY_KEYS, values, strict=True))
    event["http_request"] = request
    event["captured_headers"] = [group[1:-1].split("|") for group in headers]
    return event


_HAPROXY_KEYS = tuple(_HAPROXY_NAMES.split())
_RFC3164 = re.compile(r"<(\d+)>(\w+ +\d+ [\d:]+) (\S+) ([^\s:\[]+)\[(\d+)\]: (.*)", re.DOTALL)


def rfc3164_by_regex(line: bytes) -> Any:
    """One expression."""
    found = _RFC3164.fullmatch(line.decode())
    assert found is not None
    priority, time, host, name, number, message = found.groups()
    facility, severity = divmod(int(priority), 8)
    return {
        "datetime": time, "hostname": host, "proc_name": name, "proc_id": number, "message": message,
        "facility": facility, "severity": severity,
    }  # fmt: skip


def rfc3164_by_split(line: bytes) -> Any:
    """Cut at the first colon behind the time, and at the brackets."""
    head, _, message = line.decode().partition("]: ")
    priority = int(head[1 : (end := head.index(">"))])
    time, rest = head[end + 1 : end + 16], head[end + 17 :]
    host, _, tag = rest.partition(" ")
    name, _, number = tag.partition("[")
    return {
        "datetime": time, "hostname": host, "proc_name": name, "proc_id": number, "message": message,
        "facility": priority >> 3, "severity": priority & 7,
    }  # fmt: skip


SNORT = (
    r"(\S+) +\[\*\*\] \[(\d+):(\d+):(\d+)\] (.*?) \[\*\*\] \[Classification: (.*?)\] \[Priority: (\d+)\] \{(\S+)\} "
    r"(\S+):(\d+) -> (\S+):(\d+)"
)
SNORT_NAMES = "timestamp gid sid rev msg class priority proto src_addr src_port dst_addr dst_port"


SNORT_NUMBERS = "gid sid rev priority src_port dst_port"


def snort_by_split(line: bytes) -> Any:
    """Cut at the marks."""
    time, head, rest = line.decode().split("[**] ")
    identifier, _, message = head.partition("] ")
    gid, sid, rev = identifier[1:].split(":")
    kind, priority, flow = rest.split("] ")
    proto, source, _, target = flow.split(" ")
    source, _, source_port = source.rpartition(":")
    target, _, target_port = target.rpartition(":")
    return {
        "timestamp": time.rstrip(), "gid": int(gid), "sid": int(sid), "rev": int(rev), "msg": message[:-1],
        "class": kind[17:], "priority": int(priority[11:]), "proto": proto[1:-1], "src_addr": source,
        "src_port": int(source_port), "dst_addr": target, "dst_port": int(target_port),
    }  # fmt: skip


IIS = (
    "date", "time", "s-ip", "cs-method", "cs-uri-stem", "cs-uri-query", "s-port", "cs-username", "c-ip",
    "cs(User-Agent)", "cs(Referer)", "sc-status", "sc-substatus", "sc-win32-status", "time-taken",
)  # fmt: skip
IIS_NUMBERS = "s-port sc-status sc-substatus sc-win32-status time-taken"
VPC = (
    "version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes",
    "start", "end", "action", "log-status",
)  # fmt: skip
VPC_NUMBERS = "version srcport dstport protocol packets bytes start end"
SQUID = r"(\S+) +(\d+) (\S+) ([^/]+)/(\d+) (\d+) (\S+) (\S+) (\S+) ([^/]+)/(\S+) (\S+)"


def nlb_cells(row: str) -> Sequence[str]:
    """Split at spaces, but not in the one list that is in quotes."""
    head, _, rest = row.partition(' "')
    quoted, _, last = rest.rpartition('" ')
    return [*head.split(" "), quoted.replace('"', ""), last]


def space_cells(row: str) -> Sequence[str]:
    """Split at spaces."""
    return row.split(" ")


def tab_cells(row: str) -> Sequence[str]:
    """Split at tabs."""
    return row.split("\t")


def comma_cells(row: str) -> Sequence[str]:
    """Split at commas, where none is in quotes."""
    return row.split(",")


def squid_by_split(line: bytes) -> Any:
    """Cut at the spaces, and two of the words at a slash."""
    time, elapsed, host, code, size, method, url, user, peer, kind = line.decode().split()
    code, _, status = code.partition("/")
    peer, _, peer_host = peer.partition("/")
    return {
        "time": float(time), "elapsed": int(elapsed), "remotehost": host, "code": code, "status": int(status),
        "bytes": int(size), "method": method, "URL": url, "rfc931": user, "peerstatus": peer, "peerhost": peer_host,
        "type": kind,
    }  # fmt: skip
