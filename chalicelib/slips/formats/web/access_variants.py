"""Access lines in a log format of one's own: columns added, left out, or written otherwise than in the common log."""

from __future__ import annotations

from typing import NamedTuple

from ..fields import Event
from ..patterns import QUOTED, Pattern


class AccessLine(NamedTuple):
    """A line's parts; None for `-`. `extra` is what has no column of its own."""

    vhost: str | None
    host: str
    logname: str | None
    user: str | None
    time: str
    request: str
    status: int | float | str | None
    size: int | float | str | None
    referer: str | None
    agent: str | None
    extra: str | None


_TIME = r"\[(\d\d/[A-Za-z]{3}/\d{4}:[^\]]{8,24}|\d{4}-\d\d-\d\d[T ][^\]]{8,24}|\d{10}(?:\.\d{1,6})?)\]"
# The addresses of X-Forwarded-For may come first. The user, or the column before it, may be missing.
_LINE = Pattern(
    "access log line",
    rf"(\S++(?>(?<=,) \S++)*+)(?: (\S++))?(?: (.*?))?? {_TIME} (?:(?:([^\s\"]\S*)|{QUOTED}) )?"
    rf"{QUOTED} (\d{{3}}|-) (\d+|-)(?: {QUOTED} {QUOTED})?(?: (.*))?",
)
_HOST = Pattern(
    "name of a host", r"(?:(?:[\w-]{1,63}\.){1,32}[A-Za-z][\w-]{1,62}|localhost|\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?"
)
_TLS_LINE = Pattern(
    "line of an ssl_request_log", rf"{_TIME} (\S+) ((?:SSL|TLS)\S*|-(?= - )) (\S+) {QUOTED} (\d+|-)(?: (.*))?"
)


def none_if_dash(text: str | None) -> str | None:
    """Return None for `-`, which stands for no value, else the text."""
    return None if text == "-" else text


def number_or_none(text: str) -> int | float | str | None:
    """Return the number of digits, None for `-`; above 20 digits it is an identifier."""
    return None if text == "-" else int(text) if len(text) <= 20 else text


def read_variant(line: str) -> AccessLine:
    """Return the parts of a line that is not common, combined or vhost-combined: with an ISO or epoch time, a list of
    addresses, without a user, or with a column before the request. Raises ParseError."""
    host, logname, user, time, bare, quoted, request, status, size, referer, agent, extra = _LINE.match(line).groups()
    before = none_if_dash(bare or quoted)
    vhost, host, logname, user = name_columns(host, logname or "-", user or "-")
    if before is not None and vhost is None and _HOST.find(before):
        vhost, before = before, None
    return AccessLine(
        vhost, host, none_if_dash(logname), none_if_dash(user), time, request, number_or_none(status),
        number_or_none(size), none_if_dash(referer), none_if_dash(agent),
        " ".join(filter(None, (before, extra))) or None,
    )  # fmt: skip


def name_columns(host: str, logname: str, user: str) -> tuple[str | None, str, str, str]:
    """Return virtual host, host, logname and user of the columns before the time, of which the second is not `-`: a
    virtual host may be the first or the second one, and the first may be a list of addresses."""
    words = [host, logname, *user.split(" ")]
    count = next((at for at, word in enumerate(words) if not word.endswith(",")), 0)
    if count:
        logname, *user_words = words[count + 1 :] or ["-"]
        return None, " ".join(words[: count + 1]), logname, " ".join(user_words) or "-"
    if user.startswith("- "):  # `%v:%p` precedes the host.
        return host, logname, "-", user[2:]
    return (logname, host, "-", user) if _HOST.find(logname) else (None, host, logname, user)


def tls_request(line: str) -> Event | None:
    """Return the event of a line of mod_ssl's ssl_request_log, None for any other."""
    match = _TLS_LINE.find(line)
    if match is None:
        return None
    time, host, protocol, cipher, request, size, extra = match.groups()
    if protocol == "-" and len(size) == 3 and extra is not None and extra[:1].isdigit():
        return None  # A line of another log format: a status and bytes.
    event: Event = {
        "remote_host": host, "time": time, "ssl_protocol": none_if_dash(protocol), "ssl_cipher": none_if_dash(cipher),
        "request": request, "bytes": number_or_none(size),
    }  # fmt: skip
    return event if extra is None else {**event, "extra": extra}
