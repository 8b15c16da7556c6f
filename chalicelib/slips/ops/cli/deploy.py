"""`slips deploy` and `slips destroy`: a stage into the account, and out of it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from ...errors import DeploymentError
from ..aws_errors import leaving
from ..deploy import chalice_command
from ..deploy.account import account
from ..deploy.drift import silent_buckets
from ..deploy.lambda_settings_sync import reservation, tune
from ..deploy.ownership import check_deletable, check_deployable, check_gone
from ..deploy.policies import write
from ..deploy.removal import check_stack_deletable, delete, delete_stack, stored, there, withdraw_notifications
from ..deploy.stage import Stage, check_apart, unpackaged
from .console import deployed_url
from .provision import chosen, dry_run, mapped_prefixes, notified, on_stage, provisioned, stands, tell_written
from .terminal import with_json

_OLD = {
    "package_file": "-p/--package-file means nothing any more: `chalice package OUT` writes the package",
    "generated_sam_yaml": "-y/--generated-sam-yaml means nothing any more: `chalice package OUT` writes sam.json",
    "src_dir": "-s/--src-dir means nothing any more: app.py, chalicelib/ and vendor/ of this folder are deployed",
}


@click.command()
@on_stage
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--adopt", is_flag=True, help="Take over streams and tables of these names that no stack holds.")
@click.option(
    "--bucket-notifications", "buckets", metavar="BUCKET", multiple=True, help="Let this bucket notify SLIPS."
)
@click.option("--dry-run", is_flag=True, help="Only show what would change in the stack and in .chalice/.")
@click.option("-p", "--package-file", hidden=True)
@click.option("-y", "--generated-sam-yaml", hidden=True)
@click.option("-s", "--src-dir", hidden=True)
@with_json
def deploy(
    stage: str, config: str | None, yes: bool, adopt: bool, buckets: tuple[str, ...], dry_run: bool, **old: str | None
) -> Mapping[str, Any]:
    """Deploy a stage: provision, policies, `chalice deploy`, and the settings that Chalice does not know.

    Called again, it changes only what changed in slips.yml, app.py and .chalice/.

    \b
    slips deploy --stage dev
    slips deploy --stage prod --bucket-notifications example-logs --yes
    """
    for name, line in _OLD.items():
        if old.get(name):
            click.echo(line, err=True)
    found = chosen(stage, config)
    _check(found)
    for bucket in buckets:
        mapped_prefixes(found, bucket)
    where = account()
    check_deployable(found)
    if dry_run:
        _dry_run(found, where, adopt=adopt)
        return {**stands(found), "dry_run": True}
    kept = reservation(found)
    provisioned(found, where, yes=yes, adopt=adopt)
    tell_written(write(found.project, {found.name: kept}))
    chalice_command.chalice(found, "deploy")
    with leaving(
        "stack and functions stand, but not all of their settings: call `slips deploy` again when that is mended"
    ):
        if not tune(found, where, click.echo):
            click.echo("the settings are as slips.yml says")
    with leaving("all else is deployed: call this again when that is mended"):
        for bucket in buckets:
            notified(found, where, bucket)
    for line in silent_buckets(found, where):
        click.echo(line, err=True)
    return {**stands(found), "url": deployed_url(found.project, found.name)}


_dry_run = dry_run


def _check(stage: Stage) -> None:
    check_apart(stage)
    for line in unpackaged(stage):
        raise DeploymentError(line)


@click.command()
@on_stage
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--data", is_flag=True, help="Also streams, tables and logs, with all that is in them.")
@with_json
def destroy(stage: str, config: str | None, yes: bool, data: bool) -> Mapping[str, Any]:
    """Remove a stage: functions, API, topics, alarms. Streams, tables and logs stay, unless --data is given.

    \b
    slips destroy --stage dev
    slips destroy --stage dev --data
    """
    found, where = chosen(stage, config), account()
    stack = found.config.stack_name
    click.echo(f"account {where.id}, region {where.region}, stack {stack}, stage {found.name}")
    check_deletable(found)
    check_stack_deletable(stack)
    if not yes:
        _make_sure(stack, data=data)
    withdraw_notifications(found, where, click.echo)
    chalice_command.chalice(found, "delete")
    check_gone(found)
    if not delete_stack(stack, click.echo):
        click.echo(f"there is no stack {stack}")
    groups = [("log group", f"/aws/lambda/{found.function(name)}") for name in found.functions]
    left = [(kind, name) for kind, name in [*stored(found.config), *groups] if there(kind, name)]
    for kind, name in left:
        if data:
            delete(kind, name)
        click.echo(f"{'deleted' if data else 'kept'}: {kind} {name}")
    if left and not data:
        click.echo("what was kept costs storage; `slips provision --adopt` takes it up again, --data deletes it")
    stores = [{"kind": kind, "name": name} for kind, name in left]
    return {**stands(found), "kept": [] if data else stores, "deleted": stores if data else []}


def _make_sure(stack: str, *, data: bool) -> None:
    if data:
        typed = click.prompt(f"this deletes streams, tables and logs for good; type {stack} to go on")
        if typed != stack:
            raise click.Abort
    else:
        click.confirm("remove the stage?", abort=True)
