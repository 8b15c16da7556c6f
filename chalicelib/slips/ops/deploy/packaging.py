"""The package that Lambda gets, made by Chalice: with byte code, and from the locked files of requirements.txt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from . import chalice_command
from .byte_code import write_byte_code
from .change_set import Say
from .package_cache import note_lock, remove_broken_packages
from .package_templates import merge_template, terraform_files
from .policies import file_lines, write_files
from .requirements_lock import check_lock, locked_files
from .stage import DeploymentStage, check_not_shared, check_packaged

PackageFormat = Literal["cloudformation", "terraform"]


def prepare_package(stage: DeploymentStage) -> Iterator[str]:
    """Prepare what Chalice packages, whoever calls it; yield a line for each warning, and for each old package that was
    removed."""
    yield from write_byte_code(stage.project)
    yield from remove_broken_packages(stage)


def run_packaging(
    stage: DeploymentStage, command: Literal["deploy", "package"], *arguments: str, keep: bool = False
) -> None:
    """Run a command of Chalice that packages the project, after `prepare_package`; `keep` is that of `run_chalice`.
    Raises DeploymentError."""
    with locked_files(stage) as variables:
        chalice_command.run_chalice(stage, command, *arguments, variables=variables, keep=keep)
    note_lock(stage)


def write_package(stage: DeploymentStage, folder: Path, package_format: PackageFormat, say: Say) -> None:
    """Write the policies into .chalice/, and into `folder` the package with all that a deployment by CloudFormation or
    Terraform needs; say each step. Raises ConfigError, DeploymentError."""
    check_packaged(stage)
    check_not_shared(stage)
    check_lock(stage.project)
    for line in (*file_lines(write_files(stage.project)), *prepare_package(stage)):
        say(line)
    folder = folder.absolute()  # Chalice runs in the folder of the project.
    if package_format == "terraform":
        run_packaging(stage, "package", "--pkg-format", "terraform", str(folder))
        for name, document in terraform_files(stage).items():
            _write(folder / name, document)
        if stage.config.api_access_log:
            say("api.access_log: Terraform cannot set it, since Chalice's file makes no stage of its own")
    else:
        with TemporaryDirectory(prefix="slips-package-") as temporary:
            merged = Path(temporary) / "merge.json"
            _write(merged, merge_template(stage))
            run_packaging(stage, "package", "--merge-template", str(merged), str(folder))
    for path in sorted(each for each in folder.iterdir() if each.is_file()):
        say(str(path))


def _write(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=2) + "\n")
