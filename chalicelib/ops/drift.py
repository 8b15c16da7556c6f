"""`slips check --deployed`: what in the account is not as slips.yml and .chalice/ say, a line each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .. import aws
from ..config import LaneConfig
from ..errors import DeploymentError
from .account import Account
from .chalice_settings import roles
from .faults import told, unless_missing
from .mappings import lane_mapping
from .policies import of_stage
from .provision import stack_status
from .stack import template
from .stage import Stage
from .tune import settings
from .tuning import RETENTION_HOURS


def drift(stage: Stage, where: Account) -> list[str]:
    """All of it. Raises DeploymentError where AWS does not answer."""
    found = [*_stack(stage), *_streams(stage), *_tables(stage)]
    there = {name: _found(stage.function(name)) for name in stage.functions}
    for name, function in there.items():
        found += _function(stage, name, function)
    return found + list(_wiring(stage, where)) if all(there.values()) else found


def _stack(stage: Stage) -> Iterator[str]:
    stack = stage.config.stack_name
    status = stack_status(stack)
    if not status:
        yield f"stack {stack}: is missing; run: slips provision --stage {stage.name}"
        return
    if not status.endswith("_COMPLETE") or status.startswith("ROLLBACK"):
        yield f"stack {stack}: is {status}"
    wanted = template(stage.config, functions={name: stage.function(name) for name in stage.functions})
    with told(f"the stack {stack}"):
        body: Any = aws.client("cloudformation").get_template(StackName=stack)["TemplateBody"]
    there = (json.loads(body) if isinstance(body, str) else body)["Resources"]
    for logical in {**there, **wanted["Resources"]}:
        if there.get(logical) != wanted["Resources"].get(logical):
            word = "missing" if logical not in there else "changed" if logical in wanted["Resources"] else "left over"
            yield f"stack {stack}: {logical} is {word}; run: slips provision --stage {stage.name}"


def _streams(stage: Stage) -> Iterator[str]:
    for lane in (stage.config.fast, stage.config.slow):
        found: dict[str, Any] = {}
        with told(f"the stream {lane.stream}"), unless_missing():
            found = dict(
                aws.client("kinesis").describe_stream_summary(StreamName=lane.stream)["StreamDescriptionSummary"]
            )
        if not found:
            yield f"stream {lane.stream}: is missing"
        elif not lane.stream_arn:
            yield from _differences(f"stream {lane.stream}", _stream_settings(lane, found))


def _stream_settings(lane: LaneConfig, found: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    mode = found.get("StreamModeDetails", {}).get("StreamMode", "PROVISIONED")
    yield "mode", mode, "ON_DEMAND" if lane.shards is None else "PROVISIONED"
    if lane.shards is not None:
        yield "shards", found.get("OpenShardCount"), lane.shards
    yield "hours kept", found.get("RetentionPeriodHours"), RETENTION_HOURS
    yield "encryption", found.get("EncryptionType", "NONE"), "KMS"


def _tables(stage: Stage) -> Iterator[str]:
    config, dynamodb = stage.config, aws.client("dynamodb")
    for table, own in ((config.error_table, not config.error_table_arn), (config.ledger_table, True)):
        found: Any = {}
        with told(f"the table {table}"), unless_missing():
            found = dynamodb.describe_table(TableName=table)["Table"]
        if not found:
            yield f"table {table}: is missing"
            continue
        if own:
            with told(f"the table {table}"):
                ttl = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
                backups: Any = dynamodb.describe_continuous_backups(TableName=table)
            recovery = backups["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
            yield from _differences(
                f"table {table}",
                [
                    ("deletes expired items", ttl["TimeToLiveStatus"], "ENABLED"),
                    ("point-in-time recovery", recovery.get("PointInTimeRecoveryStatus"), "ENABLED"),
                ],
            )


def _found(function: str) -> dict[str, Any]:
    """What the account says of a function; nothing where it is missing."""
    found: Any = {}
    with told(f"the function {function}"), unless_missing():
        found = aws.client("lambda").get_function_configuration(FunctionName=function)
    return dict(found)


def _function(stage: Stage, name: str, found: dict[str, Any]) -> Iterator[str]:
    function = stage.function(name)
    if not found:
        yield f"function {function}: is missing; run: slips deploy --stage {stage.name}"
        return
    wanted = stage.of_function(name)
    variables = found.get("Environment", {}).get("Variables", {})
    rows: list[tuple[str, Any, Any]] = [("SLIPS_CONFIG", variables.get("SLIPS_CONFIG"), stage.config_name)]
    rows += [
        (label, found.get(key), wanted[setting])
        for label, key, setting in (
            ("memory", "MemorySize", "lambda_memory_size"),
            ("seconds", "Timeout", "lambda_timeout"),
        )
        if setting in wanted
    ]
    yield from _differences(f"function {function}", rows)
    yield from _role(stage, name, found["Role"])


def _role(stage: Stage, name: str, arn: str) -> Iterator[str]:
    function, given = stage.function(name), roles(stage.config)[name]
    if given:
        yield from _differences(f"function {function}", [("role", arn, given)])
        return
    role, iam = arn.rpartition("/")[2], aws.client("iam")
    with told(f"the role {role}"):
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        found = [iam.get_role_policy(RoleName=role, PolicyName=each)["PolicyDocument"] for each in names]
    if found != [of_stage(stage)[f"policy-{stage.name}-{name}.json"]]:
        yield f"role {role}: its policy is not the one of slips.yml; run: slips deploy --stage {stage.name}"


def _wiring(stage: Stage, where: Account) -> Iterator[str]:
    for lane in ("fast", "slow"):
        try:
            state = lane_mapping(stage, lane)["State"]
        except DeploymentError as fault:
            yield str(fault)
        else:
            yield from _differences(f"{lane} lane", [("mapping", state, "Enabled")])
    subscribed = _subscribed(stage, where)
    topics = {topic.name: topic.arn for topic in stage.config.topics} | {"report": stage.config.dead_letters}
    for name, topic in topics.items():
        function = where.arn("lambda", f"function:{stage.function(name)}")
        if function not in subscribed[name]:
            yield f"topic {topic}: does not call {stage.function(name)}; run: slips deploy --stage {stage.name}"
    try:
        yield from (f"{each.what}: is {each.old}, should be {each.new}" for each in settings(stage, where))
    except DeploymentError as fault:
        yield str(fault)


def _subscribed(stage: Stage, where: Account) -> dict[str, set[str]]:
    topics = {topic.name: topic.arn for topic in stage.config.topics} | {"report": stage.config.dead_letters}
    return {name: _endpoints(where.arn("sns", topic)) for name, topic in topics.items()}


def _endpoints(topic: str) -> set[str]:
    found: set[str] = set()
    with told(f"the topic {topic}"), unless_missing():
        pages = aws.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
        found = {each["Endpoint"] for page in pages for each in page["Subscriptions"]}
    return found


def _differences(what: str, rows: Any) -> Iterator[str]:
    for name, found, wanted in rows:
        if found != wanted:
            yield f"{what}: {name} is {found}, should be {wanted}"
