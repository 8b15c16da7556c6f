"""What calls the functions in the account, and the settings that Chalice does not know."""

from __future__ import annotations

from collections.abc import Iterator

from .... import aws
from ....config import LaneConfig
from ....errors import DeploymentError
from ...aws_errors import look_up
from ..account import AwsAccount
from ..bucket_notifications import missing_notifications
from ..event_sources import function_name, lane_event_source, stream_event_sources
from ..lambda_settings_sync import setting_changes
from ..stage import DeploymentStage


def wiring_drift(stage: DeploymentStage, account: AwsAccount) -> Iterator[str]:
    """Yield a line for each difference. Raises DeploymentError."""
    for lane in (stage.config.fast, stage.config.slow):
        yield from _lane_drift(stage, lane)
    topics = {topic.name: topic.arn for topic in stage.config.topics} | {"report": stage.config.dead_letters}
    for name, topic in topics.items():
        function = account.arn("lambda", f"function:{stage.function_name(name)}")
        if function not in _subscribers(account.arn("sns", topic)):
            yield f"topic {topic}: does not call {stage.function_name(name)}; run: {stage.deploy_command}"
    try:
        for change in setting_changes(stage, account):
            yield f"{change.what}: is {change.old}, should be {change.new}"
    except DeploymentError as error:
        yield str(error)
    yield from silent_buckets(stage, account)


def _lane_drift(stage: DeploymentStage, lane: LaneConfig) -> Iterator[str]:
    try:
        source = lane_event_source(stage, lane.name)
    except DeploymentError as error:
        yield str(error)
        return
    if source["State"] != "Enabled":
        run = f"aws lambda update-event-source-mapping --enabled --uuid {source['UUID']}"
        yield f"{lane.name} lane: event source is {source['State']}, should be Enabled; run: {run}"
    for other in stream_event_sources(lane.stream):
        if other["UUID"] != source["UUID"]:
            yield f"{lane.name} lane: {function_name(other)} reads the stream {lane.stream}, too"


def silent_buckets(stage: DeploymentStage, account: AwsAccount) -> Iterator[str]:
    """Yield a line for each bucket that does not notify the stage of all that is mapped. Where slips.yml names a topic
    by ARN, anybody may notify it: then nothing is said."""
    topics = [account.arn("sns", topic.arn) for topic in stage.config.topics if not topic.arn.startswith("arn:")]
    if len(topics) < len(stage.config.topics):
        return
    for bucket in sorted({mapping.bucket for mapping in stage.config.mappings}):
        mapped = [mapping.prefix for mapping in stage.config.mappings if mapping.bucket == bucket]
        try:
            missing = [set(missing_notifications(bucket, mapped, topic)) for topic in topics]
        except DeploymentError as error:
            yield str(error)
            continue
        if prefixes := sorted(set.intersection(*missing)):
            names = ", ".join(prefixes[:3]) + (", …" if len(prefixes) > 3 else "")
            what = f"below {names}" if any(prefixes) else "of any object"
            run = f"slips provision --stage {stage.name} --bucket-notifications {bucket}"
            yield f"s3://{bucket} does not notify this stage {what}; run: {run}"


def _subscribers(topic: str) -> set[str]:
    def list_endpoints() -> set[str]:
        pages = aws.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
        return {subscription["Endpoint"] for page in pages for subscription in page["Subscriptions"]}

    return look_up(f"the topic {topic}", list_endpoints) or set()
