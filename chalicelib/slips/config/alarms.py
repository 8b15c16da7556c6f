"""`alarms` of slips.yml: when an alarm rings."""

from __future__ import annotations

from .declarations import Keys, Number, Whole
from .field import Field
from .scalars import read_number, read_whole
from .settings import AlarmLimits

_DAY, _HOUR = 24 * 60, 60
"""Minutes."""

ALARMS = Keys(
    {
        "late_minutes": ("Minutes that the oldest record of a lane has waited.", Whole(0, _DAY, or_off=True)),
        "unread_minutes": (
            "Minutes, out of an hour, in which a lane got records that nobody read.",
            Whole(0, _HOUR, or_off=True),
        ),
        "failed_percent": ("Percent of the events that failed.", Number(0, 100, or_off=True)),
        "new_causes": ("Causes of failure that were not seen for two weeks.", Whole(0, or_off=True)),
        "error_items": ("New error items.", Whole(0, or_off=True)),
        "waiting_minutes": (
            "Minutes that something waits to be tried again by itself.",
            Whole(0, 14 * _DAY, or_off=True),
        ),
        "silence": ("Times the usual gap between two objects of a mapping.", Number(0, 1000, or_off=True)),
        "surge": ("Times the objects of the busiest hour of the week before.", Number(0, 10_000, or_off=True)),
        "api_errors": ("Responses of the REST API with a status of 500 or more.", Whole(0, or_off=True)),
    },
    defaults=AlarmLimits(),
)


def read_alarms(field: Field) -> AlarmLimits:
    """Read the limits. `off` is 0: there is no such alarm."""
    keys = field.keys()
    default = AlarmLimits()
    return AlarmLimits(
        late_minutes=read_whole(keys["late_minutes"], default.late_minutes),
        unread_minutes=read_whole(keys["unread_minutes"], default.unread_minutes),
        waiting_minutes=read_whole(keys["waiting_minutes"], default.waiting_minutes),
        failed_percent=read_number(keys["failed_percent"], default.failed_percent),
        new_causes=read_whole(keys["new_causes"], default.new_causes),
        error_items=read_whole(keys["error_items"], default.error_items),
        silence=read_number(keys["silence"], default.silence),
        surge=read_number(keys["surge"], default.surge),
        api_errors=read_whole(keys["api_errors"], default.api_errors),
    )
