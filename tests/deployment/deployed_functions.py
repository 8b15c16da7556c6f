"""The functions that are deployed into an emulated account, called as S3, SNS and Kinesis would: who hears of an
object, and who reads a lane, is what the account says at that moment."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from ..lambda_runtime import InvocationError, LambdaProcess
from .emulator import Emulator
from .events import notification, of_stream, of_topic

BATCH = 10
"""Records of an invocation."""


class DeployedFunctions:
    """The functions of a project; `folder` takes their packages. What a function does not take raises
    InvocationError, or comes again, up to `tries` times."""

    def __init__(self, emulator: Emulator, project: Path, folder: Path, *, tries: int = 1) -> None:
        self.read: dict[str, int] = {}
        """How many records of each stream were processed."""
        self._read: dict[tuple[str, str], int] = {}
        """Those of each shard."""
        self._emulator = emulator
        self._project = project
        self._folder = folder
        self._tries = tries
        self._functions = ExitStack()
        self._running: dict[str, LambdaProcess] = {}

    def notify(self, bucket: str, key: str, size: int) -> bool:
        """Notify who hears of an object; return whether anybody does."""
        listeners = set(self._listeners(bucket, key))
        for function in listeners:
            self.invoke(function, of_topic(notification(bucket, key, size)))
        return bool(listeners)

    def _listeners(self, bucket: str, key: str) -> Iterator[str]:
        """The functions that hear of an object."""
        sns, s3 = self._emulator.client("sns"), self._emulator.client("s3")
        for entry in s3.get_bucket_notification_configuration(Bucket=bucket).get("TopicConfigurations", ()):
            rules = {rule["Name"].lower(): rule["Value"] for rule in entry["Filter"]["Key"]["FilterRules"]}
            if key.startswith(rules.get("prefix", "")):
                subscriptions = sns.list_subscriptions_by_topic(TopicArn=entry["TopicArn"])["Subscriptions"]
                yield from (each["Endpoint"].rpartition(":")[2] for each in subscriptions)

    def process(self, most: int = 1_000_000) -> int:
        """Let each function process up to so many records of the streams that it reads; return how many there were."""
        taken = 0
        for source in self._emulator.client("lambda").list_event_source_mappings()["EventSourceMappings"]:
            stream, function = source["EventSourceArn"].rpartition("/")[2], source["FunctionArn"].rpartition(":")[2]
            left = most
            for shard, all_records in self._emulator.shards(stream).items():
                at = self._read.get((stream, shard), 0)
                records = all_records[at:][:left]
                for first in range(0, len(records), BATCH):
                    self.invoke(function, of_stream(records[first : first + BATCH], shard))
                self._read[stream, shard] = at + len(records)
                self.read[stream] = self.read.get(stream, 0) + len(records)
                left -= len(records)
            taken += most - left
        return taken

    def invoke(self, function: str, event: Any) -> Any:
        """Call a function as it is deployed now."""
        for _ in range(self._tries - 1):
            with suppress(InvocationError):
                return self._process(function).invoke(event)
        return self._process(function).invoke(event)

    def _process(self, function: str) -> LambdaProcess:
        configuration = self._emulator.client("lambda").get_function_configuration(FunctionName=function)
        role, variables = configuration["Role"].rpartition("/")[2], configuration["Environment"]["Variables"]
        name = f"{function} {configuration['CodeSha256']} {role} {sorted(variables.items())}"
        if name not in self._running:
            process = LambdaProcess(
                self._unzip(configuration["CodeSha256"]), configuration["Handler"],
                env={**self._emulator.environment, **variables, "AWS_ACCESS_KEY_ID": role},
                timeout=float(configuration["Timeout"]), memory=configuration["MemorySize"], name=function,
            )  # fmt: skip
            self._running[name] = self._functions.enter_context(process)
        return self._running[name]

    def _unzip(self, code: str) -> Path:
        """The files of the package of this CodeSha256, as Lambda's /var/task."""
        folder = self._folder / hashlib.sha256(code.encode()).hexdigest()[:16]
        if not folder.exists():
            packages = (self._project / ".chalice" / "deployments").glob("*.zip")
            package = next(path for path in packages if digest(path) == code)
            with zipfile.ZipFile(package) as archive:
                archive.extractall(folder)
        return folder

    def close(self) -> None:
        """End the functions' processes."""
        self._functions.close()
        self._running.clear()


def digest(package: Path) -> str:
    """The CodeSha256 of a package."""
    return base64.b64encode(hashlib.sha256(package.read_bytes()).digest()).decode()
