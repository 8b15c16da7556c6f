"""Which deployment a command works on: the options, and the target or the stage that they name."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..deploy.stage import DeploymentStage
    from ..target import Target

F = TypeVar("F", bound=Callable[..., Any])

STAGE = "dev"
"""The stage of the commands that deploy, where --stage names no other."""
PROJECT = Path(".chalice/config.json")
"""What names the stages."""


class TargetOptions(NamedTuple):
    """The options that name a deployment: a stage of .chalice/config.json, a stack, slips.yml, or `slips run`."""

    config: str | None = None
    stage: str | None = None
    stack_name: str | None = None
    local: bool = False

    def open(self) -> Target:
        """Open the deployment. Raises ConfigError, click.ClickException."""
        from ..target import Target, resolve_target

        for name, value in (("--local", self.local), ("-s", self.stack_name)):
            if self.stage is not None and value:
                raise click.UsageError(f"--stage and {name} each name a deployment; give one of them")
        if self.stage is None:
            return resolve_target(config_option(self.config), self.stack_name, self.local)
        stage = load_stage(self.stage, self.config)
        return Target(stage.config, Path(stage.config_name))


def on_target(command: F) -> Callable[..., Any]:
    """Give the command the options that name a deployment, as one argument, TargetOptions."""
    return _with_options(command, "config", "stage", "stack_name", "local")


def on_stack(command: F) -> Callable[..., Any]:
    """Add the same options to a command for which `slips run` has nothing."""
    return _with_options(command, "config", "stage", "stack_name")


def on_project(command: F) -> Callable[..., Any]:
    """Add the same options to a command that needs app.py and slips.yml, for which a stack's name is not enough."""
    return _with_options(command, "config", "stage", "local")


def _with_options(command: F, *names: str) -> Callable[..., Any]:
    @wraps(command)
    def run(*arguments: Any, **values: Any) -> Any:
        where = TargetOptions(**{name: values.pop(name) for name in names})
        return command(where, *arguments, **values)

    decorated: Callable[..., Any] = run
    for name in reversed(names):
        decorated = _OPTIONS[name](decorated)
    return decorated


def _complete_stage(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """Complete the name of a stage; nothing where .chalice/config.json cannot be read."""
    from click.shell_completion import CompletionItem

    try:
        stages = json.loads(PROJECT.read_text())["stages"]
        return [CompletionItem(name) for name in stages if name.startswith(incomplete)]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def stage_option(help_text: str) -> Callable[[F], F]:
    """Return the option --stage."""
    return click.option("--stage", metavar="STAGE", help=help_text, shell_complete=_complete_stage)


_OPTIONS: dict[str, Callable[[Any], Any]] = {
    "local": click.option("--local", is_flag=True, help="Use the `slips run` that is running in this folder."),
    "stage": stage_option("The stage of .chalice/config.json, with its slips.yml."),
    "stack_name": click.option("-s", "--stack-name", help="The stack, instead of slips.yml."),
    "config": click.option("-c", "--config", help="slips.yml, or another file."),
}


def on_stage(command: F) -> F:
    """Add the options that name the stage that a command deploys."""
    option = click.option("-c", "--config", help="slips.yml, or another file.  [default: SLIPS_CONFIG of the stage]")
    return stage_option(f"The stage in .chalice/config.json.  [default: {STAGE}]")(option(command))


def load_stage(stage: str | None, config: str | None) -> DeploymentStage:
    """Load the stage that the options name. Raises ConfigError where there is no such stage."""
    from ..deploy.stage import read_stage

    return read_stage(stage or STAGE, config_option(config))


def config_option(config: str | None) -> str | None:
    """The file of this command's -c, or else of the -c before the command."""
    return config or (click.get_current_context().obj or {}).get("config")
