"""Which deployment a command works on: the options, and what they open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ..target import Target, resolve_target

F = TypeVar("F", bound=Callable[..., Any])


def on_target(command: F) -> F:
    """The options that say which deployment a command works on."""
    return _optional(command, stack_name=True)


def on_project(command: F) -> F:
    """The same for commands that need app.py and slips.yml, and so cannot do with the name of a stack."""
    return _optional(command, stack_name=False)


def _optional(command: F, *, stack_name: bool) -> F:
    options = [
        click.option("--local", is_flag=True, help="The `slips run` that is up in this folder."),
        click.option("-c", "--config", "config", help="slips.yml, or another file."),
    ]
    if stack_name:
        options.insert(1, click.option("-s", "--stack-name", help="The stack, instead of slips.yml."))
    for option in options:
        command = option(command)
    return command


def named_config(config: str | None) -> str | None:
    """The file of this command's -c, else of that before the command."""
    return config or (click.get_current_context().obj or {}).get("config")


def open_target(config: str | None, stack_name: str | None, local: bool) -> Target:
    """The deployment that the options name. Raises ConfigError, click.ClickException."""
    return resolve_target(named_config(config), stack_name, local)
