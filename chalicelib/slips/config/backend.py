"""`backend` of slips.yml: topics, lanes, tables and roles, given by ARN or named after the stack."""

from __future__ import annotations

import re

import msgspec

from . import arns
from .field import Field
from .scalars import flag, named, seconds, whole
from .settings import Config, LaneConfig, Roles, Topic

# A Lambda function's name has 64 characters (Lambda API, CreateFunction); Chalice puts `<app>-<stage>-` before it.
_FUNCTION_NAME = re.compile(r"[A-Za-z0-9_-]{1,50}")
_FUNCTIONS = ("process_fast", "process_slow", "report", "api_handler")
"""Names that app.py and Chalice give to the other Lambda functions."""

_ONE_TOPIC = "dispatch"
"""The topic of a deployment that names none."""

# Lambda ends an invocation after 900 s; a longer sleep would never return.
_LONGEST_INVOCATION = 900

_LANE = LaneConfig(name="fast", stream="")


class Backend(msgspec.Struct, frozen=True, kw_only=True):
    """What `backend` says, every name settled."""

    topics: tuple[Topic, ...]
    fast: LaneConfig
    slow: LaneConfig
    error_table: str
    error_table_arn: str
    ledger_table: str
    dead_letters: str
    roles: Roles


def read_backend(field: Field, stack: str) -> Backend:
    """The section, with names derived from the stack's where no ARN is given."""
    keys = field.keys(
        "sns_topics",
        "kinesis_stream_fast_arn",
        "kinesis_stream_slow_arn",
        "dynamodb_arn",
        "dlq_sns_arn",
        "role_arn",
        "lane",
    )
    lanes = keys["lane"].keys("fast", "slow")
    table_arn = arns.arn(keys["dynamodb_arn"], arns.TABLE)
    derived = Config.for_stack(stack)
    backend = Backend(
        topics=_topics(keys["sns_topics"], stack),
        fast=_lane(derived.fast, lanes["fast"], keys["kinesis_stream_fast_arn"]),
        slow=_lane(derived.slow, lanes["slow"], keys["kinesis_stream_slow_arn"]),
        error_table=arns.name_of(table_arn) or derived.error_table,
        error_table_arn=table_arn,
        ledger_table=derived.ledger_table,
        dead_letters=arns.arn(keys["dlq_sns_arn"], arns.TOPIC) or derived.dead_letters,
        roles=_roles(keys["role_arn"]),
    )
    _check_apart(field, keys, backend, alarms=derived.alarm_topic)
    return backend


def _topics(field: Field, stack: str) -> tuple[Topic, ...]:
    items = field.items("write a list of topics, each with the keys name and arn")
    if not items:
        return (Topic(_ONE_TOPIC, f"{stack}-{_ONE_TOPIC}"),)
    names = {_logical(name): f"the function {name}" for name in _FUNCTIONS}
    targets: dict[str, str] = {}
    return tuple(_topic(item, stack, names, targets) for item in items)


def _topic(field: Field, stack: str, names: dict[str, str], targets: dict[str, str]) -> Topic:
    """One topic. `names` and `targets` say who has taken a name, or an ARN, before."""
    keys = field.keys("name", "arn")
    allowed = 'write letters, digits, "-" and "_", at most 50 of them: a Lambda function gets this name'
    if keys["name"].value in (None, ""):
        keys["name"].reject(allowed)
    name = named(keys["name"], _FUNCTION_NAME, allowed)
    arn = arns.arn(keys["arn"], arns.TOPIC)
    if name and (name_user := names.setdefault(_logical(name), field.path)) != field.path:
        keys["name"].fault(
            f'"{name}" is the name of {name_user} already', 'choose a name that differs by more than "-" or "_"'
        )
    if arn and (arn_user := targets.setdefault(arn, field.path)) != field.path:
        keys["arn"].fault(f"the topic of {arn_user} again", "remove one of the two")
    return Topic(name, arn or f"{stack}-{name}")


