"""A project that is deployed with the real Chalice, in this process, so that a test may stop it at any call of AWS.

Chalice's package is a file that is made once; all else is what `slips deploy` does.
"""

from __future__ import annotations

import io
import json
import os
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from chalice.awsclient import TypedAWSClient
from chalice.cli.factory import CLIFactory
from chalice.deploy import deployer
from chalice.deploy.packager import LambdaDeploymentPackager
from chalice.utils import UI

from slips import aws
from slips.ops.deploy import chalice_command, chalice_process
from slips.ops.deploy.chalice_command import PACKAGE_BUCKET
from slips.ops.deploy.stage import DeploymentStage, read_stage

APP = """from chalice import Chalice
from slips import Slips

app = Chalice(app_name={name!r})
slips = Slips(app)
for topic in slips.topics:
    dispatch = app.on_sns_message(topic=topic.arn, name=topic.name)(slips.dispatch)
for lane, function in (("fast", slips.process_fast), ("slow", slips.process_slow)):
    app.on_kinesis_record(
        stream=getattr(slips, lane).stream, name=f"process_{{lane}}", starting_position="TRIM_HORIZON"
    )(function)
report = app.on_sns_message(topic=slips.dead_letters)(slips.report)
retry = app.schedule("rate(1 minute)")(slips.retry)
app.route("/")(dict)
"""
API = {"id": "api", "endpointConfiguration": {"types": ["EDGE"]}}


class Killed(BaseException):
    """The process ends here."""


class EmulatedProject:
    """A project in a folder of its own."""

    def __init__(self, folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.name = name
        self._monkeypatch = monkeypatch
        (folder / ".chalice").mkdir(parents=True)
        (folder / "vendor").mkdir()
        (folder / "app.py").write_text(APP.format(name=name))
        self._write_settings({"dev": "slips.yml"})
        _package(folder / "package.zip")
        self._patch()

    def _write_settings(self, stages: dict[str, str]) -> None:
        settings = {name: {"environment_variables": {"SLIPS_CONFIG": config}} for name, config in stages.items()}
        document = {"version": "2.0", "app_name": self.name, "autogen_policy": False, "stages": settings}
        (self.folder / ".chalice" / "config.json").write_text(json.dumps(document))

    def add_stage(self, name: str, config: str) -> None:
        """Add a stage with a slips.yml of its own."""
        path = self.folder / ".chalice" / "config.json"
        settings = json.loads(path.read_text())
        settings["stages"][name] = {"environment_variables": {"SLIPS_CONFIG": config}}
        path.write_text(json.dumps(settings))

    def write(self, text: str, config: str = "slips.yml", stage: str = "dev") -> DeploymentStage:
        """Write slips.yml, and read the stage that it is of."""
        (self.folder / config).write_text(text)
        if not (self.folder / "vendor" / config).is_symlink():
            (self.folder / "vendor" / config).symlink_to(f"../{config}")
        return read_stage(stage, project=self.folder)

    def notes(self, stage: str = "dev") -> dict[str, Any]:
        """The resources that Chalice noted, by name."""
        text = (self.folder / ".chalice" / "deployed" / f"{stage}.json").read_text()
        return {each["name"]: each for each in json.loads(text)["resources"]}

    def _patch(self) -> None:
        patch = self._monkeypatch.setattr
        patch(chalice_command, "run_chalice", self._run_chalice)
        patch(LambdaDeploymentPackager, "create_deployment_package", lambda *_: str(self.folder / "package.zip"))
        patch(TypedAWSClient, "_client", lambda _, service: aws.client(service))  # Made once.
        for call in ("update_api_from_swagger", "update_rest_api", "deploy_rest_api", "add_permission_for_apigateway"):
            patch(TypedAWSClient, call, lambda *_, **__: None)
        # The emulator takes a REST API only in another form.
        patch(TypedAWSClient, "import_rest_api", lambda *_, **__: "api")
        patch(TypedAWSClient, "get_rest_api", lambda *_, **__: API)
        patch(TypedAWSClient, "delete_rest_api", lambda *_, **__: None)
        limit = {"AccountLimit": {"UnreservedConcurrentExecutions": 1000}}
        patch(aws.client("lambda"), "get_account_settings", lambda: limit)  # The emulator lacks it.

    def _run_chalice(self, stage: DeploymentStage, command: str, *, keep: bool = False, **_: Any) -> None:
        with _fresh_modules(self.folder), pytest.MonkeyPatch.context() as patch:
            for name, replacement in chalice_process.replacements(keep=keep).items():
                patch.setattr(deployer, name, replacement)
            variables = {"SLIPS_CONFIG": stage.config_name, PACKAGE_BUCKET: stage.config.package_bucket}
            patch.setattr(os, "environ", {**os.environ, **variables})
            factory = CLIFactory(str(self.folder))
            config = factory.create_config_obj(stage.name)
            session, ui = factory.create_botocore_session(), UI(io.StringIO(), io.StringIO())
            if command == "deploy":
                chalice = factory.create_default_deployer(session, config, ui)
            else:
                chalice = factory.create_deletion_deployer(session, ui)
            chalice.deploy(config, stage.name)


@contextmanager
def _fresh_modules(folder: Path) -> Iterator[None]:
    """app.py is imported again each time, as in a process of its own."""
    path = list(sys.path)
    sys.modules.pop("app", None)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path[:] = path
        sys.modules.pop("app", None)


def _package(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("app.py", "")


class CallCounter:
    """Counts the calls that change something in AWS, looks at the account before each, and kills at one of them."""

    def __init__(self, look: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
        from botocore.client import BaseClient

        self.calls: list[str] = []
        self.kill_before = self.kill_after = -1
        self._look = look
        make_api_call = BaseClient._make_api_call
        counter = self

        def count(client: Any, operation: str, parameters: Any) -> Any:
            if operation.startswith(("Get", "List", "Describe", "Head", "Scan")):
                return make_api_call(client, operation, parameters)
            return counter._count(operation, lambda: make_api_call(client, operation, parameters))

        monkeypatch.setattr(BaseClient, "_make_api_call", count)

    def _count(self, operation: str, call: Callable[[], Any]) -> Any:
        number = len(self.calls)
        self.calls.append(operation)
        self._look()
        if number == self.kill_before:
            raise Killed(f"before {operation}, call {number}")
        response = call()
        if number == self.kill_after:
            raise Killed(f"after {operation}, call {number}")
        return response

    def begin(self, look: Callable[[], None], *, kill_before: int = -1, kill_after: int = -1) -> None:
        """Begin to count, to look, and to kill once."""
        self.calls.clear()
        self._look = look
        self.kill_before, self.kill_after = kill_before, kill_after
