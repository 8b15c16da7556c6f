"""Somebody logged in to the AWS console with a password alone."""

from typing import Any

from .fields import deep_get


def rule(event: dict[str, Any]) -> bool:
    """Say whether the event is an alert."""
    return (
        event.get("eventName") == "ConsoleLogin"
        and deep_get(event, "responseElements", "ConsoleLogin") == "Success"
        and deep_get(event, "additionalEventData", "MFAUsed") == "No"
    )


def title(event: dict[str, Any]) -> str:
    """Say what happened, in a line."""
    return f"{deep_get(event, 'userIdentity', 'arn')} logged in without MFA from {event.get('sourceIPAddress')}"


def severity(event: dict[str, Any]) -> str:
    """Say how bad it is."""
    return "CRITICAL" if deep_get(event, "userIdentity", "type") == "Root" else "HIGH"
