"""The `chalice` command, run on the project of this folder."""

from __future__ import annotations

import os
import subprocess
import sys

from ..errors import DeploymentError
from .stage import Stage

_MAIN = "import sys; from chalice.cli import main; sys.exit(main())"


def chalice(stage: Stage, command: str) -> None:
    """Run `chalice deploy` or `chalice delete` for the stage; its output goes to ours. Raises DeploymentError."""
    # Chalice would package the byte code that loading app.py leaves behind.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    if region := os.environ.get("AWS_REGION"):  # Chalice does not know it, and would deploy to another one.
        environment["AWS_DEFAULT_REGION"] = region
    # In the project, so that no other Chalice than that of this Python is run; the arguments are ours alone.
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-c", _MAIN, command, "--stage", stage.name], cwd=stage.project, env=environment, check=False
    )
    if ended.returncode != 0:
        raise DeploymentError(
            f"chalice {command} --stage {stage.name} ended with status {ended.returncode}, its output above says why; "
            f"the stack {stage.config.stack_name} stands as it is: mend the reason, and call this again"
        )
