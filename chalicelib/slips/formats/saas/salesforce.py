"""Salesforce: event log files."""

from __future__ import annotations

from ..registry import register
from ..table_format import TableFormat, header_naming, split_at_commas

# `Number` in the reference, as far as several event types share them.
_NUMBERS = (
    "RUN_TIME", "CPU_TIME", "DB_TOTAL_TIME", "DB_CPU_TIME", "DB_BLOCKS", "EXEC_TIME", "CALLOUT_TIME",
    "ROWS_PROCESSED", "ROW_COUNT", "NUMBER_FIELDS", "NUMBER_COLUMNS", "NUMBER_BUCKETS", "NUMBER_EXCEPTION_FILTERS",
    "AVERAGE_ROW_SIZE", "NUMBER_SOQL_QUERIES", "NUMBER_FAILURES", "REQUEST_SIZE", "RESPONSE_SIZE", "SIZE_BYTES",
    "VIEW_STATE_SIZE", "EFFECTIVE_PAGE_TIME", "DURATION", "NUM_RESULTS", "STATUS_CODE",
)  # fmt: skip

register(
    TableFormat(
        name="salesforce-event-log",
        tag="salesforce.<EVENT_TYPE>",
        time=("TIMESTAMP_DERIVED", "TIMESTAMP"),
        framing="s3-csv",
        split=split_at_commas,
        header=header_naming("EVENT_TYPE"),
        numbers=_NUMBERS,
        json_rows=True,
        signatures=(
            (
                "EVENT_TYPE, TIMESTAMP|TIMESTAMP_DERIVED, REQUEST_ID|URI|RUN_TIME, ORGANIZATION_ID, "
                "USER_ID|USER_ID_DERIVED"
            ),
        ),
        specificity=0.2,
        description="Salesforce event log files of any event type",
        variants=(
            "CSV under a header with any columns, also again",
            "`TIMESTAMP` of digits (`20260301091502.000`)",
            "JSON",
        ),
        refused=("rows before a header with `EVENT_TYPE`, or with fewer cells",),
        document="Salesforce: Object Reference, EventLogFile Supported Event Types",
        example=b'"EVENT_TYPE","TIMESTAMP","REQUEST_ID","ORGANIZATION_ID","USER_ID","RUN_TIME","CPU_TIME","URI","CLIENT_IP",'
        b'"LOGIN_STATUS","TIMESTAMP_DERIVED"\n"Login","20260301091502.123","4exLFFQZ","00D3000000","0053000000","98","37",'
        b'"/index.jsp","192.0.2.41","LOGIN_NO_ERROR","2026-03-01T09:15:02.123Z"',
    ),
)
