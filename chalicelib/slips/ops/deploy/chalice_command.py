"""The `chalice` command, run on the project of this folder."""

from __future__ import annotations

import os
import py_compile
import subprocess
import sys
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from pathlib import Path

import click

from ...errors import DeploymentError
from .stage import DeploymentStage

_MAIN = "import sys; from chalice.cli import main; sys.exit(main())"


def run_chalice(stage: DeploymentStage, command: str) -> None:
    """Run `chalice deploy` or `chalice delete` for the stage; its output goes to ours. Raises DeploymentError."""
    if command == "deploy":
        write_byte_code(stage.project)
    # Chalice would package, too, what byte code loading app.py leaves behind.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    # Nothing of it is an answer where ours goes to stderr: `--json`.
    output = 2 if sys.stdout is sys.stderr else None
    # In the project, so that no other Chalice than that of this Python is run; the arguments are ours alone.
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-c", _MAIN, command, "--stage", stage.name],
        cwd=stage.project, env=environment, check=False, stdout=output,
    )  # fmt: skip
    if ended.returncode != 0:
        raise DeploymentError(
            f"chalice {command} --stage {stage.name} ended with status {ended.returncode}, its output above says why; "
            f"the stack {stage.config.stack_name} stands as it is: mend the reason, and call this again"
        )


def write_byte_code(project: Path) -> None:
    """Put byte code beside the modules of chalicelib, which Chalice packages with them: else Lambda compiles them at
    each cold start, and cannot keep what it made. It is checked by the hash of its source, since the times of files do
    not outlive the package; where a module was changed since, Python compiles it as it would without. Where none can be
    written, it says so: the package works without."""
    try:
        _write_byte_code(project)
    except OSError as fault:
        click.echo(f"the package has no byte code, and starts slower: {fault}", err=True)


def _write_byte_code(project: Path) -> None:
    for source in (project / "chalicelib").rglob("*.py"):
        target = Path(cache_from_source(str(source)))
        head = MAGIC_NUMBER + b"\x03\0\0\0" + source_hash(source.read_bytes())  # PEP 552
        # What is right stays: a package that changed only in its times would be deployed again.
        if not target.exists() or target.read_bytes()[: len(head)] != head:
            py_compile.compile(str(source), invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
