"""Which error items: the same options for `slips errors`, `drain` and `discard`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple, get_args

import click

from ...model import utc
from ...quarantine import Quarantine
from ...quarantine.selection import State
from ..output import escaped
from .ids import find_fingerprint
from .parameters import TIME
from .terminal import warn

STATES: tuple[str, ...] = get_args(State)
_OPTIONS = (
    ("bucket", "Only errors of this bucket."),
    ("prefix", "Only errors whose key has this prefix."),
    ("format", "Only errors of this format."),
    ("processor", "Only errors of this function."),
    ("fingerprint", "Only errors of this cause (8 digits of its fingerprint, or more)."),
)


class FilterOptions(NamedTuple):
    """The filters that are set, by the names of `quarantine.Filter`."""

    values: dict[str, Any]

    def parked(self) -> FilterOptions:
        """Return the filters for --parked. Raises click.UsageError where another state is given."""
        if self.values.get("state", "parked") != "parked":
            raise click.UsageError("--parked is short for --state parked; leave out one of them")
        return FilterOptions({**self.values, "state": "parked"})

    def resolve(self, quarantine: Quarantine) -> dict[str, Any]:
        """Return the filters, with the whole fingerprint. Raises click.UsageError where several begin with it."""
        text = self.values.get("fingerprint", "")
        if not text:
            return self.values
        fingerprint = find_fingerprint(quarantine, text, self.values.get("state", ""))
        if fingerprint is None:
            warn(f"no error item has the fingerprint {escaped(text)}; `slips errors --group` lists them")
        return {**self.values, "fingerprint": fingerprint or text}


def with_filters(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give the command the filters as one argument: `filters`, FilterOptions. None of them may be empty."""

    @wraps(command)
    def run(*arguments: Any, since: float | None, until: float | None, **values: Any) -> Any:
        names = [name for name, _ in _OPTIONS] + ["state"]
        texts = {name: values.pop(f"{name}_filter") for name in names}
        times = {"since": since, "until": until}
        if since is not None and until is not None and since >= until:
            raise click.UsageError("--since must be before --until")
        texts |= {name: utc.iso(seconds) for name, seconds in times.items() if seconds is not None}
        filters = FilterOptions({name: text for name, text in texts.items() if text})
        return command(*arguments, filters=filters, **values)

    options = [
        *(
            click.option(f"--{name}", f"{name}_filter", metavar=name.upper(), help=text)
            for name, text in _OPTIONS
        ),
        click.option(
            "--state", "state_filter", type=click.Choice(STATES), metavar="STATE",
            help=f"Only errors in this state: {', '.join(STATES)}.  "
            "[default: all but the last two, which need no action]",
        ),
        click.option("--since", type=TIME, help="Only errors from this time on: 2026-01-31T12:00:00Z, or 6h (ago)."),
        click.option("--until", type=TIME, help="Only errors before this time."),
    ]  # fmt: skip
    decorated: Callable[..., Any] = run
    for option in reversed(options):
        decorated = option(decorated)
    return decorated
