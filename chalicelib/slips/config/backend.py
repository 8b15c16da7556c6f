"""`backend` of slips.yml: topics, lanes, tables and roles, set by ARN or named after the stack."""

from __future__ import annotations

import msgspec

from . import arns
from .declarations import Either, Flag, Items, Keys, Number, Text, Whole, Word
from .field import Field
from .scalars import read_flag, read_matching, read_seconds, read_whole
from .settings import QUEUE_FUNCTION, Config, DispatchQueue, LaneConfig, Roles, Topic

# A Lambda function's name has 64 characters (Lambda API, CreateFunction); Chalice puts `<app>-<stage>-` before it.
_FUNCTION_NAME = r"[A-Za-z0-9_-]{1,50}"
_FUNCTIONS = ("process_fast", "process_slow", "report", "retry", "api_handler", QUEUE_FUNCTION)
"""The names of the other Lambda functions in app.py."""

_ONE_TOPIC = "dispatch"
"""The topic of a deployment that names no topics."""

# Lambda ends an invocation after 900 s; a longer sleep would never return.
_LONGEST_INVOCATION = 900

_PROCESSES = "Lambda has six vCPUs at most; or auto: one for each vCPU"

_LANE = LaneConfig(name="fast", stream="")
_TOPIC = Keys(
    {
        "name": (
            "The name of the Lambda function that takes the notifications.",
            Text(_FUNCTION_NAME, required=True),
        ),
        "arn": ("The topic, if it exists already.", arns.TOPIC),
    }
)
_QUEUE_KEYS = Keys(
    {
        # Lambda API, CreateEventSourceMapping: BatchSize of a standard queue.
        "batch_size": ("Notifications that an invocation gets at most.", Whole(1, 10_000)),
        "batch_window": (
            "Seconds that Lambda waits for a full batch; at least 1 with a `batch_size` above 10.",
            Whole(0, 300),
        ),
        "event_bridge": ("Whether a rule of EventBridge fills the queue, too.", Flag()),
        "from_buckets": (
            "Whether buckets notify the queue directly, which saves the topics' requests.",
            Flag(),
        ),
    },
    defaults=DispatchQueue(name=""),
)
# Lambda API, CreateEventSourceMapping: BatchSize of a stream, MaximumBatchingWindowInSeconds, ParallelizationFactor.
_LANE_KEYS = Keys(
    {
        "batch_size": ("Objects that an invocation gets at most.", Whole(1, 10_000)),
        "delay": ("Seconds to wait after each batch, which slows the lane down.", Number(0, _LONGEST_INVOCATION)),
        "shards": ("A fixed number of shards.", Whole(1)),
        "on_demand": ("Whether Kinesis chooses the number of shards.", Flag()),
        "batch_window": ("Seconds that Lambda waits for a full batch.", Whole(0, 300)),
        "parallelization": (
            "Invocations at once for each shard.",
            Whole(1, 10),
        ),
        "processes": (
            "Processes that share a batch; `auto`: one for each vCPU, which is 1,769 MB of memory.",
            Either((Whole(1, 6, why=_PROCESSES), Word(("auto",))), optional=True),
        ),
    }
)
_ROLE_KEYS = Keys(
    {
        "event_pusher": ("The role of `dispatch`, and of the functions of other topics.", arns.ROLE),
        "dispatcher": ("The role of `process_fast` and `process_slow`.", arns.ROLE),
        "reporter": ("The role of `report`, which records dead letters.", arns.ROLE),
        "drain": ("The role of the REST API and of `retry`.", arns.ROLE),
    }
)
BACKEND = Keys(
    {
        "sns_topics": ("The topics that buckets notify of new objects.", Items(_TOPIC)),
        "queue": ("An SQS queue that the topics fill, so that functions take notifications in batches.", _QUEUE_KEYS),
        "kinesis_stream_fast_arn": ("The stream of the fast lane, if it exists already.", arns.STREAM),
        "kinesis_stream_slow_arn": ("The stream of the slow lane, if it exists already.", arns.STREAM),
        "dynamodb_arn": ("The table of the errors, if it exists already.", arns.TABLE),
        "dlq_sns_arn": ("The topic of the dead letters, if it exists already.", arns.TOPIC),
        "role_arn": ("Roles that exist already.", _ROLE_KEYS),
        "lane": (
            "The two lanes, so that a flood of bulky or unimportant objects does not hold up the others.",
            Keys(
                {
                    "fast": ("The lane of all objects that no rule sends elsewhere.", _LANE_KEYS),
                    "slow": ("The lane of the objects that routing sends here.", _LANE_KEYS),
                }
            ),
        ),
    }
)


