"""Redshift's audit logs."""

from __future__ import annotations

from functools import lru_cache

from ...errors import ParseError
from ..fields import Event
from ..line_format import line_format
from ..patterns import Pattern, abbreviate
from ..row import MakeRow, table_row
from ..timestamps import epoch

_COLUMNS = (
    "event", "recordtime", "remotehost", "remoteport", "pid", "dbname", "username", "authmethod", "duration",
    "sslversion", "sslcipher", "mtu", "sslcompression", "sslexpansion", "iamauthguid", "application_name",
    "os_version", "driver_version", "plugin_name", "protocol_version", "sessionid", "compression",
)  # fmt: skip
_NUMBERS = frozenset(("remoteport", "pid", "duration", "mtu", "protocol_version"))
_FEWEST = 14  # iamauthguid and the columns after it came later.
_MILLISECONDS = Pattern("time", r"(.*\d\d:\d\d:\d\d):(\d{1,6})")


def _record_time(event: Event, reference: float) -> float | None:  # noqa: ARG001 - the shape of a TimeFunction
    """recordtime"""
    text = event.get("recordtime")
    if not text:
        return None
    odd = _MILLISECONDS.find(text)  # Mon, 2 Mar 2026 09:15:02:481
    return epoch(f"{odd[1]}.{odd[2]}" if odd else text)


@line_format(
    "redshift-connection",
    tag="aws.redshift.connection",
    time=_record_time,
    specificity=0.9,
    variants=(
        "rows from 14 columns on",
        "with or without milliseconds after the seconds",
    ),
    refused=("rows without a process id in the fifth column",),
    document="Amazon Redshift Management Guide: Database audit logging, Connection log",
    example=b"authenticated |Sun, 1 Mar 2026 09:15:02:481|192.0.2.41 |52814 |4711|shop |liz |password |0|TLSv1.2 "
    b"|ECDHE-RSA-AES256-GCM-SHA384 |0| | | |psql |Linux |libpq 16 | ",
)
def redshift_connection(line: str) -> Event:
    """Redshift connection logs: authentication, sessions; cells are stripped, empty ones are None."""
    cells = _split(line)
    if len(cells) < _FEWEST:
        raise ParseError(f"at least {_FEWEST} cells were expected, not {len(cells)}: {abbreviate(line)}")
    event = _row_of(min(len(cells), len(_COLUMNS)))(cells[: len(_COLUMNS)])
    if len(cells) > len(_COLUMNS):
        event["extra"] = [cell or None for cell in cells[len(_COLUMNS) :]]
    if event["pid"].__class__ is not int:
        raise ParseError(f"no pid in the fifth column: {abbreviate(line)}")
    return event


def _split(line: str) -> list[str]:
    """Return the cells without the spaces around them. Redshift writes one behind most."""
    text = line.rstrip().replace(" |", "|")
    if " |" in text or "| " in text or text[:1] == " " or not text.isprintable():
        return [cell.strip() for cell in line.split("|")]
    return text.split("|")


@lru_cache(maxsize=64)
def _row_of(width: int) -> MakeRow:
    columns = _COLUMNS[:width]
    make = table_row(columns, ("",), _NUMBERS.intersection(columns))
    assert make is not None
    return make


_ACTIVITY = Pattern(
    "line of a user activity log",
    r"(?s:\s*'?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?Z?(?: UTC)?) "
    r"\[ ?db=(.{0,300}?) user=(.{0,300}?) pid=(\d{1,20}) userid=(\d{1,20}) xid=(\d{1,20}) ?\]'? *LOG: ?(.*))",
)


def _activity_time(event: Event, reference: float) -> float:  # noqa: ARG001 - the shape of a TimeFunction
    """recordtime"""
    return epoch(event["recordtime"].removesuffix(" UTC"))


@line_format(
    "redshift-useractivity",
    tag="aws.redshift.useractivity",
    time=_activity_time,
    # Queries keep their line breaks.
    framing=r"s3-multiline:^\s*'?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S* (UTC )?\[ ?db=",
    specificity=0.95,
    variants=("with or without ` UTC`, the quote and a fraction",),
    refused=("records without `db`, `user`, `pid`, `userid` and `xid`",),
    document="Amazon Redshift Management Guide: Database audit logging, User activity log",
    example=b"'2026-03-01T09:15:02Z UTC [ db=shop user=liz pid=4711 userid=100 xid=392232 ]' LOG: select name\n"
    b"from items",
)
def redshift_useractivity(record: str) -> Event:
    """Redshift user activity logs: every query before it ran, with all its lines."""
    recordtime, database, user, pid, userid, xid, query = _ACTIVITY.match(record.rstrip()).groups()
    return {
        "recordtime": recordtime,
        "db": database,
        "user": user,
        "pid": int(pid),
        "userid": int(userid),
        "xid": int(xid),
        "query": query,
    }
