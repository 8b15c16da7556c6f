"""What calls the functions in the account, and the settings that Chalice does not know."""

from __future__ import annotations

from collections.abc import Iterator

from .... import aws
from ....config import LaneConfig
from ....config.settings import RETRY
from ....errors import DeploymentError
from ...aws_errors import explain_aws_errors, look_up
from ..account import AwsAccount
from ..chalice_notes import read_notes
from ..event_sources import function_name, lane_event_source, stream_event_sources
from ..gaps import silent_buckets
from ..lambda_settings_sync import setting_changes
from ..stage import DeploymentStage
from ..topic_calls import missing_calls


def wiring_drift(stage: DeploymentStage, account: AwsAccount) -> Iterator[str]:
    """Yield a line for each difference. Raises DeploymentError."""
    for lane in (stage.config.fast, stage.config.slow):
        yield from _lane_drift(stage, lane)
    yield from (f"{call}; run: {stage.deploy_command}" for call in missing_calls(stage, account))
    if stage.has_retry:
        yield from _schedule_drift(stage, account)
    try:
        for change in setting_changes(stage, account):
            yield f"{change.what}: is {change.old}, should be {change.new}"
    except DeploymentError as error:
        yield str(error)
    yield from _api_drift(stage)
    yield from (each.line for each in silent_buckets(stage, account))


def _schedule_drift(stage: DeploymentStage, account: AwsAccount) -> Iterator[str]:
    """Nothing else says so: without a call there is no figure for the alarm on what waits for long."""
    function, events = stage.function_name(RETRY), aws.client("events")
    with explain_aws_errors(f"the rules that call {function}"):
        target = account.arn("lambda", f"function:{function}")
        rules = events.list_rule_names_by_target(TargetArn=target)["RuleNames"]
        states = {rule: events.describe_rule(Name=rule)["State"] for rule in rules}
    if not states:
        yield f"function {function}: no schedule calls it; run: {stage.deploy_command}"
    elif "ENABLED" not in states.values():
        for rule, state in states.items():
            yield f"rule {rule}: is {state}, should be ENABLED; run: aws events enable-rule --name {rule}"


def _api_drift(stage: DeploymentStage) -> Iterator[str]:
    """Only Chalice's notes say which REST API is the stage's: another one may have its name."""
    for resource in read_notes(stage.project, stage.name).of_type("rest_api"):
        api, call = resource["rest_api_id"], aws.client("apigateway").get_rest_api
        if look_up(f"the REST API {api}", call, restApiId=api) is None:
            yield f"REST API {api}: is missing; run: {stage.deploy_command}"


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
