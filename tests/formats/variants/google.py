"""Google Workspace and Google Cloud."""

from . import Read, Refused, written

ISO = "2026-03-01T09:15:02Z"
ENTRY = {"`timestamp`, else `receiveTimestamp`": written({"insertId": "a", "receiveTimestamp": ISO}, {"insertId": "a"})}

READ: Read = {"gcp-audit": ENTRY, "gcp-log": ENTRY, "gcp-load-balancer": ENTRY}
REFUSED: Refused = {}
