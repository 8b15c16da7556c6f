"""Output of the commands: JSON, sizes, times, and progress, which only a terminal shows."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from functools import wraps
from typing import Any

import click

from ...wording import plural
from ..output import live_progress


def print_json(value: Any, *, indent: int | None = None) -> None:
    """Print a value as ASCII JSON."""
    click.echo(json.dumps(value, indent=indent, default=str))


def size(count: float) -> str:
    """Format a number of bytes for a person: `1.4 GB`."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return plural(round(count), "byte") if unit == "bytes" else f"{count:,.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} TB"


def duration(seconds: float) -> str:
    """Format seconds for a person: `3 h 20 min`."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 1:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 1:
        return f"{minutes} min {rest} s"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if days else f"{hours} h {minutes} min"


def short_time(text: str) -> str:
    """Shorten a time of ours to its seconds: `2026-01-31 12:00:00Z`. Another text stays."""
    is_ours = len(text) == len("2026-01-31T12:00:00.000Z") and text[10] == "T" and text.endswith("Z")
    return f"{text[:10]} {text[11:19]}Z" if is_ours else text


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[int, int | None], None]]:
    """Show a progress bar on a terminal, nothing in a pipe. Call the yielded function with the amount done and the
    total (None: unchanged)."""
    if not sys.stderr.isatty():
        yield lambda done, of: None  # noqa: ARG005
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with live_progress(*columns) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done, of: bar.update(task, completed=done, total=of if of is not None else total)


def note(text: str) -> None:
    """Print a line that is not a result, only on a terminal."""
    if sys.stderr.isatty():
        click.echo(text, err=True)


def warn(text: str) -> None:
    """Print a line that must be seen and is not a result."""
    click.echo(text, err=True)


def with_json(command: Callable[..., Mapping[str, Any]]) -> Callable[..., None]:
    """Give the command --json, which prints the mapping that the command returns as one JSON object, and all else to
    stderr. Where the mapping holds something under `silent`, the exit code is 1."""

    @wraps(command)
    def run(*arguments: Any, as_json: bool, **options: Any) -> None:
        if as_json:
            with redirect_stdout(sys.stderr):
                summary = command(*arguments, **options)
            click.echo(json.dumps(summary))
        else:
            summary = command(*arguments, **options)
        if summary.get("silent"):
            raise SystemExit(1)

    return click.option(
        "--json",
        "as_json",
        is_flag=True,
        help="Print one JSON object at the end; everything else goes to standard error.",
    )(run)
