"""The `chalice` command as SLIPS runs it, in a process of its own: it may be killed and repeated, can keep what the
new app.py no longer has, and packages byte code.

    python -c "…; main(sys.argv[1:])" keep deploy --stage dev
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from functools import cache
from typing import Any

from chalice.awsclient import ResourceDoesNotExistError, TypedAWSClient
from chalice.cli import main as chalice
from chalice.config import DeployedResources
from chalice.deploy import deployer
from chalice.deploy.executor import Executor
from chalice.deploy.models import APICall, RecordResourceValue
from chalice.deploy.sweeper import ResourceSweeper

from ...errors import DeploymentError
from ..aws_errors import error_code, ignore_not_found
from .chalice_command import KEEP, PACKAGE_BUCKET
from .packager import ColdStartPackager, CompilingBuilder

_ENDS = ("delete_", "remove_", "unsubscribe_")
MOST_BYTES = 50 * 1024 * 1024
"""Of a package that goes with the call (AWS Lambda, "Lambda quotas": deployment package)."""
_KEPT = ("iam_role", "lambda_function", "sns_event", "kinesis_event")


class RepeatableExecutor(Executor):
    """Chalice writes its notes at its end, so that they may name what a deployment that was killed has deleted, and not
    name what it has created."""

    def _do_apicall(self, instruction: APICall) -> None:
        try:
            if instruction.method_name.startswith(_ENDS):
                self._delete(instruction)
            else:
                super()._do_apicall(instruction)
        except Exception as error:
            if instruction.method_name != "create_lambda_event_source" or not _exists_already(error):
                raise
            self.variables[str(instruction.output_var)] = self._find_event_source(instruction)

    def _delete(self, instruction: APICall) -> None:
        try:
            with ignore_not_found():
                super()._do_apicall(instruction)
        except ResourceDoesNotExistError:
            return

    def _find_event_source(self, instruction: APICall) -> str:
        """The UUID of the event source that Chalice wanted to create."""
        request = self._resolve_variables(instruction)
        client: Any = self._client._client("lambda")
        found = client.list_event_source_mappings(
            EventSourceArn=request["event_source_arn"], FunctionName=request["function_name"]
        )
        return str(found["EventSourceMappings"][0]["UUID"])


def _exists_already(error: Exception) -> bool:
    return hasattr(error, "response") and error_code(error) == "ResourceConflictException"


class KeepingSweeper(ResourceSweeper):
    """Deletes no function, subscription or event source that app.py no longer has, and goes on noting it: the next
    `chalice deploy` without this sweeper deletes it."""

    def _plan_deletion(self, remaining: list[str], deployed: DeployedResources) -> None:
        kept = [name for name in remaining if deployed.resource_values(name)["resource_type"] in _KEPT]
        super()._plan_deletion([name for name in remaining if name not in kept], deployed)
        # Chalice deletes in the reverse of the order in which it noted.
        for name in reversed(kept):
            self._keep(name, deployed.resource_values(name))

    def _keep(self, name: str, values: dict[str, Any]) -> None:
        kind, unused = values["resource_type"], name
        while unused in self.marked:  # By the subscription or the event source of the same function.
            unused += "-former"
        self.marked[unused] = []
        for key, value in values.items():
            if key not in ("name", "resource_type"):
                self.plan.instructions.append(RecordResourceValue(kind, unused, key, value))


class UploadingClient(TypedAWSClient):
    """Gives Lambda the package through a bucket, where slips.yml names one."""

    def _create_lambda_function(self, api_args: dict[str, Any]) -> tuple[str, str]:
        code = self._place_package(api_args["Code"]["ZipFile"])
        if code is None:
            return super()._create_lambda_function(api_args)
        # Not Chalice's own: it measures the bytes where it reports an error.
        created = self._call_client_method_with_retries(
            self._client("lambda").create_function, {**api_args, "Code": code},
            max_attempts=self.LAMBDA_CREATE_ATTEMPTS,
        )  # fmt: skip
        return created["FunctionArn"], created["State"]

    def _update_function_code(
        self, function_name: str, zip_contents: Any, architecture: str | None = None
    ) -> dict[str, Any]:
        code = self._place_package(zip_contents)
        if code is None:
            return super()._update_function_code(function_name, zip_contents, architecture)
        settings = {"Architectures": [architecture]} if architecture else {}
        updated: dict[str, Any] = self._client("lambda").update_function_code(
            FunctionName=function_name, **code, **settings
        )
        if updated["LastUpdateStatus"] != "Successful":
            self._wait_for_function_update(function_name)
        return updated

    def _place_package(self, content: bytes) -> dict[str, str] | None:
        """Upload the package; return where it is, None where it goes with the call. Raises DeploymentError where it is
        too large for that."""
        if bucket := os.environ.get(PACKAGE_BUCKET):
            return {"S3Bucket": bucket, "S3Key": _upload(self._client("s3"), bucket, content)}
        if len(content) > MOST_BYTES:
            raise DeploymentError(
                f"the package has {len(content) / 1e6:.0f} MB, and Lambda takes 50 MiB with the call: write "
                "package_bucket: NAME into slips.yml, a bucket of the same region"
            )
        return None


@cache  # All functions have the same package.
def _upload(client: Any, bucket: str, content: bytes) -> str:
    """Upload a package under a key that follows from it, and return the key."""
    key = f"slips/{hashlib.sha256(content).hexdigest()}.zip"
    client.put_object(Bucket=bucket, Key=key, Body=content)
    return key


def main(arguments: Sequence[str]) -> None:
    """Run `chalice`; the first argument is `keep` or `sweep`, the others are its own. Exits."""
    mode, *rest = arguments
    vars(deployer).update(replacements(keep=mode == KEEP))
    sys.argv[1:] = rest
    sys.exit(chalice())


def replacements(*, keep: bool) -> dict[str, type]:
    """Return what `chalice.deploy.deployer` is to use instead of its own classes: those above, and of `packager`."""
    return {
        "Executor": RepeatableExecutor,
        "ResourceSweeper": KeepingSweeper if keep else ResourceSweeper,
        "TypedAWSClient": UploadingClient,
        "PipDependencyBuilder": CompilingBuilder,
        "LambdaDeploymentPackager": ColdStartPackager,
    }
