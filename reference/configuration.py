"""The page of slips.yml, key by key: names and what they take from the loader, defaults and meanings from here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from .loader import Key, find_keys
from .markdown import table


class Text(NamedTuple):
    """What a key means, and what holds without it."""

    meaning: str
    default: str = ""


_HEAD = """\
# slips.yml, key by key

`make docs` writes this page. Which keys there are, and what each takes, is what the loader itself says. `slips check`
names every fault of a file at once, each with its path as it is written here. `[]` stands for each item of a list;
names in capitals are yours. The [file of this repository](../../slips.yml) shows all keys in one piece, with comments.

The environment variable `SLIPS_CONFIG` names another file: one for each
[stage of Chalice](../deployment.md#stages).
"""
_SECTIONS = {
    "The stack": "",
    "backend": "Topics, streams, tables and roles. What has an ARN here is used as it is, never created or removed.",
    "handler": "What your functions get, and what they run with.",
    "routing": "Which lane an object takes: the first rule that matches. A rule without a condition takes every\n"
    "object; one that no rule takes is an error item. Without this section, every object goes into the fast lane.",
    "bucket_mapping": "What the objects hold: the mapping with the longest prefix that matches. An object that no\n"
    "mapping takes is an error item.",
    "formats": "Formats of your own, without code: [patterns.md](../patterns.md) has the keys of each.",
    "buckets": "What calls on a bucket need beyond its name.",
    "limits": "What bounds broken or hostile objects. What passes a limit is an error item; memory stays bounded.",
    "alarms": "When [the alarms](metrics-and-alarms.md#alarms) ring, in five minutes where nothing else is said.\n"
    "`off` or 0 removes an alarm.",
    "api": "The REST API and the console.",
    "Other keys": "",
}
_OF_THE_STACK = (
    "stack_name",
    "description",
    "tags",
    "kms_key",
    "iam",
    "package_bucket",
    "deletion_protection",
    "termination_protection",
)
TEXTS = {
    "stack_name": Text("The name of the CloudFormation stack. What SLIPS creates begins with it.", "required"),
    "description": Text("The description of the stack."),
    "base.sam": Text("Accepted from the class-based version, without effect."),
    "sam": Text("Likewise."),
    "backend.sns_topics": Text("The topics that buckets notify of new objects.", "one, named `dispatch`"),
    "backend.sns_topics[].name": Text("The name of the Lambda function that takes its notifications.", "required"),
    "backend.sns_topics[].arn": Text("A topic that exists already.", "`STACK-NAME` is created"),
    "backend.queue": Text(
        "The topics fill an SQS queue, from which one function takes batches: "
        "[how](../deployment.md#notifications-in-batches).",
        "each topic calls a function",
    ),
    "backend.queue.batch_size": Text("Notifications that an invocation gets at most.", "10"),
    "backend.queue.batch_window": Text("Seconds to gather them; at least 1 where `batch_size` is above 10.", "0"),
    "backend.queue.event_bridge": Text("Whether a rule of EventBridge fills the queue, too.", "false"),
    "backend.kinesis_stream_fast_arn": Text("The stream of the fast lane.", "`STACK-fast` is created"),
    "backend.kinesis_stream_slow_arn": Text("The stream of the slow lane.", "`STACK-slow` is created"),
    "backend.dynamodb_arn": Text(
        "The ErrorTable, such as that of the class-based version: [what it must be](../deployment.md#what-is-created).",
        "`STACK-errors` is created",
    ),
    "backend.dlq_sns_arn": Text("The topic of dead letters.", "`STACK-dead-letters` is created"),
    "backend.role_arn.event_pusher": Text("The role of `dispatch`.", "one is created"),
    "backend.role_arn.dispatcher": Text("The role of `process_fast` and `process_slow`.", "one each is created"),
    "backend.role_arn.reporter": Text("The role of `report` and `retry`.", "one each is created"),
    "backend.role_arn.drain": Text("The role of the REST API.", "one is created"),
    "backend.lane.LANE": Text("The lanes `fast` and `slow`; both have the same keys."),
    "backend.lane.LANE.batch_size": Text("Objects that an invocation gets at most.", "10"),
    "backend.lane.LANE.batch_window": Text("Seconds that Lambda gathers them.", "0"),
    "backend.lane.LANE.parallelization": Text(
        "Invocations at once for each shard.", "fast: 10, but 1 with the ARN of a stream; slow: 1"
    ),
    "backend.lane.LANE.processes": Text(
        "Processes that share a batch; `auto`: one for each vCPU, which is 1,769 MB of memory.", "1"
    ),
    "backend.lane.LANE.delay": Text("Seconds to wait after each batch, which slows the lane down.", "0"),
    "backend.lane.LANE.shards": Text("A fixed number of shards.", "on demand"),
    "backend.lane.LANE.on_demand": Text("Whether Kinesis chooses the number of shards.", "true, without `shards`"),
    "handler.args.NAME": Text(
        "An argument for `@slips.on_setup`; `ssm:/path` and `secretsmanager:name#key` are fetched: "
        "[secrets](../deployment.md#secrets)."
    ),
    "handler.secrets_max_age": Text("Seconds after which secrets are fetched again.", "600"),
    "handler.policy": Text("What your functions may do in AWS: [how](../deployment.md#permissions).", "nothing"),
    "handler.policy[]": Text("A statement as IAM knows it, without a principal, or the ARN of a managed policy."),
    "handler.role_arn": Text(
        "A role for `process_fast` and `process_slow` that exists already.", "one each is created"
    ),
    "handler.concurrency": Text(
        "Invocations at once of both lanes, reserved for them.", "not reserved, but the slow lane's"
    ),
    "handler.security_group_ids": Text("Run the functions in a VPC; with `subnet_ids`, at most 5.", "no VPC"),
    "handler.subnet_ids": Text("Likewise; at most 16.", "no VPC"),
    "handler.path": Text("A handler class of the class-based version: refused, and the fault says how to move."),
    "routing[].bucket": Text("Only objects of this bucket.", "any"),
    "routing[].prefix": Text("Only keys that begin so. A `*` alone between two slashes is any one folder.", "any"),
    "routing[].suffix": Text("Only keys that end so.", "any"),
    "routing[].match": Text("Only keys that match this glob as a whole.", "any"),
    "routing[].event": Text("Only events whose name matches this glob: `ObjectCreated:Copy`.", "any"),
    "routing[].dest": Text("Where the objects go.", "required"),
    "bucket_mapping.BUCKET": Text("The mappings of a bucket, in any order."),
    "bucket_mapping.BUCKET[].prefix": Text("As in `routing`.", "the whole bucket"),
    "bucket_mapping.BUCKET[].suffix": Text("As in `routing`.", "any"),
    "bucket_mapping.BUCKET[].match": Text("As in `routing`.", "any"),
    "bucket_mapping.BUCKET[].format": Text(
        "A format, which knows how its records are usually stored, or the whole chain: "
        "`[s3-lines, json, g-suite-login]`. [All formats](../formats.md).",
        "required",
    ),
    "bucket_mapping.BUCKET[].on_missing": Text(
        "What an object leaves that is deleted, or written again, before it is read: an error item, or nothing.",
        "an item that needs nobody",
    ),
    "bucket_mapping.BUCKET[].silent_minutes": Text(
        "Minutes without an object until the mapping is called silent, or `off`.", "learned: `alarms.silence`"
    ),
    "formats.NAME": Text("A pattern format."),
    "buckets.BUCKET": Text("A bucket of `bucket_mapping`."),
    "buckets.BUCKET.kms_key": Text("The key that encrypts its objects; the functions may then decrypt with it."),
    "buckets.BUCKET.requester_pays": Text("Whether you agree to pay for requests and transfer.", "false"),
    "buckets.BUCKET.role_arn": Text("The role to assume, for a bucket of another account."),
    "buckets.BUCKET.expected_owner": Text("S3 refuses every call if another account owns the bucket."),
    "limits.max_line_bytes": Text("Bytes of one record.", "16 MiB"),
    "limits.max_object_bytes": Text("Bytes of one object, inflated.", "64 GiB"),
    "limits.max_inflate_ratio": Text("Inflated bytes for one stored byte.", "1200"),
    "limits.max_attempts": Text("Crashes of an object, and drains of an error item, before it is set aside.", "3"),
    "limits.errors_per_object": Text(
        "Failed calls of a function in an object; then the rest of the object is one error item.", "100"
    ),
    "limits.sample_bytes": Text("Bytes of the failing record that its error item keeps.", "2048"),
    "alarms.late_minutes": Text("Minutes that the oldest record of a lane has waited.", "60"),
    "alarms.unread_minutes": Text("Minutes of an hour in which a lane got records and nobody read it.", "15"),
    "alarms.failed_percent": Text("Percent of the events that failed.", "1"),
    "alarms.new_causes": Text("Causes that were not seen for two weeks.", "1"),
    "alarms.error_items": Text("New error items.", "off"),
    "alarms.waiting_minutes": Text("Minutes that something waits to be tried again by itself.", "60"),
    "alarms.silence": Text("Times the usual gap between two objects of a mapping.", "3"),
    "alarms.surge": Text("Times the objects of the busiest hour of the week before.", "10"),
    "alarms.api_errors": Text("Answers of the REST API with a status of 500 or more.", "5"),
    "checkpoint_seconds": Text("Seconds between two checkpoints in an object: what a crash repeats at most.", "60"),
    "ledger.ttl_days": Text("Days that the ledger remembers what was done.", "30"),
    "errors.sample": Text("Whether an error item keeps the beginning of the record, with secrets masked.", "masked"),
    "errors.ttl_days": Text("Days after which DynamoDB deletes an error item, drained or not.", "never"),
    "api.auth": Text("Who may call: signed requests, a bearer token, or anybody on this machine alone.", "iam"),
    "api.cors": Text("The origin whose pages may call the API.", "only the console"),
    "api.access_log": Text("Whether API Gateway logs each request.", "false"),
    "api.throttle.rate": Text("Requests a second; others get 429. With `burst`.", "the account's"),
    "api.throttle.burst": Text("Requests at once. With `rate`.", "the account's"),
    "tags.KEY": Text("A tag of the stack, and of all that it and the deployment create."),
    "kms_key": Text(
        "The key that encrypts streams, tables, topics, the queue and logs, or a list: the new key, then old ones. "
        "[The policy it needs](../deployment.md#what-companies-require).",
        "AWS's own keys",
    ),
    "iam.permissions_boundary": Text("The permissions boundary of each role."),
    "iam.path": Text("The path of each role.", "/"),
    "package_bucket": Text("The bucket through which a package of more than 50 MiB goes to Lambda.", "with the call"),
    "deletion_protection": Text("Whether DynamoDB refuses to delete the tables.", "true in a stage named prod"),
    "termination_protection": Text("Whether CloudFormation refuses to delete the stack.", "likewise"),
    "retry.give_up_after": Text("Seconds that what passes by itself is tried again, until a person is told.", "43200"),
    "timezones.NAME": Text("The offset of a zone's name that means several zones, such as IST."),
    "log_objects": Text(
        "Whether each object has a line in the log when it is dispatched, and when it is done.", "true"
    ),
}


def write_page() -> str:
    """Return the page."""
    lines = [_HEAD]
    keys = list(described_keys())
    for section, text in _SECTIONS.items():
        rows = [_row(key) for key in keys if _section(key) == section]
        lines += [f"## {section}", "", *([text, ""] if text else [])]
        lines += table(("key", "takes", "without it", "meaning"), rows)
    return "\n".join(lines)


def _section(key: Key) -> str:
    top = re.split(r"[.\[]", key.path)[0]
    return "The stack" if top in _OF_THE_STACK else top if top in _SECTIONS else "Other keys"


def described_keys() -> Iterator[Key]:
    """Yield the keys to describe: those of both lanes once, and no section that is only a box."""
    for key in find_keys():
        path = key.path.replace("backend.lane.fast", "backend.lane.LANE")
        is_box = not key.takes and path not in TEXTS
        if not path.startswith("backend.lane.slow") and not is_box:
            yield Key(path, key.takes)


def undescribed() -> list[str]:
    """Return the keys that the loader knows and TEXTS does not."""
    return [key.path for key in described_keys() if key.path not in TEXTS]


def _row(key: Key) -> tuple[str, ...]:
    text = TEXTS.get(key.path, Text(""))
    takes = key.takes.removeprefix("write ") if key.path != "handler.path" else ""
    return f"`{key.path}`", takes, text.default, text.meaning
