"""Which deployment a command works on: the options, and the target that they name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ..target import Target, resolve_target

F = TypeVar("F", bound=Callable[..., Any])


def on_target(command: F) -> F:
    """Add the options that name the deployment."""
    return _add_options(command, stack_name=True)


def on_stack(command: F) -> F:
    """Add the same options to a command for which `slips run` has nothing."""
    return _add_options(command, stack_name=True, local=False)


def on_project(command: F) -> F:
    """Add the same options to a command that needs app.py and slips.yml, for which a stack's name is not enough."""
    return _add_options(command, stack_name=False)


def _add_options(command: F, *, stack_name: bool, local: bool = True) -> F:
    options = [click.option("-c", "--config", "config", help="slips.yml, or another file.")]
    if stack_name:
        options.insert(0, click.option("-s", "--stack-name", help="The stack, instead of slips.yml."))
    if local:
        options.insert(0, click.option("--local", is_flag=True, help="The `slips run` that is up in this folder."))
    for option in options:
        command = option(command)
    return command


def config_option(config: str | None) -> str | None:
    """The file of this command's -c, or else of the -c before the command."""
    return config or (click.get_current_context().obj or {}).get("config")


def open_target(config: str | None, stack_name: str | None, local: bool) -> Target:
    """Open the deployment that the options name. Raises ConfigError, click.ClickException."""
    return resolve_target(config_option(config), stack_name, local)