class Backend(msgspec.Struct, frozen=True, kw_only=True):
    """The section `backend`, with every name filled in."""

    topics: tuple[Topic, ...]
    queue: DispatchQueue | None
    fast: LaneConfig
    slow: LaneConfig
    error_table: str
    error_table_arn: str
    ledger_table: str
    dead_letters: str
    roles: Roles


def read_backend(field: Field, stack: str) -> Backend:
    """Read the section; where no ARN is set, names derive from the stack's."""
    keys = field.keys()
    lanes = keys["lane"].keys()
    table_arn = arns.read_arn(keys["dynamodb_arn"])
    derived = Config.for_stack(stack)
    backend = Backend(
        topics=_read_topics(keys["sns_topics"], stack),
        queue=_read_queue(keys["queue"], stack),
        fast=_read_lane(derived.fast, lanes["fast"], keys["kinesis_stream_fast_arn"]),
        slow=_read_lane(derived.slow, lanes["slow"], keys["kinesis_stream_slow_arn"]),
        error_table=arns.resource_name(table_arn) or derived.error_table,
        error_table_arn=table_arn,
        ledger_table=derived.ledger_table,
        dead_letters=arns.read_arn(keys["dlq_sns_arn"]) or derived.dead_letters,
        roles=_read_roles(keys["role_arn"]),
    )
    _check_distinct(field, keys, backend, alarms=derived.alarm_topic)
    return backend


def _read_topics(field: Field, stack: str) -> tuple[Topic, ...]:
    items = field.items("write a list of topics, each with the keys name and arn")
    if not items:
        return (Topic(_ONE_TOPIC, f"{stack}-{_ONE_TOPIC}"),)
    names = {_logical_id(name): f"the function {name}" for name in _FUNCTIONS}
    targets: dict[str, str] = {}
    return tuple(_read_topic(item, stack, names, targets) for item in items)


def queue_name(stack: str) -> str:
    """Return the name of the queue of notifications."""
    return f"{stack}-{QUEUE_FUNCTION.replace('_', '-')}"


def _read_queue(field: Field, stack: str) -> DispatchQueue | None:
    keys = field.keys()
    if field.absent:
        return None
    batch_size = read_whole(keys["batch_size"], 10)
    batch_window = read_whole(keys["batch_window"], 0)
    if batch_size > 10 and not batch_window:
        keys["batch_window"].fault("found 0 seconds with a batch_size above 10", "write a number from 1 to 300")
    return DispatchQueue(
        name=queue_name(stack),
        batch_size=batch_size,
        batch_window=batch_window,
        event_bridge=bool(read_flag(keys["event_bridge"], False)),
        from_buckets=bool(read_flag(keys["from_buckets"], False)),
    )


def _read_topic(field: Field, stack: str, names: dict[str, str], targets: dict[str, str]) -> Topic:
    """Read a topic. `names` and `targets` map each name and ARN in use to its user."""
    keys = field.keys()
    allowed = 'write at most 50 letters, digits, "-" and "_": a Lambda function gets this name'
    name = read_matching(keys["name"], allowed)
    arn = arns.read_arn(keys["arn"])
    if name and (name_user := names.setdefault(_logical_id(name), field.path)) != field.path:
        keys["name"].fault(
            f'"{name}" is already the name of {name_user}', 'choose a name that differs by more than "-" or "_"'
        )
    if arn and (arn_user := targets.setdefault(arn, field.path)) != field.path:
        keys["arn"].fault(f"is also the topic of {arn_user}", "remove one of the two")
    return Topic(name, arn or f"{stack}-{name}")


