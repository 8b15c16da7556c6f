"""What an event of each format costs: `python -m bench.formats [NAME …]` measures all of them, a process each, and
writes bench/formats.json and docs/speed-of-formats.md. Records are the format's example with other numbers in it."""

from __future__ import annotations

import gc
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import click

from slips.formats.base import Format, ObjectInfo
from slips.formats.registry import all_formats, get

from . import inputs
from .measure import Row
from .ours import Engine, function, nothing
from .reference_lines import Reference
from .references import references
from .throughput import Scale

SIZE, QUICK_SIZE = 10_000_000, 1_000_000
RUNS = 3
RESULTS = Path(__file__).parent / "formats.json"
PAGE = Path(__file__).parent.parent / "docs" / "speed-of-formats.md"
_NUMBER = re.compile(rb"(?<![\w.:/+<-])[12]\d{1,2}(?![\w.:/+-])")
"""What is varied: short numbers by themselves, since times, addresses and states must stay valid."""

_XML = b"<Events>", b"</Events>"
_LIKE = {2: (10, 28), 3: (100, 255)}


def variants(record: bytes, dice: random.Random) -> Iterator[bytes]:
    """Yield records like this one, without end."""
    while True:
        yield _NUMBER.sub(lambda found: b"%d" % dice.randrange(*_LIKE[len(found[0])]), record) + b"\n"


def head_and_record(known: Format) -> tuple[bytes, bytes]:
    """Return what the example has before its last row, a header, and that row; without a header, the whole example."""
    parser = known.parser(ObjectInfo())
    head, separator, row = known.example.rpartition(b"\n")
    has_header = bool(head) and (parser.header_records == 1 or parser.header_prefix != b"")
    return (head + separator, row) if has_header else (b"", known.example)


def measured() -> list[Format]:
    """Return the formats that are measured: those of text and JSON that have an example of their own."""
    return [known for known in all_formats() if known.example and not known.framing.startswith("s3-parquet")]


