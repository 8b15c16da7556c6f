"""`slips deploy` and `slips destroy`: a stage into the account, and out of it again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import click

from ..deploy.account import current_account
from ..deploy.chalice_command import deployed_url
from ..deploy.deploy import plan_deployment, plan_removal
from ..deploy.gaps import SilentBucket, backfill_commands
from ..deploy.stage import DeploymentStage
from .parameters import command
from .provision import (
    adopt_option,
    adopt_stack_option,
    ask,
    buckets_option,
    instead_of_option,
    print_account,
    remove_data_option,
    summary,
)
from .target import load_stage, on_stage
from .terminal import with_json

_OLD = {
    "package_file": "-p/--package-file no longer has an effect: `slips package OUT` writes the package",
    "generated_sam_yaml": "-y/--generated-sam-yaml no longer has an effect: `slips package OUT` writes sam.json",
    "src_dir": "-s/--src-dir no longer has an effect: app.py, chalicelib/ and vendor/ of this folder are deployed",
}


@command()
@on_stage
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@adopt_option
@adopt_stack_option
@remove_data_option
@buckets_option
@instead_of_option
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option("-p", "--package-file", hidden=True)
@click.option("-y", "--generated-sam-yaml", hidden=True)
@click.option("-s", "--src-dir", hidden=True)
@with_json
def deploy(stage: str | None, config: str | None, yes: bool, dry_run: bool, **options: Any) -> Mapping[str, Any]:
    """Deploy a stage: provision, policies, `chalice deploy`, and the settings that Chalice does not know.

    If you run it again, it changes only what changed in slips.yml, app.py and .chalice/. Exit code 1: something failed,
    or a bucket does not notify SLIPS of objects that slips.yml maps.

    \b
    slips deploy --stage dev
    slips deploy --stage prod --bucket-notifications example-logs --yes
    """
    for name, line in _OLD.items():
        if options.pop(name):
            click.echo(line, err=True)
    deployment_stage, account = load_stage(stage, config), current_account()
    print_account(deployment_stage, account)
    plan = plan_deployment(deployment_stage, account, **options)
    for line in plan.lines():
        click.echo(line)
    if dry_run:
        plan.discard()
        click.echo("nothing was changed")
        return {**summary(deployment_stage), "dry_run": True}
    result = plan.execute(click.echo, ask(yes=yes))
    for warning in result.warnings:
        click.echo(warning, err=True)
    url = deployed_url(deployment_stage.project, deployment_stage.name)
    return {**summary(deployment_stage), "url": url, "silent": list(_print_silent(deployment_stage, result.silent))}


def _print_silent(stage: DeploymentStage, buckets: Iterable[SilentBucket]) -> Iterator[Mapping[str, Any]]:
    """Print what notifies nobody, and what closes the gap; yield it for --json."""
    for bucket, prefixes, line in buckets:
        click.echo(line, err=True)
        if prefixes:  # A bucket that could not be looked up may notify all the same.
            commands = backfill_commands(stage, bucket, prefixes)
            for command in commands:
                click.echo(f"then queue the objects of which SLIPS was not notified: {command}", err=True)
            yield {"bucket": bucket, "prefixes": prefixes, "backfill": commands}


@command()
@on_stage
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--data", is_flag=True, help="Also delete streams, tables and logs, with all their data.")
@with_json
def destroy(stage: str | None, config: str | None, yes: bool, data: bool) -> Mapping[str, Any]:
    """Remove a stage: functions, API, topics, alarms. Streams, tables and logs stay, unless --data is given.

    \b
    slips destroy --stage dev
    slips destroy --stage dev --data
    """
    deployment_stage, account = load_stage(stage, config), current_account()
    print_account(deployment_stage, account)
    plan = plan_removal(deployment_stage, account, data=data)
    for line in plan.lines():
        click.echo(line)
    if not yes:
        _confirm_removal(deployment_stage.config.stack_name, data=data)
    stores = plan.execute(click.echo)
    if stores and not data:
        click.echo("what was kept costs storage; `slips provision --adopt` takes it over again, --data deletes it")
    rows = [store._asdict() for store in stores]
    return {**summary(deployment_stage), "kept": [] if data else rows, "deleted": rows if data else []}


def _confirm_removal(stack: str, *, data: bool) -> None:
    if not data:
        click.confirm("remove the stage?", abort=True)
    elif click.prompt(f"this deletes streams, tables and logs for ever; type {stack} to continue") != stack:
        raise click.Abort
