"""The embedded AWS plays Lambda as AWS does: what handlers get, in which order, and what follows when they raise."""

from __future__ import annotations

import base64
import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import uuid4

import boto3
import msgspec
import pytest
from chalice import Chalice

from slips import aws
from slips.config import Config, LaneConfig, Topic
from slips.config.settings import DispatchQueue
from slips.dispatch.notifications import parse_notifications
from slips.model.utc import epoch
from slips.ops.run.embedded import Account, EmbeddedAws, LambdaEmulator, place_of, schedule
from slips.ops.run.embedded.invocations import Activity
from slips.ops.run.embedded.triggers import missing

from ...builders import config

SECONDS = 20.0


class Played:
    """An app of its own on an account of its own; every handler notes its event, and then does what the test says."""

    def __init__(self, aws_up: EmbeddedAws, *, schedules: Sequence[str] = (), **fields: Any) -> None:
        name = f"t{uuid4().hex[:8]}"
        self.bucket = f"{name}-logs"
        self.config = parse_config(name, **fields)
        self.app = Chalice(app_name=name)
        self.events: dict[str, list[dict[str, Any]]] = {"dispatch": [], "fast": [], "slow": [], "report": []}
        self.contexts: list[Any] = []
        self.put_in: set[int] = set()
        self.does: dict[str, Callable[[dict[str, Any]], Any]] = {}
        self.answers: list[tuple[str, dict[str, Any]]] = []
        if self.config.queue:
            self.app.on_sqs_message(queue=self.config.queue.name, batch_size=10, name="dispatch")(
                self._handler("dispatch")
            )
        else:
            self.app.on_sns_message(topic=self.config.topics[0].arn, name="dispatch")(self._handler("dispatch"))
        self.app.on_sns_message(topic=self.config.dead_letters, name="report")(self._handler("report"))
        for lane in (self.config.fast, self.config.slow):
            register = self.app.on_kinesis_record(stream=lane.stream, batch_size=lane.batch_size, name=lane.name)
            register(self._handler(lane.name))
        for function in schedules:
            self.events[function] = []
            self.app.schedule("rate(1 minute)", name=function)(self._handler(function))
        account = Account(self.config, aws_up.place)
        account.create([self.bucket])
        self.player = LambdaEmulator(
            self.app,
            self.config,
            aws_up.place,
            self.app.handler_map.__getitem__,
            lambda *answer: self.answers.append(answer),
        )
        self.player.start()

    def _handler(self, name: str) -> Callable[[Any], Any]:
        def handler(event: Any) -> Any:
            self.events[name].append(event.to_dict())
            self.contexts.append(event.context)
            return self.does.get(name, lambda event: {})(event.to_dict())

        handler.__name__ = name
        return handler

    def upload(self, key: str, content: bytes = b"x") -> None:
        aws.client("s3").put_object(Bucket=self.bucket, Key=key, Body=content)

    def put(self, *numbers: int, key: str = "k") -> None:
        self.put_in |= set(numbers)
        put_records(self.config.fast.stream, numbers, key)

    def until(self, true: Callable[[], Any]) -> None:
        end = time.monotonic() + SECONDS
        while not true():
            assert time.monotonic() < end, self.events
            time.sleep(0.01)

    def until_idle(self) -> None:
        """What a test puts into a stream by itself is no work that an invocation made: wait until it was seen."""
        self.until(lambda: self.put_in <= {number for event in self.events["fast"] for number in data(event)})
        self.until(self.player.is_idle)


def parse_config(name: str, **fields: Any) -> Config:
    lanes = {
        lane: LaneConfig(name=lane, stream=f"{name}-{lane}", shards=1, batch_size=4)  # type: ignore[arg-type]
        for lane in ("fast", "slow")
    }
    names = {"error_table": f"{name}-errors", "ledger_table": f"{name}-ledger", "dead_letters": f"{name}-dead"}
    return config(**{"stack_name": name, "topics": (Topic("s3", f"{name}-s3"),), **lanes, **names, **fields})


def put_records(stream: str, numbers: Any, key: str) -> None:
    records: Any = [{"Data": str(number).encode(), "PartitionKey": key} for number in numbers]
    aws.client("kinesis").put_records(StreamName=stream, Records=records)


