"""What bites only in Lambda: a module or a package that is missing, SLIPS that is not installed, too little memory or
time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ...version import VERSION
from ..text_files import read_text_file
from .requirements_lock import find_lock_problem
from .stage import PROCESS, DeploymentStage, read_settings

LEAST_MEMORY, LEAST_TIMEOUT = 512, 180
"""Of the functions that process objects, in MB and seconds. Chalice's defaults, 128 MB and 60 s, are below both."""

_WHEEL = re.compile(r"(?m)^\./(wheels/slips-([^-\s]+)-[^\s]+\.whl)\s*$")
_BY_NAME = re.compile(r"(?m)^slips\b(?!\s*@)")
_SHA256 = re.compile(r"(?m)^#\s*sha256:([0-9a-f]{64})\s*$")


def unpackaged_modules(project: Path, files: Iterable[Path]) -> Iterator[str]:
    """Warn of modules that app.py imports and Chalice leaves out: it packages app.py, chalicelib/ and vendor/."""
    for file in sorted(files):
        if file.suffix != ".py" or not file.is_relative_to(project):
            continue
        name = file.relative_to(project)
        if name.parts[0] not in ("app.py", "chalicelib", "vendor"):
            yield f"{name}: app.py imports it, but Chalice packages only app.py, chalicelib/ and vendor/; move it"


def requirement_warnings(project: Path) -> Iterator[str]:
    """Warn where the lock does not fit, and where Lambda would get no SLIPS, another one than this, or somebody else's
    package of the name."""
    if problem := find_lock_problem(project):
        yield problem
    if (project / "chalicelib" / "slips").is_dir():
        return
    path = project / "requirements.txt"
    text = read_text_file(path) if path.is_file() else ""
    if _BY_NAME.search(text):
        yield "requirements.txt: `slips` may be another package of that name; run: slips init --upgrade"
    elif (match := _WHEEL.search(text)) is None:
        yield "requirements.txt: SLIPS is missing, so Lambda could not import app.py; run: slips init --upgrade"
    else:
        yield from _wheel_warnings(project / match[1], match[2], _SHA256.search(text))


def _wheel_warnings(wheel: Path, version: str, digest: re.Match[str] | None) -> Iterator[str]:
    if not wheel.is_file():
        yield f"requirements.txt: there is no {wheel.parent.name}/{wheel.name}; run: slips init --upgrade"
    elif version != VERSION:
        yield f"requirements.txt: Lambda gets SLIPS {version}, this is {VERSION}; run: slips init --upgrade"
    elif digest is not None and hashlib.sha256(wheel.read_bytes()).hexdigest() != digest[1]:
        yield (
            f"{wheel.parent.name}/{wheel.name}: its SHA-256 is not the one in requirements.txt; "
            "find out who changed it, or run: slips init --upgrade"
        )


def size_warnings(project: Path) -> Iterator[str]:
    """Warn of functions that process objects with less memory or time than a large object takes."""
    from chalice.config import Config

    settings = read_settings(project)
    for stage in settings.get("stages") or {}:
        for function in ("process_fast", "process_slow"):
            config = Config(chalice_stage=stage, function_name=function, config_from_disk=settings)
            for key, value, default, least, unit in (
                ("lambda_memory_size", config.lambda_memory_size, 128, LEAST_MEMORY, "MB"),
                ("lambda_timeout", config.lambda_timeout, 60, LEAST_TIMEOUT, "seconds"),
            ):
                if (value or default) < least:
                    yield (
                        f".chalice/config.json: {function} of stage {stage} has {value or default} {unit} ({key}); "
                        f"give it {least} or more, under lambda_functions.{function}"
                    )


FRAMING_PACKAGES = {"s3-parquet": "pyarrow"}
"""What a framing needs of Python beyond the dependencies of SLIPS."""
_LARGE = {"pyarrow"}
"""Packages with which a deployment package has more than the 50 MiB that Lambda takes with the call."""


def package_warnings(stages: Iterable[DeploymentStage], needed: Mapping[str, str]) -> Iterator[str]:
    """Warn of packages that Lambda would not get, and of a deployment package that is too large to go with the call.
    `needed`: what needs each package."""
    for package, user in needed.items():
        for stage in stages:
            if _is_required(stage.project, package):
                if package in _LARGE and not stage.config.package_bucket:
                    yield (
                        f"requirements.txt: with {package} the package of stage {stage.name} has more than the 50 MiB "
                        f"that Lambda takes with the call; write package_bucket: NAME into {stage.config_name}"
                    )
            elif lacking := [name for name in PROCESS if not stage.function_settings(name).get("layers")]:
                yield (
                    f"{user} needs {package}, and {lacking[0]} of stage {stage.name} has none in Lambda: write "
                    f"{package} into requirements.txt, or a layer that holds it under layers of .chalice/config.json"
                )


def _is_required(project: Path, package: str) -> bool:
    path = project / "requirements.txt"
    text = read_text_file(path) if path.is_file() else ""
    return bool(re.search(rf"(?mi)^\s*{package}(?![\w.-])", text)) or (project / "vendor" / package).is_dir()
