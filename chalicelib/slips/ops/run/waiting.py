"""What a run waits for, and why: a lane's delay, an item that is due later, or a file in the inbox."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import click

from ...config import Config
from ...errors import StoreError
from ...lanes.throttle import sleep_seconds
from ...model import utc
from ...quarantine import WAITING, Filter, Quarantine
from ...wording import plural
from ..output import live_progress

LONG_SECONDS = 2.0
"""An invocation that takes longer is named."""
MOST_ITEMS = 500


def describe_wait(running: Mapping[str, float], config: Config, due: str, inbox: str) -> str:
    """Say what a run waits for. `running` are the functions at work with their seconds, `due` what waits to be tried
    again, empty: nothing."""
    long = [function for function, seconds in running.items() if seconds >= LONG_SECONDS]
    lanes = {f"process_{lane.name}": lane for lane in (config.fast, config.slow)}
    for function in long:
        if function in lanes and (delay := sleep_seconds(lanes[function], lanes[function].batch_size)):
            lane = lanes[function].name
            return f"the {lane} lane is at work, or waits: its `delay` is {delay:g} s after a full batch"
    if long:
        return f"{long[0]} is at work"
    return due or f"waiting for files in {inbox}"


def describe_due(quarantine: Quarantine) -> str:
    """Say how many items wait to be tried again, and when the next one is due; empty where none does."""
    try:
        rows = quarantine.page(Filter(state=WAITING), MOST_ITEMS).items
    except StoreError:  # It says nothing about the run itself.
        return ""
    if not rows:
        return ""
    more = " or more" if len(rows) == MOST_ITEMS else ""
    times = [row.retry_at for row in rows if row.retry_at]
    next_try = f", the next after {utc.iso(min(times))[11:19]}Z" if times else ""
    return f"waiting to try {plural(len(rows), 'item')}{more} again{next_try}; `slips errors --local` says why"


@contextmanager
def wait_line() -> Iterator[Callable[[str], None]]:
    """Yield a function that shows what is waited for: on a terminal in one line that is written again, in a pipe each
    text once."""
    if sys.stderr.isatty():
        from rich.progress import SpinnerColumn, TextColumn

        with live_progress(SpinnerColumn(), TextColumn("{task.description}")) as bar:
            task = bar.add_task("")
            yield lambda text: bar.update(task, description=text)
        return
    shown: set[str] = set()

    def show(text: str) -> None:
        if text not in shown:
            shown.add(text)
            click.echo(text, err=True)

    yield show
