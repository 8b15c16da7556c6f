"""What calls the functions in the account, and the settings behind Chalice."""

from __future__ import annotations

from collections.abc import Iterator

from .... import aws
from ....config import LaneConfig
from ....errors import DeploymentError
from ...aws_errors import explain_aws_errors, ignore_not_found
from ..account import AwsAccount
from ..event_sources import function_name, lane_event_source, stream_event_sources
from ..lambda_settings_sync import setting_changes
from ..provision import missing_notifications
from ..stage import DeploymentStage


def wiring_drift(stage: DeploymentStage, where: AwsAccount) -> Iterator[str]:
    """A line each. Raises DeploymentError."""
    for lane in (stage.config.fast, stage.config.slow):
        yield from _lane(stage, lane)
    subscribed = _subscribed(stage, where)
    topics = {topic.name: topic.arn for topic in stage.config.topics} | {"report": stage.config.dead_letters}
    for name, topic in topics.items():
        function = where.arn("lambda", f"function:{stage.function_name(name)}")
        if function not in subscribed[name]:
            yield f"topic {topic}: does not call {stage.function_name(name)}; run: {stage.deploy_command}"
    try:
        yield from (f"{each.what}: is {each.old}, should be {each.new}" for each in setting_changes(stage, where))
    except DeploymentError as fault:
        yield str(fault)
    yield from silent_buckets(stage, where)


def _lane(stage: DeploymentStage, lane: LaneConfig) -> Iterator[str]:
    try:
        found = lane_event_source(stage, lane.name)
    except DeploymentError as fault:
        yield str(fault)
        return
    if found["State"] != "Enabled":
        run = f"aws lambda update-event-source-mapping --enabled --uuid {found['UUID']}"
        yield f"{lane.name} lane: mapping is {found['State']}, should be Enabled; run: {run}"
    for each in stream_event_sources(lane.stream):
        if each["UUID"] != found["UUID"]:
            yield f"{lane.name} lane: {function_name(each)} reads the stream {lane.stream}, too"


def silent_buckets(stage: DeploymentStage, where: AwsAccount) -> Iterator[str]:
    """A line for each bucket that does not tell the stage of all that is mapped. Where a topic is given, who notifies
    it is not ours to say."""
    topics = [where.arn("sns", topic.arn) for topic in stage.config.topics if not topic.arn.startswith("arn:")]
    if len(topics) < len(stage.config.topics):
        return
    for bucket in sorted({mapping.bucket for mapping in stage.config.mappings}):
        prefixes = [mapping.prefix for mapping in stage.config.mappings if mapping.bucket == bucket]
        try:
            silent = [set(missing_notifications(bucket, prefixes, topic)) for topic in topics]
        except DeploymentError as fault:
            yield str(fault)
            continue
        if left := sorted(set.intersection(*silent)):
            named = ", ".join(left[:3]) + (", …" if len(left) > 3 else "")
            what = f"below {named}" if any(left) else "of any object"
            run = f"slips provision --stage {stage.name} --bucket-notifications {bucket}"
            yield f"s3://{bucket} does not tell this stage {what}; run: {run}"


def _subscribed(stage: DeploymentStage, where: AwsAccount) -> dict[str, set[str]]:
    topics = {topic.name: topic.arn for topic in stage.config.topics} | {"report": stage.config.dead_letters}
    return {name: _endpoints(where.arn("sns", topic)) for name, topic in topics.items()}


def _endpoints(topic: str) -> set[str]:
    found: set[str] = set()
    with explain_aws_errors(f"the topic {topic}"), ignore_not_found():
        pages = aws.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
        found = {each["Endpoint"] for page in pages for each in page["Subscriptions"]}
    return found
