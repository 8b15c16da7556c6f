"""The settings of `slips deploy` in the account; what `slips check --deployed` says of them; and `slips limit`."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner, Result

from slips import aws
from slips.ops.cli import main
from slips.ops.deploy import chalice_command
from slips.ops.deploy.stack import template

from .deployed import BUCKET, Deployment
from .package import IAM, KEY, POLICY
from .project import REGION
from .test_deploy import arn, event_sources, subscriptions

pytestmark = pytest.mark.slow

Run = Callable[..., Result]
QUEUE = arn("sqs", "slips-redrive")
DEAD = {"OnFailure": {"Destination": arn("sns", "slips-dead-letters")}}


@pytest.fixture
def run(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """`slips` in the deployed project, in this process."""
    for name, value in deployment.emulator.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(deployment.project)
    aws.reset()
    yield lambda *arguments: CliRunner().invoke(main, arguments)
    aws.reset()


@pytest.mark.parametrize("lane", ["fast", "slow"])
def test_a_lane_retries_until_a_day_before_its_records_go(deployment: Deployment, lane: str) -> None:
    source = event_sources(deployment)[arn("lambda", f"function:slips-dev-process_{lane}")]
    assert source.get("ParallelizationFactor") in (None, 1)
    assert source["BisectBatchOnFunctionError"] is True
    assert source.get("MaximumRetryAttempts") in (None, -1)
    assert source["MaximumRecordAgeInSeconds"] == 6 * 24 * 3600
    assert source["DestinationConfig"] == DEAD


def test_dispatch_has_dead_letters_and_report_the_redrive_queue(deployment: Deployment) -> None:
    client = deployment.emulator.client("lambda")
    dispatch = client.get_function_event_invoke_config(FunctionName="slips-dev-dispatch")
    assert (dispatch["MaximumRetryAttempts"], dispatch["MaximumEventAgeInSeconds"]) == (2, 21600)
    assert dispatch["DestinationConfig"] == DEAD
    report = client.get_function_event_invoke_config(FunctionName="slips-dev-report")
    assert report["DestinationConfig"] == {"OnFailure": {"Destination": QUEUE}}


def test_what_retry_does_not_do_in_a_minute_the_next_one_does(deployment: Deployment) -> None:
    client = deployment.emulator.client("lambda")
    retry = client.get_function_event_invoke_config(FunctionName="slips-dev-retry")
    assert (retry["MaximumRetryAttempts"], retry["MaximumEventAgeInSeconds"]) == (0, 60)
    assert client.get_function_concurrency(FunctionName="slips-dev-retry")["ReservedConcurrentExecutions"] == 1


def test_what_sns_cannot_deliver_goes_into_the_redrive_queue_though_chalice_does_not_know_it(
    deployment: Deployment, run: Run
) -> None:
    """It subscribes without it, where a subscription is gone; the check says so, and the next deployment mends it."""
    sns = deployment.emulator.client("sns")

    def targets() -> list[Any]:
        arns = [each["SubscriptionArn"] for each in subscriptions(deployment).values()]
        return [
            sns.get_subscription_attributes(SubscriptionArn=each)["Attributes"].get("RedrivePolicy") for each in arns
        ]

    redriven = json.dumps({"deadLetterTargetArn": QUEUE})
    assert targets() == [redriven, redriven]
    for each in subscriptions(deployment).values():
        sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])
    deployment.chalice("deploy")
    assert targets() == [None, None]
    lines = run("check", "--deployed").output.splitlines()
    for function, topic in (("dispatch", "dispatch"), ("report", "dead-letters")):
        line = f"subscription of slips-dev-{function} to slips-{topic}: redrive: is None, should be {QUEUE}"
        assert line in lines
    deployment.slips("deploy", "--yes")
    assert targets() == [redriven, redriven]
    assert run("check", "--deployed").exit_code == 0


def test_the_slow_lane_cannot_take_what_the_fast_one_needs(deployment: Deployment, run: Run) -> None:
    """Plain `chalice deploy` takes the reservation away; the check says so, and the next deployment brings it back."""
    client = deployment.emulator.client("lambda")
    client.delete_function_concurrency(FunctionName="slips-dev-process_slow")
    assert "slips-dev-process_slow: reserved concurrency: is None, should be 1" in run("check", "--deployed").output
    tuned(deployment)
    assert client.get_function_concurrency(FunctionName="slips-dev-process_slow")["ReservedConcurrentExecutions"] == 1
    assert "ReservedConcurrentExecutions" not in client.get_function_concurrency(FunctionName="slips-dev-process_fast")


def test_logs_expire(deployment: Deployment) -> None:
    groups = deployment.emulator.client("logs").describe_log_groups()["logGroups"]
    assert {each["logGroupName"]: each["retentionInDays"] for each in groups} == {
        f"/aws/lambda/{name}": 30
        for name in (
            "slips-dev", "slips-dev-dispatch", "slips-dev-process_fast", "slips-dev-process_slow", "slips-dev-report",
            "slips-dev-retry",
        )
    }  # fmt: skip


def test_the_bucket_notifies_the_topic_below_the_mapped_prefixes(deployment: Deployment) -> None:
    configuration = deployment.emulator.client("s3").get_bucket_notification_configuration(Bucket=BUCKET)
    prefixes = {each["Filter"]["Key"]["FilterRules"][0]["Value"] for each in configuration["TopicConfigurations"]}
    assert prefixes == {mapping.prefix for mapping in deployment.config.mappings}
    assert {each["TopicArn"] for each in configuration["TopicConfigurations"]} == {arn("sns", "slips-dispatch")}


class TestTheCheck:
    def test_finds_nothing_after_a_deployment(self, run: Run, deployment: Deployment) -> None:
        tuned(deployment)
        result = run("check", "--deployed")
        assert (result.output, result.exit_code) == ("stage dev: the account matches slips.yml\n", 0)

    def test_names_every_difference(self, run: Run, deployment: Deployment) -> None:
        client = deployment.emulator.client
        uuid = event_sources(deployment)[arn("lambda", "function:slips-dev-process_fast")]["UUID"]
        client("lambda").update_event_source_mapping(UUID=uuid, ParallelizationFactor=7, BatchSize=99)
        client("logs").delete_retention_policy(logGroupName="/aws/lambda/slips-dev")
        more = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": ["*"]}]}
        client("iam").put_role_policy(RoleName="slips-dev-report", PolicyName="more", PolicyDocument=json.dumps(more))
        client("dynamodb").update_time_to_live(
            TableName="slips-errors", TimeToLiveSpecification={"Enabled": False, "AttributeName": "expires_at"}
        )
        policy = client("iam").create_policy(PolicyName="everything", PolicyDocument=json.dumps(more))["Policy"]
        client("iam").attach_role_policy(RoleName="slips-dev-report", PolicyArn=policy["Arn"])
        filters = {"Filters": [{"Pattern": "{}"}]}
        client("lambda").update_event_source_mapping(UUID=uuid, FilterCriteria=filters, Enabled=False)
        result = run("check", "--deployed", "--json")
        assert result.exit_code == 1
        enable = f"aws lambda update-event-source-mapping --enabled --uuid {uuid}"
        assert set(json.loads(result.output)) == {
            "fast lane: BatchSize: is 99, should be 10",
            "fast lane: ParallelizationFactor: is 7, should be 1",
            "/aws/lambda/slips-dev: days kept: is None, should be 30",
            "role slips-dev-report: its policy is not the one of slips.yml; run: slips deploy --stage dev",
            "table slips-errors: deletes no expired items; run: slips provision --stage dev",
            f"role slips-dev-report: may also do what {policy['Arn']} allows; run: slips deploy --stage dev",
            f"fast lane: FilterCriteria: is {filters}, should be {{}}",
            f"fast lane: event source is Disabled, should be Enabled; run: {enable}",
        }
        client("iam").detach_role_policy(RoleName="slips-dev-report", PolicyArn=policy["Arn"])
        client("lambda").update_event_source_mapping(UUID=uuid, Enabled=True)
        client("iam").delete_role_policy(RoleName="slips-dev-report", PolicyName="more")
        assert (
            "Update  table slips-errors: delete items after their expires_at: done" in run("provision", "--yes").output
        )
        tuned(deployment)
        assert run("check", "--deployed").exit_code == 0

    def test_names_variables_without_their_values(self, run: Run, deployment: Deployment) -> None:
        client, name = deployment.emulator.client("lambda"), "slips-dev-report"
        drifted = {"SLIPS_CONFIG": "other.yml", "TOKEN": "hunter2", "SLIPS_DELAY": "3"}
        client.update_function_configuration(FunctionName=name, Environment={"Variables": drifted})
        lines = json.loads(run("check", "--deployed", "--json").output)
        variables = {"SLIPS_CONFIG": "slips.yml"}
        client.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
        assert lines == [
            f"function {name}: SLIPS_CONFIG is other.yml, should be slips.yml",
            f"function {name}: SLIPS_DELAY is 3 until the next deployment, by `slips limit`",
            f"function {name}: the variable TOKEN is not in .chalice/config.json; run: slips deploy --stage dev",
        ]

    def test_names_a_bucket_that_does_not_notify(self, run: Run, deployment: Deployment) -> None:
        client = deployment.emulator.client("s3")
        topics = client.get_bucket_notification_configuration(Bucket=BUCKET)["TopicConfigurations"]
        others = [each for each in topics if not each["Id"].endswith("waf/")]
        request: dict[str, Any] = {"Bucket": BUCKET, "NotificationConfiguration": {"TopicConfigurations": others}}
        client.put_bucket_notification_configuration(**request)
        line = f"s3://{BUCKET} does not notify this stage below logs/waf/; run: slips provision --stage dev"
        assert run("check", "--deployed").output.startswith(line)
        assert run("provision", "--yes", "--bucket-notifications", BUCKET).exit_code == 0
        assert run("check", "--deployed").exit_code == 0

    def test_names_what_was_deleted_or_changed_by_hand_and_a_deployment_puts_it_right(
        self, run: Run, deployment: Deployment
    ) -> None:
        client = deployment.emulator.client
        client("cloudwatch").delete_alarms(AlarmNames=["slips-unbalanced"])
        client("lambda").delete_function(FunctionName="slips-dev-report")
        client("lambda").update_function_code(FunctionName="slips-dev-dispatch", ZipFile=packed("x = 1"))
        client("sns").delete_topic(TopicArn=arn("sns", "slips-dispatch"))
        for name in client("iam").list_role_policies(RoleName="slips-dev-report")["PolicyNames"]:
            client("iam").delete_role_policy(RoleName="slips-dev-report", PolicyName=name)
        client("iam").delete_role(RoleName="slips-dev-report")
        provision, deploy = "run: slips provision --stage dev", "run: slips deploy --stage dev"
        renewed = "and its subscriptions with it (`slips deploy` renews those of the functions)"
        assert json.loads(run("check", "--deployed", "--json").output) == [
            f"topic slips-dispatch: was deleted by hand, {renewed}; {provision}",
            f"alarm slips-unbalanced: was deleted by hand; {provision}",
            f"function slips-dev-report: is missing; {deploy}",
            f"function slips-dev-dispatch: its code was changed by hand; {deploy}",
        ]
        printed = deployment.slips("deploy", "--yes")
        assert "function slips-dev-report: does not let the topic slips-dead-letters call it: put right" in printed
        assert run("check", "--deployed").output == "stage dev: the account matches slips.yml\n"
        assert arn("lambda", "function:slips-dev-dispatch") in subscriptions(deployment)

    def test_names_a_role_and_an_api_that_are_missing(self, run: Run, deployment: Deployment) -> None:
        client, path = deployment.emulator.client, deployment.project / ".chalice" / "deployed" / "dev.json"
        function = client("lambda").get_function_configuration(FunctionName="slips-dev-report")
        elsewhere = function["Role"].replace("slips-dev-report", "no-such-role")
        notes = path.read_text()
        path.write_text(re.sub(r'"rest_api_id": "\w+"', '"rest_api_id": "nosuchapi"', notes))
        client("lambda").update_function_configuration(FunctionName="slips-dev-report", Role=elsewhere)
        lines = json.loads(run("check", "--deployed", "--json").output)
        path.write_text(notes)
        client("lambda").update_function_configuration(FunctionName="slips-dev-report", Role=function["Role"])
        assert lines == [
            "role no-such-role: is missing; run: slips deploy --stage dev",
            "REST API nosuchapi: is missing; run: slips deploy --stage dev",
        ]

    def test_of_another_slips_yml_names_what_is_missing(self, run: Run, deployment: Deployment) -> None:
        (deployment.project / "other.yml").write_text("stack_name: elsewhere\n")
        lines = run("check", "--deployed", "-c", "other.yml").output.splitlines()
        assert lines[0] == "stack elsewhere: is missing; run: slips provision --stage dev"
        assert not [line for line in lines if line.startswith(("stream ", "table "))]


def test_a_permission_that_is_missing_at_the_end_is_named_with_what_exists(
    run: Run, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "DescribeLogGroups")

    monkeypatch.setattr(chalice_command, "run_chalice", lambda stage, command, **_: None)
    monkeypatch.setattr(aws.client("logs"), "describe_log_groups", refuse)
    result = run("deploy", "--yes")
    assert result.exit_code == 1
    assert "these credentials may not call DescribeLogGroups (no); ask for that permission" in result.output
    assert "stack and functions are deployed, but not all of their settings: call `slips deploy` again" in result.output


class TestLimit:
    def test_without_options_prints_the_present_values(self, run: Run) -> None:
        assert run("limit", "fast").output == "delay: 0\nbatch_size: 10\nwindow: 0\nparallelization: 1\n"

    def test_prints_old_and_new_and_changes_the_running_lane(self, run: Run, deployment: Deployment) -> None:
        printed = run("limit", "slow", "-d", "30", "-b", "1", "--parallelization", "2").output
        assert printed == "delay: 0 -> 30\nbatch_size: 10 -> 1\nwindow: 0 -> 0\nparallelization: 1 -> 2\n"
        source = event_sources(deployment)[arn("lambda", "function:slips-dev-process_slow")]
        # Lambda gathers a batch that is not full for that time, which costs nothing ...
        assert (source["MaximumBatchingWindowInSeconds"], source["BatchSize"], source["ParallelizationFactor"]) == (
            30,
            1,
            2,
        )
        function = deployment.emulator.client("lambda").get_function_configuration(
            FunctionName="slips-dev-process_slow"
        )
        # ... and after one that is full, the function sleeps.
        assert function["Environment"]["Variables"] == {
            "SLIPS_CONFIG": "slips.yml", "SLIPS_DELAY": "30", "SLIPS_BATCH_SIZE": "1",
        }  # fmt: skip
        assert json.loads(run("limit", "slow", "--json").output) == {
            "delay": 30.0, "batch_size": 1, "window": 0, "parallelization": 2,
        }  # fmt: skip
        run("limit", "slow", "-d", "0", "-b", "10", "-p", "1")
        assert run("limit", "slow").output == "delay: 0\nbatch_size: 10\nwindow: 0\nparallelization: 1\n"

    def test_takes_the_name_of_a_stack_instead_of_a_file(self, run: Run) -> None:
        assert run("limit", "slow", "-s", "slips").output == run("limit", "slow").output
        assert "is the stack elsewhere?" in run("limit", "slow", "-s", "elsewhere").output

    def test_of_a_stage_that_is_not_deployed_says_what_to_do(self, run: Run, deployment: Deployment) -> None:
        (deployment.project / "other.yml").write_text("stack_name: elsewhere\n")
        result = run("limit", "fast", "-c", "other.yml")
        assert result.exit_code == 1
        assert "run `slips deploy --stage dev` first, or look at AWS_REGION" in result.output


def packed(code: str) -> bytes:
    """A package with this app.py."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("app.py", code)
    return file.getvalue()


