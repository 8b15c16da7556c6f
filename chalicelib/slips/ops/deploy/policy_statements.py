"""Statements of IAM policies, each for one thing that a function may do (AWS Service Authorization Reference).

Where slips.yml names no ARN, partition, region and account stay open: the policy is written before the stack exists,
and for every account that it may be deployed to.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Iterable, Iterator
from typing import Any

from ...aws.iam import escape, parameter_arn, secret_permissions
from ...config import Config, LaneConfig
from ...config.prefixes import outermost
from ...ledger import audit, causes, ledger
from ...quarantine import schema
from .dispensable import MANY_BOOKS, QUEUE_AGE
from .policy_size import READ_OBJECTS

Statement = dict[str, Any]
VIA_SERVICE = "kms:ViaService"
USE_KEY = "UseKey"
"""The Sid of the statement that allows the keys of slips.yml."""


def statement(sid: str, actions: Iterable[str], resources: Iterable[str]) -> Statement:
    """Allow the actions on the resources."""
    return {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": sorted(set(resources))}


def logs(function: str, place: str = "*:logs:*:*") -> Statement:
    """Write to the function's own log group; `place` is partition, service, region and account of its ARN."""
    return statement(
        "WriteLogs",
        ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"),
        (f"arn:{place}:log-group:/aws/lambda/{function}:*",),
    )


def put_work(*lanes: LaneConfig) -> Statement:
    """Put work items into the lanes."""
    return statement("PutWork", ("kinesis:PutRecords",), map(stream, lanes))


def read_lane(*lanes: LaneConfig) -> Statement:
    """Do what Lambda's poller does with the function's role (AWS Lambda Developer Guide, "Process Amazon Kinesis Data
    Streams records with Lambda")."""
    actions = ("DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards")
    return statement("ReadLane", (f"kinesis:{action}" for action in actions), map(stream, lanes))


def read_queue(config: Config) -> Iterator[Statement]:
    """Do what Lambda's poller does with the function's role (AWS Lambda Developer Guide, "Using Lambda with Amazon
    SQS"); no statement without a queue of notifications."""
    if config.queue:
        actions = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
        yield statement("ReadNotifications", actions, (f"arn:*:sqs:*:*:{config.queue.name}",))


def fetch_records(*lanes: LaneConfig) -> Statement:
    """Fetch records by their sequence numbers."""
    actions = ("kinesis:GetRecords", "kinesis:GetShardIterator")
    return statement("FetchRecords", actions, map(stream, lanes))


def look_up_books(config: Config) -> Statement:
    """See how far work is."""
    return statement("LookUpBooks", ("dynamodb:GetItem",), (ledger_table(config),))


def read_objects(config: Config) -> Iterator[Statement]:
    """Read what `bucket_mapping` maps, and nothing else; no statement where it maps nothing. A bucket that a role is
    assumed for is read with what that role may do."""
    own = [mapping for mapping in config.mappings if not config.bucket(mapping.bucket).role_arn]
    if not own:
        return
    yield statement(
        READ_OBJECTS,
        ("s3:GetObject", "s3:GetObjectVersion"),
        map(_object_arn, outermost(f"{mapping.bucket}/{mapping.prefix}" for mapping in own)),
    )
    # Without it S3 says "access denied" for an object that does not exist (Amazon S3 API Reference, GetObject).
    buckets = (f"arn:*:s3:::{mapping.bucket}" for mapping in own)
    yield statement("TellMissingObjects", ("s3:ListBucket",), buckets)


def decrypt_objects(config: Config) -> Iterator[Statement]:
    """Decrypt objects through S3 alone (AWS KMS Developer Guide, "kms:ViaService")."""
    mapped = [config.bucket(mapping.bucket) for mapping in config.mappings]
    if keys := [bucket.kms_key for bucket in mapped if bucket.kms_key and not bucket.role_arn]:
        condition = through(via_service("s3", key) for key in keys)
        yield {**statement("DecryptObjects", ("kms:Decrypt",), keys), "Condition": condition}


def through(services: Iterable[str]) -> dict[str, Any]:
    """The condition that one of these services uses a key for somebody."""
    return {"StringEquals": {VIA_SERVICE: sorted(set(services))}}


def via_service(service: str, key: str) -> str:
    """The name by which KMS knows a service of the key's region that uses the key for somebody."""
    _, partition, _, region, _ = key.split(":", 4)
    return f"{service}.{region}.amazonaws.com" + (".cn" if partition == "aws-cn" else "")


