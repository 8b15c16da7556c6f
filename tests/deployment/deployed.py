"""SLIPS in the emulated account: what `slips deploy` makes there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from slips.config import Config, load

from ..lambda_runtime import LambdaProcess
from .emulator import Emulator
from .package import STAGE, Package
from .project import REGION, chalice, slips, slips_json

BUCKET = "example-logs"


class Deployment:
    """The stack and one Chalice stage of it."""

    def __init__(self, emulator: Emulator, package: Package, project: Path) -> None:
        self.emulator = emulator
        self.project = package.copy_of_project(project)
        self.config: Config = load(self.project / "slips.yml")
        self._root = package.root
        emulator.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.printed = self.slips("deploy", "--bucket-notifications", BUCKET, "--yes")

    def chalice(self, command: str, stage: str = STAGE) -> str:
        """Run `chalice deploy` or `chalice delete` for a stage; return what it printed."""
        return chalice(self.project, command, "--stage", stage, env=self.emulator.environment)

    def slips(self, *arguments: str, status: int = 0) -> str:
        """Run `slips`; return what it printed. Fails where it ends with another exit status."""
        return slips(self.project, *arguments, env=self.emulator.environment, status=status)

    def slips_json(self, *arguments: str) -> tuple[dict[str, Any], str]:
        """Run `slips … --json`; return its object, and what it printed to stderr."""
        return slips_json(self.project, *arguments, env=self.emulator.environment)

    def function(self, name: str) -> LambdaProcess:
        """The deployed function as Lambda runs it: with its handler, its variables, and its role's credentials."""
        configuration = self.emulator.client("lambda").get_function_configuration(FunctionName=name)
        role = configuration["Role"].rpartition("/")[2]
        return LambdaProcess(
            self._root,
            configuration["Handler"],
            env={**self.emulator.environment, **configuration["Environment"]["Variables"], "AWS_ACCESS_KEY_ID": role},
            timeout=float(configuration["Timeout"]),
            memory=configuration["MemorySize"],
            name=name,
        )

    def put_object(self, key: str, body: bytes) -> None:
        """Put an object into the bucket that slips.yml maps."""
        self.emulator.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)

    def records(self, stream: str) -> list[dict[str, Any]]:
        """All records of a stream, in order."""
        return self.emulator.records(stream)
