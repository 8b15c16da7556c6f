"""Notifications through a queue: what a deployment makes of it, and the move from topics that call a function."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from slips import aws
from slips.config.settings import Config, DispatchQueue, Mapping, Topic
from slips.dispatch.queue import REPORTS_FAILURES
from slips.dispatch.redrive_messages import parse_message
from slips.errors import DeploymentError
from slips.ops.cli.check import stage_warnings
from slips.ops.deploy.account import current_account
from slips.ops.deploy.change_set import stack_status
from slips.ops.deploy.drift import find_drift
from slips.ops.deploy.package_templates import merge_template
from slips.ops.deploy.policies import function_statements
from slips.ops.deploy.queue_settings import queue_changes
from slips.ops.deploy.restoration import deployed_template
from slips.ops.deploy.stack.dispatch_queue import dispatch_queue, event_pattern
from slips.ops.deploy.stage import DeploymentStage
from slips.ops.redrive.receivers import Receivers

from .conftest import Clock
from .emulated_project import APP, CallCounter, EmulatedProject
from .emulated_world import World, arn, deploy

pytestmark = pytest.mark.slow

READER = """if slips.queue:
    app.on_sqs_message(
        queue=slips.queue.name, batch_size=slips.queue.batch_size, name="dispatch_queue",
        maximum_batching_window_in_seconds=slips.queue.batch_window,
    )(slips.dispatch_queue)
