"""Cost and scale on paper: `python -m bench.scale` rewrites the tables of docs/scale.md and its plot.

With --print it only prints them; with --function-us it counts in what your own function takes for each event.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from slips.engine.shared_batch import count_processes
from slips.ops.backfill import prices

from . import cost
from .cores import COMPARED
from .cost import Speed, a_month, an_object, concurrency, seconds, speed
from .days import days_table, dispatch_table, invocations_table, small_objects_table
from .lanes import Course, Setting, burst, plot, run
from .terabytes import FRUGAL, WAYS, formats_rows, items_rows
from .terabytes import SIZES as TERABYTE_SIZES

ROOT = Path(__file__).resolve().parents[1]
PAGE, PLOT = ROOT / "docs" / "scale.md", ROOT / "docs" / "images" / "scale.png"
SIZES = {"20 KB": 20e3, "1 MB": 1e6, "10 MB": 1e7, "100 MB": 1e8, "1 GB": 1e9}
MEMORIES = (512, 1024, 1769, 3008)


@click.command()
@click.option("--print", "only_print", is_flag=True, help="Only print the tables.")
@click.option("--function-us", default=0.0, help="Microseconds that your function takes for an event.")
def main(only_print: bool, function_us: float) -> None:
    """Rewrite docs/scale.md and docs/images/scale.png.

    \b
    python -m bench.scale
    python -m bench.scale --print --function-us 20
    """
    at = speed()
    courses = simulate(at)
    tables = {
        "processes": processes_table(), **cores_table(json.loads(cost.RESULTS.read_text())["rows"]),
        "speed": speed_text(at), "objects": objects_table(at, function_us),
        "terabytes": terabytes_table(at, function_us),
        "formats": table(
            ["format", "gzip", *(f"{size}, {way}" for size in TERABYTE_SIZES for way in WAYS)],
            formats_rows(at)),
        "items": table(
            ["", "SNS, before", "SNS", "SQS, before", "SQS", "S3 to SQS", *(f"{name}, frugal" for name in FRUGAL)],
            items_rows(at)),
        "month": month_table(), "idle": idle_text(), "loads": loads_table(at, function_us),
        "burst": burst_table(courses),
        "days": table(
            ["stored a day", "objects a second", "invocations at once: average / peak", "shards on demand",
             "x 1: peak", "x 1: outage", "x 10: peak", "x 10: outage", "shards x 10 for the peak"], days_table(at)),
        "invocations": table(
            ["parallelization", "objects in an hour", "invocations", "flushes", "dollars for a million objects"],
            invocations_table(at)),
        "dispatch": table(["a terabyte in objects of 20 KB", "SNS", "SQS", "Lambda", "logs", "all"], dispatch_table()),
        "small": table(["a month, 100 million objects of 20 KB a day", "dollars"], small_objects_table(at)),
    }  # fmt: skip
    if only_print:
        click.echo("\n\n".join(tables.values()))
        return
    PAGE.write_text(fill_page(PAGE.read_text(), tables))
    plot(courses, PLOT)


def fill_page(page: str, tables: dict[str, str]) -> str:
    """Return the page with the tables between its markers."""
    for name, text in tables.items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, marker, rest = page.partition(begin)
        _, also, after = rest.partition(end)
        assert marker, f"docs/scale.md has no {begin}"
        assert also, f"docs/scale.md has no {end}"
        page = f"{before}{begin}\n\n{text}\n\n{end}{after}"
    return page


def speed_text(at: Speed) -> str:
    """Return the figures that all others are computed from."""
    core, share = at.events / cost.LAMBDA_CORE, cost.LAMBDA_CORE
    mb, stored = at.inflated / 1e6, at.inflated / at.ratio / 1e6
    return f"""- measured on {at.measured}: {core:,.0f} events a second of {at.event_bytes:.0f} bytes on one core,
  gzip at {at.ratio:.1f} : 1; times {share} (an assumption) for a vCPU of Lambda:
  {mb:,.0f} MB of inflated JSON a second, {stored:,.0f} MB stored
- {at.object_seconds * 1000:.1f} ms for an object in addition to its events; 50 ms to wait for a request,
  with many objects fetched at once
