"""`slips redrive`: all that neither dispatch nor report took reaches them, and leaves the queue only then."""

from __future__ import annotations

import io
import json
import runpy
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner, Result

from slips import aws
from slips.ops.cli import main
from slips.ops.deploy.stack import template
from slips.ops.redrive import run as redrive_run
from slips.ops.run.embedded import EmbeddedAws, LambdaEmulator, topics
from slips.ops.run.embedded.invoke import LambdaContext
from slips.quarantine import Filter

from ..builders import config
from ..console.world import World
from ..deployment.cloudformation import patch_moto
from ..dispatch.test_redrive_messages import BATCH, NOTIFICATION, dead_letter, envelope, event
from .deploy.test_ownership import create_function

HERE = "eu-central-1:123456789012"
_number = count(1)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto has one server, so that no request needs to wait."""
    monkeypatch.setattr(redrive_run, "WAIT_SECONDS", 0)


@pytest.fixture(scope="module")
def emulated(aws_endpoint: str) -> Iterator[None]:
    patch_moto()
    aws.reset()
    yield
    aws.reset()


class Stack:
    """A stack with its queue, topics, and functions that take what they are given, or fail."""

    def __init__(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.name = name
        self.taken: dict[str, list[str]] = {"dispatch": [], "report": []}
        self.calls: Counter[str] = Counter()
        self.fails: Callable[[str, list[str]], str] = lambda function, texts: ""
        queue = {"Redrive": template(config(stack_name=name))["Resources"]["Redrive"]}
        aws.client("cloudformation").create_stack(StackName=name, TemplateBody=json.dumps({"Resources": queue}))
        self.url = aws.client("sqs").get_queue_url(QueueName=f"{name}-redrive")["QueueUrl"]
        for topic, function in (("dispatch", "dispatch"), ("dead-letters", "report")):
            self.subscribe(topic, create_function(f"{name}-dev-{function}", stack=name))
        monkeypatch.setattr(aws.client("lambda"), "invoke", self._invoke)

    def topic(self, name: str) -> str:
        return f"arn:aws:sns:{HERE}:{self.name}-{name}"

    def subscribe(self, topic: str, function: str) -> None:
        arn = aws.client("sns").create_topic(Name=f"{self.name}-{topic}")["TopicArn"]
        aws.client("sns").subscribe(TopicArn=arn, Protocol="lambda", Endpoint=function)

    def send(self, *bodies: str) -> None:
        for body in bodies:
            aws.client("sqs").send_message(QueueUrl=self.url, MessageBody=body)

    def depth(self) -> tuple[int, int]:
        """How many messages are visible, and how many are hidden."""
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        counts: Any = aws.client("sqs").get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return int(counts[names[0]]), int(counts[names[1]])

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["redrive", "-s", self.name, *arguments])

    def _invoke(self, FunctionName: str, Payload: str) -> dict[str, Any]:
        function = FunctionName.rpartition("-")[2]
        texts = [record["Sns"]["Message"] for record in json.loads(Payload)["Records"]]
        self.calls[function] += 1
        if fault := self.fails(function, texts):
            error = {"errorType": "Runtime.ImportModuleError", "errorMessage": fault}
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(error).encode())}
        self.taken[function] += texts
        return {"Payload": io.BytesIO(b"{}")}


@pytest.fixture
def stack(emulated: None, monkeypatch: pytest.MonkeyPatch) -> Stack:
    return Stack(f"redriven-{next(_number)}", monkeypatch)


def fill(stack: Stack) -> None:
    """A notification that SNS could not deliver, one that both failed on, and a batch that Lambda gave up on."""
    lost = dead_letter(event(stack.topic("dispatch"), NOTIFICATION))
    stack.send(
        envelope(stack.topic("dispatch"), NOTIFICATION),
        dead_letter(event(stack.topic("dead-letters"), lost)),
        dead_letter(event(stack.topic("dead-letters"), BATCH)),
    )


def test_everything_goes_to_the_function_that_did_not_take_it(stack: Stack) -> None:
    fill(stack)
    result = stack.run()
    name = stack.name
    assert (result.output, result.exit_code) == (
        f"sent: {name}-dev-dispatch 2, {name}-dev-report 1; remaining: 0\n", 0,
    )  # fmt: skip
    assert stack.taken == {"dispatch": [NOTIFICATION] * 2, "report": [BATCH]}
    assert stack.depth() == (0, 0)


def test_an_empty_queue_is_nothing_to_do(stack: Stack) -> None:
    assert (stack.run().output, stack.run().exit_code) == ("sent: nothing; remaining: 0\n", 0)


def test_a_dry_run_counts_and_sends_nothing(stack: Stack) -> None:
    fill(stack)
    result = stack.run("--dry-run", "--json")
    name = stack.name
    assert (json.loads(result.stdout), result.exit_code) == (
        {
            "dry_run": True, "sent": {f"{name}-dev-dispatch": 2, f"{name}-dev-report": 1}, "failed": {},
            "not_understood": {}, "remaining": 3,
        },
        0,
    )  # fmt: skip
    assert stack.taken == {"dispatch": [], "report": []}
    assert stack.depth() == (3, 0)  # The next call has them at once.


def test_messages_are_sent_together(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redrive_run, "WORKERS", 1)
    stack.send(*(envelope(stack.topic("dispatch"), NOTIFICATION) for _ in range(25)))
    assert stack.run().exit_code == 0
    assert (len(stack.taken["dispatch"]), stack.calls["dispatch"]) == (25, 3)


def test_what_a_function_fails_on_stays_with_the_reason_and_is_sent_by_the_next_call(stack: Stack) -> None:
    fill(stack)
    stack.fails = lambda function, texts: "No module named 'requestz'" if function == "dispatch" else ""
    result = stack.run()
    assert (result.exit_code, result.stdout) == (1, f"sent: {stack.name}-dev-report 1; remaining: 2\n")
    reason = f"{stack.name}-dev-dispatch: Runtime.ImportModuleError: No module named 'requestz'"
    assert result.stderr == f"stays: 2: {reason}\n"
    assert stack.depth() == (2, 0)
    stack.fails = lambda function, texts: ""
    assert stack.run().exit_code == 0
    assert stack.taken == {"dispatch": [NOTIFICATION] * 2, "report": [BATCH]}
    assert stack.depth() == (0, 0)


def test_one_message_that_a_function_fails_on_keeps_no_other_back(stack: Stack) -> None:
    bodies = [envelope(stack.topic("dispatch"), f"{number}") for number in range(10)]
    stack.send(*bodies)
    stack.fails = lambda function, texts: "too large" if "4" in texts else ""
    result = stack.run("--json")
    assert (result.exit_code, json.loads(result.stdout)["remaining"]) == (1, 1)
    assert sorted(stack.taken["dispatch"]) == [str(number) for number in range(10) if number != 4]


def test_where_all_calls_fail_it_stops_and_does_not_hide_the_rest(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redrive_run, "WORKERS", 1)
    stack.send(*(envelope(stack.topic("dispatch"), NOTIFICATION) for _ in range(25)))
    stack.fails = lambda function, texts: "broken"
    assert stack.run().exit_code == 1
    assert stack.calls["dispatch"] == 11  # Ten together, and then one by one.
    assert stack.depth() == (25, 0)


def test_a_call_that_aws_refuses_leaves_its_message(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Invoke")

    fill(stack)
    monkeypatch.setattr(aws.client("lambda"), "invoke", refuse)
    result = stack.run()
    assert (result.exit_code, "these credentials may not call Invoke (no)" in result.stderr) == (1, True)
    assert stack.depth() == (3, 0)


def test_what_is_not_understood_stays_and_is_named(stack: Stack) -> None:
    stack.send("hello\x1b[2J", envelope(stack.topic("dispatch"), NOTIFICATION))
    result = stack.run()
    assert (result.exit_code, result.stdout) == (1, f"sent: {stack.name}-dev-dispatch 1; remaining: 1\n")
    assert result.stderr == "stays: 1: not a message of SNS or Lambda: hello\\x1b[2J\n"
    assert stack.depth() == (1, 0)


def test_a_message_that_stays_is_not_tried_for_ever(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long call sees it again, once it is visible."""
    monkeypatch.setattr(redrive_run, "HIDDEN_SECONDS", 0)
    receive, limit = aws.client("sqs").receive_message, count()
    monkeypatch.setattr(aws.client("sqs"), "receive_message", lambda **all: receive(**all) if next(limit) < 40 else {})
    stack.send("hello")
    assert json.loads(stack.run("--json").stdout)["not_understood"] == {"not a message of SNS or Lambda: hello": 1}


