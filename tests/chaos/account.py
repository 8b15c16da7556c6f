"""The emulated account of a run, without the proxy's faults: its tables, and its lanes' streams, read as Lambda's event
sources read them."""

from __future__ import annotations

import json
from typing import Any

from slips.config import Config
from slips.model import LANES, Lane
from slips.ops.deploy.policies import policy_documents
from slips.ops.deploy.policy_statements import statement
from slips.ops.deploy.stack import template
from slips.quarantine import schema

from ..deployment.emulator import Emulator
from .objects import BUCKET, Planted

FIRST_NUMBERS: dict[Lane, int] = {"fast": 0, "slow": 10**9}
"""Kinesis gives records of different streams different numbers; the emulator counts those of each shard from 1."""
TOKEN = "token-of-the-destination"
"""The secret of project/app.py."""
Attributes = dict[str, Any]
"""An item as DynamoDB writes it."""


class Account:
    """An account with the stack of the production template, and a role for each function, with the policy that
    `slips deploy` gives it and what the sink of project/app.py needs to write into `archive`. Each lane may be read by
    a thread of its own."""

    def __init__(self, emulator: Emulator, config: Config, archive: str) -> None:
        self.config = config
        self.client = emulator.client
        self._emulator = emulator
        self._dynamodb, self._kinesis, self._s3, self._sqs = map(self.client, ("dynamodb", "kinesis", "s3", "sqs"))
        self._iterators: dict[tuple[Lane, str], str] = {}
        emulator.client("cloudformation").create_stack(
            StackName=config.stack_name, TemplateBody=json.dumps(template(config))
        )
        if BUCKET not in {bucket["Name"] for bucket in self._s3.list_buckets()["Buckets"]}:
            place = {"LocationConstraint": "eu-west-1"}
            self._s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
            emulator.client("ssm").put_parameter(Name="/chaos/token", Value=TOKEN, Type="SecureString")

        self._create_roles(archive)

    def _create_roles(self, archive: str) -> None:
        iam, sink = self.client("iam"), statement("Archive", ("s3:PutObject",), (f"arn:*:s3:::{archive}*",))
        for name, policy in policy_documents(self.config, of_sinks=[sink]).items():
            role = self.role(name.removeprefix("policy-dev-").removesuffix(".json"))
            iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
            iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=json.dumps(policy))

    def role(self, function: str) -> str:
        """Return the name of a function's role, which is its access key, too."""
        return f"{self.config.stack_name}-{function}"

    def put_object(self, planted: Planted) -> None:
        """Put an object into the bucket."""
        self._s3.put_object(Bucket=BUCKET, Key=planted.key, Body=planted.content)

    def put_error(self, attributes: Attributes) -> None:
        """Put an item into the ErrorTable."""
        self._dynamodb.put_item(TableName=self.config.error_table, Item=attributes)

    def put_ledger(self, attributes: Attributes) -> None:
        """Put an item into the LedgerTable."""
        self._dynamodb.put_item(TableName=self.config.ledger_table, Item=attributes)

    def put_record(self, lane: Lane, record: bytes, key: str) -> None:
        """Put a record into a lane, while nobody else does."""
        self._kinesis.put_record(StreamName=self.config.lane(lane).stream, Data=record, PartitionKey=key)

    def error_items(self) -> list[Attributes]:
        """Return the items of the ErrorTable, without notes of SLIPS."""
        items = self._scan(self.config.error_table)
        return [item for item in items if not item["request_id"]["S"].startswith(schema.RESERVED_PREFIX)]

    def ledger_items(self) -> list[Attributes]:
        """Return the items of the LedgerTable."""
        return self._scan(self.config.ledger_table)

    @property
    def redrive_queue(self) -> dict[str, str]:
        """The queue of what no function took, as far as `slips redrive` has to know it."""
        return {"QueueUrl": self._sqs.get_queue_url(QueueName=self.config.redrive_queue)["QueueUrl"]}

    def strand(self, message: dict[str, Any]) -> None:
        """Put what Lambda gave up on into the queue."""
        self._sqs.send_message(**self.redrive_queue, MessageBody=json.dumps(message))

    def stranded_messages(self) -> int:
        """Count what is in the queue."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self._sqs.get_queue_attributes(**self.redrive_queue, AttributeNames=names)["Attributes"]
        return sum(map(int, found.values()))

    def _scan(self, table: str) -> list[Attributes]:
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=table)
        return [item for page in pages for item in page["Items"]]

    def records(self) -> list[bytes]:
        """Return all records that the lanes have ever held."""
        return [record["Data"] for lane in LANES for record in self._emulator.records(self.config.lane(lane).stream)]

    def shards(self, lane: Lane) -> list[str]:
        """Return the ids of the lane's shards."""
        stream = self.config.lane(lane).stream
        return [shard["ShardId"] for shard in self._kinesis.list_shards(StreamName=stream)["Shards"]]

    def next_batch(self, lane: Lane, shard: str) -> list[dict[str, Any]]:
        """Return the next records of the shard, as GetRecords gives them; none at its end."""
        settings = self.config.lane(lane)
        iterator = (
            self._iterators.get((lane, shard))
            or self._kinesis.get_shard_iterator(
                StreamName=settings.stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
        )
        answer = self._kinesis.get_records(ShardIterator=iterator, Limit=settings.batch_size)
        self._iterators[lane, shard] = answer["NextShardIterator"]
        first = FIRST_NUMBERS[lane]
        return [
            {**record, "SequenceNumber": str(first + int(record["SequenceNumber"]))} for record in answer["Records"]
        ]
