"""The page of a run, to attach to a report."""

from __future__ import annotations

import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version

from slips.ops.backfill import prices

from .run import Result

ALARMS = 12
"""About, of a stage."""


def describe_costs() -> list[str]:
    """Say before a run what it costs."""
    hourly = 2 * prices.KINESIS_STREAM_HOUR + (ALARMS * prices.ALARM_MONTH + prices.DASHBOARD_MONTH) / prices.HOURS
    return [
        f"two streams, alarms and a dashboard: about ${hourly:.2f} an hour, of which each begun hour may count",
        "requests, Lambda, logs: less than $0.10 for 100 objects",
        f"by list prices of {prices.DATED}; what is left by a run that is killed costs on: slips destroy --data",
    ]


def write_page(result: Result, *, region: str, seed: int, commands: dict[str, float]) -> str:
    """Write the page, in Markdown."""
    verdict = "nothing was lost" if result.is_sound else "**NOT SOUND**"
    lines = [
        "# A run of SLIPS in an AWS account",
        "",
        (
            f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {region}, commit {_commit()}, "
            f"Python {platform.python_version()}, "
            f"boto3 {version('boto3')}, chalice {version('chalice')}, seed {seed}: **{result.objects} objects, "
            f"{result.events:,} events, {verdict}**."
        ),
        "",
        "| what | seen |",
        "| --- | --- |",
        *(f"| events lost, function `{name}` | {len(ids)} |" for name, ids in result.lost.items()),
        *(f"| events more than once, function `{name}` | {count} |" for name, count in result.twice.items()),
        *(
            f"| faults of kind `{kind}` | {count} planted"
            + (f", {result.happened[kind]} happened |" if kind in result.happened else " |")
            for kind, count in sorted(result.planted.items())
        ),
        f"| error items to drain | {result.failed} |",
        f"| left open behind the drain | {len(result.left)} |",
        f"| cold starts | {result.cold_starts} |",
        *(f"| {name} | {seconds:.0f} s |" for name, seconds in result.seconds.items()),
        "",
        "## Canaries",
        "",
        *(f"- {line}" for line in result.canaries),
        "",
        "## Commands",
        "",
        *(f"- `{name}`: {seconds:.0f} s" for name, seconds in commands.items() if not name.startswith("slips errors")),
    ]
    if not result.is_sound:
        lost = [f"- `{name}`: {', '.join(ids[:50])}" for name, ids in result.lost.items() if ids]
        lines += ["", "## Lost, or left", "", *lost, *(f"- left: {line[:300]}" for line in result.left[:50])]
    return "\n".join([*lines, ""])


def _commit() -> str:
    found = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"