def tuned(deployment: Deployment) -> None:
    """What `slips deploy` does at its end."""
    from slips.ops.deploy.account import current_account
    from slips.ops.deploy.lambda_settings_sync import sync_settings
    from slips.ops.deploy.stage import read_stage

    assert current_account().region == REGION
    sync_settings(read_stage("dev", project=deployment.project), current_account(), lambda line: None)


def test_two_stages_share_nothing(deployment: Deployment, run: Run) -> None:
    client, packaged = deployment.emulator.client, (deployment.project / "prod.yml").read_text()
    tuned(deployment)
    before = account_of(client)
    document = json.dumps({"Version": "2012-10-17", "Statement": POLICY[0]})
    for policy_arn in (POLICY[1], IAM["permissions_boundary"]):
        client("iam").create_policy(PolicyName=policy_arn.rpartition("/")[2], PolicyDocument=document)
    use = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
    services = ("s3.amazonaws.com", "sns.amazonaws.com", "cloudwatch.amazonaws.com", f"logs.{REGION}.amazonaws.com")
    policy = {"Version": "2012-10-17", "Statement": [use, {**use, "Principal": {"Service": services}}]}
    key = client("kms").create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"]
    path = deployment.project / "prod.yml"
    path.write_text(path.read_text().replace(KEY, key))
    assert "API Gateway has no role in this account" in run("deploy", "--stage", "prod", "--yes").output
    assert account_of(client) == before
    operation = {"op": "replace", "path": "/cloudwatchRoleArn", "value": "arn:aws:iam::123456789012:role/logs"}
    client("apigateway").update_account(patchOperations=[operation])
    printed = deployment.slips(
        "deploy", "--stage", "prod", "--yes", status=1
    )  # For the bucket, which S3 lets tell one.
    assert f"s3://{BUCKET} does not notify this stage" in printed
    assert "throttle: none -> 10 requests a second, 20 at once" in printed
    assert f"Update  role slips-prod-process_fast: + {json.dumps(POLICY[0])}" in printed
    (line,) = run("check", "--deployed", "--stage", "prod").output.splitlines()
    assert line.startswith(f"s3://{BUCKET} does not notify this stage below ")  # It notifies the stage dev.
    for lane in ("fast", "slow"):
        assert f"Update  role slips-prod-process_{lane}: attach {POLICY[1]}" in printed
        role = client("lambda").get_function_configuration(FunctionName=f"slips-prod-process_{lane}")["Role"]
        assert role == f"arn:aws:iam::123456789012:role/teams/slips-prod-process_{lane}"
        attached = client("iam").list_attached_role_policies(RoleName=role.rpartition("/")[2])["AttachedPolicies"]
        assert [each["PolicyArn"] for each in attached] == [POLICY[1]]
    created = {kind: names - before[kind] for kind, names in account_of(client).items()}
    assert created["streams"] == {"slips-prod-fast", "slips-prod-slow"}
    assert created["tables"] == {"slips-prod-errors", "slips-prod-ledger"}
    assert len(created["functions"]) == 6
    assert all(before[kind] <= names for kind, names in account_of(client).items())

    assert (
        "the stack slips-prod is protected against deletion; nothing was removed"
        in run("destroy", "--stage", "prod", "--yes", "--data").output
    )
    with path.open("a") as file:
        file.write("termination_protection: false\ndeletion_protection: false\n")
    deployment.slips("provision", "--stage", "prod", "--yes")
    answer, printed = deployment.slips_json("destroy", "--stage", "prod", "--yes", "--data", "--json")
    assert ({"kind": "table", "name": "slips-prod-errors"} in answer["deleted"], answer["kept"]) == (True, [])
    assert "deleted: table slips-prod-ledger" in printed
    assert account_of(client) == before
    (deployment.project / "prod.yml").write_text(packaged)  # The package of dev holds it, too.
    assert run("check", "--deployed").exit_code == 0


