"""The package of `chalice package`, built once for all workers of a test session."""

from __future__ import annotations

import fcntl
import json
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from .project import REGION, copy_project, slips

STAGE = "dev"
_HERE = f"{REGION}:123456789012"
GIVEN = f"""stack_name: given
backend:
  sns_topics: [{{name: landed, arn: "arn:aws:sns:{_HERE}:given-landed"}}]
  kinesis_stream_fast_arn: arn:aws:kinesis:{_HERE}:stream/given-a
  kinesis_stream_slow_arn: arn:aws:kinesis:{_HERE}:stream/given-b
  dynamodb_arn: arn:aws:dynamodb:{_HERE}:table/given-errors
  dlq_sns_arn: arn:aws:sns:{_HERE}:given-dead
bucket_mapping: {{given-logs: [{{format: json}}]}}
"""
"""The slips.yml of a stage that names every resource by ARN."""


POLICY: list[Any] = [
    {"Sid": "Alert", "Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": ["arn:aws:sqs:*:*:alerts"]},
    "arn:aws:iam::123456789012:policy/alert",
]
"""What the user's functions of the stage `prod` may do."""


IAM = {"permissions_boundary": "arn:aws:iam::123456789012:policy/boundary", "path": "/teams/"}
THROTTLE = {"rate": 10, "burst": 20}
KEY = f"arn:aws:kms:{_HERE}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TAGS = {"team": "security", "cost-center": "1234"}


class Package:
    """The package of a copy of the project, as `slips package` writes it."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self.root = folder / "unzipped"
        """As Lambda's /var/task."""
        self.zip = folder / "out" / "deployment.zip"
        self.output = folder / "output.txt"
        self._sam = folder / "out" / "sam.json"
        self._prod = folder / "prod" / "sam.json"

    @cached_property
    def sam(self) -> dict[str, Any]:
        """The template."""
        return dict(json.loads(self._sam.read_text()))

    @cached_property
    def prod(self) -> dict[str, Any]:
        """The template of the stage `prod`, which has what companies require."""
        return dict(json.loads(self._prod.read_text()))

    @cached_property
    def names(self) -> set[str]:
        """The files in the zip."""
        with zipfile.ZipFile(self.zip) as archive:
            return set(archive.namelist())

    def copy_of_project(self, to: Path) -> Path:
        """Copy the project with its package, which `chalice deploy` then uses as it is."""
        return Path(shutil.copytree(self.project, to, symlinks=True))


def build_once(shared: Path) -> Package:
    """Return the package below the folder `shared`; the first caller builds it, the others wait."""
    folder = shared / "package"
    with _locked(shared / "package.lock"):
        if not folder.exists():
            building = shared / "package.building"
            shutil.rmtree(building, ignore_errors=True)
            _build(Package(building))
            building.rename(folder)
    return Package(folder)


def _build(package: Package) -> None:
    copy_project(package.project)
    text = (package.project / "slips.yml").read_text()
    _add_stage(package.project, "given", GIVEN)
    _add_stage(package.project, "test", text.replace("stack_name: slips", "stack_name: slips-test"))
    prod = text.replace("stack_name: slips", "stack_name: slips-prod")
    prod = prod.replace("  auth: iam\n", f"  auth: iam\n  access_log: true\n  throttle: {json.dumps(THROTTLE)}\n")
    prod += f"kms_key: {KEY}\ntags: {json.dumps(TAGS)}\niam: {json.dumps(IAM)}\n"
    _add_stage(package.project, "prod", prod.replace("handler:\n", f"handler:\n  policy: {json.dumps(POLICY)}\n"))
    out = package.zip.parent
    slips(package.project, "lock")
    package.output.write_text(slips(package.project, "package", "--stage", STAGE, str(out)))
    slips(package.project, "package", "--stage", "prod", str(package.project.parent / "prod"))
    with zipfile.ZipFile(package.zip) as archive:
        archive.extractall(package.root)


def _add_stage(project: Path, name: str, text: str) -> None:
    """Another stage, as docs/deployment.md says to make one; `text` is its slips.yml."""
    path = project / ".chalice" / "config.json"
    settings = json.loads(path.read_text())
    variables = {"SLIPS_CONFIG": f"{name}.yml"}
    settings["stages"][name] = {"api_gateway_stage": "api", "environment_variables": variables}
    path.write_text(json.dumps(settings))
    (project / f"{name}.yml").write_text(text)
    (project / "vendor" / f"{name}.yml").symlink_to(f"../{name}.yml")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
