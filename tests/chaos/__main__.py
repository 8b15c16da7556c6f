"""Runs seeded scenarios, prints a line each and a closing table, and exits 1 if anything was lost or out of balance."""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import click

from ..deployment.emulator import Emulator
from ..deployment.package import build_once
from .runs import Run, line, run, table


def _share(seeds: list[int], package: Path, processes: int) -> list[Run]:
    """Do some of the runs, in a process and an account of their own."""
    done = []
    with Emulator() as emulator:
        for seed in seeds:
            done.append(run(seed, package, emulator, processes))
            click.echo(line(done[-1]))
            for fault in done[-1].verdict.faults:
                click.echo(f"    {fault}")
    return done


@click.command()
@click.option("--runs", default=200, show_default=True)
@click.option("--seed", default=1, show_default=True, help="Of the first run; the next ones follow.")
@click.option("--jobs", default=2, show_default=True)
@click.option("--processes", default=1, show_default=True, help="That share a batch: backend.lane.*.processes.")
def main(runs: int, seed: int, jobs: int, processes: int) -> None:
    """Prove that nothing is lost. A failing run is repeated by its seed: --runs 1 --seed N."""
    with tempfile.TemporaryDirectory(prefix="chaos-package-") as folder:
        package = build_once(Path(folder)).root
        seeds = list(range(seed, seed + runs))
        shares = [seeds[at : at + 10] for at in range(0, len(seeds), 10)]
        with ProcessPoolExecutor(jobs) as pool:
            futures = [pool.submit(_share, share, package, processes) for share in shares]
            done = [each for future in as_completed(futures) for each in future.result()]
    click.echo(table(done))
    failed = sorted(each.seed for each in done if each.verdict.faults)
    if failed:
        click.echo(f"FAILED: {len(failed)} of {len(done)}, seeds {', '.join(map(str, failed))}")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
