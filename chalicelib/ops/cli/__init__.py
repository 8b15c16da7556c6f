"""The command line: `slips`. One module a group of commands."""

from __future__ import annotations

import logging
import sys
from typing import Any

import click

from ...errors import ConfigError, SlipsError
from .check import check
from .console import console
from .deploy import deploy, destroy
from .detect import detect_format
from .errors import drain_errors, error, errors
from .formats import formats
from .limit import limit
from .parse import parse
from .provision import provision
from .run import run


class _Commands(click.Group):
    """Turns what SLIPS raises on purpose into a line and an exit code: 2 for slips.yml, 1 for the rest."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ConfigError as fault:
            for line in fault.faults:
                click.echo(line, err=True)
            sys.exit(2)
        except SlipsError as fault:
            raise click.ClickException(str(fault)) from fault


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-v", "--verbose", count=True, help="Say more; twice: all.")
@click.option("-c", "--config", help="slips.yml, or another file.  [default: slips.yml, else config.yml]")
@click.version_option(package_name="slips")
@click.pass_context
def main(context: click.Context, verbose: int, config: str | None) -> None:
    """SLIPS: a log object lands in S3, your decorated functions get every event in it.

    \b
    slips run --once          the whole pipeline on this machine, with the samples
    slips errors --group      what failed, by cause

    Exit codes: 0 well, 1 something was found or failed, 2 used wrongly (slips.yml has faults).
    """
    levels = {0: logging.ERROR, 1: logging.INFO}
    logging.basicConfig(level=levels.get(verbose, logging.DEBUG), format="%(levelname)s %(name)s: %(message)s")
    context.obj = {"config": config}


for _command in (run, parse, detect_format, formats, check, errors, error, drain_errors, console):
    main.add_command(_command)
for _command in (provision, deploy, limit, destroy):  # Deploying.
    main.add_command(_command)
