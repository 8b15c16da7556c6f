"""The output of a run while it works: a status line on a terminal, nothing in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from ...wording import plural
from ..output import live_progress
from .tally import Tally


def starting() -> None:
    """Say why the first seconds are silent."""
    if sys.stderr.isatty():
        click.echo("starting the embedded AWS …", err=True)


@contextmanager
def progress(tally: Tally, samples: int) -> Iterator[Callable[[], None]]:
    """Yield a function that updates the status line."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.progress import SpinnerColumn, TextColumn

    with live_progress(SpinnerColumn(), TextColumn("{task.description}")) as bar:
        task = bar.add_task("uploading")
        yield lambda: bar.update(
            task,
            description=f"{tally['objects'] + tally['dropped']} of {plural(samples, 'object')}, "
            f"{plural(tally['events'], 'event')}, {tally['quarantined']:,} failed, "
            f"{tally['events'] / tally.seconds:,.0f} events/s",
        )


def batch_line(answer: dict[str, Any]) -> str:
    """Describe a batch in a line; empty if it processed no object."""
    if not answer.get("objects"):
        return ""
    failed = f", {answer['quarantined']:,} failed" if answer.get("quarantined") else ""
    return f"{plural(answer['objects'], 'object')}, {plural(answer.get('events', 0), 'event')}{failed}"