def _logical_id(name: str) -> str:
    """Reduce a name to what CloudFormation's logical ids allow: letters and digits."""
    return "".join(character for character in name.lower() if character.isalnum())


def _read_lane(derived: LaneConfig, field: Field, stream: Field) -> LaneConfig:
    keys = field.keys()
    arn = arns.read_arn(stream)
    parallelization = _LANE.parallelization if arn else derived.parallelization
    processes = keys["processes"]
    return LaneConfig(
        name=derived.name,
        stream=arns.resource_name(arn) or derived.stream,
        stream_arn=arn,
        batch_size=read_whole(keys["batch_size"], _LANE.batch_size),
        batch_window=read_whole(keys["batch_window"], _LANE.batch_window),
        parallelization=read_whole(keys["parallelization"], parallelization),
        processes="auto" if processes.value == "auto" else read_whole(processes, _LANE.processes),
        delay=read_seconds(keys["delay"], _LANE.delay),
        shards=_read_shards(keys["shards"], keys["on_demand"], exists=bool(arn)),
    )


def _read_shards(shards: Field, on_demand: Field, *, exists: bool) -> int | None:
    """Read the number of shards, None for on demand. `exists`: the stream exists already."""
    count, adapts = read_whole(shards, _LANE.shards), read_flag(on_demand, None)
    if adapts and count is not None:
        on_demand.fault("found true together with a number of shards", "keep one of the two")
    for field in (shards, on_demand):
        if exists and not field.absent:
            field.warn("has no effect on a stream that you name by its ARN: it already has its shards")
    return 1 if adapts is False and count is None else count


def _read_roles(field: Field) -> Roles:
    keys = field.keys()
    return Roles(
        event_pusher=arns.read_arn(keys["event_pusher"]),
        dispatcher=arns.read_arn(keys["dispatcher"]),
        reporter=arns.read_arn(keys["reporter"]),
        drain=arns.read_arn(keys["drain"]),
    )


def _check_distinct(field: Field, keys: dict[str, Field], backend: Backend, alarms: str) -> None:
    """Report resources that must differ: as one, they would feed themselves or overwrite each other. `alarms` is the
    name of the topic of the alarms."""
    # By name, not by ARN: work items carry the name alone, and Chalice subscribes to streams of its own account.
    if backend.fast.stream == backend.slow.stream:
        own_stream = "slow" if backend.slow.stream_arn else "fast"
        problem = f'"{backend.fast.stream}" is the stream of both lanes'
        keys[f"kinesis_stream_{own_stream}_arn"].fault(problem, "give each lane a stream of its own")
    if backend.error_table == backend.ledger_table:
        keys["dynamodb_arn"].fault(f'"{backend.error_table}" is the name of the ledger', "choose another table")
    reserved = {
        backend.dead_letters: "is the topic of the dead letters: they would come back as notifications",
        alarms: "is the topic of the alarms: they would come back as notifications",
    }
    for number, topic in enumerate(backend.topics):
        for other, problem in reserved.items():
            if _may_be_same(topic.arn, other):
                path = f"{keys['sns_topics'].path}[{number}]"
                field.problems.fault(path, problem, "use another topic for one of the two")
    if _may_be_same(backend.dead_letters, alarms):
        keys["dlq_sns_arn"].fault(
            "is the topic of the alarms: they would come back as dead letters", "use another topic"
        )


def _may_be_same(one: str, other: str) -> bool:
    """Return whether two topics may be the same. A name without an ARN is a topic in the account of the deployment."""
    if one.startswith("arn:") and other.startswith("arn:"):
        return one == other
    return one.rpartition(":")[2] == other.rpartition(":")[2]
