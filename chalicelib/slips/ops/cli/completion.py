"""`slips completion SHELL`: what completes commands, options and their values in a shell."""

from __future__ import annotations

import json

import click
from click.shell_completion import get_completion_class

from .parameters import command

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_SLIPS_COMPLETE"
"""The environment variable by which the shell asks `slips` for completions; click makes its name of that of the
program."""


@command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.option("--json", "as_json", is_flag=True, help="Print the script as one JSON object.")
def completion(shell: str, as_json: bool) -> None:
    """Print the script that lets your shell complete commands, options, stages and choices of `slips`.

    \b
    slips completion bash >> ~/.bashrc
    slips completion zsh >> ~/.zshrc
    slips completion fish > ~/.config/fish/completions/slips.fish
    """
    complete = get_completion_class(shell)
    assert complete is not None
    script = complete(click.get_current_context().find_root().command, {}, "slips", VARIABLE).source()
    click.echo(json.dumps({"shell": shell, "script": script}) if as_json else script)
