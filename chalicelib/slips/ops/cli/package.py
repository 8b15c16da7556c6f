"""`slips package` and `slips lock`: what Lambda gets, as files, and from which files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ..deploy.packaging import PackageFormat, write_package
from ..deploy.requirements_lock import NAME, unlocked_warnings, write_lock
from ..deploy.stage import missing_retry
from .parameters import command
from .provision import summary
from .target import load_stage, on_stage
from .terminal import warn, with_json


@command()
@on_stage
@click.option(
    "--pkg-format",
    type=click.Choice(["cloudformation", "terraform"]),
    default="cloudformation",
    show_default=True,
    help="The tool that deploys the package.",
)
@click.argument("folder", metavar="OUT", type=click.Path(file_okay=False, path_type=Path))
@with_json
def package(stage: str | None, config: str | None, pkg_format: PackageFormat, folder: Path) -> Mapping[str, Any]:
    """Write the package of a stage into the folder OUT, for CloudFormation or Terraform.

    It writes the policies first. The template, or the Terraform files, hold all settings that `slips deploy` makes.
    With requirements.lock, the package holds only the files that it names.

    \b
    slips package --stage prod out/
    slips package --stage prod --pkg-format terraform out/
    """
    deployment_stage = load_stage(stage, config)
    write_package(deployment_stage, folder, pkg_format, click.echo)
    for line in (*missing_retry(deployment_stage), *unlocked_warnings(deployment_stage.project)):
        warn(line)
    return {**summary(deployment_stage), "folder": str(folder)}


@command()
@with_json
def lock() -> Mapping[str, Any]:
    """Lock what Lambda gets: write each file for requirements.txt into requirements.lock, with its SHA-256.

    It takes the newest versions that requirements.txt allows. `slips deploy` and `slips package` then refuse every
    other file, even if the package index changed. Commit the file.

    \b
    slips lock && git diff requirements.lock
    """
    changes = write_lock(Path.cwd())
    for line in changes or [f"{NAME}: nothing has changed"]:
        click.echo(line)
    return {"changes": changes}
