"""CloudFormation and Lambda's account settings where moto does less than AWS, and the deployment looks at it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from threading import local
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_doing = local()
CONCURRENCY = 1000


class AccountSettings:
    """A WSGI middleware: Lambda's GetAccountSettings, which moto does not know."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith("/2016-08-19/account-settings"):
            return self._app(environ, start_response)
        limit = {"ConcurrentExecutions": CONCURRENCY, "UnreservedConcurrentExecutions": CONCURRENCY}
        body = json.dumps({"AccountLimit": limit}).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]


def make_like_aws() -> None:
    """Mend this process' moto, once however often it is called."""
    from moto.cloudformation.models import CloudFormationBackend
    from moto.dynamodb.models.table import Table
    from moto.kinesis.models import Stream

    if hasattr(CloudFormationBackend, "slips_mended"):
        return
    CloudFormationBackend.slips_mended = True  # type: ignore[attr-defined]
    _mend(Stream, _stream_settings, lambda backends, name: backends.streams[name])
    _mend(Table, _table_settings, lambda backends, name: backends.tables[name])
    _let_import(CloudFormationBackend)
    _find_by_resource(CloudFormationBackend)


def _mend(kind: Any, settings: Callable[[Any, Any], None], find: Callable[[Any, str], Any]) -> None:
    """Give what a template makes all that the template says; what is imported is there already."""
    create = kind.create_from_cloudformation_json.__func__

    def made(
        cls: Any, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> Any:
        from moto.dynamodb.models import dynamodb_backends
        from moto.kinesis.models import kinesis_backends

        if getattr(_doing, "imports", False):
            backends = kinesis_backends if kind.__name__ == "Stream" else dynamodb_backends
            return find(backends[account_id][region_name], resource_name)
        found = create(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs)
        settings(found, cloudformation_json["Properties"])
        return found

    kind.create_from_cloudformation_json = classmethod(made)


def _stream_settings(stream: Any, properties: Any) -> None:
    stream.stream_mode = properties["StreamModeDetails"]
    stream.encryption_type = properties["StreamEncryption"]["EncryptionType"]


def _table_settings(table: Any, properties: Any) -> None:
    ttl = properties["TimeToLiveSpecification"]
    table.ttl = {"TimeToLiveStatus": "ENABLED", "AttributeName": ttl["AttributeName"]}
    table.continuous_backups["PointInTimeRecoveryDescription"] = {"PointInTimeRecoveryStatus": "ENABLED"}


def _let_import(backend: Any) -> None:
    """moto would create what a change set of the type IMPORT takes over."""
    execute = backend.execute_change_set

    def executed(self: Any, change_set_name: str, stack_name: str | None = None) -> None:
        _doing.imports = self.change_sets[change_set_name].change_set_type == "IMPORT"
        try:
            execute(self, change_set_name, stack_name)
        finally:
            _doing.imports = False

    backend.execute_change_set = executed


def _find_by_resource(backend: Any) -> None:
    """moto's DescribeStackResources knows no PhysicalResourceId: what would be the stack's name is none then."""
    from moto.cloudformation.responses import CloudFormationResponse

    describe = CloudFormationResponse.describe_stack_resources
    get_stack = backend.get_stack

    def described(self: Any) -> Any:
        _doing.wanted = self._get_param("PhysicalResourceId")
        try:
            return describe(self)
        finally:
            _doing.wanted = None

    def found(self: Any, name: str | None) -> Any:
        wanted = getattr(_doing, "wanted", None)
        if not wanted:
            return get_stack(self, name)
        holding = (each for each in self.stacks.values() if wanted in _physical(each))
        stack = next(holding, None)
        return stack or get_stack(self, f"for {wanted}")

    CloudFormationResponse.describe_stack_resources = described
    backend.get_stack = found


def _physical(stack: Any) -> list[str]:
    return [getattr(each, "physical_resource_id", "") for each in stack.stack_resources]
