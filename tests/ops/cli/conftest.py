"""A project of a user's, deployed into the emulated AWS; the commands run in this process."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result

from slips import aws
from slips.config import load
from slips.engine.invocation import process
from slips.model import Lane, ObjectRef, WorkItem, work_item
from slips.ops.cli import main
from slips.ops.deploy.stack.storage import tables
from slips.ops.develop.project import Project, load_project
from slips.ops.target import Target
from slips.quarantine import ErrorRow, Filter

APP = """
from chalice import Chalice
from slips import Slips

app = Chalice(app_name="mine")
slips = Slips(app)
ARGS = {}
COUNT = []


@slips.on_setup
def setup(args):
    ARGS.update(args)


@slips.on_format("json", where=lambda meta, event: event.get("n") != 0)
def keep(meta, event):
    if "bad" in event:
        raise ValueError(f"bad: {event['bad']}")
    COUNT.append(event["n"])
    print("kept", event["n"], ARGS["office"])


@slips.on_format("json")
def also(meta, event):
    pass


@slips.on_format("csv", contains="ada")
def rows(meta, event):
    event["missing"]


@slips.on_result
def result():
    return {"kept": len(COUNT)}


for topic in slips.topics:
    dispatch = app.on_sns_message(topic=topic.arn, name=topic.name)(slips.dispatch)
process_fast = app.on_kinesis_record(
    stream=slips.fast.stream, batch_size=slips.fast.batch_size, starting_position="TRIM_HORIZON"
)(slips.process_fast)
process_slow = app.on_kinesis_record(
    stream=slips.slow.stream, batch_size=slips.slow.batch_size, starting_position="TRIM_HORIZON"
)(slips.process_slow)
report = app.on_sns_message(topic=slips.dead_letters)(slips.report)
retry = app.schedule("rate(1 minute)")(slips.retry)
"""
CONFIG = """
stack_name: {stack}
backend: {{lane: {{fast: {{shards: 1}}, slow: {{shards: 1}}}}}}
handler: {{args: {{office: north}}}}
routing:
  - {{suffix: /, dest: drop}}
  - {{match: "*/skip/*", dest: drop}}
  - {{prefix: in/slow/, dest: slow}}
  - {{prefix: in/, dest: fast}}
  - {{prefix: csv/, dest: fast}}
bucket_mapping:
  {bucket}:
    - {{prefix: in/, format: [s3-lines, json]}}
    - {{prefix: in/slow/, format: [s3-lines, json]}}
    - {{prefix: csv/, format: [s3-csv, csv]}}
    - {{prefix: idle/, format: [s3-lines, syslog]}}
"""


class Deployed:
    """The stack, its bucket, and what a user types."""

    def __init__(self, folder: Path, bucket: str, stack: str) -> None:
        self.folder = folder
        self.bucket = bucket
        self.stack = stack
        self.config = load(folder / "slips.yml")
        self.to = Target(self.config)

    def put(self, key: str, *records: Any) -> ObjectRef:
        """An object of JSON lines, or of the text given."""
        content = "".join(each if isinstance(each, str) else json.dumps(each) + "\n" for each in records).encode()
        answer = aws.client("s3").put_object(Bucket=self.bucket, Key=key, Body=content)
        return ObjectRef(
            bucket=self.bucket, key=key, size=len(content), etag=answer["ETag"].strip('"'), sequencer="0A",
            event_time="2026-03-01T12:00:00.000Z",
        )  # fmt: skip

    def process(self, *refs: ObjectRef) -> None:
        """As Lambda does."""
        self.work([work_item(ref, self.config.fast.stream) for ref in refs])

    def work(self, items: list[WorkItem]) -> None:
        process(self.project.slips.worker, "fast", items)

    @cached_property
    def project(self) -> Project:
        return load_project()

    def failed(self, key: str, *records: Any) -> str:
        """The id of the error item of an object that fails once."""
        self.process(self.put(key, *records))
        [row] = self.errors(key)
        return row.request_id

    def errors(self, prefix: str) -> list[ErrorRow]:
        """What failed of those keys."""
        return list(self.to.quarantine.page(Filter(prefix=prefix), 500).items)

    def run(self, *arguments: str, stdin: str = "") -> Result:
        """The command, as typed in the project's folder."""
        ran = CliRunner().invoke(main, list(arguments), input=stdin, prog_name="slips")
        assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
        return ran

    def waiting(self, lane: Lane = "slow") -> list[WorkItem]:
        """Everything that ever came into a lane."""
        from slips.model.work_items import decode_work_item

        kinesis, stream = aws.client("kinesis"), self.config.lane(lane).stream
        items: list[WorkItem] = []
        for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
            iterator = kinesis.get_shard_iterator(
                StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            items += [
                decode_work_item(record["Data"]) for record in kinesis.get_records(ShardIterator=iterator)["Records"]
            ]
        return items


@pytest.fixture(scope="session")
def stack(aws_endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """One stack for all tests of the commands; their objects have names of their own."""
    aws.reset()
    folder, name = tmp_path_factory.mktemp("project"), f"cli-{uuid4().hex[:8]}"
    (folder / "app.py").write_text(APP)
    (folder / "slips.yml").write_text(CONFIG.format(stack=name, bucket=f"{name}-logs"))
    made = Deployed(folder, f"{name}-logs", name)
    _create(made)
    return made


def _create(stack: Deployed) -> None:
    """What the template makes, without CloudFormation: emulated, that takes longer than all tests of a file."""
    config = stack.config
    region: Any = {"LocationConstraint": "eu-central-1"}
    aws.client("s3").create_bucket(Bucket=stack.bucket, CreateBucketConfiguration=region)
    for lane in (config.fast, config.slow):
        aws.client("kinesis").create_stream(StreamName=lane.stream, ShardCount=1)
    for topic in (*(topic.arn for topic in config.topics), config.dead_letters):
        aws.client("sns").create_topic(Name=topic)
    for table in tables(config).values():
        wanted = ("TableName", "BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
        aws.client("dynamodb").create_table(**{name: table["Properties"][name] for name in wanted})


@pytest.fixture
def deployed(stack: Deployed, aws_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    monkeypatch.chdir(stack.folder)
    monkeypatch.setenv("SLIPS_CONFIG", "")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("COLUMNS", "200")
    if aws.client("s3").meta.endpoint_url != aws_endpoint:  # Another test's: making clients is what takes time here.
        aws.reset()
    yield stack
    sys.modules.pop("app", None)
    os.environ.pop("SLIPS_CONFIG", None)
