"""The rule by itself: a plain function of an event."""

from typing import Any

import pytest

from chalicelib.rules.console_login_without_mfa import rule, severity, title

LOGIN: dict[str, Any] = {
    "eventName": "ConsoleLogin",
    "sourceIPAddress": "192.0.2.7",
    "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ada"},
    "additionalEventData": {"MFAUsed": "No"},
    "responseElements": {"ConsoleLogin": "Success"},
}


def test_a_login_without_mfa_is_an_alert() -> None:
    assert rule(LOGIN)
    assert severity(LOGIN) == "HIGH"
    assert title(LOGIN) == "arn:aws:iam::111122223333:user/ada logged in without MFA from 192.0.2.7"


@pytest.mark.parametrize(
    "change",
    [
        {"additionalEventData": {"MFAUsed": "Yes"}},
        {"responseElements": {"ConsoleLogin": "Failure"}},
        {"eventName": "GetObject"},
        {"responseElements": None},
    ],
)
def test_other_events_are_not_alerts(change: dict[str, Any]) -> None:
    assert not rule({**LOGIN, **change})
