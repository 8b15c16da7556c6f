"""A change of the topics and lanes of a deployed stage: what is on its way arrives, wherever the change is killed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from slips import aws
from slips.errors import DeploymentError
from slips.ops.deploy import handover
from slips.ops.deploy.account import current_account
from slips.ops.deploy.deploy import plan_deployment, plan_removal
from slips.ops.deploy.provision import plan_provision
from slips.ops.deploy.stage import DeploymentStage

from .conftest import Clock
from .emulated_project import CallCounter, EmulatedProject, Killed
from .emulated_world import OTHERS, World, arn, backend, deploy

pytestmark = pytest.mark.slow

_number = count(1)
NewWorld = Callable[[], World]


@pytest.fixture
def new_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> NewWorld:
    """Make a project of which nothing is deployed, a bucket, and topics, a stream and a table that others made."""

    def make() -> World:
        name = f"handover-{next(_number)}"
        place: Any = {"LocationConstraint": "eu-central-1"}
        aws.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=place)
        for topic in ("given", "given-dead"):
            aws.client("sns").create_topic(Name=f"{name}-{topic}")
        kinesis = aws.client("kinesis")
        kinesis.create_stream(StreamName=f"{name}-given", ShardCount=1)
        kinesis.increase_stream_retention_period(StreamName=f"{name}-given", RetentionPeriodHours=48)
        return World(EmulatedProject(tmp_path / name, name, monkeypatch), clock)

    return make


class Change(NamedTuple):
    """An edit of `backend` of slips.yml, in which `{sns}` and `{kinesis}` stand for the ARNs of what others made."""

    before: str
    after: str
    topic: str
    """The topic that the bucket notifies after it."""
    functions: tuple[str, ...]
    """Those of the topics, after it."""
    gone: str
    """A topic that does not exist any longer; empty for none."""


LANE = "{kinesis_stream_slow_arn: '{kinesis}'}"
CHANGES = {
    "renamed": Change("{}", "{sns_topics: [{name: landing}]}", "landing", ("landing",), "dispatch"),
    "one of two": Change(
        "{sns_topics: [{name: one}, {name: two}]}", "{sns_topics: [{name: two}]}", "two", ("two",), "one"
    ),
    "to one of another": Change(
        "{}", "{sns_topics: [{name: dispatch, arn: '{sns}'}]}", "given", ("dispatch",), "dispatch"
    ),
    "from one of another": Change(
        "{sns_topics: [{name: dispatch, arn: '{sns}'}]}", "{}", "dispatch", ("dispatch",), ""
    ),
    "dead letters": Change("{}", "{dlq_sns_arn: '{sns}-dead'}", "dispatch", ("dispatch",), "dead-letters"),
    "stream": Change("{}", LANE, "dispatch", ("dispatch",), ""),
}


def start(world: World, change: Change) -> None:
    """Deploy what was before the change."""
    assert deploy(world.write(fill(world, change.before)), buckets=[world.name]).silent == ()
    world.look()


def fill(world: World, text: str) -> str:
    stream = arn("kinesis", f"stream/{world.name}-given")
    return text.replace("{sns}", world.arn("sns", "given")).replace("{kinesis}", stream)


def check_end(world: World, change: Change) -> None:
    """All is as slips.yml says, and nothing else is there."""
    assert world.notified() == [world.arn("sns", change.topic)]
    assert world.functions() == {*change.functions, *OTHERS}
    topics = {name.rpartition(f"{world.name}-")[2] for name in backend("sns").topics if f":{world.name}-" in name}
    assert change.gone not in topics
    assert not [name for name in world.project.notes() if name.endswith("-former")]
    plan = plan_deployment(world.write(fill(world, change.after)), current_account())
    assert (plan.handover, plan.files) == (None, {})
    assert list(plan.provision.lines()) == ["nothing to change"]
    ours = [each for each in backend("sns").subscriptions.values() if f":{world.name}-" in each.endpoint]
    assert {each.attributes["RedrivePolicy"] for each in ours} == {
        json.dumps({"deadLetterTargetArn": world.arn("sqs", "redrive")})
    }


PARAMS = [
    pytest.param(change, id=name, marks=() if name == "renamed" else pytest.mark.slow)
    for name, change in CHANGES.items()
]


@pytest.mark.parametrize("change", PARAMS)
def test_topics_change_while_all_is_heard(new_world: NewWorld, monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    world = new_world()
    start(world, change)
    CallCounter(world.look, monkeypatch)
    assert deploy(world.write(fill(world, change.after))).silent == ()
    check_end(world, change)


def change_killed(world: World, counter: CallCounter, change: Change, **kill: int) -> bool:
    """Change, be killed, and call it again; whether it was killed."""
    start(world, change)
    stage = world.write(fill(world, change.after))
    counter.begin(world.look, **kill)
    try:
        deploy(stage)
    except Killed:
        deploy(stage)
        return True
    return False


@pytest.mark.slow
@pytest.mark.parametrize(
    ("when", "operation"), [("after", "Subscribe"), ("before", "Unsubscribe"), ("after", "DeleteFunction")]
)
def test_a_rename_that_is_killed_goes_on_from_there(
    new_world: NewWorld, monkeypatch: pytest.MonkeyPatch, when: str, operation: str
) -> None:
    counter, change = CallCounter(lambda: None, monkeypatch), CHANGES["renamed"]
    change_killed(new_world(), counter, change)
    number = counter.calls.index(operation)
    world = new_world()
    assert change_killed(world, counter, change, **{f"kill_{when}": number})
    counter.begin(lambda: None)
    check_end(world, change)


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_may_be_killed_after_any_call(
    new_world: NewWorld, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    """After some calls, or all of them: SLIPS_KILLS=1000, which takes an hour."""
    counter = CallCounter(lambda: None, monkeypatch)
    change_killed(new_world(), counter, change)
    calls = len(counter.calls)
    assert calls > 40
    for number in Random(change.after).sample(range(calls), min(calls, int(os.environ.get("SLIPS_KILLS", "2")))):
        world = new_world()
        assert change_killed(world, counter, change, kill_after=number)
        counter.begin(lambda: None)
        check_end(world, change)


def enqueue(world: World, name: str = "slow") -> str:
    """Let something wait in a stream; return its name."""
    stream = f"{world.name}-{name}"
    aws.client("kinesis").put_record(StreamName=stream, Data=b"{}", PartitionKey="a")
    world.unread.add(arn("kinesis", f"stream/{stream}"))
    return stream


def test_what_waits_in_a_former_lane_is_read_before_that_ends(
    new_world: NewWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, change = new_world(), CHANGES["stream"]
    start(world, change)
    stream = enqueue(world)
    CallCounter(world.look, monkeypatch)
    stage = world.write(fill(world, change.after))
    for _ in range(2):  # Not at the second call either.
        with pytest.raises(DeploymentError, match=f"process_slow still reads the stream {stream}, which slips.yml no"):
            deploy(stage)
        assert world.readers(arn("kinesis", f"stream/{world.name}-given"))
    monkeypatch.setattr(handover, "is_read_to_its_end", lambda name: name == stream)
    world.unread.clear()
    assert deploy(stage).silent == ()
    assert not world.readers(arn("kinesis", f"stream/{stream}"))
    check_end(world, change)
    assert stream not in (world.project.folder / ".chalice" / "policy-dev-process_slow.json").read_text()


@pytest.mark.slow
def test_two_former_lanes_are_both_read_to_their_ends(new_world: NewWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world, change = new_world(), CHANGES["stream"]
    start(world, change)
    first, second = enqueue(world), enqueue(world, "given")
    world.unread.discard(arn("kinesis", f"stream/{second}"))  # So far nobody reads it.
    counter = CallCounter(world.look, monkeypatch)
    with pytest.raises(DeploymentError, match=first):
        deploy(world.write(fill(world, change.after)))
    world.unread.add(arn("kinesis", f"stream/{second}"))
    aws.client("kinesis").create_stream(StreamName=f"{world.name}-third", ShardCount=1)
    counter.begin(world.look)
    stage = world.write(fill(world, LANE).replace("-given", "-third"))
    plan = plan_deployment(stage, current_account())
    assert {line for line in plan.lines() if line.startswith("Read")} == {
        f"Read    the stream {stream} to its end" for stream in (first, second)
    }
    plan.discard()
    with pytest.raises(DeploymentError, match="process_slow still reads"):
        deploy(stage)
    world.look()


def test_the_functions_are_recorded_after_the_last_deployment_of_chalice(new_world: NewWorld) -> None:
    world, change = new_world(), CHANGES["renamed"]
    start(world, change)
    deploy(world.write(fill(world, change.after)))
    function = aws.client("lambda").get_function_configuration(FunctionName=f"{world.name}-dev-landing")
    assert aws.client("lambda").list_tags(Resource=function["FunctionArn"])["Tags"]["slips:code"]


def test_a_notification_of_others_is_not_left_to_nobody(new_world: NewWorld) -> None:
    world = new_world()
    change = CHANGES["from one of another"]
    deploy(world.write(fill(world, change.before)))
    topic = {"TopicArn": world.arn("sns", "given"), "Events": ["s3:ObjectCreated:*"]}
    aws.client("s3").put_bucket_notification_configuration(
        Bucket=world.name, NotificationConfiguration={"TopicConfigurations": [topic]}
    )
    stage = world.write(change.after)
    with pytest.raises(DeploymentError) as error:
        plan_deployment(stage, current_account())
    assert "SLIPS did not add that notification: let it go to" in str(error.value)
    assert str(error.value).endswith("; nothing was changed")
    assert world.listeners(world.arn("sns", "given"))


def test_provision_alone_keeps_a_topic_that_is_in_use(new_world: NewWorld) -> None:
    world, change = new_world(), CHANGES["renamed"]
    start(world, change)
    stage = world.write(change.after)
    plan = plan_provision(stage, current_account(), buckets=[world.name])
    assert "until `slips deploy` has moved what uses it" in "\n".join(plan.lines())
    with pytest.raises(DeploymentError, match="no function receives what is sent to"):
        plan.execute(lambda line: None)
    world.look()
    assert deploy(stage).silent == ()
    check_end(world, change)


@pytest.mark.slow
def test_a_removal_after_a_killed_change_leaves_nothing_behind(
    new_world: NewWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, change = new_world(), CHANGES["renamed"]
    start(world, change)
    monkeypatch.setattr(handover.Handover, "execute", lambda *_: None)
    stage = world.write(change.after)
    deploy(stage)
    assert world.functions() == {"dispatch", "landing", *OTHERS}
    plan_removal(stage, current_account()).execute(lambda line: None)
    assert (world.notified(), world.functions()) == ([], set())
    assert {name for name in backend("sns").topics if f":{world.name}-" in name} == {
        world.arn("sns", "given"), world.arn("sns", "given-dead"),
    }  # fmt: skip


class TestAnotherStage:
    """A stage with a stack of its own, which takes over the buckets of the first."""

    @staticmethod
    def write(world: World) -> DeploymentStage:
        world.project.add_stage("next", "next.yml")
        return world.write(config="next.yml", stage="next", stack=f"{world.name}-next")

    def test_takes_over_the_notifications_of_a_stack(
        self, new_world: NewWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world = new_world()
        start(world, CHANGES["renamed"])
        stage = self.write(world)
        CallCounter(world.look, monkeypatch)
        result = deploy(stage, buckets=[world.name], instead_of=world.name)
        assert result.silent == ()
        assert world.notified() == [world.arn("sns", "next-dispatch")]
        assert world.listeners(world.arn("sns", "dispatch"))  # For what is still on its way.

    def test_does_not_take_them_over_by_itself(self, new_world: NewWorld) -> None:
        world = new_world()
        start(world, CHANGES["renamed"])
        result = deploy(self.write(world))
        assert [(each.bucket, each.prefixes) for each in result.silent] == [(world.name, ("a/",))]
        assert f"(it notifies {world.arn('sns', 'dispatch')})" in result.silent[0].line
        assert world.notified() == [world.arn("sns", "dispatch")]

    def test_takes_over_only_what_it_maps(self, new_world: NewWorld) -> None:
        world = new_world()
        start(world, CHANGES["renamed"])
        world.project.add_stage("next", "next.yml")
        stage = world.write(config="next.yml", stage="next", stack=f"{world.name}-next", mapped="b/")
        deploy(stage, buckets=[world.name], instead_of=world.name)
        assert sorted(world.notified()) == [world.arn("sns", "dispatch"), world.arn("sns", "next-dispatch")]

    def test_names_a_stack_that_does_not_exist(self, new_world: NewWorld) -> None:
        world = new_world()
        start(world, CHANGES["renamed"])
        with pytest.raises(DeploymentError, match="there is no stack none that the bucket"):
            deploy(self.write(world), buckets=[world.name], instead_of="none")


class TestARenamedStack:
    """Of a deployed stage: the new one would be empty, and nobody would hear what goes to the old one."""

    @pytest.mark.parametrize("tagged", [True, False])
    def test_is_refused_and_what_waits_in_the_old_one_is_named(self, new_world: NewWorld, tagged: bool) -> None:
        world = new_world()
        start(world, CHANGES["renamed"])
        stream = enqueue(world)
        if not tagged:  # As SLIPS before the tag deployed them.
            for function in aws.client("lambda").list_functions()["Functions"]:
                aws.client("lambda").untag_resource(Resource=function["FunctionArn"], TagKeys=["slips:stack"])
        stage = world.write(stack=f"{world.name}-new")
        for plan in (plan_deployment, plan_provision):
            with pytest.raises(DeploymentError) as error:
                plan(stage, current_account())
            assert f"If you renamed it, write {world.name} again: buckets notify it" in str(error.value)
            assert f"it holds {stream}: 1 record, the oldest of" in str(error.value)
            assert str(error.value).endswith("; nothing was changed")
        world.look()
