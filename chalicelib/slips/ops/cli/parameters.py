"""Commands and the types of their options: no value is empty; rates, and times."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
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


class RefusesEmpty(click.Command):
    """A command that refuses an option or argument whose value is empty: one from a variable that is not set would mean
    everything, or the default. The parsed words are looked at: a converted path has forgotten that it was empty."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # A copy: the parser takes the words off the list.
        values, _, parameters = self.make_parser(ctx).parse_args([*args])
        is_help = any(each.is_eager and each.name in values for each in parameters)
        for parameter in () if ctx.resilient_parsing or is_help else parameters:
            value = values.get(parameter.name or "")
            words = value if isinstance(value, (tuple, list)) else (value,)
            if any(isinstance(word, str) and not word.strip() for word in words):
                instead = ", or leave the option out" if isinstance(parameter, click.Option) else ""
                raise click.BadParameter(f"is empty; write a value{instead}", ctx, parameter)
        return super().parse_args(ctx, args)


def command(name: str | None = None) -> Callable[[Callable[..., Any]], RefusesEmpty]:
    """Make a function a command of `slips`, named as the function unless `name` is given."""
    return click.command(name, cls=RefusesEmpty)
