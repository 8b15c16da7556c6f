from __future__ import annotations

import pytest

from slips.config import Roles, Topic
from slips.config.settings import DispatchQueue

from .written import ROLE, STREAM, TABLE, TOPIC, config, faults


def test_names_come_from_the_arns_that_are_set() -> None:
    parsed = config(
        backend={
            "sns_topics": [{"name": "Uploads", "arn": TOPIC}],
            "kinesis_stream_fast_arn": f"{STREAM}-fast",
            "kinesis_stream_slow_arn": f"{STREAM}-slow",
            "dynamodb_arn": TABLE,
            "dlq_sns_arn": f"{TOPIC}-dead",
        }
    )
    assert parsed.topics == (Topic("Uploads", TOPIC),)
    assert (parsed.fast.stream, parsed.fast.stream_arn) == ("uploads-fast", f"{STREAM}-fast")
    assert (parsed.slow.stream, parsed.slow.stream_arn) == ("uploads-slow", f"{STREAM}-slow")
    assert (parsed.error_table, parsed.error_table_arn) == ("upload-errors", TABLE)
    assert parsed.dead_letters == f"{TOPIC}-dead"
    assert parsed.ledger_table == "slips-ledger"


@pytest.mark.parametrize("nothing", [None, ""])
def test_empty_arns_count_as_absent(nothing: str | None) -> None:
    keys = ("kinesis_stream_fast_arn", "kinesis_stream_slow_arn", "dynamodb_arn", "dlq_sns_arn")
    roles = dict.fromkeys(("event_pusher", "dispatcher", "reporter", "drain"), nothing)
    parsed = config(backend={**dict.fromkeys(keys, nothing), "role_arn": roles}, handler={"role_arn": nothing})
    assert parsed == config()


@pytest.mark.parametrize("arn", [{}, {"arn": None}, {"arn": ""}])
def test_a_topic_without_an_arn_is_named_after_the_stack(arn: dict[str, str | None]) -> None:
    assert config(backend={"sns_topics": [{"name": "uploads", **arn}]}).topics == (Topic("uploads", "slips-uploads"),)


def test_without_topics_there_is_one() -> None:
    assert config(backend={"sns_topics": []}).topics == (Topic("dispatch", "slips-dispatch"),)


@pytest.mark.parametrize("role", ["event_pusher", "dispatcher", "reporter", "drain"])
def test_roles_are_kept(role: str) -> None:
    assert config(backend={"role_arn": {role: ROLE}}).roles == Roles(**{role: ROLE})


@pytest.mark.parametrize(
    ("key", "arn", "odd"),
    [
        ("kinesis_stream_fast_arn", "arn:aws:s3:::logs", 'the service in the ARN is "s3"'),
        ("kinesis_stream_fast_arn", "uploads", 'found the text "uploads"'),
        ("kinesis_stream_fast_arn", "arn:aws:kinesis", 'found the text "arn:aws:kinesis"'),
        ("kinesis_stream_fast_arn", STREAM.replace("aws:", "amazon:"), 'the partition in the ARN is "amazon"'),
        ("kinesis_stream_fast_arn", STREAM.replace("eu-west-1", "europe"), 'the region in the ARN is "europe"'),
        ("kinesis_stream_fast_arn", STREAM.replace("123456789012", "12345"), 'the account in the ARN is "12345"'),
        ("kinesis_stream_slow_arn", STREAM.replace("stream/", ""), 'the resource in the ARN is "uploads"'),
        (
            "kinesis_stream_slow_arn",
            f"{STREAM}/consumer/a:1",
            'the resource in the ARN is "stream/uploads/consumer/a:1"',
        ),
        ("dynamodb_arn", f"{TABLE}/stream/2026", 'the resource in the ARN is "table/upload-errors/stream/2026"'),
        ("dynamodb_arn", TABLE.replace("upload-errors", "ab"), 'the resource in the ARN is "table/ab"'),
        ("dlq_sns_arn", TOPIC.replace(":sns:", ":sqs:"), 'the service in the ARN is "sqs"'),
        ("dlq_sns_arn", f"{TOPIC}.fifo", 'the resource in the ARN is "uploads.fifo"'),
    ],
)
def test_an_arn_names_the_right_kind_of_thing(key: str, arn: str, odd: str) -> None:
    (fault,) = faults(backend={key: arn})
    assert fault.startswith(f"backend.{key}: {odd}; write the ARN of a")


