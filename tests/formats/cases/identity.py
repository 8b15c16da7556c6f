"""Identity providers, second factors, vaults and access brokers."""

from . import NOON, SECONDS, Case

CASES = {
    "okta": Case(
        "okta.system_log", [{"published": "2026-03-01T12:00:00.000Z", "actor": None, "target": None, "client": {}}]
    ),
    "onelogin": Case(
        "onelogin.event",
        {"status": {}, "pagination": {}, "data": [{"created_at": "2026-03-01T12:00:00.000Z", "user_id": None}]},
    ),
    "auth0": Case(
        "auth0.log", {"_id": "a", "date": "2026-03-01T12:00:00.000Z", "type": "sapi", "details": {"request": {}}}
    ),
    "duo-auth": Case(
        "duo.authentication",
        {"stat": "OK", "response": {"authlogs": [{"timestamp": SECONDS, "factor": None}], "metadata": {}}},
    ),
    "duo-admin": Case(
        "duo.administrator", {"stat": "OK", "response": [{"timestamp": SECONDS, "object": None, "description": None}]}
    ),
    "onepassword-signin": Case(
        "onepassword.signin", {"cursor": "a", "has_more": False, "items": [{"timestamp": NOON, "details": None}]}
    ),
    "onepassword-item": Case("onepassword.item_usage", {"timestamp": "2026-03-01T12:00:00.000000000Z", "location": {}}),
    "vault-audit": Case(
        "vault.audit", {"time": "2026-03-01T12:00:00Z", "type": "response", "error": "1 error occurred", "auth": {}}
    ),
    "teleport-audit": Case("teleport.audit", {"time": "2026-03-01T12:00:00.0Z", "event": "", "ei": 2147483647}),
    "tailscale-audit": Case(
        "tailscale.audit", {"event": {"eventTime": NOON, "old": None}, "time": SECONDS + 9, "fields": {}}
    ),
}
