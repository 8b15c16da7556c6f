"""Takes each line away in a copy of the project and runs its tests there; exits 1 where none of them fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from .mutants import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parent.parent.parent
COPIED = ("app.py", "chalicelib", "tests", "slips.yml", "samples", "vendor", ".chalice", "pyproject.toml", "bench")


def find_failure(mutant: Mutant) -> str:
    """Return the test that fails without the line; empty where none does."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        project = Path(folder)
        for name in COPIED:
            source = ROOT / name
            ignored = shutil.ignore_patterns("__pycache__")
            if source.is_dir():
                shutil.copytree(source, project / name, symlinks=True, ignore=ignored)
            else:
                shutil.copy(source, project / name)
        (project / ".venv").symlink_to(ROOT / ".venv")
        module = project / "chalicelib" / "slips" / mutant.file
        module.write_text(module.read_text().replace(mutant.line, mutant.instead))
        return _first_failure(project, mutant.tests.split())


def _first_failure(project: Path, tests: list[str]) -> str:
    options = ["-x", "-q", "-n", "0", "--no-header", "--show-capture=no", "--tb=no", "--hypothesis-profile=no-shrink"]
    command = [sys.executable, "-m", "pytest", *options, *tests]
    # Before the checkout that is installed in the environment.
    env = {**os.environ, "PYTHONPATH": str(project / "chalicelib")}
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, timeout=600, check=False)
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    if done.returncode == 0:
        return ""
    return failed[0].split(" ")[1] if failed else f"pytest ended with {done.returncode}: {done.stdout[-300:]}"


@click.command()
@click.option("--jobs", default=2, show_default=True)
@click.option("--only", default="", help="Those whose description holds this text.")
def main(jobs: int, only: str) -> None:
    """Take the lines that keep events safe away, one after another."""
    mutants = [mutant for mutant in MUTANTS if only in mutant.what]
    survivors = 0
    with ThreadPoolExecutor(jobs) as pool:
        for mutant, test in zip(mutants, pool.map(find_failure, mutants), strict=True):
            survivors += not test
            click.echo(f"{'caught  ' if test else 'SURVIVES'}  {mutant.what}\n              {test}")
    click.echo(f"{len(mutants) - survivors} of {len(mutants)} caught")
    sys.exit(bool(survivors))


if __name__ == "__main__":
    main()
