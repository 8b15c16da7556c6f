"""The command line: `slips`. Each group of commands has a module."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from ...errors import BadRequest, ConfigError
from ...version import VERSION
from ..aws_errors import describe_error
from ..output import protect_output
from .backfill import backfill
from .capture import capture
from .check import check
from .console import console
from .deploy import deploy, destroy
from .detect import detect_format
from .drain import drain_errors
from .error import error
from .errors import errors
from .explain import explain
from .formats import formats
from .init import init
from .limit import limit
from .local import local
from .logs import prepare
from .new_format import new_format
from .package import lock, package
from .parse import parse
from .provision import provision
from .reconcile import reconcile
from .redrive import redrive
from .run import run
from .sample import sample


class _Commands(click.Group):
    """A group of commands that turns an error of SLIPS into a line and an exit code: 2 for slips.yml, 1 for others."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        # Before click reads the arguments, which its messages quote.
        protect_output()
        return super().main(*arguments, **options)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ConfigError as fault:
            for line in fault.faults:
                click.echo(line, err=True)
            sys.exit(2)
        except BadRequest as fault:
            raise click.UsageError(str(fault)) from fault
        except Exception as fault:
            if text := describe_error(fault):
                raise click.ClickException(text) from fault
            raise


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-v", "--verbose", count=True, help="Log more; twice: log everything.")
@click.option("-c", "--config", help="slips.yml, or another file.  [default: slips.yml, else config.yml]")
@click.version_option(VERSION)
@click.pass_context
def main(context: click.Context, verbose: int, config: str | None) -> None:
    """SLIPS: a log object lands in S3, your decorated functions get every event in it.

    \b
    slips run --once          run the whole pipeline on this machine, with the samples
    slips errors --group      show what failed, by cause

    Exit codes: 0 success; 1 a failure, or something to report; 2 wrong usage, or faults in slips.yml.
    """
    prepare(verbose)
    # AWS's own tools prefer AWS_REGION; boto3 and Chalice know only AWS_DEFAULT_REGION.
    if region := os.environ.get("AWS_REGION"):
        os.environ["AWS_DEFAULT_REGION"] = region
    context.obj = {"config": config}


for _command in (init, run, local, parse, detect_format, formats, new_format, check, explain):  # Develop.
    main.add_command(_command)
for _command in (errors, error, drain_errors, redrive, capture, sample, backfill, reconcile, console):  # Operate.
    main.add_command(_command)
for _command in (provision, deploy, limit, lock, package, destroy):  # Deploy.
    main.add_command(_command)
