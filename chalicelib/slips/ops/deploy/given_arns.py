"""What an ARN of slips.yml names: is it there, and where it can be of use?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ... import aws
from ...config import Config
from .account import AwsAccount
from .existing_resources import exists


def check(config: Config, where: AwsAccount) -> Iterator[str]:
    """A line for each ARN that names nothing, or nothing of this account and region. Raises DeploymentError."""
    given = {
        "kinesis_stream_fast_arn": config.fast.stream_arn,
        "kinesis_stream_slow_arn": config.slow.stream_arn,
        "dynamodb_arn": config.error_table_arn,
        "dlq_sns_arn": config.dead_letters if config.dead_letters.startswith("arn:") else "",
    }
    given |= {f"sns_topics[{at}].arn": topic.arn for at, topic in enumerate(config.topics) if topic.arn[:4] == "arn:"}
    for key, arn in given.items():
        if arn and (fault := _fault(arn, where)):
            yield f"backend.{key}: {fault}"


def _fault(arn: str, where: AwsAccount) -> str:
    _, _, service, region, account, _ = arn.split(":", 5)
    if (account, region) == (where.id, where.region):
        return "" if exists(arn, _look(service, arn)) else f"there is no {arn}; mend the ARN, or create it first"
    # Work items and queries name streams and tables alone, and Chalice subscribes to streams of its own account. A
    # topic may be another account's.
    if service == "sns":
        return ""
    return (
        f"{arn} is not of account {where.id} and region {where.region}; only those of this deployment's own can be used"
    )


def _look(service: str, arn: str) -> Callable[[], Any]:
    looks: dict[str, Callable[[], Any]] = {
        "kinesis": lambda: aws.client("kinesis").describe_stream_summary(StreamARN=arn),
        "dynamodb": lambda: aws.client("dynamodb").describe_table(TableName=arn.rpartition("/")[2]),
        "sns": lambda: aws.client("sns").get_topic_attributes(TopicArn=arn),
    }
    return looks[service]