def use_key(config: Config, *services: str) -> Iterator[Statement]:
    """Read and write what the keys of slips.yml encrypt, through these services alone; no statement without a key of
    one's own (Amazon Kinesis Data Streams Developer Guide, "Permissions to use user-generated KMS keys"; Amazon SNS
    Developer Guide, "Configuring AWS KMS permissions")."""
    if keys := [key for key in config.kms_keys if key]:
        condition = through(via_service(service, key) for service in services for key in keys)
        yield {**statement(USE_KEY, ("kms:Decrypt", "kms:GenerateDataKey*"), keys), "Condition": condition}


def assume_roles(config: Config) -> Iterator[Statement]:
    """Assume the roles that buckets are read with; no statement where there are none."""
    if roles := [role for mapping in config.mappings if (role := config.bucket(mapping.bucket).role_arn)]:
        yield statement("AssumeRoles", ("sts:AssumeRole",), roles)


def _object_arn(path: str) -> str:
    """The ARN of all objects below bucket and prefix. A `*` of IAM takes slashes, too."""
    return "arn:*:s3:::" + "/".join(each if each == "*" else escape(each) for each in path.split("/")) + "*"


def keep_errors(config: Config) -> Statement:
    """Put error items."""
    return statement("KeepErrors", ("dynamodb:BatchWriteItem",), (error_table(config),))


def keep_books(config: Config) -> Statement:
    """Write the ledger: books, counters, and which causes of failures are known. What was begun before is read."""
    return statement("KeepBooks", ("dynamodb:GetItem", "dynamodb:UpdateItem"), (ledger_table(config),))


def keep_many_books(config: Config) -> Statement:
    """Write the ledger for many objects in a request (`aws.partiql`); SLIPS does without, an object at a time."""
    actions = ("dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate")
    return statement(MANY_BOOKS, actions, (ledger_table(config),))


def find_books(config: Config) -> Statement:
    """Find the works on an object: was a copy of it processed before?"""
    return statement("FindBooks", ("dynamodb:Query",), _ledger_indexes(config))


def _ledger_indexes(config: Config) -> tuple[str, ...]:
    """The index, and that which the functions of the version before query until they are deployed."""
    return tuple(f"{ledger_table(config)}/index/{index}" for index in (ledger.INDEX, ledger.FORMER_INDEX))


def read_books(config: Config) -> Statement:
    """Read the books of the works that were found."""
    return statement("ReadBooks", ("dynamodb:BatchGetItem",), (ledger_table(config),))


def note_causes(config: Config) -> Statement:
    """Note which causes of failures are known, and write no books (IAM User Guide, "dynamodb:LeadingKeys")."""
    keys = {"dynamodb:LeadingKeys": [f"{causes.PREFIX}*"]}
    noted = statement("NoteCauses", ("dynamodb:UpdateItem",), (ledger_table(config),))
    return {**noted, "Condition": {"ForAllValues:StringLike": keys}}


def keep_trail(config: Config) -> Statement:
    """Write the audit trail and notes about causes, and no books."""
    keys = {"dynamodb:LeadingKeys": [f"{audit.PREFIX}*", f"{causes.PREFIX}*"]}
    kept = statement("KeepTrail", ("dynamodb:UpdateItem",), (ledger_table(config),))
    return {**kept, "Condition": {"ForAllValues:StringLike": keys}}


def serve_errors(config: Config) -> Statement:
    """List, show, claim and delete error items. Only a table that an ARN names is scanned, once an hour: the
    class-based SLIPS may still be writing to it."""
    table = error_table(config)
    scans = ("Scan",) if config.error_table_arn else ()
    actions = ("BatchGetItem", "DeleteItem", "DescribeTable", "GetItem", "Query", "UpdateItem", *scans)
    indexes = (f"{table}/index/{name}" for name in (schema.INDEX, schema.DUE_INDEX))
    return statement("ServeErrors", (f"dynamodb:{action}" for action in actions), (table, *indexes))


def retry_errors(config: Config) -> Statement:
    """Find, claim and delete error items that wait, and note how their tries went."""
    table = error_table(config)
    actions = ("DeleteItem", "GetItem", "Query", "UpdateItem")
    # The one to find what waits, the other what is about to be deleted.
    indexes = (f"{table}/index/{name}" for name in (schema.DUE_INDEX, schema.INDEX))
    return statement("RetryErrors", (f"dynamodb:{action}" for action in actions), (table, *indexes))


