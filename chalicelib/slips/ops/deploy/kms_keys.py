"""The keys of slips.yml: may AWS's services and our functions use them, and is what they encrypted still readable?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from ... import aws
from ...config import Config
from ..aws_errors import explain_aws_errors
from .account import AwsAccount
from .account_resources import find_function, find_key, find_key_policy, find_stream
from .chalice_config import stage_roles
from .packaged import resolve_names
from .stack.dispatch_queue import takes_buckets
from .stage import DeploymentStage

_NEEDED = ("kms:Decrypt", "kms:GenerateDataKey")
_SHOWN = "docs/deployment.md shows the policy of a key"


def check_keys(config: Config, account: AwsAccount) -> Iterator[str]:
    """Yield a line for each key that cannot be used, and for each stream whose records could no longer be read. Raises
    DeploymentError."""
    for arn in filter(None, config.kms_keys):
        if problem := _problem(arn, account):
            yield f"kms_key: {problem}"
            return
    if config.kms_key.split(":")[4:5] == [account.id]:  # Only its own account may see the policy of a key.
        yield from _policy_problems(config, account)
    for lane in (config.fast, config.slow):
        if not lane.stream_arn:
            yield from _unreadable(config, lane.stream)


def _problem(arn: str, account: AwsAccount) -> str:
    if arn.split(":")[3] != account.region:
        return f"{arn} is not in region {account.region}, where the deployment is"
    key = find_key(arn)
    if key is None:
        return f"there is no {arn}; correct the ARN, or create it first"
    if key["KeyState"] != "Enabled":
        return f"{arn} is {key['KeyState']}; enable it first"
    if key["KeySpec"] != "SYMMETRIC_DEFAULT":
        return f"{arn} is not an encryption key; name a symmetric encryption key"
    return ""


def _policy_problems(config: Config, account: AwsAccount) -> Iterator[str]:
    """S3 tells nobody that it may not use the key of a topic or queue, and SNS nobody that it may not use that of the
    queue: notifications would be lost silently."""
    policy = json.loads(find_key_policy(config.kms_key))
    services = [f"logs.{account.region}.amazonaws.com", "cloudwatch.amazonaws.com", "sns.amazonaws.com"]
    if takes_buckets(config) or any(not topic.arn.startswith("arn:") for topic in config.topics):
        services.append("s3.amazonaws.com")
    for service in services:
        if any(not _allows(policy, service, action) for action in _NEEDED):
            yield f"kms_key: the policy of {config.kms_key} does not let {service} use it; {_SHOWN}"


def _allows(policy: Any, service: str, action: str) -> bool:
    return any(
        statement["Effect"] == "Allow"
        and _names(statement.get("Principal", {}), service)
        # `kms:GenerateDataKey*` allows kms:GenerateDataKey, too.
        and any(fnmatchcase(action.lower(), str(pattern).lower()) for pattern in _as_list(statement.get("Action", ())))
        for statement in _as_list(policy["Statement"])
    )


def _names(principal: Any, service: str) -> bool:
    return principal == "*" or (isinstance(principal, dict) and service in _as_list(principal.get("Service", ())))


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def functions_without_key(stage: DeploymentStage) -> Iterator[str]:
    """Yield a line for each function that exists and may not use the key yet: once the stack encrypts with it, that
    function would fail. Roles that slips.yml names are their owner's business. Raises DeploymentError."""
    key = stage.config.kms_key
    if not key:
        return
    named = resolve_names(stage)
    for function, given in stage_roles(stage).items():
        configuration = None if given else find_function(named.function_name(function))
        if configuration and not any(key in text for text in _role_policies(configuration["Role"])):
            yield (
                f"kms_key: the function {named.function_name(function)} may not use {key} yet; run: "
                f"{named.deploy_command} (then run this command again)"
            )


def _role_policies(arn: str) -> Iterator[str]:
    role, iam = arn.rpartition("/")[2], aws.client("iam")
    with explain_aws_errors(f"the role {role}"):
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            yield json.dumps(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])


def _unreadable(config: Config, name: str) -> Iterator[str]:
    """A stream's records stay encrypted with the key of their time, for as long as it keeps them."""
    stream = find_stream(name)
    key = str((stream or {}).get("KeyId") or "")
    if not key.startswith("arn:") or ":key/" not in key or key in config.kms_keys:
        return
    if (find_key(key) or {}).get("KeyManager") == "AWS":
        return
    first = config.kms_key or "aws"
    yield (
        f"kms_key: records of the stream {name} are encrypted with {key}, and the functions could no longer read them; "
        f"write kms_key: [{first}, {key}] until the stream has dropped them (a week)"
    )
