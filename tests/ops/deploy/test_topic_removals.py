"""Topics to which others are subscribed: neither a change of slips.yml nor a removal deletes them."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from slips import aws
from slips.errors import DeploymentError
from slips.ops.aws_errors import ignore_not_found
from slips.ops.deploy import chalice_command
from slips.ops.deploy.account import current_account
from slips.ops.deploy.account_resources import find_queue, find_topic
from slips.ops.deploy.deploy import plan_removal
from slips.ops.deploy.provision import plan_provision
from slips.ops.deploy.stage import DeploymentStage, read_stage
from slips.ops.deploy.topic_removals import check_removable, obsolete_topics

from .test_ownership import create_function, note

pytestmark = pytest.mark.usefixtures("clock")
_number = count(1)
BOTH = "backend: {sns_topics: [{name: one}, {name: two}]}\n"
ONE = "backend: {sns_topics: [{name: one}]}\n"


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DeploymentStage:
    """A stage whose stack has the topics `one` and `two`."""
    name = f"topics-{next(_number)}"
    monkeypatch.setattr(chalice_command, "run_chalice", lambda *_, **__: delete_function(f"{name}-dev-two"))
    (tmp_path / ".chalice" / "deployed").mkdir(parents=True)
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps({"app_name": name, "stages": {"dev": {}}}))
    stage = write(tmp_path, name, BOTH)
    plan_provision(stage, current_account()).execute(lambda line: None)
    return stage


def delete_function(name: str) -> None:
    with ignore_not_found():
        aws.client("lambda").delete_function(FunctionName=name)


def write(project: Path, stack: str, backend: str) -> DeploymentStage:
    (project / "slips.yml").write_text(f"stack_name: {stack}\n{backend}")
    return read_stage("dev", project=project)


def without_two(stage: DeploymentStage) -> DeploymentStage:
    return write(stage.project, stage.config.stack_name, ONE)


def topic(stage: DeploymentStage, name: str = "two") -> str:
    return current_account().arn("sns", f"{stage.config.stack_name}-{name}")


def subscribe(topic: str, protocol: str, endpoint: str) -> str:
    created: Any = aws.client("sns").subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
    return str(created["SubscriptionArn"])


class TestATopicToWhichOthersAreSubscribed:
    @pytest.mark.parametrize(
        ("protocol", "endpoint"),
        [
            ("sqs", "arn:aws:sqs:eu-central-1:123456789012:theirs"),
            ("lambda", "arn:aws:lambda:eu-central-1:111122223333:function:theirs"),
            ("lambda", "arn:aws:lambda:us-east-1:123456789012:function:theirs"),
            ("email", "they@example.com"),
        ],
    )
    def test_is_removed_by_nothing(self, stage: DeploymentStage, protocol: str, endpoint: str) -> None:
        subscription = subscribe(topic(stage), protocol, endpoint)
        with pytest.raises(DeploymentError) as removal:
            plan_removal(stage, current_account())
        with pytest.raises(DeploymentError) as change:
            plan_provision(without_two(stage), current_account())
        name = endpoint.rpartition(":function:")[2]
        for error, state in ((removal, "nothing was removed"), (change, "nothing was changed")):
            assert str(error.value).startswith(f"{topic(stage)}: others are subscribed, too: {protocol} {name}; ")
            assert str(error.value).endswith(f"--subscription-arn {subscription}; {state}")
        assert find_topic(topic(stage))

    @pytest.mark.parametrize("tag", ["", "their-stack"])
    def test_is_not_removed_from_under_the_function_of_another_project(self, stage: DeploymentStage, tag: str) -> None:
        subscribe(topic(stage), "lambda", create_function(f"{stage.app_name}-theirs", stack=tag))
        with pytest.raises(DeploymentError, match=f"others are subscribed, too: lambda {stage.app_name}-theirs"):
            plan_removal(stage, current_account())

    def test_of_dead_letters_is_not_removed_either(self, stage: DeploymentStage) -> None:
        subscribe(topic(stage, "dead-letters"), "email", "they@example.com")
        with pytest.raises(DeploymentError, match="dead-letters: others are subscribed, too: email they@"):
            plan_removal(stage, current_account())


def test_a_topic_of_alarms_goes_with_its_subscriptions_which_are_shown(stage: DeploymentStage) -> None:
    """They are about this stack alone; docs/deployment.md tells everybody to subscribe."""
    subscribe(topic(stage, "alarms"), "email", "you@example.com")
    plan = plan_removal(stage, current_account())
    assert f"End     subscription of email you@example.com to {stage.config.stack_name}-alarms" in list(plan.lines())
    plan.execute(lambda line: None)
    assert find_topic(topic(stage, "alarms")) is None


class TestATopicToWhichOnlyOursAreSubscribed:
    def test_is_removed_by_a_change(self, stage: DeploymentStage) -> None:
        plan = plan_provision(without_two(stage), current_account())
        assert "Remove  AWS::SNS::Topic            TopicTwo  its subscriptions end: nobody" in list(plan.lines())
        plan.execute(lambda line: None)
        assert find_topic(topic(stage)) is None

    @pytest.mark.parametrize("known_by", ["tag", "notes", "nothing"])
    def test_is_removable(self, stage: DeploymentStage, known_by: str) -> None:
        """A function that exists no longer hears nothing, either."""
        arn = current_account().arn("lambda", f"function:{stage.app_name}-dev-two")
        if known_by != "nothing":
            create_function(f"{stage.app_name}-dev-two", stack=stage.config.stack_name if known_by == "tag" else "")
        if known_by == "notes":
            note(stage, arn, "two")
        subscribe(topic(stage), "lambda", arn)
        other = without_two(stage)
        check_removable(other, current_account(), obsolete_topics(other, current_account()))

    def test_may_use_the_redrive_queue_for_as_long_as_it_is_heard(self, stage: DeploymentStage) -> None:
        subscribe(topic(stage), "lambda", create_function(f"{stage.app_name}-dev-two", stack=stage.config.stack_name))
        plan = plan_provision(without_two(stage), current_account())
        assert "Keep    AWS::SNS::Topic            TopicTwo" in "\n".join(plan.lines())
        plan.execute(lambda line: None)
        assert topic(stage) in str((find_queue(stage.config.redrive_queue) or {})["Policy"])

    def test_is_removed_with_the_stack(self, stage: DeploymentStage) -> None:
        arn = create_function(f"{stage.app_name}-dev-two", stack=stage.config.stack_name)
        note(stage, arn, "two")
        subscribe(topic(stage), "lambda", arn)
        plan_removal(stage, current_account()).execute(lambda line: None)
        assert find_topic(topic(stage)) is None


def test_a_topic_of_the_stack_is_not_removed_since_slips_yml_names_it_by_its_arn(stage: DeploymentStage) -> None:
    other = write(
        stage.project, stage.config.stack_name, f"backend: {{dlq_sns_arn: '{topic(stage, 'dead-letters')}'}}\n"
    )
    with pytest.raises(DeploymentError, match=r"-dead-letters: the stack .* leave that ARN out"):
        plan_provision(other, current_account())
    assert find_topic(topic(stage, "dead-letters"))


def test_a_topic_is_not_replaced_by_one_whose_name_is_nearly_the_same(stage: DeploymentStage) -> None:
    """CloudFormation's logical id would be the same: it creates the new topic and deletes the old one in one go."""
    other = write(stage.project, stage.config.stack_name, BOTH.replace("two", "Two"))
    with pytest.raises(DeploymentError, match="its new name differs only in case"):
        plan_provision(other, current_account())