def drain_restored(config: Config) -> Statement:
    """Find, claim and delete the error items of objects that were restored from an archive."""
    table = error_table(config)
    actions = ("DeleteItem", "GetItem", "Query", "UpdateItem")
    names = (table, f"{table}/index/{schema.DUE_INDEX}")
    return statement("DrainRestored", (f"dynamodb:{action}" for action in actions), names)


def judge_tries(config: Config) -> Statement:
    """Read how works ended, and how long the lanes take."""
    return statement("JudgeTries", ("dynamodb:BatchGetItem",), (ledger_table(config),))


def serve_books(config: Config) -> Statement:
    """Show the ledger."""
    table = ledger_table(config)
    actions = ("BatchGetItem", "DescribeTable", "Query")
    return statement("ServeBooks", (f"dynamodb:{action}" for action in actions), (table, *_ledger_indexes(config)))


def describe_lanes(config: Config) -> Statement:
    """See whether the lanes exist."""
    lanes = (config.fast, config.slow)
    return statement("DescribeLanes", ("kinesis:DescribeStreamSummary",), map(stream, lanes))


def dead_letters(config: Config) -> Statement:
    """Send what Lambda gives up on, with the function's role (AWS Lambda Developer Guide, "Adding a destination")."""
    return statement("SendDeadLetters", ("sns:Publish",), (_topic(config.dead_letters),))


def redrive(config: Config) -> Statement:
    """Send what Lambda gives up on into the redrive queue, with the function's role."""
    return statement("SendToRedrive", ("sqs:SendMessage",), (redrive_queue(config),))


def watch_redrive(config: Config) -> Iterator[Statement]:
    """See how much is in the redrive queue and for how long, and which subscriptions have it. For the attributes of a
    subscription and for a metric there is no narrower resource (AWS Service Authorization Reference, Amazon SNS and
    Amazon CloudWatch)."""
    yield statement("ReadQueue", ("sqs:GetQueueAttributes", "sqs:GetQueueUrl"), (redrive_queue(config),))
    topics = (config.dead_letters, *(topic.arn for topic in config.topics))
    yield statement("ListSubscriptions", ("sns:ListSubscriptionsByTopic",), map(_topic, topics))
    yield statement("ReadSubscriptions", ("sns:GetSubscriptionAttributes",), ("*",))
    yield statement(QUEUE_AGE, ("cloudwatch:GetMetricStatistics",), ("*",))


def secrets(args: abc.Mapping[str, Any]) -> Iterator[Statement]:
    """Fetch the secrets that `handler.args` names; no statement where it names none."""
    for action, arns in secret_permissions(_texts(args)).items():
        yield statement("ReadParameters" if action == "ssm:GetParameter" else "ReadSecrets", (action,), arns)


def read_parameters(sid: str, names: Iterable[str]) -> Statement:
    """Fetch parameters of the Systems Manager."""
    return statement(sid, ("ssm:GetParameter",), map(parameter_arn, names))


def trace() -> Statement:
    """Send traces; X-Ray takes no narrower resource (AWS X-Ray Developer Guide, "How AWS X-Ray works with IAM")."""
    return statement("Trace", ("xray:PutTelemetryRecords", "xray:PutTraceSegments"), ("*",))


def join_network() -> Statement:
    """Join a VPC, as Lambda does for the function; EC2 takes no narrower resource (AWS Lambda Developer Guide,
    "Giving Lambda functions access to resources in an Amazon VPC")."""
    actions = (
        "AssignPrivateIpAddresses",
        "CreateNetworkInterface",
        "DeleteNetworkInterface",
        "DescribeNetworkInterfaces",
        "DescribeSubnets",
        "UnassignPrivateIpAddresses",
    )
    return statement("JoinNetwork", (f"ec2:{action}" for action in actions), ("*",))


def stream(lane: LaneConfig) -> str:
    """The ARN of a lane's stream."""
    return lane.stream_arn or f"arn:*:kinesis:*:*:stream/{lane.stream}"


def error_table(config: Config) -> str:
    """The ARN of the ErrorTable."""
    return config.error_table_arn or f"arn:*:dynamodb:*:*:table/{config.error_table}"


def ledger_table(config: Config) -> str:
    """The ARN of the LedgerTable."""
    return f"arn:*:dynamodb:*:*:table/{config.ledger_table}"


def redrive_queue(config: Config) -> str:
    """The ARN of the redrive queue."""
    return f"arn:*:sqs:*:*:{config.redrive_queue}"


def _topic(name: str) -> str:
    return name if name.startswith("arn:") else f"arn:*:sns:*:*:{name}"


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, abc.Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
