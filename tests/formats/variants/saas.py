"""Software as a service."""

from . import Read, Refused, written

ISO = "2026-03-01T09:15:02Z"
MS = 1772356502000
SNOWFLAKE_TIME = "2026-03-01 01:15:02.000 -0800"

READ: Read = {
    "notion-audit": {
        "records under `event`, or bare": (
            written({"event": {"timestamp": ISO}}),
            written({"timestamp": ISO, "type": "user.login"}),
        )
    },
    "github-audit": {
        "streamed, exported and the API's records: `@timestamp`, else `created_at`, in milliseconds": (
            written({"@timestamp": MS, "action": "a"}),
            written({"created_at": MS, "action": "a"}),
        )
    },
    "gitlab-audit": {
        "audit_json.log, streamed records and the API's": (
            written({"time": ISO, "author_id": 3}),
            written({"created_at": ISO, "author_id": 3}),
        )
    },
    "databricks-audit": {
        "delivered logs (`timestamp`), and rows of `system.access.audit` (`event_time`)": (
            written({"timestamp": MS, "actionName": "login"}),
            written({"event_time": ISO, "action_name": "login"}),
        )
    },
    "lacework": {
        "alerts of the API, over EventBridge and exported, and exported tables": (
            written({"alertId": 1, "startTime": ISO}),
            written({"detail": {"START_TIME": ISO}}),
            written({"EVENT_DETAILS": {"data": [{"START_TIME": ISO}]}}),
            written({"MID": 1, "CREATED_TIME": ISO}),
        )
    },
    "netskope": {
        "`timestamp`, else `_insertion_epoch_timestamp`, in seconds": written(
            {"_insertion_epoch_timestamp": 1772356502}
        )
    },
    "wiz-audit": {"`timestamp`, else `createdAt`": written({"createdAt": ISO, "requestId": "a"})},
    "salesforce-event-log": {
        "CSV under a header with any columns, also again": written(
            '"EVENT_TYPE","TIMESTAMP_DERIVED","RUN_TIME"\n"Login","2026-03-01T09:15:02.000Z","98"\n'
            '"EVENT_TYPE","TIMESTAMP_DERIVED"\n"Logout","2026-03-01T09:15:02.000Z"',
            {"EVENT_TYPE": "Login", "RUN_TIME": 98},
            {"EVENT_TYPE": "Logout"},
        ),
        "`TIMESTAMP` of digits (`20260301091502.000`)": written(
            '"EVENT_TYPE","TIMESTAMP"\n"Login","20260301091502.000"', {"EVENT_TYPE": "Login"}
        ),
        "JSON": written({"EVENT_TYPE": "Login", "TIMESTAMP_DERIVED": ISO}, {"EVENT_TYPE": "Login"}),
    },
    "slack-access": {"`date_last`, else `date_first`": written({"date_first": 1772356502, "user_id": "U1"})},
}
for _name, _column in {"snowflake-login": "EVENT_TIMESTAMP", "snowflake-query": "START_TIME"}.items():
    READ[_name] = {
        "JSON, with names in upper or lower case": (
            written({_column: SNOWFLAKE_TIME, "USER_NAME": "LIZ"}, {"USER_NAME": "LIZ"}),
            written({_column.lower(): SNOWFLAKE_TIME}),
        ),
        "CSV under a header with any columns, `\\N` as None": written(
            f"{_column},USER_NAME,DATABASE_ID\n{SNOWFLAKE_TIME},\\N,7", {"USER_NAME": None, "DATABASE_ID": 7}
        ),
    }

REFUSED: Refused = {
    "salesforce-event-log": {
        "rows before a header with `EVENT_TYPE`, or with fewer cells": (
            "Login,2026-03-01T09:15:02.000Z",
            '"EVENT_TYPE","TIMESTAMP"\n"Login"',
        )
    },
    "snowflake-login": {
        "rows before a header with `EVENT_TIMESTAMP`, or with fewer cells": (
            f"{SNOWFLAKE_TIME},LIZ",
            f"EVENT_TIMESTAMP,USER_NAME\n{SNOWFLAKE_TIME}",
        )
    },
    "snowflake-query": {
        "rows before a header with `START_TIME` or `QUERY_ID`, or with fewer cells": (
            f"{SNOWFLAKE_TIME},LIZ",
            f"START_TIME,USER_NAME\n{SNOWFLAKE_TIME}",
        )
    },
}