def data(event: dict[str, Any]) -> list[int]:
    return [int(base64.b64decode(record["kinesis"]["data"])) for record in event["Records"]]


@pytest.fixture(scope="module")
def aws_up() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as up:
        yield up


@pytest.fixture
def played(aws_up: EmbeddedAws) -> Iterator[Played]:
    played = Played(aws_up)
    yield played
    played.player.stop()


@pytest.fixture
def scheduled(aws_up: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    """With the function that tries again what waits, which is called all the time, and a schedule of the user's own."""
    monkeypatch.setattr(schedule, "SECONDS", 0.01)
    played = Played(aws_up, schedules=("daily", "retry"))
    yield played
    played.player.stop()


def raise_once(counts: Counter[str], what: str) -> None:
    counts[what] += 1
    if counts[what] == 1:
        raise RuntimeError(what)


def test_a_new_object_reaches_dispatch_in_the_event_that_lambda_makes_of_sns(played: Played) -> None:
    played.upload("logs/a b+c=ä.gz", b"12345")
    played.until_idle()
    (event,) = played.events["dispatch"]
    (record,) = event["Records"]
    assert (record["EventSource"], record["Sns"]["Type"], record["Sns"]["MessageAttributes"]) == (
        "aws:sns", "Notification", {},
    )  # fmt: skip
    said = json.loads(record["Sns"]["Message"])["Records"][0]
    assert said["eventName"] == "ObjectCreated:Put"
    assert said["s3"]["object"]["key"] == "logs/a+b%2Bc%3D%C3%A4.gz"
    (ref,) = parse_notifications(event).refs
    assert (ref.bucket, ref.key, ref.size) == (played.bucket, "logs/a b+c=ä.gz", 5)


@pytest.mark.parametrize("from_buckets", [False, True])
def test_through_a_queue_objects_reach_dispatch_in_batches_that_come_again_when_it_raises(
    aws_up: EmbeddedAws, from_buckets: bool
) -> None:
    played = Played(aws_up, queue=DispatchQueue(name=f"queue-{uuid4().hex[:8]}", from_buckets=from_buckets))
    counts: Counter[str] = Counter()
    played.does["dispatch"] = lambda event: raise_once(counts, "dispatch")
    played.upload("logs/a")
    played.upload("logs/b")
    played.until_idle()
    played.player.stop()
    first, *later = played.events["dispatch"]
    assert first["Records"][0]["eventSource"] == "aws:sqs"
    assert ('"TopicArn"' in first["Records"][0]["body"]) is not from_buckets
    assert {ref.key for event in later for ref in parse_notifications(event).refs} == {"logs/a", "logs/b"}
    # S3's test message is none.
    assert played.player.messages == 2


def test_a_queue_that_no_function_reads_is_named(played: Played) -> None:
    queued = msgspec.structs.replace(played.config, queue=DispatchQueue(name="unread"))
    assert missing(played.app, queued)[:-1] == ["app.py: no function takes the queue unread; write @app.on_sqs_message"]


def test_the_same_content_again_is_another_object_for_the_ledger(played: Played) -> None:
    played.upload("k", b"same")
    played.upload("k", b"same")
    played.until_idle()
    refs = [ref for event in played.events["dispatch"] for ref in parse_notifications(event).refs]
    assert len({ref.work_id for ref in refs}) == 2


def test_records_come_in_order_in_batches_of_the_configured_size(played: Played) -> None:
    played.put(*range(10))
    played.until_idle()
    batches = [data(event) for event in played.events["fast"]]
    assert [number for batch in batches for number in batch] == list(range(10))
    assert max(map(len, batches)) == 4


def test_a_record_has_what_lambda_gives_it(played: Played) -> None:
    played.put(7, key="object-1")
    played.until_idle()
    record = played.events["fast"][0]["Records"][0]
    assert record["eventSource"] == "aws:kinesis"
    assert record["eventSourceARN"].endswith(f":stream/{played.config.fast.stream}")
    assert record["kinesis"]["partitionKey"] == "object-1"
    assert abs(record["kinesis"]["approximateArrivalTimestamp"] - time.time()) < 60
    assert int(record["kinesis"]["sequenceNumber"]) > 0


def test_a_batch_whose_handler_raised_comes_again_before_later_ones(played: Played) -> None:
    counts: Counter[str] = Counter()
    played.does["fast"] = lambda event: raise_once(counts, str(data(event)))
    played.put(1)
    played.until(lambda: played.events["fast"])
    played.put(2)
    played.until_idle()
    assert [data(event) for event in played.events["fast"]] == [[1], [1], [2], [2]]


def test_a_shard_that_fails_does_not_hold_up_the_others(aws_up: EmbeddedAws) -> None:
    lane = LaneConfig(name="fast", stream=f"two-{uuid4().hex[:8]}", shards=2, batch_size=1)
    played = Played(aws_up, fast=lane)
    broken = threading.Event()

    def fail(event: dict[str, Any]) -> None:
        if data(event) == [1] and not broken.is_set():
            raise RuntimeError

    played.does["fast"] = fail
    try:
        played.put(1, key="a")
        played.until(lambda: played.events["fast"])
        for number, key in enumerate("bcdefgh", 2):
            played.put(number, key=key)
        played.until(
            lambda: {2, 3, 4, 5, 6, 7, 8} & {number for event in played.events["fast"] for number in data(event)}
        )
        assert not played.player.is_idle()
        broken.set()
        played.until_idle()
        assert {number for event in played.events["fast"] for number in data(event)} == set(range(1, 9))
    finally:
        broken.set()
        played.player.stop()


def test_what_a_handler_raises_or_exits_with_counts_as_a_failure(played: Played) -> None:
    counts: Counter[str] = Counter()

    def leave(event: dict[str, Any]) -> Any:
        counts["calls"] += 1
        if counts["calls"] == 1:
            sys.exit(3)
        return {"answer": object()} if counts["calls"] == 2 else {"answer": 1}

    played.does["fast"] = leave
    played.put(1)
    played.until_idle()
    assert counts["calls"] == 3
    assert played.answers == [("fast", {"answer": 1})]


def test_an_attempt_does_not_see_what_the_one_before_changed(played: Played) -> None:
    counts: Counter[str] = Counter()

    def spoil(event: dict[str, Any]) -> None:
        event["Records"].append("spoilt")
        raise_once(counts, "spoil")

    played.does["dispatch"] = spoil
    played.upload("a.gz")
    played.until_idle()
    assert [len(event["Records"]) for event in played.events["dispatch"]] == [2, 2]


def test_batches_of_all_lanes_run_one_after_another(played: Played) -> None:
    inside: list[int] = []
    seen: list[int] = []

    def work(event: dict[str, Any]) -> None:
        inside.append(1)
        seen.append(len(inside))
        time.sleep(0.05)
        inside.pop()

    played.does = {"fast": work, "slow": work}
    played.put(*range(12))
    put_records(played.config.slow.stream, range(12), "k")
    played.until(lambda: sum(len(data(event)) for event in played.events["slow"]) == 12)
    played.until_idle()
    assert len(seen) >= 6
    assert set(seen) == {1}


class TestTheSchedule:
    def test_calls_with_the_event_that_eventbridge_sends(self, scheduled: Played) -> None:
        scheduled.until(lambda: scheduled.events["retry"])
        event = scheduled.events["retry"][0]
        assert (event["detail-type"], event["source"], event["detail"]) == ("Scheduled Event", "aws.events", {})
        assert event["resources"] == ["arn:aws:events:us-east-1:123456789012:rule/retry"]
        assert abs(epoch(event["time"]) - time.time()) < 60

    def test_calls_again_whatever_became_of_the_call_before(self, scheduled: Played) -> None:
        counts: Counter[str] = Counter()
        scheduled.does["retry"] = lambda event: raise_once(counts, "retry")
        scheduled.until(lambda: counts["retry"] >= 3)

    def test_leaves_a_schedule_of_the_users_own_alone(self, scheduled: Played) -> None:
        """What is done once a night must not be done every few seconds."""
        scheduled.until(lambda: len(scheduled.events["retry"]) >= 3)
        assert scheduled.events["daily"] == []

    def test_calls_while_no_batch_runs(self, scheduled: Played) -> None:
        """Either may use buffers in global variables, since Lambda gives each a process of its own."""
        inside: list[str] = []
        seen: set[tuple[str, ...]] = set()

        def work(name: str) -> None:
            inside.append(name)
            time.sleep(0.005)
            seen.add(tuple(inside))
            inside.remove(name)

        scheduled.does = {name: lambda event, name=name: work(name) for name in ("fast", "retry")}  # type: ignore[misc]
        scheduled.put(*range(40))
        scheduled.until_idle()
        scheduled.until(lambda: ("retry",) in seen)
        assert seen == {("fast",), ("retry",)}

    def test_keeps_nothing_from_being_idle(self, scheduled: Played) -> None:
        scheduled.until(lambda: scheduled.events["retry"])
        scheduled.put(1)
        scheduled.until_idle()

    def test_is_no_progress_of_a_run_that_is_stuck(self, scheduled: Played) -> None:
        """It is called whether there is work or not."""
        activity = scheduled.player.activity
        scheduled.until(lambda: activity.idle_seconds > 1.0 and len(scheduled.events["retry"]) >= 3)

    def test_hides_no_failure_of_the_work(self) -> None:
        activity = Activity()
        for function, is_work in (("fast", True), ("retry", False)):
            with pytest.raises(ValueError, match="no"), activity.invocation(function, is_work=is_work):
                raise ValueError("no")
        assert (activity.describe(), activity.ended) == ("fast raised ValueError: no", 2)
        with activity.invocation("retry", is_work=False):
            pass
        assert activity.describe() == "fast raised ValueError: no"


def test_a_notification_that_dispatch_fails_on_three_times_is_a_dead_letter(played: Played) -> None:
    def fail(event: dict[str, Any]) -> None:
        raise KeyError("nothing works")

    played.does["dispatch"] = fail
    played.upload("a.gz")
    played.until_idle()
    assert len(played.events["dispatch"]) == 3
    (letter,) = played.events["report"]
    message = json.loads(letter["Records"][0]["Sns"]["Message"])
    assert message["requestContext"]["condition"] == "RetriesExhausted"
    assert message["responsePayload"]["errorType"] == "KeyError"
    assert message["requestPayload"] == played.events["dispatch"][0]
    assert played.player.messages == 1


def test_a_dead_letter_that_report_fails_on_three_times_goes_into_the_redrive_queue(played: Played) -> None:
    def fail(event: dict[str, Any]) -> None:
        raise ImportError("no module of that name")

    played.does |= {"dispatch": fail, "report": fail}
    played.upload("a.gz")
    played.until_idle()
    assert (len(played.events["dispatch"]), len(played.events["report"])) == (3, 3)
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName=played.config.redrive_queue)["QueueUrl"]
    (message,) = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    body = json.loads(message["Body"])
    assert body["responsePayload"]["errorType"] == "ImportError"
    assert body["requestContext"]["functionArn"].endswith(":function:report:$LATEST")
    assert body["requestPayload"] == played.events["report"][0]


