"""`slips provision`: streams, tables, topics, alarms and the dashboard, in one CloudFormation stack."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from ...errors import DeploymentError
from ..aws_errors import with_state
from ..deploy.account import AwsAccount, current_account
from ..deploy.chalice_command import write_byte_code
from ..deploy.package_templates import merge_template, terraform_files
from ..deploy.policies import outdated_files, write_files
from ..deploy.provision import adopt as adopted
from ..deploy.provision import check, conflicting_topics, notify, propose, unmanaged_resources
from ..deploy.stack import template as stack_template
from ..deploy.stage import DeploymentStage, check_not_shared, read_stage
from .terminal import with_json

F = TypeVar("F", bound=Callable[..., Any])
FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def on_stage(command: F) -> F:
    """The options that say which stage a command works on."""
    for option in (
        click.option("--stage", default="dev", show_default=True, help="Of .chalice/config.json."),
        click.option("-c", "--config", help="slips.yml, or another file.  [default: SLIPS_CONFIG of the stage]"),
    ):
        command = option(command)
    return command


def load_stage(stage: str, config: str | None) -> DeploymentStage:
    """The stage that the options name."""
    return read_stage(stage, config or (click.get_current_context().obj or {}).get("config"))


@click.command()
@on_stage
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--adopt", is_flag=True, help="Take over streams and tables of these names that no stack holds.")
@click.option(
    "--bucket-notifications", "buckets", metavar="BUCKET", multiple=True, help="Let this bucket notify SLIPS."
)
@click.option("--template", is_flag=True, help="Only print the CloudFormation template.")
@click.option("--policies", is_flag=True, help="Only write the policies, and what slips.yml says, into .chalice/.")
@click.option("--merge-template", "merged", type=FILE, help="Only write this file for `chalice package`.")
@click.option("--terraform", "terraform_folder", type=FOLDER, help="Only write two files for Terraform there.")
@with_json
def provision(
    stage: str, config: str | None, yes: bool, adopt: bool, buckets: tuple[str, ...], template: bool, policies: bool,
    merged: Path | None, terraform_folder: Path | None,
) -> Mapping[str, Any]:  # fmt: skip
    """Create or update streams, tables, topics, alarms and the dashboard, as one CloudFormation stack.

    Shows what would change, and asks. What an ARN of slips.yml names is used, not created. Called again, it changes
    only what differs.

    \b
    slips provision --stage dev
    slips provision --bucket-notifications example-logs --yes
    slips provision --template > stack.json
    slips provision --merge-template merge.json && chalice package --merge-template merge.json out/
    """
    found = load_stage(stage, config)
    if sum(map(bool, (template, policies, merged, terraform_folder))) > 1:
        raise click.UsageError("--template, --policies, --merge-template and --terraform go alone: each only writes")
    if template:
        document = stage_template(found)
        click.echo(json.dumps(document, indent=2))
        return document
    if policies:
        print_written(write_files(found.project))
    elif merged:
        _write(merged, merge_template(found))
        write_byte_code(found.project)
    elif terraform_folder:
        for name, document in terraform_files(found).items():
            _write(terraform_folder / name, document)
    else:
        check_not_shared(found)
        for bucket in buckets:
            mapped_prefixes(found, bucket)
        provision_stack(found, current_account(), yes=yes, adopt=adopt)
        write_byte_code(found.project)
        for bucket in buckets:
            with with_state(f"the stack {found.config.stack_name} stands: call this again when that is mended"):
                notify_bucket(found, current_account(), bucket)
    return summary(found)


def summary(stage: DeploymentStage) -> Mapping[str, Any]:
    """What a program wants to know of a stage."""
    return {"stage": stage.name, "stack_name": stage.config.stack_name, "app_name": stage.app_name}


def _write(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=2) + "\n")
    click.echo(path)


def stage_template(stage: DeploymentStage) -> dict[str, Any]:
    """The template of a stage, with alarms for its functions."""
    return stack_template(stage.config, functions={name: stage.function_name(name) for name in stage.functions})


def print_written(paths: list[Path]) -> None:
    """A line for each file that was written anew."""
    for path in paths:
        click.echo(os.path.relpath(path))
    if not paths:
        click.echo("the policies are up to date")


def provision_stack(stage: DeploymentStage, where: AwsAccount, *, yes: bool, adopt: bool = False) -> None:
    """Propose, ask, make. Raises DeploymentError, click.Abort."""
    stack, wanted = stage.config.stack_name, stage_template(stage)
    found = _takeable(stage, where, adopt=adopt)
    if found:
        _asked(f"take {', '.join(found.values())} into the stack as they are?", yes)
        adopted(stage.config, wanted, found, click.echo)
    proposal = propose(stack, wanted)
    if proposal is None:
        click.echo("nothing to change")
        return
    for change in proposal.changes:
        click.echo(str(change))
    try:
        _asked("make these changes?", yes)
    except click.Abort:
        proposal.discard()
        click.echo("nothing was changed", err=True)
        raise
    proposal.execute(click.echo)


def _takeable(stage: DeploymentStage, where: AwsAccount, *, adopt: bool) -> dict[str, str]:
    """Say where the stack is to be; what is to be adopted there: name by logical id. Raises DeploymentError for names
    that are taken otherwise, and ARNs that name nothing."""
    click.echo(f"account {where.id}, region {where.region}, stack {stage.config.stack_name}")
    for line in check(stage.config, where):
        raise DeploymentError(f"{line}; nothing was changed")
    stack, found = stage.config.stack_name, unmanaged_resources(stage.config)
    if found and not adopt:
        raise DeploymentError(
            f"{', '.join(found.values())}: there already, and not part of the stack {stack}; nothing was changed. Take "
            "over what is yours with `slips provision --adopt`, or choose another stack_name"
        )
    if topics := conflicting_topics(stage.config, where):
        raise DeploymentError(
            f"{', '.join(topics)}: there is a topic of that name already, and not part of the stack {stack}; nothing "
            "was changed. Write the ARN of a topic of yours into backend.sns_topics or backend.dlq_sns_arn, or choose "
            "another stack_name"
        )
    return found


def dry_run(stage: DeploymentStage, where: AwsAccount, *, adopt: bool) -> None:
    """Show what would change in the stack and in .chalice/. Raises DeploymentError."""
    for name in _takeable(stage, where, adopt=adopt).values():
        click.echo(f"Import  {name}")
    proposal = propose(stage.config.stack_name, stage_template(stage))
    for change in proposal.changes if proposal else ():
        click.echo(str(change))
    if proposal:
        proposal.discard()
    for path in outdated_files(stage.project):
        click.echo(f"Write   {path.relative_to(stage.project)}")
    click.echo("nothing was changed")


def mapped_prefixes(stage: DeploymentStage, bucket: str) -> list[str]:
    """What slips.yml maps in a bucket. Raises DeploymentError where that is nothing."""
    mapped = [mapping.prefix for mapping in stage.config.mappings if mapping.bucket == bucket]
    if not mapped:
        raise DeploymentError(
            f"the bucket {bucket}: slips.yml maps nothing in it; add it to bucket_mapping first. Nothing was changed"
        )
    return mapped


def notify_bucket(stage: DeploymentStage, where: AwsAccount, bucket: str) -> None:
    """Let a bucket notify the stage's first topic of what is mapped in it."""
    topic = where.arn("sns", stage.config.topics[0].arn)
    done = notify(stage.config, bucket, mapped_prefixes(stage, bucket), topic, where.region)
    for prefix in done.added:
        click.echo(f"s3://{bucket}/{prefix} now notifies {topic}")
    for prefix in done.removed:
        click.echo(f"s3://{bucket}/{prefix} does not notify {topic} any more: slips.yml does not map it")
    if not any(done):
        click.echo(f"s3://{bucket} notifies {topic} already")


def _asked(question: str, yes: bool) -> None:
    if not yes:
        click.confirm(question, abort=True)
