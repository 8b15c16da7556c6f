"""The packages in .chalice/deployments: Chalice uses one again while the project does not change, whatever it holds."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from chalice.config import Config as ChaliceConfig
from chalice.deploy.packager import DependencyBuilder, LambdaDeploymentPackager
from chalice.utils import UI, OSUtils

from .byte_code import packaged_name
from .requirements_lock import describe_lock
from .stage import DeploymentStage

_LOCKED: Final = ".locked"
"""Suffix of the note beside a package that was made from a lock: which lock, and the SHA-256 of the package."""
_RUNTIME = ("app.py", "chalice/app.py", "chalice/__init__.py", packaged_name("chalice/app.py"))
"""The last one is that of a package that SLIPS made: a plain `chalice deploy` packages no byte code of its own."""


def remove_broken_packages(stage: DeploymentStage) -> Iterator[str]:
    """Remove the packages that cannot be used, and yield a line for each: those that a deployment left which was ended
    while Chalice wrote one, and with a lock those that were not made from it."""
    for path in _packages(stage):
        if problem := _find_problem(path, stage):
            path.unlink()
            yield f"removed {path.relative_to(stage.project)}, which Chalice would have used again: {problem}"


def note_lock(stage: DeploymentStage) -> None:
    """Note beside the packages that they were made from the lock, where there is one: `remove_broken_packages` has
    removed all others before."""
    if describe_lock(stage.project):
        for path in _packages(stage):
            path.with_suffix(_LOCKED).write_text(_describe(path, stage))


def _packages(stage: DeploymentStage) -> list[Path]:
    return sorted((stage.project / ".chalice" / "deployments").glob("*.zip"))


def _describe(path: Path, stage: DeploymentStage) -> str:
    return f"{describe_lock(stage.project)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def _is_locked(path: Path, stage: DeploymentStage) -> bool:
    note = path.with_suffix(_LOCKED)
    return note.exists() and note.read_text() == _describe(path, stage)


def _find_problem(path: Path, stage: DeploymentStage) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            if damaged := archive.testzip():
                return f"{damaged} is damaged"
            names = set(archive.namelist())
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        return f"it is not a whole zip ({error})"
    if describe_lock(stage.project) and not _is_locked(path, stage):
        return "it was not made from requirements.lock"
    # The others are those of other states of the project, which hold other files.
    missing = sorted(_required_names(stage) - names) if path == package_path(stage) else []
    return f"it lacks {missing[0]}" if missing else ""


def package_path(stage: DeploymentStage) -> Path:
    """The file of .chalice/deployments in which Chalice looks for the package of the project as it is now."""
    config = ChaliceConfig(chalice_stage=stage.name, config_from_disk=stage.settings)
    architecture, files = config.lambda_architecture, OSUtils()
    packager = LambdaDeploymentPackager(files, DependencyBuilder(files, architecture=architecture), UI(), architecture)
    return Path(packager.deployment_package_filename(str(stage.project), config.lambda_python_version))


def _required_names(stage: DeploymentStage) -> set[str]:
    """The files of the project in the package. Chalice writes them after the requirements, those of vendor/ last."""
    own = stage.project / "chalicelib"
    modules = {str(path.relative_to(stage.project)) for path in own.rglob("*") if path.is_file()}
    vendor = stage.project / "vendor"
    return {*_RUNTIME, *modules, *(str(path.relative_to(vendor)) for path in vendor.rglob("*") if path.is_file())}