def test_dispatch_that_succeeds_at_the_second_attempt_leaves_no_dead_letter(played: Played) -> None:
    counts: Counter[str] = Counter()
    played.does["dispatch"] = lambda event: raise_once(counts, "dispatch")
    played.upload("a.gz")
    played.until_idle()
    assert (len(played.events["dispatch"]), played.events["report"]) == (2, [])


def test_nothing_is_idle_while_a_handler_brings_more_work(played: Played) -> None:
    def go_on(event: dict[str, Any]) -> None:
        (number, *_) = data(event)
        time.sleep(0.05)
        if number < 10:
            played.put(number + 1)

    def begin(event: dict[str, Any]) -> None:
        time.sleep(0.1)
        played.put(1)

    played.does = {"dispatch": begin, "fast": go_on}
    played.upload("a.gz")
    played.until_idle()
    assert [data(event) for event in played.events["fast"]] == [[number] for number in range(1, 11)]


def test_the_context_is_that_of_lambda(played: Played) -> None:
    played.put(1)
    played.until_idle()
    (context,) = played.contexts
    assert 290_000 < context.get_remaining_time_in_millis() <= 300_000
    assert context.function_name == "fast"
    assert context.invoked_function_arn.endswith(":function:fast")
    assert context.memory_limit_in_mb > 0
    assert context.aws_request_id