app.route("/")(dict)
"""
_number = count(1)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> World:
    """A project whose app.py reads the queue, where slips.yml has one, and a bucket."""
    name = f"queued-{next(_number)}"
    place: Any = {"LocationConstraint": "eu-central-1"}
    aws.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=place)
    world = World(EmulatedProject(tmp_path / name, name, monkeypatch), clock)
    (world.project.folder / "app.py").write_text(APP.format(name=name).replace('app.route("/")(dict)\n', READER))
    return world


QUEUE = "{queue: {batch_size: 100, batch_window: 5}}"


def event_source(stage: DeploymentStage) -> Any:
    queue = stage.config.queue
    assert queue
    [source] = aws.client("lambda").list_event_source_mappings(EventSourceArn=arn("sqs", queue.name))[
        "EventSourceMappings"
    ]
    return source


def variables(stage: DeploymentStage) -> dict[str, str]:
    name = stage.function_name("dispatch_queue")
    configuration = aws.client("lambda").get_function_configuration(FunctionName=name)
    return dict(configuration["Environment"]["Variables"])


def test_the_function_is_marked_once_its_event_source_reads_failures(world: World) -> None:
    stage = world.write(QUEUE)
    deploy(stage, buckets=[world.name])
    source = event_source(stage)
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert (source["BatchSize"], source["MaximumBatchingWindowInSeconds"]) == (100, 5)
    assert variables(stage)[REPORTS_FAILURES] == "1"
    assert world.functions() == {"dispatch_queue", "process_fast", "process_slow", "report", "retry"}
    assert [line for line in find_drift(stage, current_account()) if "queue" in line] == []


def test_the_mark_comes_last(world: World) -> None:
    """Between the two, a partial answer would be taken for the success of the whole batch."""
    stage = world.write(QUEUE)
    deploy(stage)
    client, name = aws.client("lambda"), stage.function_name("dispatch_queue")
    client.update_event_source_mapping(UUID=event_source(stage)["UUID"], FunctionResponseTypes=[], BatchSize=7)
    client.update_function_configuration(FunctionName=name, Environment={"Variables": {"SLIPS_CONFIG": "slips.yml"}})
    lines = [str(change) for change in queue_changes(stage, current_account())]
    assert lines == [
        f"queue {world.name}-dispatch-queue: FunctionResponseTypes: [] -> ['ReportBatchItemFailures']",
        f"queue {world.name}-dispatch-queue: BatchSize: 7 -> 100",
        f"{name}: {REPORTS_FAILURES}: none -> 1",
    ]
    drift = find_drift(stage, current_account())
    assert f"{name}: {REPORTS_FAILURES}: is None, should be 1" in drift
    for change in queue_changes(stage, current_account()):
        change.apply()
    assert list(queue_changes(stage, current_account())) == []
    assert variables(stage) == {"SLIPS_CONFIG": "slips.yml", REPORTS_FAILURES: "1"}


def test_a_queue_that_app_py_does_not_read_is_an_error_before_anything_is_changed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = world.write(QUEUE)
    (world.project.folder / "app.py").write_text(APP.format(name=world.name))
    with pytest.raises(DeploymentError, match=r"app\.py: nothing reads the queue of slips\.yml"):
        deploy(stage)
    assert not stack_status(world.name)
    monkeypatch.chdir(world.project.folder)
    assert "app.py: nothing reads the queue" in "".join(stage_warnings(world.project.folder))
    assert not [line for line in stage_warnings(world.write().project) if "queue" in line]


def test_an_event_source_that_somebody_deleted_is_named(world: World) -> None:
    stage = world.write(QUEUE)
    deploy(stage)
    aws.client("lambda").delete_event_source_mapping(UUID=event_source(stage)["UUID"])
    function = f"{world.name}-dev-dispatch_queue"
    line = f"nothing feeds the function {function} from the queue {world.name}-dispatch-queue; run: slips deploy"
    assert [each for each in find_drift(stage, current_account()) if each.startswith(line)]


def test_nothing_is_lost_while_notifications_move_from_a_function_to_the_queue(
    world: World, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """The queue fills before the function that the topic called goes, and that is minutes later."""
    deploy(world.write(), buckets=[world.name])
    topic = world.arn("sns", "dispatch")
    assert world.listeners(topic)
    stage, seconds = world.write(QUEUE), clock.seconds
    deploy(stage)
    assert clock.seconds >= seconds + 300
    assert "TopicDispatchSubscription" in deployed_template(world.name)["Resources"]
    assert world.listeners(topic) == [world.arn("sqs", "dispatch-queue")]
    assert "dispatch" not in world.functions()


DIRECT = "{queue: {from_buckets: true}}"


def test_nothing_is_lost_while_a_bucket_moves_and_moves_back(
    world: World, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """From a topic that calls a function to a queue that S3 fills, and back: `look` fails at any call in between."""
    deploy(world.write(), buckets=[world.name])
    queue, topic = world.arn("sqs", "dispatch-queue"), world.arn("sns", "dispatch")
    CallCounter(world.look, monkeypatch)
    assert deploy(world.write(DIRECT), buckets=[world.name]).silent == ()
    assert (world.notified(), world.listeners(topic)) == ([queue], [queue])
    assert "dispatch" not in world.functions()
    stage, seconds = world.write("{queue: {}}"), clock.seconds
    assert deploy(stage).silent == ()
    assert clock.seconds >= seconds + 300, "S3 may still deliver what it was to send to the queue"
    assert (world.notified(), world.listeners(queue)) == ([topic], [])
    assert [line for line in find_drift(stage, current_account()) if "DispatchQueue" in line or "s3:" in line] == []


def test_nothing_is_lost_while_the_topic_of_a_queue_is_renamed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(world.write("{queue: {}, sns_topics: [{name: one}]}"), buckets=[world.name])
    CallCounter(world.look, monkeypatch)
    assert deploy(world.write("{queue: {}, sns_topics: [{name: two}]}")).silent == ()
    assert world.notified() == [world.arn("sns", "two")]
    assert "TopicOneSubscription" not in deployed_template(world.name)["Resources"]


CONFIG = msgspec.structs.replace(
    Config.for_stack("q"),
    topics=(Topic("one", "q-one"), Topic("two", "arn:aws:sns:eu-central-1:1:two")),
    queue=DispatchQueue(name="q-dispatch-queue", event_bridge=True),
    mappings=(Mapping(bucket="logs", chain=("json",)), Mapping(bucket="more", chain=("json",))),
)


def test_every_topic_and_the_rule_may_fill_the_queue() -> None:
    resources = dispatch_queue(CONFIG)
    subscriptions = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::SNS::Subscription"]
    topics = [{"Ref": "TopicOne"}, "arn:aws:sns:eu-central-1:1:two"]
    assert [each["TopicArn"] for each in subscriptions] == topics
    assert all(each["Protocol"] == "sqs" and each["RedrivePolicy"] for each in subscriptions)
    statements = resources["DispatchQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert [(each["Principal"]["Service"], each["Condition"]["ArnEquals"]["aws:SourceArn"]) for each in statements] == [
        ("sns.amazonaws.com", topics),
        ("events.amazonaws.com", [{"Fn::GetAtt": ["DispatchRule", "Arn"]}]),
    ]
    queue = resources["DispatchQueue"]["Properties"]
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": ["Redrive", "Arn"]}
    assert queue["VisibilityTimeout"] >= 6 * 180


def test_without_event_bridge_there_is_no_rule() -> None:
    silent = msgspec.structs.replace(CONFIG, queue=DispatchQueue(name="q-dispatch-queue"))
    assert "DispatchRule" not in dispatch_queue(silent)
    assert dispatch_queue(msgspec.structs.replace(CONFIG, queue=None)) == {}


def test_the_rule_takes_what_mapped_buckets_send() -> None:
    pattern = event_pattern(CONFIG)
    assert pattern["detail"] == {"bucket": {"name": ["logs", "more"]}}
    assert pattern["detail-type"] == ["Object Created", "Object Restore Completed"]
    assert "detail" not in event_pattern(msgspec.structs.replace(CONFIG, mappings=()))


def test_the_queues_function_may_read_the_queue_and_no_other_may() -> None:
    readers = {
        name: each["Resource"]
        for name, statements in function_statements(CONFIG).items()
        for each in statements
        if "sqs:ReceiveMessage" in each["Action"]
    }
    assert readers == {"dispatch_queue": ["arn:*:sqs:*:*:q-dispatch-queue"]}


def test_a_packaged_function_is_marked_together_with_its_setting(world: World) -> None:
    stage = world.write(QUEUE)
    properties = merge_template(stage)["Resources"]["DispatchQueue"]["Properties"]
    [event] = properties["Events"].values()
    assert event == {"Type": "SQS", "Properties": {"FunctionResponseTypes": ["ReportBatchItemFailures"]}}
    assert properties["Environment"] == {"Variables": {REPORTS_FAILURES: "1"}}


def test_what_the_queue_gave_up_on_is_sent_to_its_function(world: World) -> None:
    stage = world.write(QUEUE)
    deploy(stage)
    function = arn("lambda", f"function:{stage.function_name('dispatch_queue')}")
    receivers = Receivers(stage.config, world.arn("sqs", "redrive"))
    s3 = '{\\"Records\\": [{\\"eventName\\": \\"ObjectCreated:Put\\", \\"s3\\": {\\"bucket\\": {\\"name\\": \\"b\\"}, '
    s3 += '\\"object\\": {\\"key\\": \\"k\\"}}}]}'
    of_sns = f'{{"Type": "Notification", "TopicArn": "{world.arn("sns", "dispatch")}", "Message": "{s3}"}}'
    of_rule = '{"detail-type": "Object Created", "source": "aws.s3", "detail": {"bucket": {"name": "b"}, "object": '
    of_rule += '{"key": "k"}}}'
    of_s3 = s3.replace("\\", "")
    for text in (of_sns, of_rule, of_s3):
        [record] = parse_message(text)
        assert record.is_notification
        assert receivers.find(record) == function
