"""Reference loops of error logs and of what databases write in lines; see `references`."""

from __future__ import annotations

import re
from typing import Any

import msgspec

_NGINX_NAMES = (
    "time",
    "level",
    "pid",
    "tid",
    "connection",
    "message",
    "client",
    "server",
    "request",
    "upstream",
    "host",
)
_NGINX = re.compile(
    r"(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) \[(\w+)\] (\d+)#(\d+): \*(\d+) (.*?), client: ([^,]*), server: ([^,]*), "
    r'request: "([^"]*)", upstream: "([^"]*)", host: "([^"]*)"',
    re.DOTALL,
)


def nginx_by_regex(record: bytes) -> Any:
    """One expression."""
    found = _NGINX.fullmatch(record.decode())
    assert found is not None
    values: list[Any] = list(found.groups())
    for at in (2, 3, 4):
        values[at] = int(values[at])
    return dict(zip(_NGINX_NAMES, values, strict=True))


def nginx_by_split(record: bytes) -> Any:
    """Cut at the marks."""
    head, _, rest = record.decode().partition(", client: ")
    date, clock, level, process, connection, message = head.split(" ", 5)
    pid, _, tid = process[:-1].partition("#")
    client, server, request, upstream, host = rest.split(", ", 4)
    return {
        "time": f"{date} {clock}", "level": level[1:-1], "pid": int(pid), "tid": int(tid),
        "connection": int(connection[1:]), "message": message, "client": client, "server": server[8:],
        "request": request[10:-1], "upstream": upstream[11:-1], "host": host[7:-1],
    }  # fmt: skip


_LARAVEL = re.compile(r"\[([^\]]+)\] (\w+)\.(\w+): (.*?) (\{.*\}) \[\]", re.DOTALL)


def laravel_by_regex(record: bytes) -> Any:
    """One expression; the context by msgspec."""
    found = _LARAVEL.fullmatch(record.decode())
    assert found is not None
    time, channel, level, message, context = found.groups()
    return {
        "datetime": time, "channel": channel, "level_name": level, "message": message,
        "context": msgspec.json.decode(context),
    }  # fmt: skip


def laravel_by_split(record: bytes) -> Any:
    """Cut at the marks; the context by msgspec."""
    time, _, rest = record.decode()[1:].partition("] ")
    name, _, text = rest.partition(": ")
    channel, _, level = name.partition(".")
    message, _, context = text.removesuffix(" []").partition(" {")
    return {
        "datetime": time, "channel": channel, "level_name": level, "message": message,
        "context": msgspec.json.decode(f"{{{context}"),
    }  # fmt: skip


_POSTGRESQL = re.compile(
    r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \w+):([^@\s]*):([^@\s]*)@(\S*):\[(\d+)\]:([A-Z]+):\s+(.*)", re.DOTALL
)


def postgresql_by_regex(record: bytes) -> Any:
    """One expression."""
    found = _POSTGRESQL.fullmatch(record.decode())
    assert found is not None
    time, remote, user, database, process, severity, message = found.groups()
    return {
        "log_time": time, "connection_from": remote or None, "user_name": user or None,
        "database_name": database or None, "process_id": int(process), "error_severity": severity, "message": message,
    }  # fmt: skip


def postgresql_by_split(record: bytes) -> Any:
    """Cut at the colons."""
    hour, minute, rest, remote, session, process, severity, message = record.decode().split(":", 7)
    user, _, database = session.partition("@")
    return {
        "log_time": f"{hour}:{minute}:{rest}", "connection_from": remote or None, "user_name": user or None,
        "database_name": database or None, "process_id": int(process[1:-1]), "error_severity": severity,
        "message": message.lstrip(),
    }  # fmt: skip


_REDSHIFT = (
    "event", "recordtime", "remotehost", "remoteport", "pid", "dbname", "username", "authmethod", "duration",
    "sslversion", "sslcipher", "mtu", "sslcompression", "sslexpansion", "iamauthguid", "application_name",
    "os_version", "driver_version", "plugin_name",
)  # fmt: skip
_REDSHIFT_NUMBERS = (3, 4, 8, 11)


def redshift_by_split(record: bytes) -> Any:
    """Cut at the bars, and take the spaces off."""
    values: list[Any] = [cell.strip() or None for cell in record.decode().split("|")]
    for at in _REDSHIFT_NUMBERS:
        values[at] = int(values[at])
    return dict(zip(_REDSHIFT, values, strict=False))


_BAR = re.compile(r" *\| *")


def redshift_by_regex(record: bytes) -> Any:
    """Cut at the bars with the spaces around them."""
    values: list[Any] = [cell or None for cell in _BAR.split(record.decode().strip())]
    for at in _REDSHIFT_NUMBERS:
        values[at] = int(values[at])
    return dict(zip(_REDSHIFT, values, strict=False))