def test_a_deployment_of_given_resources_creates_none_of_them(deployment: Deployment, run: Run) -> None:
    """And its removal removes none of them, only the notification that it added."""
    client = deployment.emulator.client
    for name in ("a", "b"):
        client("kinesis").create_stream(StreamName=f"given-{name}", ShardCount=1)
        client("kinesis").increase_stream_retention_period(StreamName=f"given-{name}", RetentionPeriodHours=48)
    for name in ("landed", "dead"):
        client("sns").create_topic(Name=f"given-{name}")
    table = template(deployment.config)["Resources"]["ErrorTable"]["Properties"]
    keys = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    client("dynamodb").create_table(TableName="given-errors", **{name: table[name] for name in keys})
    client("s3").create_bucket(Bucket="given-logs", CreateBucketConfiguration={"LocationConstraint": REGION})
    before = account_of(client)

    deployment.slips("deploy", "--stage", "given", "--yes", "--adopt", "--bucket-notifications", "given-logs")
    created = {kind: names - before[kind] for kind, names in account_of(client).items()}
    assert (created["streams"], created["tables"]) == (set(), {"given-ledger"})
    assert created["topics"] == {arn("sns", "given-alarms")}
    assert run("check", "--deployed", "--stage", "given").output == "stage given: the account matches slips.yml\n"

    deployment.slips("destroy", "--stage", "given", "--yes", "--data")
    assert account_of(client) == before
    configuration = client("s3").get_bucket_notification_configuration(Bucket="given-logs")
    assert "TopicConfigurations" not in configuration


def account_of(client: Callable[[str], Any]) -> dict[str, set[str]]:
    return {
        "functions": {each["FunctionName"] for each in client("lambda").list_functions()["Functions"]},
        "streams": set(client("kinesis").list_streams()["StreamNames"]),
        "tables": set(client("dynamodb").list_tables()["TableNames"]),
        "queues": {*client("sqs").list_queues().get("QueueUrls", ())},
        "topics": {each["TopicArn"] for each in client("sns").list_topics()["Topics"]},
        "roles": {each["RoleName"] for each in client("iam").list_roles()["Roles"]},
        "rules": {each["Name"] for each in client("events").list_rules()["Rules"]},
        "logs": {each["logGroupName"] for each in client("logs").describe_log_groups()["logGroups"]},
    }
