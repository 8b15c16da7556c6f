"""The `chalice` command, run in the folder of the project."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from itertools import dropwhile
from pathlib import Path
from typing import Literal

from ...errors import DeploymentError
from ..aws_errors import single_line
from .chalice_notes import read_notes
from .stage import DeploymentStage

_log = logging.getLogger(__name__)
KEEP, SWEEP = "keep", "sweep"
"""The first argument of `chalice_process`."""
PACKAGE_BUCKET = "SLIPS_PACKAGE_BUCKET"
"""The environment variable that tells `chalice_process` of `package_bucket`."""
_MAIN = "import sys; from slips.ops.deploy.chalice_process import main; main(sys.argv[1:])"


def run_chalice(
    stage: DeploymentStage,
    command: Literal["deploy", "delete", "package"],
    *arguments: str,
    variables: Mapping[str, str] | None = None,
    keep: bool = False,
) -> None:
    """Run `chalice` for the stage, with more environment variables; its output goes to ours, but for tracebacks, which
    only the log gets. With `keep`, functions, subscriptions and event sources that app.py no longer has stay, until the
    next call. Raises DeploymentError with what Chalice says."""
    # Chalice would also package the byte code that loading app.py leaves behind.
    bucket = {PACKAGE_BUCKET: stage.config.package_bucket}
    # The byte code that it is to package belongs next to its modules, wherever this Python keeps its own.
    byte_code = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": ""}
    environment = {**os.environ, **(variables or {}), **bucket, **byte_code}
    # With --json, our stdout is for the result alone.
    output = 2 if sys.stdout is sys.stderr else None
    # In the project, so that the Chalice of this Python runs and no other; the arguments are only ours.
    process = subprocess.run(  # noqa: S603
        [sys.executable, "-c", _MAIN, KEEP if keep else SWEEP, command, "--stage", stage.name, *arguments],
        cwd=stage.project, env=environment, check=False, stdout=output, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    before, traceback, rest = process.stderr.partition("Traceback (most recent call last):\n")
    sys.stderr.write(before)
    if traceback:
        _log.info("chalice %s: %s%s", command, traceback, rest)
    if process.returncode != 0:
        reason = _reason(rest) if traceback else "its output above says why"
        raise DeploymentError(
            f"chalice {command} --stage {stage.name} ended with status {process.returncode}: {reason}; the stack "
            f"{stage.config.stack_name} stays as it is: fix the reason, and run this command again"
        )


def _reason(traceback: str) -> str:
    """The exception at the end of a traceback, without its class: all that is not indented, and what follows it."""
    last = traceback.rpartition("Traceback (most recent call last):\n")[2].splitlines()
    lines = dropwhile(lambda line: line.startswith(" ") or not line, last)
    text = single_line(" ".join(lines))
    return re.sub(r"^[\w.]+: (ERROR - )?", "", text) or "it does not say why"


def deployed_url(project: Path, stage: str) -> str:
    """The REST API's address, which `chalice deploy` noted in .chalice/deployed. Raises DeploymentError."""
    notes = read_notes(project, stage)
    for api in notes.of_type("rest_api"):
        return api["rest_api_url"]
    raise DeploymentError(f"{notes.file} names no REST API; deploy the stage, or name the API's address with --url")
