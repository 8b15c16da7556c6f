"""`alarms` of slips.yml: when an alarm rings."""

from __future__ import annotations

from .field import Field
from .scalars import read_number, read_whole
from .settings import AlarmLimits

_DAY, _HOUR = 24 * 60, 60
"""Minutes."""


def read_off(field: Field) -> None:
    """Take `off` for 0, also where YAML 1.1 read an `off` without quotes as false."""
    if field.value is False or field.value == "off":
        field.value = 0


def read_alarms(field: Field) -> AlarmLimits:
    """Read the limits. `off` is 0: there is no such alarm."""
    keys = field.keys(*AlarmLimits.__struct_fields__)
    for key in keys.values():
        read_off(key)
    default = AlarmLimits()
    return AlarmLimits(
        late_minutes=read_whole(keys["late_minutes"], default.late_minutes, 0, _DAY),
        unread_minutes=read_whole(keys["unread_minutes"], default.unread_minutes, 0, _HOUR),
        waiting_minutes=read_whole(keys["waiting_minutes"], default.waiting_minutes, 0, 14 * _DAY),
        failed_percent=read_number(keys["failed_percent"], default.failed_percent, 0, 100),
        new_causes=read_whole(keys["new_causes"], default.new_causes, 0),
        error_items=read_whole(keys["error_items"], default.error_items, 0),
        silence=read_number(keys["silence"], default.silence, 0, 1000),
        surge=read_number(keys["surge"], default.surge, 0, 10_000),
        api_errors=read_whole(keys["api_errors"], default.api_errors, 0),
    )
