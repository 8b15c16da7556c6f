"""Who signed in and how, and which secret was used."""

from . import Read, Refused, written

ISO = "2026-03-01T09:15:02Z"
BRIDGED = "a partner event of EventBridge, its record under `detail`"

READ: Read = {
    "okta": {
        BRIDGED: written({"detail-type": "a", "detail": {"published": ISO}}),
    },
    "onelogin": {
        "the broadcaster's `event_timestamp`, or the API's `created_at`": (
            written({"event_timestamp": "2026-03-01 09:15:02 UTC"}),
            written({"created_at": ISO}),
        ),
        BRIDGED: written({"detail-type": "a", "detail": {"event_timestamp": ISO}}),
    },
    "auth0": {
        "log streams, with the record under `data`, and the Management API's": (
            written({"log_id": "1", "data": {"date": ISO}}),
            written({"_id": "1", "date": ISO}),
        ),
        BRIDGED: written({"detail-type": "a", "detail": {"data": {"date": ISO}}}),
    },
    "duo-auth": {"`isotimestamp`, else `timestamp` in seconds": written({"timestamp": 1772356502, "factor": "a"})},
    "duo-admin": {
        "administrator, activity and offline enrolment logs": (
            written({"isotimestamp": ISO, "action": "a"}),
            written({"ts": ISO, "action": {"name": "a"}}),
            written({"timestamp": 1772356502, "action": "a"}),
        )
    },
    "tailscale-audit": {
        "the API's records, and those of a log stream, under `event`": (
            written({"eventTime": ISO}),
            written({"time": 1772356503, "event": {"eventTime": ISO}}),
            written({"time": 1772356502, "event": {}}),
        )
    },
    "vault-audit": {
        "objects over several lines": written(f'{{\n  "time": "{ISO}",\n  "type": "request"\n}}', {"type": "request"})
    },
}
REFUSED: Refused = {}
