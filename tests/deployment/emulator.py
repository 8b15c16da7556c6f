"""The emulated AWS account of the deployment tests, in a process of its own, so that nothing else is in it."""

from __future__ import annotations

import subprocess
import sys
from types import TracebackType
from typing import Any, Self

import boto3

from .project import REGION, ROOT


class Emulator:
    """An account that is empty at first; it ends with the `with` block."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", f"{__package__}.server"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        assert self.url, "the emulator did not start"
        self._session = boto3.session.Session()

    @property
    def environment(self) -> dict[str, str]:
        """For a process that shall see this account."""
        return {"AWS_ENDPOINT_URL": self.url, "AWS_DEFAULT_REGION": REGION, "AWS_REGION": REGION}

    def client(self, service: str, access_key: str = "testing") -> Any:
        """A boto3 client of the administrator, or of the role that is the access key."""
        return self._session.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=access_key,
            aws_secret_access_key="testing",
        )

    def records(self, stream: str) -> list[dict[str, Any]]:
        """All records of a stream, in the order of their arrival."""
        records = [record for shard in self.shards(stream).values() for record in shard]
        return sorted(records, key=lambda record: record["ApproximateArrivalTimestamp"])

    def shards(self, stream: str) -> dict[str, list[dict[str, Any]]]:
        """All records of each shard of a stream, in order. A sequence number counts within its shard."""
        kinesis = self.client("kinesis")
        shards = {}
        for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
            position = kinesis.get_shard_iterator(
                StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )
            shards[shard["ShardId"]] = kinesis.get_records(ShardIterator=position["ShardIterator"])["Records"]
        return shards

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._process.communicate(timeout=30)
