"""slips.yml as the rest of the code sees it: typed and complete, with every default in one place."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from ..model import Lane
from .patterns.settings import PatternFormat

MIB = 1024 * 1024

RETRY = "retry"
"""The scheduled function that tries again what waits; an app.py of an earlier version lacks it."""
RETRY_MISSING = (
    "app.py: no function tries again what failed for a moment, so a person has to; write: "
    'retry = app.schedule("rate(1 minute)")(slips.retry)'
)
"""What is said of an app.py that lacks the scheduled function."""
FAST_PARALLELIZATION = 10
"""Of the fast lane that `slips provision` creates. On demand its stream keeps four shards at almost any load: Kinesis
adds them for bytes and records, and a lane carries few and small pointers. Lambda's highest, since it costs nothing:
what does not wait is an invocation of its own with any factor."""
FULL_CORE_MB = 1769
"""MB of memory that come with one whole vCPU; less comes with its share (AWS Lambda Developer Guide, "Memory")."""
RETENTION_HOURS = 168
"""Of the streams that `slips provision` creates: a week instead of a day, so that an outage over a weekend loses no
event. The ledger must remember at least as long."""


class Topic(msgspec.Struct, frozen=True):
    """An SNS topic that buckets notify. `name` is that of the Lambda function, `arn` what it subscribes to (an ARN, or
    the name of a topic that `slips provision` creates)."""

    name: str
    arn: str


QUEUE_FUNCTION = "dispatch_queue"
"""The function of the queue, where notifications come through one."""


class DispatchQueue(msgspec.Struct, frozen=True, kw_only=True):
    """The SQS queue that notifications come through, in batches; `batch_window` is in seconds."""

    name: str
    batch_size: int = 10
    batch_window: int = 0
    event_bridge: bool = False
    """Whether a rule of EventBridge fills it, too, with what the mapped buckets send there."""
    from_buckets: bool = False
    """Whether the mapped buckets notify it themselves, and not a topic that fills it."""


class LaneConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A Kinesis lane. `delay` and `batch_window` are in seconds; `shards` None means on demand."""

    name: Lane
    stream: str
    stream_arn: str = ""
    batch_size: int = 10
    delay: float = 0.0
    shards: int | None = None
    batch_window: int = 0
    parallelization: int = 1
    """Invocations at once a shard. Lambda keeps the works of an object in order (by their partition key)."""
    processes: int | Literal["auto"] = 1
    """That share a batch; `auto`: one for each vCPU."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A routing rule; an empty field matches everything. `match` is a glob for the whole key."""

    dest: Literal["fast", "slow", "drop"]
    bucket: str = ""
    prefix: str = ""
    suffix: str = ""
    match: str = ""
    event: str = ""
    """A glob for the name of the event: `ObjectCreated:Copy`."""
    path: str = ""
    """The path in slips.yml: `routing[2]`."""


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping from the objects of a prefix to their format chain."""

    bucket: str
    chain: tuple[str, ...]
    prefix: str = ""
    suffix: str = ""
    match: str = ""
    on_missing: Literal["", "error", "skip"] = ""
    """What an object that is gone, or was rewritten, leaves: an item that is told on request, an error, or nothing."""
    silent_minutes: int | None = None
    """That may pass without an object; 0: any number; None: a multiple of what is usual (`AlarmLimits.silence`)."""
    path: str = ""
    """The path in slips.yml: `bucket_mapping.logs[0]`."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits for hostile or broken input. Sizes are in bytes; `max_inflate_ratio` is inflated bytes per stored byte."""

    max_line_bytes: int = 16 * MIB
    max_object_bytes: int = 64 * 1024 * MIB
    max_inflate_ratio: int = 1200
    max_attempts: int = 3
    errors_per_object: int = 100
    sample_bytes: int = 2048
    """0 keeps nothing of a record in its error item, as does `errors: {sample: off}`."""

    def with_samples(self) -> Limits:
        """Return them for failures that are shown here and now, and rest in no table."""
        return msgspec.structs.replace(self, sample_bytes=self.sample_bytes or Limits().sample_bytes)


class AlarmLimits(msgspec.Struct, frozen=True, kw_only=True):
    """When alarms ring, in five minutes where it does not say otherwise; 0: there is no such alarm."""

    late_minutes: int = 60
    """That the oldest record of a lane has waited: half a per cent of a stream's week."""
    unread_minutes: int = 15
    """In which a lane got records and nobody read it, within an hour."""
    failed_percent: float = 1.0
    """Of the events."""
    new_causes: int = 1
    """Of failures: fingerprints that were not seen for two weeks."""
    error_items: int = 0
    waiting_minutes: int = 60
    """That something waits to be tried again by itself."""
    silence: float = 3.0
    """Times the usual gap between two objects of a mapping."""
    surge: float = 10.0
    """Times the objects of the busiest hour of the week before."""
    api_errors: int = 5
    """Responses of the REST API with a status of 500 or more."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What the user's functions may do in AWS: IAM statements, and the ARNs of managed policies."""

    statements: tuple[dict[str, Any], ...] = ()
    managed: tuple[str, ...] = ()


class Handler(msgspec.Struct, frozen=True, kw_only=True):
    """The arguments, role, policy and network of the user's functions."""

    args: dict[str, Any] = {}
    secrets_max_age: float = 600.0
    """Seconds after which the secrets of `args` are fetched again."""
    policy: Policy = Policy()
    role_arn: str = ""
    concurrency: int | None = None
    security_group_ids: tuple[str, ...] = ()
    subnet_ids: tuple[str, ...] = ()


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """What the calls on a bucket need beyond its name: the ARNs of the key of its objects and of a role to assume, and
    the id of the account that must own it; each may be empty."""

    kms_key: str = ""
    requester_pays: bool = False
    role_arn: str = ""
    expected_owner: str = ""