@pytest.mark.parametrize("arn", [STREAM.replace("aws:", "aws-cn:"), STREAM.replace("eu-west-1", "us-gov-west-1")])
def test_arns_of_other_partitions_and_regions_are_taken(arn: str) -> None:
    assert config(backend={"kinesis_stream_fast_arn": arn}).fast.stream_arn == arn


@pytest.mark.parametrize("arn", [ROLE.replace("::", ":eu-west-1:"), ROLE.replace("role/", "user/"), ROLE + "x" * 64])
def test_a_role_is_the_arn_of_a_role(arn: str) -> None:
    (fault,) = faults(backend={"role_arn": {"drain": arn}})
    assert fault.startswith("backend.role_arn.drain: the re")
    assert fault.endswith("; write the ARN of an IAM role, arn:aws:iam::ACCOUNT:role/NAME")


def test_an_arn_that_is_not_text_is_a_fault() -> None:
    (fault,) = faults(backend={"dynamodb_arn": {"Ref": "Table"}})
    assert fault.startswith("backend.dynamodb_arn: found a mapping; write the ARN of a DynamoDB table")


def test_lanes_keep_all_their_keys() -> None:
    stated = {"batch_size": 10_000, "batch_window": 300, "parallelization": 10, "delay": 1.5, "shards": 4}
    slow = config(backend={"lane": {"slow": stated}}).slow
    assert (slow.batch_size, slow.batch_window, slow.parallelization, slow.delay, slow.shards) == (
        10_000,
        300,
        10,
        1.5,
        4,
    )


@pytest.mark.parametrize(("stated", "processes"), [({}, 1), ({"processes": 2}, 2), ({"processes": "auto"}, "auto")])
def test_a_lane_has_one_process_or_as_many_as_it_says(stated: dict[str, object], processes: object) -> None:
    assert config(backend={"lane": {"fast": stated}}).fast.processes == processes


def test_without_a_queue_each_topic_calls_a_function() -> None:
    loaded = config()
    assert loaded.queue is None
    assert loaded.calling_topics == loaded.topics
    assert loaded.dispatchers == ("dispatch",)


def test_a_queue_takes_the_place_of_the_topics_functions() -> None:
    senders = {"event_bridge": True, "from_buckets": True}
    loaded = config(backend={"queue": {"batch_size": 100, "batch_window": 5, **senders}})
    name = f"{loaded.stack_name}-dispatch-queue"
    assert loaded.queue == DispatchQueue(
        name=name, batch_size=100, batch_window=5, event_bridge=True, from_buckets=True
    )
    assert (loaded.calling_topics, loaded.dispatchers) == ((), ("dispatch_queue",))
    assert loaded.topics
    assert config(backend={"queue": {}}).queue == DispatchQueue(name=name)


@pytest.mark.parametrize(
    ("queue", "fault"),
    [
        ({"batch_size": 11}, ".batch_window: found 0 seconds with a batch_size above 10; write a number from 1 to 300"),
        (
            {"batch_size": 10_001, "batch_window": 1},
            ".batch_size: found the number 10001; write a whole number from 1 to 10000",
        ),
        ({"batch_window": 301}, ".batch_window: found the number 301; write a whole number from 0 to 300"),
        ({"event_bridge": "yes"}, '.event_bridge: found the text "yes"; write true or false'),
        ({"from_buckets": "yes"}, '.from_buckets: found the text "yes"; write true or false'),
        ("mine", ': found the text "mine"; write '),
    ],
)
def test_a_queue_stays_within_the_bounds_of_aws(queue: object, fault: str) -> None:
    (line,) = faults(backend={"queue": queue})
    assert line.startswith(f"backend.queue{fault}")


def test_no_topic_has_the_name_of_the_queues_function() -> None:
    (fault,) = faults(backend={"sns_topics": [{"name": "dispatch-queue"}]})
    assert "is already the name of the function dispatch_queue" in fault