- prices of {prices.DATED}, us-east-1"""


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table; the first column is text."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def objects_table(at: Speed, function_us: float) -> str:
    """Return the dollars of a million objects, by size and memory."""
    rows = [
        [
            name,
            *(
                f"{1e6 * sum(an_object(size, memory, at, function_us=function_us).values()):,.2f}"
                for memory in MEMORIES
            ),
        ]
        for name, size in SIZES.items()
    ]
    return table(["stored size", *(f"{memory:,} MB" for memory in MEMORIES)], rows)


def terabytes_table(at: Speed, function_us: float) -> str:
    """Return the dollars of a stored terabyte at 1,769 MB, and where they go."""
    kinds = [kind for kind, dollars in an_object(1e6, 1769, at).items() if dollars]
    rows = []
    for name, size in SIZES.items():
        parts = an_object(size, 1769, at, function_us=function_us)
        each = [f"{1e12 / size * parts[kind]:,.2f}" for kind in kinds]
        rows.append([name, f"{1e12 / size * sum(parts.values()):,.2f}", *each])
    return table(["stored size", "all", *kinds], rows)


def month_table() -> str:
    """Return the fixed costs of a month."""
    parts = a_month()
    rows = [[name, f"{dollars:,.2f}"] for name, dollars in parts.items()]
    return table(["a month, for ten formats", "dollars"], [*rows, ["all", f"{sum(parts.values()):,.2f}"]])


def idle_text() -> str:
    """Return what an idle deployment costs, and one whose lanes have a fixed shard."""
    parts = a_month()
    kept = prices.KINESIS_SHARD_KEPT_HOUR * prices.HOURS
    shard, on_demand = prices.KINESIS_SHARD_HOUR * prices.HOURS + kept, prices.KINESIS_STREAM_HOUR * prices.HOURS
    return f"""- **Idle**, a deployment costs ${parts["Kinesis"]:.0f} a month for its two streams, and
  ${parts["alarms"] + parts["dashboard"]:.0f} for alarms and dashboard. Metrics cost money only while they are written.
- **A lane of one fixed shard** costs ${shard:.0f} a month (${kept:.0f} of it to keep records for a week),
  instead of ${on_demand:.0f} on demand."""


LARGEST_FUNCTION = 10_240
"""MB (AWS Lambda Developer Guide, "Configure Lambda function memory")."""


def processes_table() -> str:
    """Return from which memory on `processes: auto` takes how many processes."""
    least: dict[int, int] = {}
    for memory in range(128, LARGEST_FUNCTION + 1):
        least.setdefault(count_processes("auto", memory), memory)
    return table(["memory", "processes"], [[f"from {memory:,} MB on", str(number)] for number, memory in least.items()])


def cores_table(rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Return how many times as fast two processes are, of the rows of `make bench`. Without these rows, which a machine
    of one core does not measure, return nothing: the table of the page stays."""
    lines = [
        [name.removesuffix(COMPARED), f"{row['ratio']:.1f}"] for row in rows if (name := row["name"]).endswith(COMPARED)
    ]
    if not lines:
        click.echo("bench/results.json has no rows of two_cores: that table of docs/scale.md stays as it is", err=True)
        return {}
    return {"cores": table(["format", "times as fast"], lines)}


LOADS = (
    ("100 objects an hour of 1 MB", 100 / 3600, 1e6, 1024),
    ("1 million objects an hour of 100 KB", 1e6 / 3600, 1e5, 1769),
    ("100 TB a day, inflated, in objects of 10 MB", 0.0, 1e7, 1769),
)


def loads_table(at: Speed, function_us: float) -> str:
    """Return what three loads need, at a peak of three times their average."""
    rows = []
    for name, rate, size, memory in LOADS:
        rate = rate or 100e12 / 86_400 / (size * at.ratio)
        needed = 3 * concurrency(rate, size, memory, at, function_us)
        dollars = rate * 86_400 * 30 * sum(an_object(size, memory, at, function_us=function_us).values())
        rows.append([
            name, f"{rate:,.2f}", f"{seconds(size, memory, at, function_us):.2f} s", f"{memory:,} MB",
            f"{max(1, round(needed + 0.5)):,}", f"{max(1, -(-3 * rate // 1000)):,.0f}",
            f"{prices.LEDGER_WRITES * 3 * rate:,.0f}", f"{dollars:,.2f}",
        ])  # fmt: skip
    head = [
        "load", "objects a second", "an object takes", "memory", "invocations at once", "shards for writing",
        "writes a second (ledger)", "dollars a month",
    ]  # fmt: skip
    return table(head, rows)


def simulate(at: Speed) -> list[tuple[Setting, Course]]:
    """Return the same burst on four settings; objects of 10 MB."""
    each = seconds(1e7, 1769, at)
    normal = 4 / each
    settings = [
        Setting("8 shards", 8, 1, each),
        Setting("8 shards, parallelization 2", 8, 2, each),
        Setting("8 shards, parallelization 5", 8, 5, each),
        Setting("8 shards, parallelization 5, but 12 reserved", 8, 5, each, reserved=12),
    ]
    return [(setting, run(setting, burst(normal, 10 * normal))) for setting in settings]


def burst_table(courses: list[tuple[Setting, Course]]) -> str:
    """Return the figures of the plot."""
    rows = [
        [
            setting.name,
            f"{setting.rate:,.1f}",
            f"{max(course.backlog):,}",
            f"{max(course.age) / 60:,.0f} min",
            _caught_up(course),
        ]
        for setting, course in courses
    ]
    return table(["lane", "objects a second at most", "most waiting", "oldest", "caught up, from the burst on"], rows)


def _caught_up(course: Course) -> str:
    if not course.recovered:
        return "was never behind"
    return f"{course.recovered - 1:.1f} h" if course.age[-1] <= 60 else "not within five hours"


if __name__ == "__main__":
    main()