def file_of(known: Format, size: int) -> tuple[Path, int]:
    """Return an object of the format, and how many records it has."""
    dice = random.Random(known.name)
    head, record = head_and_record(known)
    count = max(1, size // (len(record) + 1))
    records = list(islice(variants(record, dice), min(count, 2000)))
    content = head + b"".join(records) * (count // len(records) or 1)
    if known.framing.startswith("s3-xml"):
        content = _XML[0] + content + _XML[1]
    path = inputs.write_once(f"format-{known.name}-{size}", lambda file: file.write(content))
    return path, len(records) * (count // len(records) or 1)


def measure(name: str, size: int) -> dict[str, Any]:
    """Measure a format: µs an event and MB/s, and µs of reading `meta.timestamp` besides."""
    known = get(name)
    path, _ = file_of(known, size)

    def read_time(meta: Any, event: Any) -> None:
        meta.timestamp  # noqa: B018 - reading it is what is measured

    plain, timed = ([function(each)] for each in (nothing, read_time))
    took, events = _seconds(known, path, plain)
    with_time, _ = _seconds(known, path, timed)
    row = {
        "name": name,
        "events": events,
        "us": round(took / max(1, events) * 1e6, 2),
        "mb_s": round(path.stat().st_size / 1e6 / took, 1),
        "time_us": round((with_time - took) / max(1, events) * 1e6, 2),
    }
    loops = references(name)
    if loops:
        content = path.read_bytes().removeprefix(_XML[0]).removesuffix(_XML[1])
        lines = content.split(b"\n")[head_and_record(known)[0].count(b"\n") :]
        row["reference_us"] = round(min(_loop_seconds(loop, lines) for loop in loops) / max(1, events) * 1e6, 2)
        row["ratio"] = round(row["us"] / row["reference_us"], 2)
    return row


def _loop_seconds(loop: Reference, lines: list[bytes]) -> float:
    best = float("inf")
    for _ in range(RUNS):
        gc.collect()
        begun = time.process_time()
        for line in lines:
            if line:
                loop(line)
        best = min(best, time.process_time() - begun)
    return best


def _seconds(known: Format, path: Path, functions: list[Any]) -> tuple[float, int]:
    best, events = float("inf"), 0
    for _ in range(RUNS):
        engine = Engine((known.name,), functions, may_fail=True)
        gc.collect()
        begun = time.process_time()
        events = int(engine.run(path)["events"])
        best = min(best, time.process_time() - begun)
    return best, events


def measure_all(names: list[str], size: int) -> list[dict[str, Any]]:
    """Measure formats, a process each: one must not find the caches of another."""
    rows = []
    for name in names:
        command = [sys.executable, "-m", "bench.formats", "--one", name, "--size", str(size)]
        ended = subprocess.run(command, check=True, capture_output=True, text=True)
        rows.append(json.loads(ended.stdout))
        click.echo(_line(rows[-1]))
    return rows


def _line(row: dict[str, Any]) -> str:
    text = "{name:26} {us:8.2f} µs {mb_s:8.1f} MB/s  +{time_us:.2f} µs for the time".format(**row)
    return text + ("  reference {reference_us:.2f} µs, {ratio:.2f} x".format(**row) if "ratio" in row else "")


LEAST, LEAST_RECORD = 25.0, 30
"""MB/s of any format on one core, and bytes of an example that is a record and not a word."""


def formats_floor(scale: Scale) -> list[Row]:
    """The slowest format of text against 25 MB/s a core, or against its reference where that is slower."""
    size = 200_000 if scale.quick else QUICK_SIZE
    slowest = ("", 0.0, 0.0, float("inf"))
    for known in measured():
        if len(known.example) < LEAST_RECORD:
            continue
        row = measure(known.name, size)
        wanted = min(LEAST, row["mb_s"] * row["us"] / row["reference_us"]) if "reference_us" in row else LEAST
        slowest = min(slowest, (known.name, row["mb_s"], wanted, row["mb_s"] / wanted), key=lambda found: found[3])
    name, speed, wanted, ratio = slowest
    return [
        Row(
            name=f"the slowest format of text ({name})", ours=speed, reference=wanted, ratio=ratio, bound=1.0,
            ok=ratio >= 1.0, unit="MB/s",
        )
    ]  # fmt: skip


CASES: dict[str, Callable[[Scale], list[Row]]] = {formats_floor.__name__: formats_floor}


@click.command()
@click.option("--one", hidden=True)
@click.option("--size", default=SIZE, show_default=True)
@click.argument("names", nargs=-1)
def main(one: str | None, size: int, names: tuple[str, ...]) -> None:
    """Measure formats, all of them by default; then bench/formats.json is written."""
    if one:
        click.echo(json.dumps(measure(one, size)))
        return
    rows = measure_all(list(names) or [known.name for known in measured()], size)
    if not names:
        RESULTS.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
        PAGE.write_text(_INTRODUCTION + "".join(map(_table_row, rows)))


_INTRODUCTION = """\
# What an event of each format costs

Written by `python -m bench.formats`, which measures 10 MB of each on one core: its example with other numbers in it. A
short record costs more a byte than a long one. "Time" is what `meta.timestamp` takes besides, which is read only when a
function asks. "Reference" is the faster of two loops written by hand for this one line (`bench/references.py`), which
make the same event, and look after nothing that is out of the ordinary.

| format | µs an event | MB/s | time, µs | reference, µs | of it |
| --- | ---: | ---: | ---: | ---: | ---: |
"""


def _table_row(row: dict[str, Any]) -> str:
    reference = "{reference_us:.2f} | {ratio:.2f} x".format(**row) if "ratio" in row else " | "
    return "| {name} | {us:.2f} | {mb_s:.0f} | {time_us:.2f} | {reference} |\n".format(**row, reference=reference)


if __name__ == "__main__":
    main()
