"""Entra, as the class-based SLIPS read it and as it writes today, and the Azure activity log."""

from __future__ import annotations

from typing import Any

from tests.each_case import each_case

from ..rows import NOON, Row, at, broken_records, check_refused, nested, page

LATER = "2026-03-01T12:05:00Z"
ENVELOPE = {"category": "AuditLogs", "operationName": "Add user", "resourceId": "/tenants/6f1e", "Level": "4"}

ROWS = [
    *at(
        "azure-ad-event",
        "azure_ad.signin_event",
        {"signinDateTime": "2026-03-01T12:00:00.0000000Z", "createdDateTime": LATER},
        {"signinDateTime": "2026-03-01T12:00:00"},
        {"createdDateTime": NOON},
    ),
    *at(
        "azure-ad-audit",
        "azure_ad.audit",
        {"activityDate": "2026-03-01T12:00:00.0000000Z", "activityDateTime": LATER},
        {"activityDateTime": NOON},
    ),
    *at(
        "azure-ad-risk-event",
        "azure_ad.risk_event",
        {"riskEventDateTime": "2026-03-01T12:00:00.0000000Z", "activityDateTime": LATER},
        {"activityDateTime": NOON},
    ),
    *at(
        "entra-signin",
        "entra.signin",
        # The envelope's time goes before the sign-in's own.
        {"time": "2026-03-01T12:00:00.0000000Z", "properties": {"createdDateTime": LATER}},
        {"createdDateTime": "2026-03-01T12:00:00Z", "userPrincipalName": "liz@example.com"},
        {"category": "SignInLogs", "properties": {"createdDateTime": "2026-03-01T14:00:00.0000000+02:00"}},
    ),
    *at(
        "entra-audit",
        "entra.audit",
        {"time": NOON, **ENVELOPE, "properties": {"activityDateTime": LATER}},
        {"activityDateTime": "2026-03-01T12:00:00.000000+00:00"},
        {**ENVELOPE, "properties": {"activityDateTime": "2026-03-01 12:00:00.000000100"}},
        {**ENVELOPE, "properties": {"createdDateTime": NOON}},
    ),
    *at(
        "entra-risk",
        "entra.risk",
        # Here the risk's own time goes first; the envelope writes its time as Americans do.
        {"time": "3/1/2026 12:05:00 PM", "properties": {"activityDateTime": NOON}},
        {"activityDateTime": NOON, "riskLastUpdatedDateTime": LATER},
        {"riskLastUpdatedDateTime": NOON},
        {"time": LATER, "properties": {"riskLastUpdatedDateTime": NOON}},
        {"time": "3/1/2026 12:00:00 PM"},
    ),
    *at(
        "azure-activity",
        "azure.activity",
        {"time": "2026-03-01T12:00:00.0000000Z", "operationName": "MICROSOFT.COMPUTE/VIRTUALMACHINES/DELETE"},
        {"eventTimestamp": NOON, "submissionTimestamp": LATER, "operationName": {"value": "write"}},
        nested("properties.eventTimestamp", NOON),
        {"submissionTimestamp": NOON},
        nested("data.context.activityLog.eventTimestamp", NOON),
    ),
]


@each_case("row", ROWS, ids=str)
def test_an_event_has_its_time_in_either_shape(row: Row) -> None:
    row.check()


TIMES = {
    "azure-ad-event": "signinDateTime",
    "azure-ad-audit": "activityDate",
    "azure-ad-risk-event": "riskEventDateTime",
    "entra-signin": "time",
    "entra-audit": "time",
    "entra-risk": "activityDateTime",
    "azure-activity": "time",
}


@each_case("array_key", ["value", "records", "Records"])
@each_case("name", TIMES)
def test_a_page_is_its_events(name: str, array_key: str) -> None:
    events = ({TIMES[name]: NOON}, {"id": "Directory_1"})
    assert page(name, array_key, *events) == ["2026-03-01T12:00:00.000000+00:00", None]


@each_case(("name", "broken"), broken_records(TIMES))
def test_what_is_not_an_event_is_refused(name: str, broken: Any) -> None:
    check_refused(name, broken)
