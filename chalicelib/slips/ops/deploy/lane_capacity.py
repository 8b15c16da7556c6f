"""How much a lane takes, from slips.yml, the memory of its function and the speed that was measured; and whether last
week came near to it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ... import aws
from ...config import LaneConfig
from ...config.settings import FAST_PARALLELIZATION, FULL_CORE_MB
from ...errors import StoreError
from ...ledger.counters import Counters, HourCounts
from ...ledger.surge import WEEK_HOURS
from ...model import LANES, Lane
from ...wording import plural
from .account_resources import find_stream, find_table
from .lambda_settings import reserved_concurrency
from .stage import DeploymentStage

STORED_BYTES_PER_SECOND = 5.6e6
"""What one vCPU of Lambda takes of gzipped JSON, with functions that do nothing (docs/scale.md)."""
OBJECT_SECONDS = 0.0067
"""Of each object, besides its events."""
DEFAULT_MEMORY_MB = 128
"""Lambda's, where .chalice/config.json says nothing."""
NEW_STREAM_SHARDS = 4
"""Of a stream on demand. It gets more by the bytes and records that are written to it, and pointers to objects are few
and small (Kinesis Data Streams Developer Guide, "Choose the right mode")."""
ACCOUNT_CONCURRENCY = 1000
"""Lambda's default quota."""
TYPICAL_BYTES = 1e6
BUSY = 0.5
"""The share of an hour from which on a lane that stood for an hour needs longer than another one to catch up."""


class LaneCapacity(msgspec.Struct, frozen=True):
    """What a lane takes at most, where the functions themselves take no time."""

    lane: Lane
    shards: int
    parallelization: int
    reserved: int | None
    """The concurrency that is reserved for its function; None: the account's."""
    core: float
    """The share of a vCPU that its function has."""
    delay: float
    """Seconds of an object, by the delay of its batch."""

    @property
    def invocations(self) -> int:
        """Invocations at once."""
        limit = ACCOUNT_CONCURRENCY if self.reserved is None else self.reserved
        return min(self.shards * self.parallelization, limit)

    def busy_seconds(self, objects: float, stored_bytes: float) -> float:
        """Return the seconds for which one invocation is busy with these objects."""
        return (objects * OBJECT_SECONDS + stored_bytes / STORED_BYTES_PER_SECOND) / self.core + objects * self.delay

    def objects_per_second(self, size: float) -> float:
        """Return how many objects of `size` stored bytes it takes."""
        return self.invocations / self.busy_seconds(1, size)

    def __str__(self) -> str:
        rate = self.objects_per_second(TYPICAL_BYTES)
        terabytes = rate * TYPICAL_BYTES * 86_400 / 1e12
        reserved = f", {self.reserved} reserved" if self.reserved is not None else ""
        return (
            f"{self.lane} lane: can process {terabytes:,.{0 if terabytes >= 10 else 1}f} TB a day in objects of 1 MB, "
            f"at {rate:,.0f} objects a second: {plural(self.shards, 'shard')} x parallelization "
            f"{self.parallelization}{reserved}, without the time of your functions"
        )


def lane_capacity(stage: DeploymentStage, lane: LaneConfig, shards: int | None = None) -> LaneCapacity:
    """Compute what a lane takes; `shards` are those that the stream has, where somebody looked."""
    memory = stage.function_settings(f"process_{lane.name}").get("lambda_memory_size", DEFAULT_MEMORY_MB)
    return LaneCapacity(
        lane=lane.name,
        shards=shards or lane.shards or NEW_STREAM_SHARDS,
        parallelization=lane.parallelization,
        reserved=reserved_concurrency(stage.config, lane),
        core=min(1.0, memory / FULL_CORE_MB),
        delay=lane.delay / lane.batch_size,
    )


def describe_capacities(stage: DeploymentStage) -> Iterator[str]:
    """Yield a line for each lane whose stream `slips provision` creates: how many shards others have is not in
    slips.yml."""
    for lane in (stage.config.fast, stage.config.slow):
        if not lane.stream_arn:
            yield str(lane_capacity(stage, lane))


def busy_lanes(stage: DeploymentStage) -> Iterator[str]:
    """Yield a line for each lane that was nearly full in its busiest hour of the last week. Raises DeploymentError."""
    if find_table(stage.config.ledger_table) is None:
        return
    try:
        counts = Counters(aws.client("dynamodb"), stage.config.ledger_table).since(WEEK_HOURS)
    except StoreError as error:
        yield str(error)
        return
    for name in LANES:
        hours = [hour for hour in counts.hours if hour.lane == name]
        stream = find_stream(stage.config.lane(name).stream) if hours else None
        if stream is not None:
            yield from _describe_busiest(lane_capacity(stage, stage.config.lane(name), stream["OpenShardCount"]), hours)


def _describe_busiest(capacity: LaneCapacity, hours: list[HourCounts]) -> Iterator[str]:
    shares = {hour.hour: _share(capacity, hour) for hour in hours}
    busiest = max(shares, key=lambda hour: shares[hour])
    if shares[busiest] < BUSY:
        return
    if capacity.parallelization < FAST_PARALLELIZATION:
        advice = f"parallelization is {capacity.parallelization}: write {FAST_PARALLELIZATION}"
    elif capacity.invocations < capacity.shards * capacity.parallelization:
        advice = f"raise its concurrency, now {capacity.invocations}"
    else:
        advice = f"raise `shards`, now {capacity.shards}"
    yield (
        f"{capacity.lane} lane: in the hour from {busiest[:16]}Z it was {shares[busiest]:.0%} full, without the time "
        f"of your functions. From {BUSY:.0%} on, it needs more than an hour to catch up after an outage of an hour; "
        f"{advice} (docs/scale.md)"
    )


def _share(capacity: LaneCapacity, hour: HourCounts) -> float:
    return capacity.busy_seconds(hour.objects, hour.bytes) / capacity.invocations / 3600