def _logical(name: str) -> str:
    """What is left of a name in CloudFormation, whose logical ids take letters and digits alone."""
    return "".join(character for character in name.lower() if character.isalnum())


def _lane(derived: LaneConfig, field: Field, stream: Field) -> LaneConfig:
    keys = field.keys("batch_size", "delay", "shards", "on_demand", "batch_window", "parallelization")
    arn = arns.arn(stream, arns.STREAM)
    return LaneConfig(
        name=derived.name,
        stream=arns.name_of(arn) or derived.stream,
        stream_arn=arn,
        # Lambda API, CreateEventSourceMapping: BatchSize of a stream, MaximumBatchingWindowInSeconds,
        # ParallelizationFactor.
        batch_size=whole(keys["batch_size"], _LANE.batch_size, 1, 10_000),
        batch_window=whole(keys["batch_window"], _LANE.batch_window, 0, 300),
        parallelization=whole(keys["parallelization"], _LANE.parallelization, 1, 10),
        delay=seconds(keys["delay"], _LANE.delay, 0, _LONGEST_INVOCATION),
        shards=_shards(keys["shards"], keys["on_demand"], exists=bool(arn)),
    )


def _shards(shards: Field, on_demand: Field, *, exists: bool) -> int | None:
    """The number of shards, None for on demand. `exists` is whether the stream exists already."""
    count, adapts = whole(shards, _LANE.shards, 1), flag(on_demand, None)
    if adapts and count is not None:
        on_demand.fault("found true beside a number of shards", "keep one of the two")
    for field in (shards, on_demand):
        if exists and not field.absent:
            field.warn("means nothing beside the ARN of a stream, which has its shards already")
    return 1 if adapts is False and count is None else count


def _roles(field: Field) -> Roles:
    keys = field.keys("event_pusher", "dispatcher", "reporter", "drain")
    return Roles(
        event_pusher=arns.arn(keys["event_pusher"], arns.ROLE),
        dispatcher=arns.arn(keys["dispatcher"], arns.ROLE),
        reporter=arns.arn(keys["reporter"], arns.ROLE),
        drain=arns.arn(keys["drain"], arns.ROLE),
    )


def _check_apart(field: Field, keys: dict[str, Field], backend: Backend, alarms: str) -> None:
    """What would feed itself, or overwrite another, if it were the same resource. `alarms` is the name of the topic
    that alarms tell."""
    # By name, not by ARN: work items carry the name alone, and Chalice subscribes to streams of its own account.
    if backend.fast.stream == backend.slow.stream:
        named_here = "slow" if backend.slow.stream_arn else "fast"
        found = f'"{backend.fast.stream}" is the stream of both lanes'
        keys[f"kinesis_stream_{named_here}_arn"].fault(found, "give each lane a stream of its own")
    if backend.error_table == backend.ledger_table:
        keys["dynamodb_arn"].fault(f'"{backend.error_table}" is the name of the ledger', "choose another table")
    taken = {
        backend.dead_letters: "is the topic of the dead letters, which would come back as notifications",
        alarms: "is the topic that alarms tell, which would come back as notifications",
    }
    for number, topic in enumerate(backend.topics):
        for other, found in taken.items():
            if _may_be_one(topic.arn, other):
                place = f"{keys['sns_topics'].path}[{number}]"
                field.problems.fault(place, found, "use another topic for one of the two")
    if _may_be_one(backend.dead_letters, alarms):
        found = "is the topic that alarms tell, which would come back as dead letters"
        keys["dlq_sns_arn"].fault(found, "use another topic")


def _may_be_one(one: str, other: str) -> bool:
    """Whether two topics may be the same. The name alone stands for a topic of the account that is deployed to."""
    if one.startswith("arn:") and other.startswith("arn:"):
        return one == other
    return one.rpartition(":")[2] == other.rpartition(":")[2]
