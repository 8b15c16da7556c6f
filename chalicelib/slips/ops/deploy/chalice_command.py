"""The `chalice` command, run in the folder of the project."""

from __future__ import annotations

import json
import logging
import os
import py_compile
import re
import subprocess
import sys
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from itertools import dropwhile
from pathlib import Path
from typing import Any, Literal

from ...errors import DeploymentError
from ..aws_errors import single_line
from .stage import DeploymentStage

_log = logging.getLogger(__name__)
_MAIN = "import sys; from chalice.cli import main; sys.exit(main())"


def run_chalice(stage: DeploymentStage, command: Literal["deploy", "delete"]) -> None:
    """Run `chalice deploy` or `chalice delete` for the stage; its output goes to ours, but for tracebacks, which only
    the log gets. Raises DeploymentError with what Chalice says."""
    # Chalice would also package the byte code that loading app.py leaves behind.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    # With --json, our stdout is for the result alone.
    output = 2 if sys.stdout is sys.stderr else None
    # In the project, so that the Chalice of this Python runs and no other; the arguments are only ours.
    process = subprocess.run(  # noqa: S603
        [sys.executable, "-c", _MAIN, command, "--stage", stage.name],
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
            f"{stage.config.stack_name} stays as it is: fix the reason, and call this again"
        )


def _reason(traceback: str) -> str:
    """The exception at the end of a traceback, without its class: all that is not indented, and what follows it."""
    last = traceback.rpartition("Traceback (most recent call last):\n")[2].splitlines()
    lines = dropwhile(lambda line: line.startswith(" ") or not line, last)
    text = single_line(" ".join(lines))
    return re.sub(r"^[\w.]+: (ERROR - )?", "", text) or "it does not say why"


def deployed_url(project: Path, stage: str) -> str:
    """The REST API's address, which `chalice deploy` noted in .chalice/deployed. Raises DeploymentError."""
    for resource in noted_resources(project, stage):
        if "rest_api_url" in resource:
            return str(resource["rest_api_url"])
    raise DeploymentError(
        f"{_notes(project, stage)} names no REST API; deploy the stage, or name the API's address with --url"
    )


def noted_resources(project: Path, stage: str) -> list[dict[str, Any]]:
    """What `chalice deploy` noted of what it made; nothing where there is no such file."""
    file = _notes(project, stage)
    return list(json.loads(file.read_text())["resources"]) if file.exists() else []


def _notes(project: Path, stage: str) -> Path:
    return project / ".chalice" / "deployed" / f"{stage}.json"


def write_byte_code(project: Path) -> list[str]:
    """Write byte code next to the modules of chalicelib, for Chalice to package; return a warning where that fails.

    Without it Lambda compiles them at each cold start, and cannot keep the result. Byte code is checked by the hash of
    its source, since the times of files do not outlive the package; Python compiles a module that has changed since."""
    try:
        for source in (project / "chalicelib").rglob("*.py"):
            _compile(source)
    except OSError as error:
        return [f"the package has no byte code, and starts slower: {error}"]
    return []


def _compile(source: Path) -> None:
    target = Path(cache_from_source(str(source)))
    header = MAGIC_NUMBER + b"\x03\0\0\0" + source_hash(source.read_bytes())  # PEP 552
    # A file that is right stays: a package that differs only in its times would be deployed again.
    if not target.exists() or target.read_bytes()[: len(header)] != header:
        py_compile.compile(str(source), invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