@pytest.mark.parametrize("text", [NOTIFICATION, BATCH])
def test_of_a_topic_that_nobody_hears_any_longer_goes_by_what_it_is(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """The topic was renamed meanwhile."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "slips.yml").write_text(f"stack_name: {stack.name}\n")
    stack.send(envelope(stack.topic("old"), text))
    result = CliRunner().invoke(main, ["redrive"])
    assert result.exit_code == 0, result.output
    assert (
        stack.taken == {"dispatch": [text], "report": []}
        if text == NOTIFICATION
        else {"dispatch": [], "report": [text]}
    )


def test_only_functions_of_the_stack_get_it(stack: Stack) -> None:
    stack.subscribe("other", create_function(f"{stack.name}-theirs", stack="their-stack"))
    stack.send(envelope(stack.topic("other"), NOTIFICATION))
    result = stack.run()
    assert result.exit_code == 1
    assert f"no function of this stack is subscribed to {stack.topic('other')}" in result.stderr
    assert stack.calls == {}


def test_a_topic_of_another_region_ends_nothing(stack: Stack) -> None:
    topic = f"arn:aws:sns:us-east-1:123456789012:{stack.name}-dispatch"
    stack.send(envelope(topic, NOTIFICATION), envelope(stack.topic("dispatch"), NOTIFICATION))
    result = stack.run()
    assert (result.exit_code, stack.taken["dispatch"]) == (1, [NOTIFICATION])


def test_ctrl_c_says_what_is_done(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    fill(stack)
    monkeypatch.setattr(redrive_run.Redrive, "_report", interrupt)
    result = stack.run()
    assert (result.exit_code, result.stderr) == (
        1, "stopped: sent 3 messages; run it again for the rest, some in 5 minutes\n",
    )  # fmt: skip


def test_a_stack_without_the_queue_says_what_makes_it(emulated: None) -> None:
    result = CliRunner().invoke(main, ["redrive", "-s", "nowhere"])
    assert (result.exit_code, result.stderr) == (
        1, "Error: there is no queue nowhere-redrive; look at AWS_REGION, or run `slips deploy`, which creates it\n",
    )  # fmt: skip


def test_an_app_py_that_cannot_be_imported_for_a_day_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each invocation imports it, as in a new process. No retry of SNS and Lambda outlives the day; the queue does."""
    patch_moto()
    monkeypatch.setattr(topics, "PAUSE", 0)
    app = tmp_path / "app.py"
    with EmbeddedAws() as embedded:
        world = World(embedded, tmp_path / "slips.yml", f"day-{next(_number)}")
        world.broken = False
        handlers = world.app.handler_map

        def load(name: str) -> Callable[[Any, Any], Any]:
            runpy.run_path(str(app))
            return handlers[name]

        player = LambdaEmulator(world.app, world.slips.config, embedded.place, load, lambda *_: None)
        app.write_text("import no_module_of_this_name\n")
        player.start()
        try:
            for number in range(12):
                world.upload(f"logs/{number}.json", f'{{"n": {number}}}')
            world.until(player.is_idle)
            assert (world.events, world.slips.redrive_queue.read_depth()) == (0, 12)
            assert world.slips.quarantine.page(Filter(), 10).items == ()

            for topic, function in ((world.slips.topics[0].arn, "dispatch"), (world.slips.dead_letters, "report")):
                arn = embedded.place.topic(topic)
                created = create_function(function, stack=world.slips.config.stack_name)
                aws.client("sns").subscribe(TopicArn=arn, Protocol="lambda", Endpoint=created)
            app.write_text("")

            def invoke(FunctionName: str, Payload: str) -> dict[str, Any]:
                name = FunctionName.rpartition(":")[2]
                load(name)(json.loads(Payload), LambdaContext(name, FunctionName))
                return {}

            monkeypatch.setattr(aws.client("lambda"), "invoke", invoke)
            result = CliRunner().invoke(main, ["-c", str(tmp_path / "slips.yml"), "redrive"])
            assert (result.output, result.exit_code) == ("sent: dispatch 12; remaining: 0\n", 0)
            world.until(lambda: world.events == 12)
            world.until(player.is_idle)
        finally:
            player.stop()
        assert (world.events, world.slips.redrive_queue.read_depth()) == (12, 0)
        assert world.slips.quarantine.page(Filter(), 10).items == ()
