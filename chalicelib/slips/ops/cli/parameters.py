"""Types of options: rates, and times."""

from __future__ import annotations

import re
import time
from typing import Any

import click

from ...model import utc

_RATE = re.compile(r"(\d+(?:\.\d+)?)(?:/(s|sec|min|m|h))?", re.ASCII)
_AGO = re.compile(r"(\d{1,5})(s|m|h|d)", re.ASCII)
_SECONDS = {"s": 1, "sec": 1, "min": 60, "m": 60, "h": 3600, "d": utc.DAY, None: 1}


class _Rate(click.ParamType[float]):
    name = "N/s"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        match = _RATE.fullmatch(str(value))
        if match is None or not float(match[1]):
            self.fail(f"{value!r} is not a rate; write 100/s, or 30/min", param, ctx)
        return float(match[1]) / _SECONDS[match[2]]


class _Time(click.ParamType[float]):
    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if ago := _AGO.fullmatch(str(value)):
            return time.time() - int(ago[1]) * _SECONDS[ago[2]]
        try:
            return utc.epoch(str(value))
        except ValueError:
            advice = "write 2026-01-31 or 2026-01-31T12:00:00Z (UTC), or 90m, 6h or 2d ago"
            self.fail(f"{value!r} is not a time; {advice}", param, ctx)


RATE, TIME = _Rate(), _Time()
"""Of options: objects a second, and seconds since the epoch."""


def not_empty(context: click.Context, parameter: click.Parameter, value: Any) -> Any:  # noqa: ARG001
    """Return the value of an option, which must not be empty: one from a variable that is not set would mean
    everything. Raises click.BadParameter."""
    texts = value if isinstance(value, tuple) else (value,)
    if any(isinstance(text, str) and not text.strip() for text in texts):
        raise click.BadParameter("is empty; write a value, or leave the option out")
    return value
