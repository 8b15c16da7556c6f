"""PostgreSQL."""

from __future__ import annotations

from ...errors import ParseError
from ..fields import Event
from ..registry import register
from ..table_format import TableFormat, split_at_commas

# As the server adds them at the end: 23 up to release 12, then backend_type (13), leader_pid and query_id (14).
COLUMNS = (
    "log_time", "user_name", "database_name", "process_id", "connection_from", "session_id", "session_line_num",
    "command_tag", "session_start_time", "virtual_transaction_id", "transaction_id", "error_severity",
    "sql_state_code", "message", "detail", "hint", "internal_query", "internal_query_pos", "context", "query",
    "query_pos", "location", "application_name", "backend_type", "leader_pid", "query_id",
)  # fmt: skip
_FEWEST = 22  # application_name came with release 9.0.
_NUMBERS = (
    "process_id", "session_line_num", "transaction_id", "internal_query_pos", "query_pos", "leader_pid", "query_id",
)  # fmt: skip


def _derive(event: Event) -> None:
    if len(event) < _FEWEST:
        raise ParseError(f"at least {_FEWEST} cells were expected, not {len(event)}")
    if event["process_id"].__class__ is not int or "." not in event["session_id"]:
        raise ParseError("no process_id and session_id in the columns that the server always fills")


register(
    TableFormat(
        name="postgresql-csvlog",
        tag="postgresql.csvlog",
        time="log_time",
        framing="s3-csv",
        split=split_at_commas,
        columns=COLUMNS,
        short_rows=True,
        numbers=_NUMBERS,
        derive=_derive,
        signatures=("session_id=*.*, error_severity=DEBUG*|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC",),
        specificity=0.5,
        description="PostgreSQL's csvlog, of every release",
        variants=(
            "the columns of releases 9.0 to 14 and later",
            "zones by name or offset",
            "more cells than columns, under `extra`",
        ),
        refused=("rows without a process id and session id, or with fewer than 22 cells",),
        document="PostgreSQL documentation: Error Reporting and Logging, Using CSV-Format Log Output",
        example=b'2026-03-01 09:15:02.481 UTC,"app","shop",4711,"192.0.2.41:52814",69a40456.1267,3,"SELECT",'
        b'2026-03-01 09:15:00 UTC,4/17,0,ERROR,42P01,"relation ""carts"" does not exist",,,,,,'
        b'"select * from carts",15,,"psql","client backend",,0',
    )
)
