"""The command line: `slips`. Each command, or pair of commands, has a module; `commands` lists them by task."""

from __future__ import annotations

import errno
import os
import re
import sys
from typing import Any, Final

import click

from ...errors import BadRequest, ConfigError
from ...version import VERSION
from ..aws_errors import describe_error
from ..output import drop_output, escaped, protect_output
from ..table import cut
from .commands import ENTRIES, TASKS, LazyCommands
from .logs import prepare
from .parameters import RefusesEmpty

_LONGEST: Final = 1000
"""Characters of a line of an error message."""
_UNDECODED: Final = re.compile("[\udc80-\udcff]")
"""What Python makes of a byte that is not UTF-8. The name of a file may hold some; nothing that goes to AWS does."""


class _Commands(RefusesEmpty, click.Group):
    """A group of commands that turns an error of SLIPS into a line and an exit code: 2 for slips.yml, 1 for others."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        # Before click reads the arguments, which its messages quote.
        protect_output()
        try:
            try:
                return super().main(*arguments, **options)
            finally:
                sys.stdout.flush()  # What could not be written is no success, also if it is less than a buffer.
        except OSError as fault:
            drop_output()
            ended = fault.__context__
            is_told = isinstance(ended, SystemExit) and ended.code not in (0, None)
            if not is_told and fault.errno != errno.EPIPE:
                click.echo(f"Error: {describe_error(fault)}", err=True)
            sys.exit(1)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ConfigError as fault:
            for line in fault.faults:
                click.echo(cut(line, _LONGEST), err=True)
            sys.exit(2)
        except BadRequest as fault:
            raise _shorten(click.UsageError(str(fault))) from fault
        except click.ClickException as fault:
            raise _shorten(fault) from fault
        except UnicodeEncodeError as fault:
            if not any(_UNDECODED.search(word) for word in sys.argv):
                raise
            raise click.UsageError(f"{escaped(fault.object)} is not UTF-8") from fault
        except Exception as fault:
            if text := describe_error(fault):
                raise _shorten(click.ClickException(f"{text}{self._advise_local(ctx, fault)}")) from fault
            raise

    def _advise_local(self, ctx: click.Context, fault: Exception) -> str:
        """Name the option for what runs on this machine, where AWS could not even be asked."""
        if type(fault).__name__ not in ("NoRegionError", "NoCredentialsError"):
            return ""
        command = self.get_command(ctx, ctx.invoked_subcommand or "")
        has_local = command is not None and any(each.name == "local" for each in command.params)
        return "; or add --local, for the `slips run` of this folder" if has_local else ""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands by task, without importing one."""
        width = max(map(len, ENTRIES))
        for task, entries in TASKS.items():
            with formatter.section(task):
                formatter.write_dl([(f"{name:{width}}", entry.summary) for name, entry in entries.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Complete the name of a command, without importing one, or an option."""
        from click.shell_completion import CompletionItem

        names = [name for name in ENTRIES if name.startswith(incomplete)]
        options = click.Command.shell_complete(self, ctx, incomplete)
        return [*(CompletionItem(name, help=ENTRIES[name].summary) for name in names), *options]


def _shorten(fault: click.ClickException) -> click.ClickException:
    """Cut the lines of a message: it quotes what was written, which may be a file that somebody pasted."""
    short = "\n".join(cut(line, _LONGEST) for line in fault.message.split("\n"))
    fault.message = short  # type: ignore[misc] # Final in the stubs alone: each class formats it in its own way.
    return fault


@click.group(cls=_Commands, commands=LazyCommands(), context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-v", "--verbose", count=True, help="Log more. Give it twice to log everything.")
@click.option("-c", "--config", help="slips.yml, or another file.  [default: slips.yml, else config.yml]")
@click.option(
    "--color/--no-color", default=None, help="Tables in color, also in a pipe, or without.  [default: on a terminal]"
)
@click.version_option(VERSION)
@click.pass_context
def main(context: click.Context, verbose: int, config: str | None, color: bool | None) -> None:
    """SLIPS: a log object lands in S3, your decorated functions get every event in it.

    \b
    slips run --once          run the whole pipeline on this machine, with the samples
    slips errors --group      show what failed, by cause
    slips COMMAND --help      show the options of a command, with examples

    Exit codes: 0 success; 1 a failure, or something to report; 2 wrong usage, or faults in slips.yml.
    """
    prepare(verbose)
    # AWS's own tools prefer AWS_REGION; boto3 and Chalice know only AWS_DEFAULT_REGION.
    if region := os.environ.get("AWS_REGION"):
        os.environ["AWS_DEFAULT_REGION"] = region
    context.obj = {"config": config}
    context.color = color
