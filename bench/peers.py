"""What others take for the same events: `make peers` writes bench/peers.json and the table of docs/scale.md.

Each peer is a process of an environment of its own (requirements-peers.txt), and runs in turns with SLIPS. Nothing here
has a bound: peers change without us.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

import click

from .inputs import NDJSON
from .s3 import S3Server

HERE = Path(__file__).parent
RESULTS, PAGE = HERE / "peers.json", HERE.parent / "docs" / "scale.md"
EVENTS, RUNS = 40_000, 5
COUNTS = (1, 10, 50)
PEERS = {
    "json": "gzip and json of Python, a loop over functions", "pypanther": "pypanther, a rule for each",
    "duckdb": "DuckDB, one query", "polars": "Polars, one expression for each",
}  # fmt: skip
"""Those that evaluate conditions, from a file."""
READERS = {"powertools": "Powertools' S3Object and json", "smart_open": "smart_open and json"}
"""Those that only read, from S3 on the loopback."""


class Peer:
    """A process that gives every event of a file to functions."""

    def __init__(self, *command: str) -> None:
        self.took: list[dict[str, float]] = []
        self._process = subprocess.Popen(
            command, cwd=HERE.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(HERE.parent), str(HERE.parent / "chalicelib")))},
        )  # fmt: skip

    def run(self) -> None:
        """Let it run once. Raises click.ClickException where it failed or saw other events."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer or json.loads(answer)["events"] != EVENTS:
            raise click.ClickException(f"{self._process.args}: {answer or 'its error is above'}")
        self.took.append(json.loads(answer))

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=30)

    def cost(self) -> dict[str, float]:
        """Return µs an event, CPU and wall: the medians of all runs but the first."""
        return {clock: median(each[clock] for each in self.took[1:]) / EVENTS * 1e6 for clock in ("cpu", "wall")}


@click.command()
@click.argument("python", type=click.Path(exists=True, dir_okay=False))
def main(python: str) -> None:
    """Measure the peers of the environment of PYTHON."""
    path = NDJSON.file(EVENTS)
    with S3Server({path.name: path.read_bytes()}) as s3:
        worker = str(HERE / "peer_worker.py")
        peers = {
            **{("slips", n): Peer(sys.executable, "-m", "bench.peer_slips", str(n), str(path)) for n in COUNTS},
            **{(name, n): Peer(python, worker, name, str(n), str(path)) for name in PEERS for n in COUNTS},
            ("slips", 0): Peer(sys.executable, "-m", "bench.peer_slips", "1", str(path), s3.endpoint),
            **{(name, 0): Peer(python, worker, name, "1", str(path), s3.endpoint) for name in READERS},
        }  # fmt: skip
        for _ in range(RUNS + 1):
            for peer in peers.values():
                peer.run()
        for peer in peers.values():
            peer.close()
    rows = [{"peer": name, "functions": n, **peer.cost()} for (name, n), peer in peers.items()]
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n")
    from .scale import fill_page

    page = fill_page(PAGE.read_text(), {"peers": peers_table()})
    PAGE.write_text(page)


def peers_table() -> str:
    """Return the table of the last run."""
    from .scale import table

    cost: dict[tuple[str, int], Any] = {
        (row["peer"], row["functions"]): row for row in json.loads(RESULTS.read_text())
    }  # fmt: skip

    def cells(name: str) -> list[str]:
        each = [cost[name, n] for n in COUNTS]
        return [f"{row['cpu']:.1f} ({row['wall']:.1f})" for row in each]

    def of_s3(name: str) -> list[str]:
        return [f"{cost[name, 0]['cpu']:.1f} ({cost[name, 0]['wall']:.1f})", "", ""]

    rows = [
        ["SLIPS, a function for each", *cells("slips")],
        *([what, *cells(name)] for name, what in PEERS.items()),
        ["from S3: SLIPS, with boto3", *of_s3("slips")],
        *([f"from S3: {what}", *of_s3(name)] for name, what in READERS.items()),
    ]
    return table(["conditions", *map(str, COUNTS)], rows)


if __name__ == "__main__":
    main()
