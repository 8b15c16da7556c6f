"""RDS and Aurora: the audit log of MySQL, the log of PostgreSQL."""

from __future__ import annotations

from ...errors import ParseError
from ..fields import Event
from ..line_format import line_format
from ..patterns import Pattern, abbreviate
from ..values import with_numbers

_AUDIT_COLUMNS = (
    "timestamp", "serverhost", "username", "host", "connectionid", "queryid", "operation", "database",
)  # fmt: skip
_AUDIT_NUMBERS = frozenset(("timestamp", "connectionid", "queryid", "retcode"))
# Statements contain commas too, so the columns after the object are counted from the end. The kind of connection is a
# later addition; some releases write one more column, an empty one.
_AUDIT_END = Pattern("object, retcode[, connection_type]", r"(?s:(?:'(.*)'|([^,']*)),(-?\d{0,10})(?:,([\w/ ]*),?)?)")


@line_format(
    "rds-mysql-audit",
    tag="aws.rds_mysql_audit",
    time="timestamp",
    specificity=0.9,
    variants=(
        "times as text or, from Aurora, in microseconds",
        "statements with commas and escaped quotes",
        "a connection type at the end, and an empty column after it",
    ),
    refused=("rows with fewer columns",),
    document="Amazon Aurora User Guide: Audit log details; Amazon RDS User Guide: MariaDB Audit Plugin",
    example=b"20260301 09:15:02,ip-10-0-4-17,app,192.0.2.41,4711,168876953,QUERY,shop,'select name, price "
    b"from items',0",
)
def rds_mysql_audit(line: str) -> Event:
    """Audit logs of Aurora MySQL (time in microseconds), RDS for MySQL and RDS for MariaDB."""
    *cells, end = line.rstrip().split(",", len(_AUDIT_COLUMNS))
    if len(cells) != len(_AUDIT_COLUMNS):
        raise ParseError(f"{len(_AUDIT_COLUMNS) + 2} cells were expected, not {len(cells) + 1}: {abbreviate(line)}")
    quoted, bare, retcode, connection_type = _AUDIT_END.match(end).groups()
    event: Event = dict(zip(_AUDIT_COLUMNS, cells, strict=True))
    event["object"] = bare if quoted is None else quoted.replace("\\'", "'")
    event["retcode"] = retcode or None
    if connection_type is not None:
        event["connection_type"] = connection_type
    return with_numbers(event, _AUDIT_NUMBERS)


# log_line_prefix is '%t:%r:%u@%d:[%p]:' by default; what a longer one adds is between the process and the
# severity.
_POSTGRESQL = Pattern(
    "line of PostgreSQL's log",
    r"(?s:(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?(?: (?:[A-Z]{1,5}|[+-]\d\d(?::?\d\d)?))?)"
    r":(\[local\]|[^\s@]{0,300})?:([^@\s]{0,200})@([^\n]{0,200}?):\[(\d{1,10})\]:(?:([^\n]{1,1000}?):)??"
    r"(DEBUG[1-5]?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC|DETAIL|HINT|QUERY|CONTEXT|STATEMENT|LOCATION|BACKTRACE)"
    r":(?:\s+(.*))?)",
)


@line_format(
    "rds-postgresql",
    tag="aws.rds_postgresql",
    time="log_time",
    framing=r"s3-multiline:^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?( [A-Z+-][A-Z0-9:]*)?:",  # Statements have lines.
    specificity=0.9,
    variants=(
        "fractions, and zones by name or offset",
        "a longer `log_line_prefix`, if it only adds to the end",
        "statements of several lines",
    ),
    refused=("a `log_line_prefix` without `%t:%r:%u@%d:[%p]:`",),
    document="Amazon RDS User Guide: RDS for PostgreSQL database log files; PostgreSQL documentation: log_line_prefix",
    example=b'2026-03-01 09:15:02 UTC:192.0.2.41(52814):app@shop:[4711]:ERROR:  relation "carts" does not exist',
)
def rds_postgresql(record: str) -> Event:
    """Logs of RDS for PostgreSQL and Aurora PostgreSQL, with statements of several lines."""
    log_time, remote, user, database, process, prefix, severity, message = _POSTGRESQL.match(record.rstrip()).groups()
    event: Event = {
        "log_time": log_time,
        "connection_from": remote or None,
        "user_name": user or None,
        "database_name": database or None,
        "process_id": int(process),
        "error_severity": severity,
        "message": message or "",
    }
    return event if prefix is None else {**event, "prefix": prefix}