@pytest.mark.parametrize(("stream", "parallelization"), [("", 10), (STREAM, 1)])
def test_the_fast_lane_of_a_stream_of_its_own_runs_ten_at_once_a_shard(stream: str, parallelization: int) -> None:
    loaded = config(backend={"kinesis_stream_fast_arn": stream} if stream else {})
    assert (loaded.fast.parallelization, loaded.slow.parallelization) == (parallelization, 1)


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("batch_size", 0, "a whole number from 1 to 10000"),
        ("batch_size", 10_001, "a whole number from 1 to 10000"),
        ("batch_size", "10", "a whole number from 1 to 10000"),
        ("batch_size", 10.5, "a whole number from 1 to 10000"),
        ("batch_size", True, "a whole number from 1 to 10000"),
        ("batch_window", 301, "a whole number from 0 to 300"),
        ("parallelization", 11, "a whole number from 1 to 10"),
        ("processes", 0, "a whole number from 1 to 6: Lambda has six vCPUs at most; or auto: one for each vCPU"),
        ("processes", 7, "a whole number from 1 to 6: Lambda has six vCPUs at most; or auto: one for each vCPU"),
        ("processes", "all", "a whole number from 1 to 6: Lambda has six vCPUs at most; or auto: one for each vCPU"),
        ("shards", 0, "a whole number of at least 1"),
        ("delay", -1, "seconds, a number from 0 to 900"),
        ("delay", float("nan"), "seconds, a number from 0 to 900"),
        ("delay", float("inf"), "seconds, a number from 0 to 900"),
        ("delay", True, "seconds, a number from 0 to 900"),
        ("on_demand", "yes", "true or false"),
    ],
)
def test_lanes_stay_within_the_bounds_of_aws(key: str, value: object, allowed: str) -> None:
    (fault,) = faults(backend={"lane": {"fast": {key: value}}})
    assert fault.startswith(f"backend.lane.fast.{key}: found ")
    assert fault.endswith(f"; write {allowed}")


@pytest.mark.parametrize(
    ("stated", "shards"), [({}, None), ({"on_demand": True}, None), ({"on_demand": False}, 1), ({"shards": 3}, 3)]
)
def test_a_lane_is_on_demand_unless_it_has_shards(stated: dict[str, object], shards: int | None) -> None:
    assert config(backend={"lane": {"fast": stated}}).fast.shards == shards


def test_a_lane_is_not_on_demand_with_a_number_of_shards() -> None:
    (fault,) = faults(backend={"lane": {"fast": {"on_demand": True, "shards": 3}}})
    assert fault == "backend.lane.fast.on_demand: found true together with a number of shards; keep one of the two"


@pytest.mark.parametrize("key", [{"shards": 3}, {"on_demand": True}])
def test_shards_of_a_stream_that_exists_are_warned_of(key: dict[str, object]) -> None:
    (warning,) = config(backend={"kinesis_stream_fast_arn": STREAM, "lane": {"fast": key}}).warnings
    assert warning.startswith(
        f"backend.lane.fast.{next(iter(key))}: has no effect on a stream that you name by its ARN"
    )


def test_both_lanes_are_never_one_stream() -> None:
    (fault,) = faults(backend={"kinesis_stream_fast_arn": STREAM, "kinesis_stream_slow_arn": STREAM})
    assert fault.startswith('backend.kinesis_stream_slow_arn: "uploads" is the stream of both lanes; give each lane')


def test_a_wrong_arn_is_one_fault_and_sets_no_name() -> None:
    both_faults = faults(backend={"kinesis_stream_fast_arn": "uploads", "kinesis_stream_slow_arn": "uploads"})
    assert [fault.partition(":")[0] for fault in both_faults] == [
        "backend.kinesis_stream_fast_arn",
        "backend.kinesis_stream_slow_arn",
    ]


def test_the_stream_of_an_arn_is_not_the_one_created_for_the_other_lane() -> None:
    (fault,) = faults(backend={"kinesis_stream_fast_arn": STREAM.replace("uploads", "slips-slow")})
    assert fault.startswith('backend.kinesis_stream_fast_arn: "slips-slow" is the stream of both lanes')


