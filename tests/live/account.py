"""The account of a run: its bucket, its project, and the commands that are run there."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3

from slips import aws
from slips.ops.target import Target, resolve_target

from ..deployment.project import copy_project

HERE = Path(__file__).parent / "project"
STAGE = "dev"
TIMEOUT = 60
"""Seconds that the functions of the lanes may run: an invocation that stalls is over soon."""
_REPORTED = re.compile(r"Init Duration: ([\d.]+) ms")


class LiveAccount:
    """A bucket, and a project in a new folder that is deployed beside it. `variables` are those of the commands, beyond
    the caller's own."""

    def __init__(self, name: str, folder: Path, variables: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.bucket = name
        self.project = folder / "project"
        self.session = boto3.session.Session()
        self.commands: dict[str, float] = {}
        """Seconds that each command took."""
        self._variables = variables or {}
        self._s3 = self.session.client("s3")
        self._target: Target | None = None

    @property
    def region(self) -> str:
        """The region that the caller's configuration names. Raises SystemExit where it names none."""
        if not self.session.region_name:
            raise SystemExit("name a region: AWS_REGION=eu-west-1 make live")
        return str(self.session.region_name)

    @property
    def number(self) -> str:
        """The number of the account."""
        return str(self.session.client("sts").get_caller_identity()["Account"])

    def write_project(self) -> None:
        """Write a project with the functions of the run, and this checkout's SLIPS."""
        copy_project(self.project)
        for name in ("app.py", "slips.yml"):
            text = (HERE / name).read_text().replace("LIVE_NAME", self.name).replace("LIVE_BUCKET", self.bucket)
            (self.project / name).write_text(text)
        path = self.project / ".chalice" / "config.json"
        settings = json.loads(path.read_text()) | {"app_name": self.name}
        for lane in ("fast", "slow"):
            settings["lambda_functions"][f"process_{lane}"]["lambda_timeout"] = TIMEOUT
        path.write_text(json.dumps(settings))

    def create_bucket(self) -> None:
        """Create the bucket of logs and results."""
        place: Any = {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
        self._s3.create_bucket(Bucket=self.bucket, **({} if self.region == "us-east-1" else place))

    def slips(self, *arguments: str, statuses: tuple[int, ...] = (0,)) -> str:
        """Run `slips`, and return what it printed to standard output. Raises RuntimeError for another exit status."""
        begun = time.monotonic()
        ended = subprocess.run(
            [sys.executable, Path(sysconfig.get_path("scripts")) / "slips", *arguments],
            cwd=self.project, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(self.project / "chalicelib"), **self._variables},
        )  # fmt: skip
        self.commands[f"slips {' '.join(arguments)}"] = time.monotonic() - begun
        if ended.returncode not in statuses:
            raise RuntimeError(f"slips {' '.join(arguments)}: exit status {ended.returncode}\n{ended.stdout[-2000:]}")
        return ended.stdout

    @property
    def target(self) -> Target:
        """The tables of the deployment."""
        if self._target is None:
            aws.reset()
            self._target = resolve_target(str(self.project / "slips.yml"), None, local=False)
        return self._target

    def put(self, key: str, content: bytes = b"") -> None:
        """Put an object into the bucket."""
        self._s3.put_object(Bucket=self.bucket, Key=key, Body=content)

    def count_taken(self) -> Counter[str]:
        """How often each event was written down by the function `taken`, by its id."""
        return Counter(name for content in self._contents("taken/") for name in content.decode().split())

    def count_sent(self) -> Counter[str]:
        """How often each event is in the archive."""
        rows = (gzip.decompress(content).splitlines() for content in self._contents("sent/"))
        return Counter(json.loads(row)["id"] for file in rows for row in file)

    def count_marks(self) -> Counter[str]:
        """How often each fault that passes has happened."""
        return Counter(key.removeprefix("marks/").partition("-")[0] for key in self._keys("marks/"))

    def _contents(self, prefix: str) -> Iterator[bytes]:
        for key in self._keys(prefix):
            yield self._s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def _keys(self, prefix: str) -> Iterator[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return (found["Key"] for page in pages for found in page.get("Contents", ()))

    def describe_cold_starts(self) -> str:
        """Say how many cold starts Lambda's own log lines report, and how long they took."""
        logs = self.session.client("logs")
        found = []
        for lane in ("fast", "slow"):
            group = f"/aws/lambda/{self.name}-{STAGE}-process_{lane}"
            try:
                pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, filterPattern="REPORT")
                lines = [event["message"] for page in pages for event in page["events"]]
            except logs.exceptions.ResourceNotFoundException:
                continue
            found += [float(ms) for line in lines for ms in _REPORTED.findall(line)]
        if not found:
            return "none is in the logs"
        return f"{len(found)}, median {statistics.median(found):.0f} ms, longest {max(found):.0f} ms"

    def remove(self) -> list[str]:
        """Remove all that the run created; return what could not be removed."""
        left = []
        try:
            if (self.project / ".chalice" / "config.json").exists():
                self.slips("destroy", "--stage", STAGE, "--data", "--yes")
        except RuntimeError as fault:
            left.append(f"stack and functions {self.name}: {fault}")
        try:
            for key in list(self._keys("")):
                self._s3.delete_object(Bucket=self.bucket, Key=key)
            self._s3.delete_bucket(Bucket=self.bucket)
        except self._s3.exceptions.NoSuchBucket:
            pass
        except self._s3.exceptions.ClientError as fault:
            left.append(f"bucket {self.bucket}: {fault}")
        shutil.rmtree(self.project, ignore_errors=True)
        return left
