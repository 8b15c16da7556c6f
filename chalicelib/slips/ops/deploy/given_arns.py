"""The resources that slips.yml names by ARN: they are used, not created."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ... import aws
from ...config import Config
from ..aws_errors import look_up
from .account import AwsAccount


def check(config: Config, account: AwsAccount) -> Iterator[str]:
    """Yield a line for each ARN whose resource does not exist, or is of another account or region. Raises
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


def _problem(arn: str, account: AwsAccount) -> str:
    _, _, service, region, account_id, _ = arn.split(":", 5)
    if (account_id, region) == (account.id, account.region):
        exists = look_up(arn, _describe(service, arn)) is not None
        return "" if exists else f"there is no {arn}; correct the ARN, or create it first"
    # Work items and queries name streams and tables without their account, and Chalice subscribes to streams of its
    # own account. A topic may be in another account.
    if service == "sns":
        return ""
    return f"{arn} is not in account {account.id} and region {account.region}, where the deployment is"


def _describe(service: str, arn: str) -> Callable[[], Any]:
    calls: dict[str, Callable[[], Any]] = {
        "kinesis": lambda: aws.client("kinesis").describe_stream_summary(StreamARN=arn),
        "dynamodb": lambda: aws.client("dynamodb").describe_table(TableName=arn.rpartition("/")[2]),
        "sns": lambda: aws.client("sns").get_topic_attributes(TopicArn=arn),
    }
    return calls[service]
