"""Google and Cloudflare."""

from . import NOON, SECONDS, Case

NS = SECONDS * 1_000_000_000

CASES = {
    "g-suite-login": Case(
        "gsuite.login", {"items": [{"id": {"time": "2026-03-01T12:00:00.000Z"}, "actor": {"key": "SYSTEM"}}]}
    ),
    "google-workspace": Case(
        "gsuite.drive",
        {"id": {"time": NOON}, "actor": {}, "events": [{"name": "a", "parameters": [{"multiIntValue": ["1"]}]}]},
        odd_tag="gsuite.unknown",
    ),
    "gcp-audit": Case(
        "gcp.audit", {"protoPayload": {"status": {"code": 7}}, "timestamp": "2026-03-01T12:00:00.000000000Z"}
    ),
    "gcp-log": Case("gcp.log", {"textPayload": "", "receiveTimestamp": NOON, "severity": "DEFAULT"}),
    "gcp-load-balancer": Case(
        "gcp.load_balancer",
        {"entries": [{"timestamp": "2026-03-01T13:00:00.0+01:00", "httpRequest": {"status": 0}}]},
    ),
    "cloudflare-http": Case("cloudflare.http", {"EdgeStartTimestamp": str(NS), "ClientRequestHeaders": {}}),
    "cloudflare-firewall": Case("cloudflare.firewall", {"Datetime": SECONDS, "Metadata": {"ruleset": None}}),
    "cloudflare-gateway": Case("cloudflare.gateway", {"SessionStartTime": NOON, "QueryNameReversed": "com"}),
    "cloudflare-dns": Case("cloudflare.dns", {"Timestamp": NS, "QueryType": 65}),
    "cloudflare-spectrum": Case(
        "cloudflare.spectrum", {"Timestamp": "", "ConnectTimestamp": NOON, "OriginTlsStatus": "off"}
    ),
    "cloudflare-audit": Case(
        "cloudflare.audit",
        {"success": True, "errors": [], "result": [{"action": {"time": NOON, "type": "a"}, "actor": None}]},
    ),
}
