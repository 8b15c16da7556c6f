"""Two checkouts in turns: is this one slower than a commit of before? `python -m bench --against COMMIT [CASE …]`.

Both are measured in one run, pair by pair and in changing order, so that a machine that gets slower gets slower for
both. A ratio is the commit's time over ours: above 1 this checkout is faster. Its interval holds the true median with
95 % confidence, whatever the distribution (order statistics of the pairs). A row is worse when its whole interval lies
below WORSE, better when it lies above BETTER; all else is "no difference seen".
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from math import comb
from pathlib import Path
from statistics import median

import click
import msgspec

from .worker import CASES

ROOT = Path(__file__).resolve().parent.parent
LEAST_PAIRS = 9
WORSE, BETTER = 0.97, 1.03
CONFIDENCE = 0.95


class Ratio(msgspec.Struct, frozen=True):
    """The median of the ratios of all pairs, and the interval that holds the true one."""

    median: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """`worse`, `better`, or "no difference seen"."""
        if self.high < WORSE:
            return "worse"
        return "better" if self.low > BETTER else "no difference seen"

    def __str__(self) -> str:
        return f"{self.median:5.2f} [{self.low:.2f}, {self.high:.2f}]"


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
    """Return how many times faster ours is than theirs, from the seconds of each pair. Raises ValueError for fewer than
    six pairs, from which no interval follows."""
    ratios = sorted(their / our for our, their in zip(ours, theirs, strict=True))
    excluded = _count_excluded(len(ratios))
    return Ratio(median(ratios), ratios[excluded], ratios[-1 - excluded])


def _count_excluded(count: int) -> int:
    """Return how many of the lowest, and of the highest, values lie outside the interval of the median."""
    below = 0.0
    for number in range(count // 2):
        below += comb(count, number) / 2**count
        if 2 * below > 1 - CONFIDENCE:
            if number == 0:
                break
            return number - 1
    raise ValueError(f"{count} pairs are too few for an interval; measure at least {LEAST_PAIRS}")


class Worker:
    """A process that runs one case of a checkout on request."""

    def __init__(self, checkout: Path, case: str, events: int) -> None:
        env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(checkout), str(checkout / "chalicelib"))),
            "PYTHONDONTWRITEBYTECODE": "",
            "AWS_DEFAULT_REGION": "eu-west-1",
        }
        script = Path(__file__).with_name("worker.py")
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(script), case, str(events)],
            cwd=checkout, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._name = f"{case} of {checkout}"

    def prepare(self) -> None:
        """Wait for the first run. Raises click.ClickException where it failed."""
        if self._read() != "ready":
            raise click.ClickException(f"{self._name} could not be prepared; its error is above")

    def run(self) -> dict[str, float]:
        """Return the seconds of one run, `wall` and `cpu`."""
        assert self._process.stdin is not None
        self._process.stdin.write("run\n")
        self._process.stdin.flush()
        figures: dict[str, float] = json.loads(self._read() or "null")
        if not figures:
            raise click.ClickException(f"{self._name} ended; its error is above")
        return figures

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """Yield the files of a commit in a folder of their own, with our inputs, so that both read the same bytes."""
    with tempfile.TemporaryDirectory(prefix="slips-against-") as folder:
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=False)
        if archive.returncode:
            raise click.ClickException(archive.stderr.decode().strip())
        subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
        work = Path(__file__).with_name("work")
        work.mkdir(exist_ok=True)
        (Path(folder) / "bench" / "work").symlink_to(work)
        yield Path(folder)


@contextmanager
def prepared(checkout: Path, case: str, events: int) -> Iterator[Worker]:
    """Yield a worker that has run once."""
    worker = Worker(checkout, case, events)
    try:
        worker.prepare()
        yield worker
    finally:
        worker.close()


def compare(commit: str, cases: Sequence[str], *, pairs: int, events: int) -> bool:
    """Print a line a case. Returns whether one of them is worse."""
    worse = False
    with checked_out(commit) as theirs:
        click.echo(f"{'':16} {'wall time':22} {'CPU time':22} commit/this: above 1 this checkout is faster")
        for case in cases or CASES:
            wall, cpu = _measure(theirs, case, pairs=pairs, events=events)
            verdicts = {wall.verdict, cpu.verdict} - {"no difference seen"}
            worse = worse or "worse" in verdicts
            click.echo(f"{case:16} {wall!s:22} {cpu!s:22} {', '.join(sorted(verdicts)) or 'no difference seen'}")
    return worse


def _measure(theirs: Path, case: str, *, pairs: int, events: int) -> tuple[Ratio, Ratio]:
    with ExitStack() as stack:
        # One after the other: the first of them makes the input.
        our, their = (stack.enter_context(prepared(checkout, case, events)) for checkout in (ROOT, theirs))
        times: dict[Worker, list[dict[str, float]]] = {our: [], their: []}
        for number in range(pairs):
            for worker in (our, their) if number % 2 else (their, our):
                times[worker].append(worker.run())
    wall, cpu = (
        ratio([each[kind] for each in times[our]], [each[kind] for each in times[their]]) for kind in ("wall", "cpu")
    )
    return wall, cpu