class Roles(msgspec.Struct, frozen=True, kw_only=True):
    """The role ARNs of the class-based SLIPS; empty if Chalice creates the role."""

    event_pusher: str = ""
    dispatcher: str = ""
    reporter: str = ""
    drain: str = ""


class NewRoles(msgspec.Struct, frozen=True, kw_only=True):
    """What the roles that a deployment creates have: the ARN of a permissions boundary, and a path like `/teams/`; each
    may be empty."""

    permissions_boundary: str = ""
    path: str = ""


class ApiThrottle(msgspec.Struct, frozen=True, kw_only=True):
    """How many requests a second the REST API takes, and how many at once; it refuses others (429)."""

    rate: int
    burst: int


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """The whole slips.yml. Without an ARN, the names of tables, streams and topics derive from `stack_name`:
    `<stack_name>-fast`, `-slow`, `-errors`, `-ledger`, `-dead-letters`, `-redrive`, `-<topic name>`."""

    stack_name: str
    description: str = ""
    topics: tuple[Topic, ...]
    queue: DispatchQueue | None = None
    """What the topics fill in place of calling a function each."""
    fast: LaneConfig
    slow: LaneConfig
    error_table: str
    error_table_arn: str = ""
    ledger_table: str
    dead_letters: str
    """The dead-letter topic: an ARN, or the name of the topic that `slips provision` creates."""
    roles: Roles = Roles()
    handler: Handler = Handler()
    routing: tuple[Rule, ...] = ()
    mappings: tuple[Mapping, ...] = ()
    """All buckets' mappings, in the order of the file."""
    formats: dict[str, PatternFormat] = {}
    """The pattern formats, by name."""
    buckets: dict[str, Bucket] = {}
    limits: Limits = Limits()
    alarms: AlarmLimits = AlarmLimits()
    checkpoint_seconds: float = 60.0
    ledger_ttl_days: int = 30
    errors_ttl_days: int | None = None
    """Days after which DynamoDB deletes an error item in any state; None: not before it is drained or discarded."""
    retry_give_up_after: float = 12 * 3600
    """Seconds for which what passes by itself is tried again, until a person is told."""
    timezones: dict[str, str] = {}
    """The offset from UTC of names of zones, beyond those that mean one zone everywhere."""
    tags: dict[str, str] = {}
    """The tags of the stack, and of all that it and the deployment create."""
    kms_keys: tuple[str, ...] = ()
    """The ARN of the key that encrypts (empty: the one that AWS manages), then of those that did so before."""
    iam: NewRoles = NewRoles()
    package_bucket: str = ""
    """The bucket through which the package goes to Lambda; empty: it goes with the call, which takes 50 MB."""
    deletion_protection: bool | None = None
    """Whether DynamoDB refuses to delete the tables that the stack creates; None leaves that to others."""
    termination_protection: bool | None = None
    """Whether CloudFormation refuses to delete the stack; None leaves that to others."""
    api_auth: Literal["iam", "token", "none"] = "iam"
    api_cors: str = ""
    """The origin whose pages may call the REST API; empty: only its own."""
    api_access_log: bool = False
    """Whether API Gateway logs each request."""
    api_throttle: ApiThrottle | None = None
    log_objects: bool = True
    """Whether each object has a line in the log when it is dispatched, and one when it is done."""
    warnings: tuple[str, ...] = ()
    """What is accepted and probably not meant, one line each."""
    notes: tuple[str, ...] = ()
    """What is accepted and has no effect, as in a file of the class-based SLIPS, one line each."""

    @classmethod
    def for_stack(cls, stack_name: str) -> Config:
        """Make the config of a stack by its name alone, with every default."""
        return cls(
            stack_name=stack_name,
            topics=(),
            fast=LaneConfig(name="fast", stream=f"{stack_name}-fast", parallelization=FAST_PARALLELIZATION),
            slow=LaneConfig(name="slow", stream=f"{stack_name}-slow"),
            error_table=f"{stack_name}-errors",
            ledger_table=f"{stack_name}-ledger",
            dead_letters=f"{stack_name}-dead-letters",
        )

    @property
    def kms_key(self) -> str:
        """The ARN of the key that encrypts; empty for the one that AWS manages."""
        return self.kms_keys[0] if self.kms_keys else ""

    @property
    def alarm_topic(self) -> str:
        """The name of the topic that alarms go to."""
        return f"{self.stack_name}-alarms"

    @property
    def redrive_queue(self) -> str:
        """The name of the queue for what neither `dispatch` nor `report` took."""
        return f"{self.stack_name}-redrive"

    @property
    def calling_topics(self) -> tuple[Topic, ...]:
        """The topics that call a function each."""
        return () if self.queue else self.topics

    @property
    def dispatchers(self) -> tuple[str, ...]:
        """The functions that take notifications, as app.py names them."""
        return (QUEUE_FUNCTION,) if self.queue else tuple(topic.name for topic in self.topics)

    def lane_of(self, name: str) -> Lane | None:
        """Return the lane of that name, or whose stream has that name."""
        return next((lane.name for lane in (self.fast, self.slow) if name in (lane.name, lane.stream)), None)

    def bucket(self, name: str) -> Bucket:
        """Return what calls on the bucket need."""
        return self.buckets.get(name, Bucket())

    def lane(self, name: Lane) -> LaneConfig:
        """Return the lane of that name."""
        return self.fast if name == "fast" else self.slow
