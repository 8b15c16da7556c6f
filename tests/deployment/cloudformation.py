"""CloudFormation and settings of Lambda, where moto does less than AWS and the deployment depends on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from threading import local
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import yaml

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


def patch_moto() -> None:
    """Patch moto in this process; a second call does nothing."""
    from moto.awslambda.models import LambdaBackend
    from moto.cloudformation.models import CloudFormationBackend
    from moto.dynamodb.models.table import Table
    from moto.kinesis.models import Stream
    from moto.sns.models import Topic
    from moto.sqs.models import Queue

    from . import simulation, stack_resources

    if hasattr(CloudFormationBackend, "slips_patched"):
        return
    CloudFormationBackend.slips_patched = True  # type: ignore[attr-defined]
    _parse_json_as_json()
    _patch(Stream, _stream_settings, lambda backends, name: backends.streams[name])
    _patch(Table, _table_settings, lambda backends, name: backends.tables[name])
    _patch(Topic, _topic_settings, lambda backends, name: None)
    _patch(Queue, _queue_settings, lambda backends, name: backends.get_queue(name))
    stack_resources.patch_moto()
    simulation.patch_moto()
    _let_import(CloudFormationBackend)
    _find_by_resource(CloudFormationBackend)
    _protect_stacks()
    _refuse_second_event_sources(LambdaBackend)
    # moto would run the functions itself, in Docker; the tests call those that hear, and read what a queue holds.
    LambdaBackend.send_sns_message = lambda *_, **__: None  # type: ignore[method-assign]
    LambdaBackend.send_sqs_batch = lambda *_, **__: False  # type: ignore[method-assign]
    put = LambdaBackend.put_function_event_invoke_config

    def put_anew(self: Any, function_name: str, config: dict[str, Any]) -> Any:
        # moto keeps the settings of before, and goes on returning them.
        self.get_function(function_name).event_invoke_config.clear()
        return put(self, function_name, config)

    LambdaBackend.put_function_event_invoke_config = put_anew  # type: ignore[method-assign]


def _parse_json_as_json() -> None:
    """Let moto read a template that is JSON as JSON. It reads each as YAML, several times a change set, and that takes
    more than all else of a change set."""
    from moto.cloudformation import models, responses

    def load(text: str, Loader: Any) -> Any:
        try:
            return json.loads(text)
        except ValueError:
            return yaml.load(text, Loader)

    for module in (models, responses):
        module.yaml = SimpleNamespace(**{**vars(yaml), "load": load})  # type: ignore[assignment]


def _patch(kind: Any, settings: Callable[[Any, Any], None], find: Callable[[Any, str], Any]) -> None:
    """Give a resource all settings of its template, also when it is updated, which moto does by making it again, or not
    at all; a resource that is imported exists already."""
    create = kind.create_from_cloudformation_json.__func__

    def create_or_find(
        cls: Any, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **kwargs: Any
    ) -> Any:
        from moto.dynamodb.models import dynamodb_backends
        from moto.kinesis.models import kinesis_backends
        from moto.sqs.models import sqs_backends

        if getattr(_doing, "imports", False):
            backends: Any = {"Stream": kinesis_backends, "Table": dynamodb_backends, "Queue": sqs_backends}
            return find(backends[kind.__name__][account_id][region_name], resource_name)
        resource = create(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs)
        settings(resource, cloudformation_json["Properties"])
        return resource

    def update(_: Any, original_resource: Any, cloudformation_json: Any, **kwargs: Any) -> Any:
        settings(original_resource, cloudformation_json["Properties"])
        return original_resource

    kind.create_from_cloudformation_json = classmethod(create_or_find)
    kind.update_from_cloudformation_json = classmethod(update)


def _stream_settings(stream: Any, properties: Any) -> None:
    stream.stream_mode = properties["StreamModeDetails"]
    stream.encryption_type = properties["StreamEncryption"]["EncryptionType"]
    stream.key_id = properties["StreamEncryption"]["KeyId"]
    stream.tags = _tags(properties)


def _topic_settings(topic: Any, properties: Any) -> None:
    topic._tags = _tags(properties)
    topic.kms_master_key_id = properties.get("KmsMasterKeyId", "")


def _queue_settings(queue: Any, properties: Any) -> None:
    queue.tags = _tags(properties)
    queue.message_retention_period = properties.get("MessageRetentionPeriod", 345_600)
    queue.kms_master_key_id = properties.get("KmsMasterKeyId")


def _tags(properties: Any) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in properties.get("Tags", ())}


def _table_settings(table: Any, properties: Any) -> None:
    _change_index(table, properties)
    ttl = properties["TimeToLiveSpecification"]
    table.ttl = {"TimeToLiveStatus": "ENABLED", "AttributeName": ttl["AttributeName"]}
    table.tags = properties.get("Tags", [])
    table.deletion_protection_enabled = properties.get("DeletionProtectionEnabled", False)
    table.sse_specification = {"Enabled": True, **properties["SSESpecification"]}
    table.continuous_backups["PointInTimeRecoveryDescription"] = {"PointInTimeRecoveryStatus": "ENABLED"}


def _change_index(table: Any, properties: Any) -> None:
    """DynamoDB adds or drops one index in an update, and changes none."""
    from moto.dynamodb.models.table import GlobalSecondaryIndex

    present = {index.name: index for index in table.global_indexes}
    wanted = {index["IndexName"]: index for index in properties.get("GlobalSecondaryIndexes", ())}
    other = present.keys() ^ wanted.keys()
    keys = {key["AttributeName"] for each in (properties, *wanted.values()) for key in each["KeySchema"]}
    assert len(other) <= 1, "Cannot perform more than one GSI creation or deletion in a single update"
    assert keys == {each["AttributeName"] for each in properties["AttributeDefinitions"]}, "unused attributes"
    for name in other:
        table.attr = properties["AttributeDefinitions"]
        new = [GlobalSecondaryIndex.create(wanted[name], table.table_key_attrs)] if name in wanted else []
        table.global_indexes = [index for index in table.global_indexes if index.name in wanted] + new


def _let_import(backend: Any) -> None:
    """moto would create what a change set of the type IMPORT imports, and a second stack with it where there is one of
    that name, and keep the tags of a stack that is updated."""
    execute, create = backend.execute_change_set, backend.create_change_set

    def create_in_stack(self: Any, stack_name: str, *arguments: Any, change_set_type: str, **options: Any) -> Any:
        exists = any(each.name == stack_name and each.status != "DELETE_COMPLETE" for each in self.stacks.values())
        kind = "UPDATE" if change_set_type == "IMPORT" and exists else change_set_type
        change_set, stack = create(self, stack_name, *arguments, change_set_type=kind, **options)
        self.change_sets[change_set].change_set_type = change_set_type
        return change_set, stack

    def execute_or_import(self: Any, change_set_name: str, stack_name: str | None = None) -> None:
        change_set = self.change_sets[change_set_name]
        _doing.imports = change_set.change_set_type == "IMPORT"
        try:
            execute(self, change_set_name, stack_name)
            self.stacks[change_set.stack_id].tags = change_set.tags
        finally:
            _doing.imports = False

    backend.create_change_set = create_in_stack
    backend.execute_change_set = execute_or_import


def _refuse_second_event_sources(backend: Any) -> None:
    """Lambda refuses a second event source of a function on the same stream: a killed deployment may have made it."""
    from moto.core.exceptions import JsonRESTError

    create = backend.create_event_source_mapping

    def create_once(self: Any, spec: dict[str, Any]) -> Any:
        for known in self._event_source_mappings.values():
            name = known.function_arn.rpartition(":")[2]
            function = spec.get("FunctionName", "").rpartition(":")[2]
            if (known.event_source_arn, name) == (spec.get("EventSourceArn"), function):
                raise JsonRESTError(
                    "ResourceConflictException",
                    f"The event source arn ({known.event_source_arn}) and function ({name}) provided mapping already "
                    f"exists. Please update or delete the existing mapping with UUID {known.uuid}",
                )
        return create(self, spec)

    backend.create_event_source_mapping = create_once


def _protect_stacks() -> None:
    """UpdateTerminationProtection, which moto does not know."""
    from moto.cloudformation.responses import CloudFormationResponse
    from moto.core.responses import ActionResult

    def update(self: Any) -> ActionResult:
        stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
        stack.enable_termination_protection = self._get_param("EnableTerminationProtection")
        return ActionResult({"StackId": stack.stack_id})

    CloudFormationResponse.update_termination_protection = update  # type: ignore[attr-defined]


def _find_by_resource(backend: Any) -> None:
    """moto's DescribeStackResources does not know PhysicalResourceId, which comes without a stack's name."""
    from moto.cloudformation.responses import CloudFormationResponse

    describe = CloudFormationResponse.describe_stack_resources
    get_stack = backend.get_stack

    def describe_by_resource(self: Any) -> Any:
        _doing.wanted = self._get_param("PhysicalResourceId")
        try:
            return describe(self)
        finally:
            _doing.wanted = None

    def find_stack(self: Any, name: str | None) -> Any:
        resource = getattr(_doing, "wanted", None)
        if not resource:
            return get_stack(self, name)
        holding = (each for each in self.stacks.values() if resource in _physical(each))
        stack = next(holding, None)
        return stack or get_stack(self, f"for {resource}")

    CloudFormationResponse.describe_stack_resources = describe_by_resource
    backend.get_stack = find_stack


def _physical(stack: Any) -> list[str]:
    return [getattr(each, "physical_resource_id", "") for each in stack.stack_resources]
