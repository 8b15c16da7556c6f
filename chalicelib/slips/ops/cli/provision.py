"""`slips provision`: streams, tables, topics, alarms and the dashboard, in one CloudFormation stack."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import click

from ..deploy.account import AwsAccount, current_account
from ..deploy.lane_capacity import describe_capacities
from ..deploy.packaging import prepare_package
from ..deploy.policies import file_lines, write_files
from ..deploy.provision import Confirm, plan_provision, stage_template
from ..deploy.stage import DeploymentStage
from .parameters import command
from .target import load_stage, on_stage
from .terminal import with_json

adopt_option = click.option(
    "--adopt",
    is_flag=True,
    help="Take over existing streams and tables of these names that are in no stack, "
    "and add what the table of dynamodb_arn lacks.",
)
adopt_stack_option = click.option(
    "--adopt-stack", is_flag=True, help="Take over a stack that SLIPS did not create; everything else in it is deleted."
)
remove_data_option = click.option(
    "--remove-data", is_flag=True, help="Delete streams, tables and queues that the changes remove, with their data."
)
buckets_option = click.option(
    "--bucket-notifications", "buckets", metavar="BUCKET", multiple=True, help="Let this bucket notify SLIPS."
)
instead_of_option = click.option(
    "--instead-of", default="", metavar="STACK", help="Let these buckets notify this stage instead of that stack."
)


@command()
@on_stage
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@adopt_option
@adopt_stack_option
@remove_data_option
@buckets_option
@instead_of_option
@click.option("--template", is_flag=True, help="Only print the CloudFormation template.")
@click.option("--policies", is_flag=True, help="Only write the policies and settings from slips.yml into .chalice/.")
@with_json
def provision(
    stage: str | None, config: str | None, yes: bool, template: bool, policies: bool, **options: Any
) -> Mapping[str, Any]:
    """Create or update streams, tables, topics, alarms and the dashboard, as one CloudFormation stack.

    It shows what would change, and asks. Resources that slips.yml names by ARN are used, not created. With --adopt, a
    table gets the index that listings read, and the expiry of items, if it lacks them. Resources that somebody deleted
    or changed by hand are restored. If you run it again, it changes only what differs.

    \b
    slips provision --stage dev
    slips provision --bucket-notifications example-logs --yes
    slips provision --template > stack.json
    """
    deployment_stage = load_stage(stage, config)
    if template and policies:
        raise click.UsageError("give only one of --template and --policies")
    if template:
        document = stage_template(deployment_stage)
        click.echo(json.dumps(document, indent=2))
        return document
    if policies:
        print_written(write_files(deployment_stage.project))
    else:
        _provision_stack(deployment_stage, yes=yes, **options)
        for line in prepare_package(deployment_stage):  # `chalice deploy` may come next.
            click.echo(line, err=True)
    return summary(deployment_stage)


def _provision_stack(stage: DeploymentStage, *, yes: bool, **options: Any) -> None:
    account = current_account()
    print_account(stage, account)
    for line in describe_capacities(stage):
        click.echo(line)
    plan = plan_provision(stage, account, **options)
    for line in plan.lines():
        click.echo(line)
    plan.execute(click.echo, ask(yes=yes))


def ask(*, yes: bool) -> Confirm:
    """Return the function that asks before a change; with `yes` it does not."""
    messages = chain(["nothing was changed"], repeat("nothing else was changed"))

    def confirm(question: str) -> None:
        message = next(messages)
        if not (yes or click.confirm(question)):
            click.echo(message, err=True)
            raise click.Abort

    return confirm


def print_account(stage: DeploymentStage, account: AwsAccount) -> None:
    """Print where the stack is."""
    click.echo(f"account {account.id}, region {account.region}, stack {stage.config.stack_name}")


def print_written(paths: list[Path]) -> None:
    """Print a line for each file that was written."""
    for line in file_lines(paths):
        click.echo(line)


def summary(stage: DeploymentStage) -> Mapping[str, Any]:
    """What --json says of a stage."""
    return {"stage": stage.name, "stack_name": stage.config.stack_name, "app_name": stage.app_name}
