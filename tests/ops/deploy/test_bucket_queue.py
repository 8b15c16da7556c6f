"""`queue: {from_buckets: true}`: S3 fills the queue itself, and at no time does a bucket notify nobody."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cfnlint.api import lint

from slips import aws
from slips.config.settings import Bucket, Config, DispatchQueue, Mapping, Topic
from slips.dispatch.redrive_messages import parse_message
from slips.errors import DeploymentError
from slips.ops.deploy.account import current_account
from slips.ops.deploy.deploy import plan_removal
from slips.ops.deploy.gaps import silent_buckets
from slips.ops.deploy.handover import plan_handover
from slips.ops.deploy.kms_keys import check_keys
from slips.ops.deploy.provision import ProvisionPlan, plan_provision, plan_stack
from slips.ops.deploy.removal import remove_bucket_notifications
from slips.ops.deploy.stack import template
from slips.ops.deploy.stack.topics import allowed_buckets
from slips.ops.deploy.stage import DeploymentStage, read_stage

from .emulated_world import arn

pytestmark = pytest.mark.usefixtures("clock")
_number = count(1)
TOPIC, QUEUE, DIRECT = "{}", "{queue: {}}", "{queue: {from_buckets: true}}"


@pytest.fixture
def name(tmp_path: Path) -> str:
    """The name of a stack and of a bucket, of which the bucket exists."""
    name = f"direct-{next(_number)}"
    create_bucket(name)
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps({"app_name": name, "stages": {"dev": {}}}))
    (tmp_path / "app.py").write_text("dispatch_queue = app.on_sqs_message()\n")
    return name


@pytest.fixture
def write(name: str, tmp_path: Path) -> Callable[..., DeploymentStage]:
    """Write slips.yml with this section `backend`, and these prefixes mapped; read its stage."""

    def write(backend: str, *prefixes: str, bucket: str = name) -> DeploymentStage:
        mapped = ", ".join(f"{{prefix: {prefix}, format: json}}" for prefix in prefixes or ("a/", "b/"))
        text = f"stack_name: {name}\nbackend: {backend}\nbucket_mapping: {{{bucket}: [{mapped}]}}\n"
        (tmp_path / "slips.yml").write_text(text)
        return read_stage("dev", project=tmp_path)

    return write


@pytest.fixture
def has_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function reads the queue. (The emulator makes an event source only for a function with code.)"""
    monkeypatch.setattr("slips.ops.deploy.notification_receivers.queue_event_sources", lambda queue: [{"of": queue}])


def create_bucket(name: str) -> None:
    place: Any = {"LocationConstraint": "eu-central-1"}
    aws.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=place)


def provision(stage: DeploymentStage, *buckets: str) -> ProvisionPlan:
    """Do what `slips provision --yes` does; return what was planned."""
    plan = plan_provision(stage, current_account(), buckets=buckets)
    plan.execute(lambda line: None)
    return plan


def notified(bucket: str) -> dict[str, str]:
    """By prefix: the receiver, without the name of the bucket."""
    configuration: Any = aws.client("s3").get_bucket_notification_configuration(Bucket=bucket)
    entries = [*configuration.get("TopicConfigurations", ()), *configuration.get("QueueConfigurations", ())]
    return {
        entry["Filter"]["Key"]["FilterRules"][0]["Value"]: entry.get("TopicArn", entry.get("QueueArn")).rpartition(
            f"{bucket}-"
        )[2]
        for entry in entries
    }


def put(bucket: str, configuration: Any) -> None:
    aws.client("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)


def topic_entry(name: str, prefix: str, topic: str = "dispatch") -> dict[str, Any]:
    """An entry that SLIPS did not add."""
    rules: Any = [{"Name": "prefix", "Value": prefix}]
    return {
        "Id": f"theirs-{prefix}", "TopicArn": arn("sns", f"{name}-{topic}"), "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": rules}},
    }  # fmt: skip


