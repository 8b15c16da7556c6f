"""The log groups of the functions, which Lambda would create without an end, and without tags, and of the REST API."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from ... import aws
from ..aws_errors import explain_aws_errors
from .account_resources import find_log_group
from .lambda_settings import log_days
from .setting_change import SettingChange
from .stage import DeploymentStage
from .tags import missing_tags


def log_group_changes(stage: DeploymentStage) -> Iterator[SettingChange]:
    """Yield the settings of the functions' log groups that differ. Raises DeploymentError."""
    for function in stage.functions:
        yield from group_changes(stage, f"/aws/lambda/{stage.function_name(function)}")


def api_log_group(stage: DeploymentStage) -> str:
    """The name of the log group of the REST API's access log."""
    return f"/aws/apigateway/{stage.packaged_by or f'{stage.app_name}-{stage.name}'}"


def group_changes(stage: DeploymentStage, name: str) -> Iterator[SettingChange]:
    """Yield what differs of one log group, its creation first where it does not exist. Raises DeploymentError."""
    group, tags, days = find_log_group(name), stage.config.tags, log_days(stage.settings)
    key = stage.config.kms_key
    if group is None:
        yield SettingChange(f"{name}: days kept", None, days, partial(_create, name, days, tags, key))
        return
    if group.get("retentionInDays") != days:
        set_days = partial(_call, name, "put_retention_policy", logGroupName=name, retentionInDays=days)
        yield SettingChange(f"{name}: days kept", group.get("retentionInDays"), days, set_days)
    # Without a key in slips.yml, that of somebody else stays.
    if key and group.get("kmsKeyId") != key:
        associate = partial(_call, name, "associate_kms_key", logGroupName=name, kmsKeyId=key)
        yield SettingChange(f"{name}: key", group.get("kmsKeyId"), key, associate)
    arn = group["arn"].removesuffix(":*")
    present = _list_tags(name, arn) if tags else {}
    if missing := missing_tags(present, tags):
        old = {key: present[key] for key in missing if key in present}
        tag = partial(_call, name, "tag_resource", resourceArn=arn, tags=missing)
        yield SettingChange(f"{name}: tags", old, missing, tag)


def _create(name: str, days: int, tags: dict[str, str], key: str) -> None:
    settings: dict[str, Any] = {"tags": tags, "kmsKeyId": key}
    _call(name, "create_log_group", logGroupName=name, **{each: value for each, value in settings.items() if value})
    _call(name, "put_retention_policy", logGroupName=name, retentionInDays=days)


def _list_tags(name: str, arn: str) -> dict[str, str]:
    with explain_aws_errors(f"the log group {name}"):
        return dict(aws.client("logs").list_tags_for_resource(resourceArn=arn)["tags"])


def _call(name: str, operation: str, **request: Any) -> None:
    with explain_aws_errors(f"the log group {name}"):
        getattr(aws.client("logs"), operation)(**request)
