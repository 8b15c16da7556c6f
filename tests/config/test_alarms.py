"""`alarms` of slips.yml."""

from __future__ import annotations

import msgspec
import pytest

from slips.config.settings import AlarmLimits

from .written import config, faults, load_text

STACK = "stack_name: mine\nbucket_mapping: {logs: [{prefix: in/, format: json}]}\n"
LIMITS = [field.name for field in msgspec.structs.fields(AlarmLimits)]


def test_without_the_key_they_have_their_defaults() -> None:
    assert config().alarms == AlarmLimits()


def test_each_is_read() -> None:
    chosen = {
        "late_minutes": 5,
        "unread_minutes": 30,
        "failed_percent": 0.25,
        "new_causes": 3,
        "error_items": 50,
        "silence": 2.5,
        "api_errors": 1,
        "surge": 4.5,
    }
    assert set(chosen) <= set(LIMITS)
    assert config(alarms=chosen).alarms == AlarmLimits(**chosen)  # type: ignore[arg-type]


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("off", ["off", "'off'", "0", "false"])
def test_off_is_no_alarm(limit: str, off: str) -> None:
    alarms = load_text(f"{STACK}alarms: {{{limit}: {off}}}\n").alarms
    assert getattr(alarms, limit) == 0
    assert AlarmLimits().error_items == 0  # At ten terabytes a day there are always some.
    others = {name for name in LIMITS if name != limit}
    assert {name for name in others if getattr(alarms, name) == getattr(AlarmLimits(), name)} == others


@pytest.mark.parametrize(
    ("limit", "value", "allowed"),
    [
        ("late_minutes", -1, "a whole number from 0 to 1440"),
        ("late_minutes", 1.5, "a whole number from 0 to 1440"),
        ("late_minutes", True, "a whole number from 0 to 1440"),
        ("unread_minutes", 61, "a whole number from 0 to 60"),
        ("failed_percent", 100.1, "a number from 0 to 100"),
        ("failed_percent", "1 %", "a number from 0 to 100"),
        ("failed_percent", float("nan"), "a number from 0 to 100"),
        ("error_items", "never", "a whole number of at least 0"),
        ("silence", -1, "a number from 0 to 1000"),
        ("api_errors", [5], "a whole number of at least 0"),
    ],
)
def test_anything_else_is_a_fault(limit: str, value: object, allowed: str) -> None:
    (fault,) = faults(alarms={limit: value})
    assert f"alarms.{limit}: " in fault
    assert allowed in fault


def test_an_unknown_one_is_named_with_the_one_that_is_meant() -> None:
    (fault,) = faults(alarms={"failed_percents": 1})
    assert 'did you mean "failed_percent"' in fault


class TestTheSilenceOfAMapping:
    @pytest.mark.parametrize(
        ("written", "minutes"), [("", None), ("silent_minutes: 90", 90), ("silent_minutes: off", 0)]
    )
    def test_is_what_slips_yml_says_or_what_is_usual(self, written: str, minutes: int | None) -> None:
        text = f"stack_name: mine\nbucket_mapping: {{logs: [{{format: json, {written}}}]}}\n"
        [mapping] = load_text(text).mappings
        assert mapping.silent_minutes == minutes

    @pytest.mark.parametrize("value", [-1, 1.5, "long", True, 366 * 24 * 60 + 1])
    def test_of_anything_else_is_a_fault(self, value: object) -> None:
        (fault,) = faults(bucket_mapping={"logs": [{"format": "json", "silent_minutes": value}]})
        assert "bucket_mapping.logs[0].silent_minutes: " in fault