def test_the_error_table_is_not_the_ledger() -> None:
    (fault,) = faults(backend={"dynamodb_arn": TABLE.replace("upload-errors", "slips-ledger")})
    assert fault.startswith('backend.dynamodb_arn: "slips-ledger" is the name of the ledger')


@pytest.mark.parametrize(
    "backend",
    [
        {"sns_topics": [{"name": "a"}, {"name": "b", "arn": TOPIC}], "dlq_sns_arn": TOPIC},
        {"sns_topics": [{"name": "a"}, {"name": "dead-letters"}]},
        {"sns_topics": [{"name": "a"}, {"name": "b", "arn": "arn:aws:sns:eu-west-1:123456789012:slips-dead-letters"}]},
    ],
)
def test_dead_letters_are_not_dispatched(backend: dict[str, object]) -> None:
    (fault,) = faults(backend=backend)
    assert fault.startswith("backend.sns_topics[1]: is the topic of the dead letters")


@pytest.mark.parametrize(
    "topic", [{"name": "alarms"}, {"name": "b", "arn": "arn:aws:sns:eu-west-1:123456789012:slips-alarms"}]
)
def test_alarms_are_not_dispatched(topic: dict[str, str]) -> None:
    (fault,) = faults(backend={"sns_topics": [topic]})
    assert fault.startswith("backend.sns_topics[0]: is the topic of the alarms")


def test_alarms_are_not_dead_letters() -> None:
    (fault,) = faults(backend={"dlq_sns_arn": "arn:aws:sns:eu-west-1:123456789012:slips-alarms"})
    assert fault.startswith("backend.dlq_sns_arn: is the topic of the alarms")


def test_topics_of_two_accounts_may_have_one_name() -> None:
    arns = [f"arn:aws:sns:eu-west-1:{account}:landed" for account in ("111122223333", "123456789012")]
    assert faults(backend={"sns_topics": [{"name": "a", "arn": arns[0]}], "dlq_sns_arn": arns[1]}) == []


def test_a_topic_is_listed_once() -> None:
    topics = [{"name": "a", "arn": TOPIC}, {"name": "b", "arn": TOPIC}, {"name": "c", "arn": TOPIC}]
    assert faults(backend={"sns_topics": topics}) == [
        f"backend.sns_topics[{at}].arn: is also the topic of backend.sns_topics[0]; remove one of the two"
        for at in (1, 2)
    ]


@pytest.mark.parametrize("second", ["up-loads", "up_loads", "UpLoads"])
def test_the_names_of_topics_differ_in_cloudformation_too(second: str) -> None:
    (fault,) = faults(backend={"sns_topics": [{"name": "up-loads", "arn": TOPIC}, {"name": second}]})
    assert fault.startswith(f'backend.sns_topics[1].name: "{second}" is already the name of backend.sns_topics[0];')


@pytest.mark.parametrize("name", ["process_fast", "process_slow", "report", "api_handler"])
def test_a_topic_does_not_take_the_name_of_another_function(name: str) -> None:
    (fault,) = faults(backend={"sns_topics": [{"name": name}]})
    assert fault.startswith(f'backend.sns_topics[0].name: "{name}" is already the name of the function {name};')


@pytest.mark.parametrize("name", [None, "", "my topic", "ü", "x" * 51, 5])
def test_a_topic_has_a_name_for_its_function(name: object) -> None:
    (fault,) = faults(backend={"sns_topics": [{"name": name, "arn": TOPIC}]})
    assert fault.startswith("backend.sns_topics[0].name: ")


def test_topics_are_a_list_of_mappings() -> None:
    (fault,) = faults(backend={"sns_topics": [TOPIC]})
    assert fault.startswith("backend.sns_topics[0]: found the text ")
    assert fault.endswith("; write a mapping with the keys name, arn")
    (fault,) = faults(backend={"sns_topics": {"name": "a"}})
    assert fault == "backend.sns_topics: found a mapping; write a list of topics, each with the keys name and arn"