def test_activity_describes_what_hangs_and_what_failed_last(played: Played) -> None:
    go = threading.Event()

    def hang(event: dict[str, Any]) -> None:
        go.wait(SECONDS)
        raise ValueError("no")

    played.does["fast"] = hang
    played.put(1)
    played.until(lambda: played.events["fast"])
    assert "fast has been running for" in played.player.activity.describe()
    played.does = {}
    go.set()
    played.until(lambda: "fast raised ValueError: no" in played.player.activity.describe())


def test_a_bucket_can_be_added_and_notifies_too(aws_up: EmbeddedAws, played: Played) -> None:
    account = Account(played.config, aws_up.place)
    name = f"{played.config.stack_name}-later"
    account.add_bucket(name)
    account.add_bucket(name)
    aws.client("s3").put_object(Bucket=name, Key="x", Body=b"x")
    played.until(lambda: [ref for event in played.events["dispatch"] for ref in parse_notifications(event).refs])
    played.until_idle()
    assert played.player.messages == 1  # S3's test message is none of ours.


def test_a_function_that_is_missing_in_app_py_is_named() -> None:
    lines = missing(Chalice(app_name="empty"), config())
    assert [line.partition(";")[0] for line in lines] == [
        "app.py: no function takes the topic s3",
        "app.py: no function takes the topic slips-dead-letters",
        "app.py: no function takes the stream slips-fast",
        "app.py: no function takes the stream slips-slow",
        "app.py: no function tries again what failed for a moment, so a person has to",
    ]


