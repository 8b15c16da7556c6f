"""`slips deploy` and `slips destroy`: a stage into the account, and out of it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from ...errors import DeploymentError
from ..aws_errors import with_state
from ..deploy import chalice_command
from ..deploy.account import current_account
from ..deploy.drift import silent_buckets
from ..deploy.lambda_settings_sync import affordable_reservation, sync_settings
from ..deploy.ownership import check_deletable, check_deployable, check_gone
from ..deploy.policies import write_files
from ..deploy.removal import (
    check_stack_deletable,
    data_stores,
    delete_stack,
    delete_store,
    exists,
    withdraw_notifications,
)
from ..deploy.stage import DeploymentStage, check_not_shared, missing_vendor_link
from .console import deployed_url
from .provision import (
    dry_run,
    load_stage,
    mapped_prefixes,
    notify_bucket,
    on_stage,
    print_written,
    provision_stack,
    summary,
)
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
    found = load_stage(stage, config)
    _check(found)
    for bucket in buckets:
        mapped_prefixes(found, bucket)
    where = current_account()
    check_deployable(found)
    if dry_run:
        _dry_run(found, where, adopt=adopt)
        return {**summary(found), "dry_run": True}
    kept = affordable_reservation(found)
    provision_stack(found, where, yes=yes, adopt=adopt)
    print_written(write_files(found.project, {found.name: kept}))
    chalice_command.run_chalice(found, "deploy")
    with with_state(
        "stack and functions stand, but not all of their settings: call `slips deploy` again when that is mended"
    ):
        if not sync_settings(found, where, click.echo):
            click.echo("the settings are as slips.yml says")
    with with_state("all else is deployed: call this again when that is mended"):
        for bucket in buckets:
            notify_bucket(found, where, bucket)
    for line in silent_buckets(found, where):
        click.echo(line, err=True)
    return {**summary(found), "url": deployed_url(found.project, found.name)}


_dry_run = dry_run


def _check(stage: DeploymentStage) -> None:
    check_not_shared(stage)
    for line in missing_vendor_link(stage):
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
    found, where = load_stage(stage, config), current_account()
    stack = found.config.stack_name
    click.echo(f"account {where.id}, region {where.region}, stack {stack}, stage {found.name}")
    check_deletable(found)
    check_stack_deletable(stack)
    if not yes:
        _make_sure(stack, data=data)
    withdraw_notifications(found, where, click.echo)
    chalice_command.run_chalice(found, "delete")
    check_gone(found)
    if not delete_stack(stack, click.echo):
        click.echo(f"there is no stack {stack}")
    groups = [("log group", f"/aws/lambda/{found.function_name(name)}") for name in found.functions]
    left = [(kind, name) for kind, name in [*data_stores(found.config), *groups] if exists(kind, name)]
    for kind, name in left:
        if data:
            delete_store(kind, name)
        click.echo(f"{'deleted' if data else 'kept'}: {kind} {name}")
    if left and not data:
        click.echo("what was kept costs storage; `slips provision --adopt` takes it up again, --data deletes it")
    stores = [{"kind": kind, "name": name} for kind, name in left]
    return {**summary(found), "kept": [] if data else stores, "deleted": stores if data else []}


def _make_sure(stack: str, *, data: bool) -> None:
    if data:
        typed = click.prompt(f"this deletes streams, tables and logs for good; type {stack} to go on")
        if typed != stack:
            raise click.Abort
    else:
        click.confirm("remove the stage?", abort=True)
