"""The deployment that a command works on: named by slips.yml, by --stack-name, or that of `slips run`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from .. import aws
from ..config import Config, load
from ..errors import ConfigError
from ..runtime import Runtime

RUNNING = Path(".slips/run.json")
"""Written by `slips run` while it is up."""
DEFAULTS = ("slips.yml", "config.yml")


class Target(Runtime):
    """A deployment's tables and streams, with the caller's credentials."""

    def __init__(self, config: Config, path: Path | None = None) -> None:
        super().__init__(config, path=path)


def resolve_target(path: str | None, stack_name: str | None, local: bool) -> Target:
    """Return the deployment that the options name. Raises ConfigError, click.ClickException."""
    if local:
        running = _use_embedded()
        path = path or running
    if stack_name:
        return Target(Config.for_stack(stack_name))
    config = config_path(path)
    return Target(load(config), config)


def config_path(path: str | None) -> Path:
    """The file that -c names, or else the first of slips.yml and config.yml that exists."""
    if path:
        return Path(path)
    variable = os.environ.get("SLIPS_CONFIG")
    for name in (variable,) if variable else DEFAULTS:
        if Path(name).exists():
            return Path(name)
    raise ConfigError([f"{variable or DEFAULTS[0]}: there is no such file here; write one, or name it with -c FILE"])


def find_running(file: Path) -> int | None:
    """Return the process of the `slips run` that wrote the file, where it is still up."""
    try:
        process = int(json.loads(file.read_text())["pid"])
        os.kill(process, 0)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return process


def read_running() -> dict[str, Any]:
    """Read where the `slips run` of this folder is. Raises click.ClickException where none is up."""
    try:
        running: dict[str, Any] = json.loads(RUNNING.read_text())
        os.kill(running["pid"], 0)
    except (FileNotFoundError, ProcessLookupError, ValueError, KeyError, TypeError):
        raise click.ClickException("no `slips run` is up in this folder; start one, or leave out --local") from None
    return running


def _use_embedded() -> str:
    """Point boto3 at the `slips run` that is up in this folder; return its slips.yml, if it has one."""
    running = read_running()
    os.environ.pop("AWS_PROFILE", None)
    os.environ.update(
        AWS_ENDPOINT_URL=running["endpoint"],
        AWS_REGION=running["region"],
        AWS_DEFAULT_REGION=running["region"],
        AWS_ACCESS_KEY_ID="embedded",
        AWS_SECRET_ACCESS_KEY="embedded",  # noqa: S106 - the emulator accepts any
    )
    aws.reset()
    return str(running["config"] or "")