def test_what_slips_yml_names_by_arn_is_there_under_that_arn() -> None:
    stream = "arn:aws:kinesis:eu-west-1:210987654321:stream/given-fast"
    given = parse_config(
        f"given{uuid4().hex[:8]}",
        fast=LaneConfig(name="fast", stream="given-fast", stream_arn=stream),
        topics=(Topic("s3", "arn:aws:sns:eu-west-1:210987654321:landed"),),
    )
    with EmbeddedAws(place_of(given)) as up:
        Account(given, up.place).create(["given-logs"])
        answer = aws.client("kinesis").put_records(StreamARN=stream, Records=[{"Data": b"1", "PartitionKey": "k"}])
        assert answer["FailedRecordCount"] == 0
        topics = [topic["TopicArn"] for topic in aws.client("sns").list_topics()["Topics"]]
        assert "arn:aws:sns:eu-west-1:210987654321:landed" in topics


def test_the_environment_is_as_before_when_it_is_down() -> None:
    before = dict(os.environ)
    with EmbeddedAws() as up:
        assert up.endpoint.startswith("http://127.0.0.1:")
        assert os.environ["AWS_ENDPOINT_URL"] == up.endpoint
        assert aws.client("s3").meta.endpoint_url == up.endpoint
    assert dict(os.environ) == before


def test_the_callers_own_account_is_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_PROFILE": "prod", "AWS_ACCESS_KEY_ID": "AKIAREAL", "AWS_ROLE_ARN": "arn:real"}.items():
        monkeypatch.setenv(name, value)
    with EmbeddedAws() as up:
        # As a function of the user's does.
        assert boto3.client("dynamodb").meta.endpoint_url == up.endpoint
        assert boto3.Session().get_credentials().access_key == "embedded"
        assert "AWS_PROFILE" not in os.environ


def test_the_emulated_dynamodb_gives_back_every_kind_of_value(aws_up: EmbeddedAws) -> None:
    table, client = f"t{uuid4().hex[:8]}", aws.client("dynamodb")
    client.create_table(
        TableName=table, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )  # fmt: skip
    sets = {"M": {"b": {"BS": [b"x"]}, "n": {"NS": ["1"]}, "s": {"SS": ["y"]}}}
    held = {"L": [{"S": ""}, {"N": "-1.5"}, {"B": b"\0\1"}, {"NULL": True}, {"M": {"a": {"BOOL": False}}}, {"L": []}]}
    item = {"pk": {"S": "a"}, "sets": sets, "held": held}
    client.put_item(TableName=table, Item=item)
    assert client.get_item(TableName=table, Key={"pk": {"S": "a"}})["Item"] == item
    assert client.scan(TableName=table)["Items"] == [item]
