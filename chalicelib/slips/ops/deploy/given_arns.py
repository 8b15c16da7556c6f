"""The resources that slips.yml names by ARN: they are used, not created."""

from __future__ import annotations

from collections.abc import Iterator

from ...config import Config
from .account import AwsAccount
from .account_resources import find_policy, find_stream, find_table, find_topic
from .kms_keys import check_keys

_FIND = {"kinesis": find_stream, "dynamodb": find_table, "sns": find_topic}


def check(config: Config, account: AwsAccount) -> Iterator[str]:
    """Yield a line for each ARN whose resource does not exist, or cannot be used from this account and region. Raises
    DeploymentError."""
    arns = {
        "kinesis_stream_fast_arn": config.fast.stream_arn,
        "kinesis_stream_slow_arn": config.slow.stream_arn,
        "dynamodb_arn": config.error_table_arn,
        "dlq_sns_arn": config.dead_letters,
        **{f"sns_topics[{number}].arn": topic.arn for number, topic in enumerate(config.topics)},
    }
    for key, arn in arns.items():
        if arn.startswith("arn:") and (problem := _problem(arn, account)):
            yield f"backend.{key}: {problem}"
    policies = dict.fromkeys(config.handler.policy.managed, "handler.policy")
    if config.iam.permissions_boundary:
        policies |= {config.iam.permissions_boundary: "iam.permissions_boundary"}
    for arn, key in policies.items():
        if not find_policy(arn):
            yield f"{key}: there is no {arn}; correct the ARN, or create it first"
    yield from check_keys(config, account)


def _problem(arn: str, account: AwsAccount) -> str:
    _, _, service, region, account_id, _ = arn.split(":", 5)
    if (account_id, region) == (account.id, account.region):
        exists = _FIND[service](arn if service == "sns" else arn.rpartition("/")[2])
        return "" if exists else f"there is no {arn}; correct the ARN, or create it first"
    # Work items and queries name streams and tables without their account, and Chalice subscribes to streams of its
    # own account. A topic may be in another account.
    if service == "sns":
        return ""
    return f"{arn} is not in account {account.id} and region {account.region}, where the deployment is"
