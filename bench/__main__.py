"""Measures SLIPS against its bounds: `python -m bench [--quick] [CASE …]`, or against a commit: `--against COMMIT`.

Each case runs in a process of its own. The rows go to bench/results.json, as a table to the terminal, and as a plot to
bench/results.png. The exit code is 1 where a bound is missed.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from . import bounds, cold, cores, formats, hostile, sinks, small_objects, throughput, worker
from .against import LEAST_PAIRS, compare
from .measure import QUICK_RUNS, RUNS, Row, processors
from .throughput import EVENTS, QUICK_EVENTS, Scale

HERE = Path(__file__).parent
CASES: dict[str, Callable[[Scale], list[Row]]] = {
    **throughput.CASES,
    **cores.CASES,
    **sinks.CASES,
    **bounds.CASES,
    **small_objects.CASES,
    **cold.CASES,
    **hostile.CASES,
    **formats.CASES,
}


@click.command()
@click.option("--quick", is_flag=True, help="Less of everything, in under two minutes.")
@click.option("--case", hidden=True, help="Run this case here, and print its rows as JSON.")
@click.option("--against", metavar="COMMIT", help="Compare this checkout with a commit instead, in turns.")
@click.option("--pairs", default=15, show_default=True, type=click.IntRange(LEAST_PAIRS), help="With --against.")
@click.argument("cases", nargs=-1)
def main(quick: bool, case: str | None, against: str | None, pairs: int, cases: tuple[str, ...]) -> None:
    """Measure the CASES, all of them by default."""
    known = worker.CASES if against else CASES
    if unknown := set(cases) - set(known):
        raise click.UsageError(f"unknown case {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    scale = Scale(QUICK_EVENTS, QUICK_RUNS, quick=True) if quick else Scale(EVENTS, RUNS)
    if against:
        sys.exit(compare(against, cases, pairs=pairs, events=scale.events // 2))
    if case:
        click.echo(msgspec.json.encode(CASES[case](scale)))
        return
    rows = [row for name in cases or CASES for row in _measured(name, quick=quick)]
    if not cases:
        _write(rows, quick=quick)
    missed = [row for row in rows if not row.ok]
    for row in missed:
        click.echo(f"MISSED: {row.name}: {row.ratio:.2f}, {'at most' if row.at_most else 'at least'} {row.bound:.2f}")
    sys.exit(bool(missed))


def _measured(name: str, *, quick: bool) -> list[Row]:
    """The rows of a case, printed as they come."""
    command = [sys.executable, "-m", "bench", "--case", name, *(["--quick"] if quick else [])]
    ended = subprocess.run(command, stdout=subprocess.PIPE, cwd=HERE.parent, check=False)
    if ended.returncode:
        raise click.ClickException(f"{name} ended with exit status {ended.returncode}")
    rows = msgspec.json.decode(ended.stdout.splitlines()[-1], type=list[Row])
    for row in rows:
        click.echo(line(row))
    return rows


def line(row: Row) -> str:
    """A row of the table."""
    bound = f"{'≤' if row.at_most else '≥'} {row.bound:.2f}"
    figures = f"{row.ours:14,.1f} {row.reference:14,.1f} {row.unit:10} {row.ratio:7.2f}  {bound:8}"
    return f"{row.name:48} {figures} {'ok' if row.ok else 'MISSED'}"


def _write(rows: list[Row], *, quick: bool) -> None:
    machine = {
        "python": platform.python_version(), "machine": platform.machine(), "processors": processors(),
        "quick": quick, "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip
    results = {"machine": machine, "rows": [msgspec.to_builtins(row) for row in rows]}
    (HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    from .plot import plot

    plot(rows, HERE / "results.png")


if __name__ == "__main__":
    main()
