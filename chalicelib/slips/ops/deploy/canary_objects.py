"""Canaries: an empty object into each mapped prefix of a deployed stage, followed to the ledger, and removed.

It takes the way of a log: notification, `dispatch`, lane, `process_*`. It has no records, so no function gets an event.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any, Protocol
from uuid import uuid4

import msgspec

from ...config import Config, Mapping, routing
from ...config.access import S3Access
from ...errors import RouteError
from ...ledger.items import FINAL, LedgerItem
from ...model import ObjectRef
from ...model.utc import epoch
from ..aws_errors import explain_aws_errors
from ..polling import poll

NAME = "slips-canary"
"""The names of canaries begin so."""
SECONDS = 300.0
"""For all canaries together, by default."""


class WorkLookup(Protocol):
    """A ledger that finds the works on an object."""

    def of_object(self, bucket: str, key: str, limit: int = 50) -> list[LedgerItem]:
        """Return the works on an object, newest first."""
        ...


class Canary(msgspec.Struct):
    """A canary of a mapping, and when it was where (seconds since the epoch; 0: not yet)."""

    mapping: Mapping
    key: str
    problem: str = ""
    """Why none was written."""
    version_id: str = ""
    written_at: float = 0
    begun_at: float = 0
    ended_at: float = 0
    state: str = ""

    @property
    def is_well(self) -> bool:
        """Whether it arrived, and was processed."""
        return self.state == "done"

    def __str__(self) -> str:
        place = f"s3://{self.mapping.bucket}/{self.key or self.mapping.prefix}"
        if self.problem:
            return f"{place}: no canary: {self.problem}"
        if not self.begun_at:
            return f"{place}: written, but process_* did not get it; run: slips check --deployed, slips errors"
        way = f"{place}: S3 to process_* {self.begun_at - self.written_at:.1f} s"
        if not self.state:
            return f"{way}, not done yet; GET /objects shows its books"
        return f"{way}, processed {self.ended_at - self.begun_at:.1f} s, {self.state}"


def send_canaries(config: Config, access: S3Access, ledger: WorkLookup, *, seconds: float = SECONDS) -> list[Canary]:
    """Write a canary for each mapping, follow all for at most some seconds, and remove them, whatever happens. Raises
    DeploymentError where a bucket does not take or give up one, StoreError."""
    canaries = list(_plan(config, uuid4().hex[:12]))
    with ExitStack() as written:
        for canary in (each for each in canaries if not each.problem):
            _write(canary, access)
            written.callback(_remove, canary, access)
        poll(lambda: _look(canaries, ledger), bool, seconds=seconds)
    return canaries


def _plan(config: Config, run_id: str) -> Iterator[Canary]:
    """Yield a canary for each mapping that reads, under a name that its mapping takes and no other."""
    for number, mapping in enumerate(config.mappings):
        if mapping.chain[0] != "ignore":
            key = f"{mapping.prefix.replace('*', NAME)}{NAME}-{run_id}-{number}{mapping.suffix}"
            yield Canary(mapping, key, _find_problem(config, mapping, key))


def _find_problem(config: Config, mapping: Mapping, key: str) -> str:
    ref = ObjectRef(bucket=mapping.bucket, key=key, event_name="ObjectCreated:Put")
    try:
        if routing.find_mapping(config, ref) != mapping:
            return "another mapping matches its name"
        return "a routing rule drops it" if routing.route(config, ref).lane == "drop" else ""
    except RouteError:
        return "no routing rule or mapping matches its name"


def _write(canary: Canary, access: S3Access) -> None:
    bucket = canary.mapping.bucket
    with explain_aws_errors(f"the canary s3://{bucket}/{canary.key}"):
        canary.written_at = time.time()
        written = access.client(bucket).put_object(**access.bucket_parameters(bucket), Key=canary.key, Body=b"")
        canary.version_id = written.get("VersionId", "")


def _look(canaries: Sequence[Canary], ledger: WorkLookup) -> bool:
    """Note how far each is; return whether all have ended."""
    for canary in (each for each in canaries if each.written_at and not each.state):
        for work in ledger.of_object(canary.mapping.bucket, canary.key, 1):
            canary.begun_at = epoch(work.begun_at)
            if work.state in FINAL:
                canary.state, canary.ended_at = work.state, epoch(work.changed_at)
    return all(canary.state or canary.problem for canary in canaries)


def _remove(canary: Canary, access: S3Access) -> None:
    bucket = canary.mapping.bucket
    version: Any = {"VersionId": canary.version_id} if canary.version_id else {}
    with explain_aws_errors(f"the canary s3://{bucket}/{canary.key}, which is to be removed"):
        access.client(bucket).delete_object(**access.bucket_parameters(bucket), Key=canary.key, **version)
