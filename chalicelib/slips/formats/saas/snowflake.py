"""Snowflake: the account usage views, unloaded to a stage as JSON or CSV, with names in upper or lower case."""

from __future__ import annotations

from ..registry import register
from ..table_format import TableFormat, header_naming, split_at_commas

# The columns of type NUMBER and FLOAT; identifiers among them stay what they are, numbers.
_NUMBERS = (
    "EVENT_ID", "RELATED_EVENT_ID", "ERROR_CODE", "DATABASE_ID", "SCHEMA_ID", "SESSION_ID", "WAREHOUSE_ID",
    "CLUSTER_NUMBER", "TOTAL_ELAPSED_TIME", "BYTES_SCANNED", "PERCENTAGE_SCANNED_FROM_CACHE", "BYTES_WRITTEN",
    "BYTES_WRITTEN_TO_RESULT", "BYTES_READ_FROM_RESULT", "ROWS_PRODUCED", "ROWS_INSERTED", "ROWS_UPDATED",
    "ROWS_DELETED", "ROWS_UNLOADED", "BYTES_DELETED", "PARTITIONS_SCANNED", "PARTITIONS_TOTAL",
    "BYTES_SPILLED_TO_LOCAL_STORAGE", "BYTES_SPILLED_TO_REMOTE_STORAGE", "BYTES_SENT_OVER_THE_NETWORK",
    "COMPILATION_TIME", "EXECUTION_TIME", "QUEUED_PROVISIONING_TIME", "QUEUED_REPAIR_TIME", "QUEUED_OVERLOAD_TIME",
    "TRANSACTION_BLOCKED_TIME", "OUTBOUND_DATA_TRANSFER_BYTES", "INBOUND_DATA_TRANSFER_BYTES",
    "LIST_EXTERNAL_FILES_TIME", "CREDITS_USED_CLOUD_SERVICES", "QUERY_LOAD_PERCENT",
    "EXTERNAL_FUNCTION_TOTAL_INVOCATIONS", "EXTERNAL_FUNCTION_TOTAL_SENT_ROWS", "TRANSACTION_ID",
    "EXTERNAL_FUNCTION_TOTAL_RECEIVED_ROWS", "EXTERNAL_FUNCTION_TOTAL_SENT_BYTES", "CHILD_QUERIES_WAIT_TIME",
    "EXTERNAL_FUNCTION_TOTAL_RECEIVED_BYTES", "QUERY_ACCELERATION_BYTES_SCANNED", "QUERY_RETRY_TIME",
    "QUERY_ACCELERATION_PARTITIONS_SCANNED", "QUERY_ACCELERATION_UPPER_LIMIT_SCALE_FACTOR", "QUERY_HASH_VERSION",
    "QUERY_PARAMETERIZED_HASH_VERSION", "FAULT_HANDLING_TIME", "ROWS_WRITTEN_TO_RESULT", "USER_DATABASE_ID",
    "USER_SCHEMA_ID",
)  # fmt: skip

register(
    TableFormat(
        name="snowflake-login",
        tag="snowflake.login",
        time="EVENT_TIMESTAMP",
        framing="s3-csv",
        split=split_at_commas,
        header=header_naming("EVENT_TIMESTAMP"),
        absent=("\\N",),
        numbers=_NUMBERS,
        json_rows=True,
        signatures=(
            (
                "EVENT_TIMESTAMP, EVENT_TYPE, USER_NAME, CLIENT_IP, IS_SUCCESS, "
                "FIRST_AUTHENTICATION_FACTOR|REPORTED_CLIENT_TYPE"
            ),
        ),
        specificity=0.0,
        description="Snowflake login history, JSON or CSV",
        variants=(
            "JSON, with names in upper or lower case",
            "CSV under a header with any columns, `\\N` as None",
        ),
        refused=("rows before a header with `EVENT_TIMESTAMP`, or with fewer cells",),
        document="Snowflake: ACCOUNT_USAGE.LOGIN_HISTORY view",
        example=b'{"EVENT_ID":393754014361778,"EVENT_TIMESTAMP":"2026-03-01 09:15:02.061 +0000","EVENT_TYPE":"LOGIN",'
        b'"USER_NAME":"LIZ","CLIENT_IP":"192.0.2.41","FIRST_AUTHENTICATION_FACTOR":"PASSWORD","IS_SUCCESS":"YES"}',
    ),
    TableFormat(
        name="snowflake-query",
        tag="snowflake.query",
        time=("START_TIME", "END_TIME"),
        framing="s3-csv",
        split=split_at_commas,
        header=header_naming("START_TIME", "QUERY_ID"),
        absent=("\\N",),
        numbers=_NUMBERS,
        json_rows=True,
        signatures=("QUERY_ID, QUERY_TEXT, START_TIME, EXECUTION_STATUS, WAREHOUSE_NAME|QUERY_TYPE, USER_NAME",),
        specificity=0.0,
        description="Snowflake query history, JSON or CSV",
        variants=(
            "JSON, with names in upper or lower case",
            "CSV under a header with any columns, `\\N` as None",
        ),
        refused=("rows before a header with `START_TIME` or `QUERY_ID`, or with fewer cells",),
        document="Snowflake: ACCOUNT_USAGE.QUERY_HISTORY view",
        example=b'{"QUERY_ID":"01b2","QUERY_TEXT":"select 1","QUERY_TYPE":"SELECT","USER_NAME":"LIZ",'
        b'"EXECUTION_STATUS":"SUCCESS","START_TIME":"2026-03-01 09:15:02.061 +0000","TOTAL_ELAPSED_TIME":42}',
    ),
)