def policy(stack: str) -> list[Any]:
    """The statements of the queue's policy in the deployed stack."""
    body: Any = aws.client("cloudformation").get_template(StackName=stack)["TemplateBody"]
    resources = (json.loads(body) if isinstance(body, str) else body)["Resources"]
    return list(resources["DispatchQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"])


def senders(stack: str) -> list[str]:
    return [statement["Principal"]["Service"] for statement in policy(stack)]


Write = Callable[..., DeploymentStage]
CONFIG = msgspec.structs.replace(
    Config.for_stack("q"),
    topics=(Topic("one", "q-one"),),
    queue=DispatchQueue(name="q-dispatch-queue", from_buckets=True),
    mappings=(Mapping(bucket="logs", chain=("json",)), Mapping(bucket="theirs", chain=("json",))),
    buckets={"theirs": Bucket(expected_owner="111122223333")},
)


class TestTheStack:
    def test_lets_mapped_buckets_fill_the_queue_and_no_others(self) -> None:
        resources = template(CONFIG)["Resources"]
        topics, *buckets = resources["DispatchQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
        assert topics["Principal"] == {"Service": "sns.amazonaws.com"}, "the topics go on filling it"
        assert [(each["Principal"], each["Action"], each["Condition"]) for each in buckets] == [
            (
                {"Service": "s3.amazonaws.com"}, "sqs:SendMessage",
                {"StringEquals": {"aws:SourceAccount": owner}, "ArnLike": {"aws:SourceArn": [f"arn:*:s3:::{bucket}"]}},
            )
            for owner, bucket in (({"Ref": "AWS::AccountId"}, "logs"), ("111122223333", "theirs"))
        ]  # fmt: skip

    def test_lets_no_bucket_fill_it_without_the_key(self) -> None:
        without = msgspec.structs.replace(CONFIG, queue=DispatchQueue(name="q-dispatch-queue"))
        policy = template(without)["Resources"]["DispatchQueuePolicy"]["Properties"]["PolicyDocument"]
        assert [each["Principal"]["Service"] for each in policy["Statement"]] == ["sns.amazonaws.com"]

    def test_says_which_buckets_fill_the_queue_where_it_creates_no_topic_for_them(self) -> None:
        given = msgspec.structs.replace(CONFIG, topics=(Topic("one", "arn:aws:sns:eu-central-1:1:two"),))
        assert allowed_buckets(template(given)) == {"logs", "theirs"}

    def test_of_slips_run_has_buckets_that_notify_the_queue(self) -> None:
        resources = template(CONFIG, buckets=["local"])["Resources"]
        bucket = resources["Bucket0"]
        queue = {"Fn::GetAtt": ["DispatchQueue", "Arn"]}
        assert bucket["DependsOn"] == ["DispatchQueuePolicy"]
        assert bucket["Properties"]["NotificationConfiguration"] == {
            "QueueConfigurations": [
                {"Event": event, "Queue": queue} for event in ("s3:ObjectCreated:*", "s3:ObjectRestore:Completed")
            ]
        }
        assert "arn:*:s3:::local" in json.dumps(resources["DispatchQueuePolicy"])

    def test_passes_cfn_lint(self) -> None:
        text = json.dumps(template(CONFIG, buckets=["local"]))
        assert [str(match) for match in lint(text, regions=["eu-central-1"])] == []


def test_s3_must_be_allowed_to_use_the_key_of_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the stack creates no topic that buckets notify."""
    statement = {"Effect": "Allow", "Principal": {"Service": "nobody"}, "Action": "kms:*"}
    key = {"KeyState": "Enabled", "KeySpec": "SYMMETRIC_DEFAULT"}
    monkeypatch.setattr("slips.ops.deploy.kms_keys.find_key", lambda _: key)
    monkeypatch.setattr("slips.ops.deploy.kms_keys.find_key_policy", lambda _: json.dumps({"Statement": [statement]}))
    monkeypatch.setattr("slips.ops.deploy.kms_keys.find_stream", lambda _: None)
    given = msgspec.structs.replace(
        CONFIG, kms_keys=(arn("kms", "key/1"),), topics=(Topic("one", "arn:aws:sns:eu-central-1:1:two"),)
    )
    assert "does not let s3.amazonaws.com use it" in "".join(check_keys(given, current_account()))
    without = msgspec.structs.replace(given, queue=DispatchQueue(name="q-dispatch-queue"))
    assert "s3.amazonaws.com" not in "".join(check_keys(without, current_account()))


class TestABucket:
    def test_notifies_the_queue_of_each_mapped_prefix(self, name: str, write: Write) -> None:
        stage = write(DIRECT)
        lines = list(provision(stage, name).lines())
        assert f"Add     notification s3://{name}/a/ -> {arn('sqs', f'{name}-dispatch-queue')}" in lines
        assert notified(name) == {"a/": "dispatch-queue", "b/": "dispatch-queue"}
        assert senders(name) == ["sns.amazonaws.com", "s3.amazonaws.com"]
        assert list(silent_buckets(stage, current_account())) == []
        assert [line for line in plan_provision(stage, current_account(), buckets=[name]).lines() if name in line] == []

    def test_tells_the_queue_of_restored_objects_too(self, name: str, write: Write) -> None:
        provision(write(DIRECT), name)
        configuration: Any = aws.client("s3").get_bucket_notification_configuration(Bucket=name)
        assert [entry["Events"] for entry in configuration["QueueConfigurations"]] == [
            ["s3:ObjectCreated:*", "s3:ObjectRestore:Completed"]
        ] * 2

    def test_follows_what_is_mapped(self, name: str, write: Write) -> None:
        provision(write(DIRECT), name)
        lines = list(provision(write(DIRECT, "b/", "c/"), name).lines())
        assert notified(name) == {"b/": "dispatch-queue", "c/": "dispatch-queue"}
        assert f"Remove  notification s3://{name}/a/ -> {arn('sqs', f'{name}-dispatch-queue')}" in lines

    def test_that_notifies_the_topic_has_consumer_all_the_same(self, name: str, write: Write) -> None:
        """The topic fills the queue, too; nothing is moved unless you ask for it."""
        provision(write(QUEUE), name)
        stage = write(DIRECT)
        provision(stage)
        assert notified(name) == {"a/": "dispatch", "b/": "dispatch"}
        assert list(silent_buckets(stage, current_account())) == []

    @pytest.mark.usefixtures("has_reader")
    def test_moves_from_the_topic_in_one_request_and_others_stay(
        self, name: str, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        provision(write(QUEUE), name)
        client, requests = aws.client("s3"), list[Any]()
        configuration: Any = client.get_bucket_notification_configuration(Bucket=name)
        theirs = topic_entry(name, "theirs/")
        put(name, {"TopicConfigurations": [*configuration["TopicConfigurations"], theirs]})
        ask = client.put_bucket_notification_configuration

        def count_request(**request: Any) -> Any:
            requests.append(request)
            return ask(**request)

        monkeypatch.setattr(client, "put_bucket_notification_configuration", count_request)
        plan = provision(write(DIRECT), name)
        assert len(requests) == 1
        assert notified(name) == {"a/": "dispatch-queue", "b/": "dispatch-queue", "theirs/": "dispatch"}
        former, queue = arn("sns", f"{name}-dispatch"), arn("sqs", f"{name}-dispatch-queue")
        assert f"Move    notification s3://{name}/a/ from {former} to {queue}" in list(plan.lines())

    def test_goes_on_notifying_the_topic_until_a_function_reads_the_queue(self, name: str, write: Write) -> None:
        provision(write(QUEUE), name)
        queue = arn("sqs", f"{name}-dispatch-queue")
        with pytest.raises(DeploymentError, match=f"no function receives what is sent to {queue} yet, so the bucket"):
            provision(write(DIRECT), name)
        assert notified(name) == {"a/": "dispatch", "b/": "dispatch"}

    @pytest.mark.usefixtures("has_reader")
    def test_is_not_moved_from_a_topic_to_which_others_are_subscribed(self, name: str, write: Write) -> None:
        provision(write(QUEUE), name)
        topic = arn("sns", f"{name}-dispatch")
        subscription = aws.client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="they@example.com")
        with pytest.raises(DeploymentError) as error:
            plan_provision(write(DIRECT), current_account(), buckets=[name])
        assert str(error.value).startswith(f"{topic}: others are subscribed, too: email they@example.com; they would ")
        assert str(error.value).endswith("; nothing was changed")
        aws.client("sns").unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
        provision(write(DIRECT), name)
        assert notified(name) == {"a/": "dispatch-queue", "b/": "dispatch-queue"}

    def test_leaves_what_others_send_to_a_topic_of_slips_yml(self, name: str, write: Write) -> None:
        """S3 would refuse a second receiver of the same objects, and the topic fills the queue."""
        provision(write(QUEUE))
        put(name, {"TopicConfigurations": [topic_entry(name, "a/")]})
        provision(write(DIRECT), name)
        assert notified(name) == {"a/": "dispatch", "b/": "dispatch-queue"}

    @pytest.mark.parametrize("backend", [DIRECT, QUEUE])
    def test_that_is_no_longer_mapped_is_named(self, name: str, write: Write, backend: str) -> None:
        provision(write(DIRECT), name)
        plan = plan_provision(write(backend, bucket="another"), current_account())
        plan.discard()
        [line] = [line for line in plan.lines() if line.startswith("Warning ")]
        assert f"s3://{name} notifies {name}-dispatch-queue, which ignores its notifications" in line


class TestWithoutTheKeyAgain:
    @pytest.fixture(autouse=True)
    def direct(self, name: str, write: Write) -> None:
        """A bucket that notifies the queue."""
        provision(write(DIRECT), name)

    def test_the_queue_takes_what_s3_sends_until_the_bucket_notifies_the_topic(self, name: str, write: Write) -> None:
        stage = write(QUEUE)
        plan = provision(stage)
        kept = "Keep    AWS::SQS::QueuePolicy      DispatchQueuePolicy  until `slips deploy` has moved what uses it"
        assert kept in list(plan.lines())
        assert senders(name) == ["sns.amazonaws.com", "s3.amazonaws.com"]
        handover = plan_handover(stage, current_account(), plan.stack.former)
        assert handover
        topic, queue = arn("sns", f"{name}-dispatch"), arn("sqs", f"{name}-dispatch-queue")
        lines = list(handover.lines())
        assert f"Move    notification s3://{name}/a/ from {queue} to {topic}" in lines
        assert "Modify  AWS::SQS::QueuePolicy      DispatchQueuePolicy  S3 may no longer use the queue" in lines
        for move in handover.moves:
            move.execute(lambda line: None)
        assert notified(name) == {"a/": "dispatch", "b/": "dispatch"}
        # `slips deploy` was killed here: S3 may still deliver what it notified before.
        killed = provision(stage)
        assert kept in list(killed.lines())
        assert plan_handover(stage, current_account(), killed.stack.former)
        plan_stack(stage, current_account(), is_settled=True).execute(lambda line: None)
        assert senders(name) == ["sns.amazonaws.com"]
        assert not any(provision(stage).stack.former)
        assert list(silent_buckets(stage, current_account())) == []

    def test_entries_that_somebody_else_added_are_moved_too(self, name: str, write: Write) -> None:
        """The queue would no longer take what they send."""
        entry: Any = topic_entry(name, "a/")
        put(name, {"QueueConfigurations": [
            {"QueueArn": arn("sqs", f"{name}-dispatch-queue"), **{key: entry[key] for key in ("Events", "Filter")}}
        ]})  # fmt: skip
        provision(write(QUEUE), name)
        assert notified(name) == {"a/": "dispatch", "b/": "dispatch"}

    def test_the_queue_is_not_removed_while_the_bucket_notifies_it(self, name: str, write: Write) -> None:
        with pytest.raises(DeploymentError) as error:
            plan_provision(write(TOPIC), current_account())
        assert str(error.value).startswith(f"backend.queue: s3://{name} still notifies the queue, and notifications")
        assert str(error.value).endswith("; nothing was changed")


class TestARemoval:
    def test_ends_the_notifications_to_the_queue(self, name: str, write: Write) -> None:
        stage, said = write(DIRECT), list[str]()
        provision(stage, name)
        remove_bucket_notifications(stage, current_account(), said.append)
        assert said == [f"s3://{name} no longer notifies {arn('sqs', f'{name}-dispatch-queue')}"]
        assert notified(name) == {}

    def test_is_not_refused_since_the_queue_is_subscribed(self, name: str, write: Write) -> None:
        stage = write(QUEUE)
        provision(stage, name)
        assert f"Remove  stack {name}" in list(plan_removal(stage, current_account()).lines())


def test_a_renamed_topic_fills_the_queue_until_no_bucket_notifies_it(name: str, write: Write) -> None:
    """Its subscription and its right to send stay: without either, notifications would be lost until they are moved."""
    provision(write("{sns_topics: [{name: one}], queue: {}}"), name)
    stage = write("{sns_topics: [{name: two}], queue: {}}")
    former = provision(stage).stack.former
    assert [topic.logical for topic in former.topics] == ["TopicOne"]
    body: Any = aws.client("cloudformation").get_template(StackName=name)["TemplateBody"]
    assert "TopicOneSubscription" in json.dumps(body)
    assert policy(name)[0]["Condition"]["ArnEquals"]["aws:SourceArn"] == [{"Ref": "TopicTwo"}, {"Ref": "TopicOne"}]
    put(name, {})
    # S3 may still deliver what it notified before.
    assert [topic.logical for topic in provision(stage).stack.former.topics] == ["TopicOne"]
    settled = plan_stack(stage, current_account(), is_settled=True)
    assert settled.former.topics == (), "the queue's own subscription does not keep a topic"
    settled.discard()


@pytest.mark.usefixtures("has_reader")
def test_another_stage_takes_over_what_notifies_the_queue_of_a_stack(name: str, write: Write, tmp_path: Path) -> None:
    stage = write(DIRECT)
    provision(stage, name)
    configuration: Any = aws.client("s3").get_bucket_notification_configuration(Bucket=name)
    configuration["QueueConfigurations"][0]["Id"] = "added by hand"
    put(name, {"QueueConfigurations": configuration["QueueConfigurations"]})
    text = (stage.project / "slips.yml").read_text().replace(f"stack_name: {name}", f"stack_name: {name}-next")
    (tmp_path / "next.yml").write_text(text)
    stages = {"dev": {}, "next": {"environment_variables": {"SLIPS_CONFIG": "next.yml"}}}
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps({"app_name": name, "stages": stages}))
    following = read_stage("next", project=tmp_path)
    plan = plan_provision(following, current_account(), buckets=[name], instead_of=name)
    assert [prefix for prefix, _ in plan.notifications[0].moved] == ["a/", "b/"]
    plan.execute(lambda line: None)
    assert notified(name) == {"a/": "next-dispatch-queue", "b/": "next-dispatch-queue"}


def test_what_the_queue_gave_up_on_is_sent_again() -> None:
    """S3's notification has no envelope of a topic."""
    place = {"bucket": {"name": "b"}, "object": {"key": "k"}}
    text = json.dumps({"Records": [{"eventName": "ObjectCreated:Put", "s3": place}] * 2})
    [record] = parse_message(text)
    assert (record.topic, record.is_notification, record.record["Sns"]["Message"]) == ("", True, text)
