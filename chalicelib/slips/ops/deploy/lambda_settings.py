"""The settings that Chalice does not know, from slips.yml: as Lambda's API and SAM name them, which is the same."""

from __future__ import annotations

import math
from typing import Any

from ...config import Config, LaneConfig

LONGEST_WINDOW = 300
"""Seconds (Lambda API, MaximumBatchingWindowInSeconds)."""
RETENTION_HOURS = 168
"""Of the streams that `slips provision` creates: a week, so that an outage over a weekend costs no event."""
GIVEN_RETENTION_HOURS = 24
"""Of streams that exist already, where nobody looked: Kinesis' default."""
OLDEST_RECORD = 7 * 24 * 3600
"""Seconds (Lambda API, MaximumRecordAgeInSeconds); a stream may keep its records for a year."""
LONGEST_EVENT_AGE = 6 * 3600
"""Seconds (Lambda API, MaximumEventAgeInSeconds)."""
LOG_DAYS = 30
"""Unless config.json of .chalice/ has log_retention_in_days."""
ON_DEMAND_SHARDS = 16
"""So many shards of an on-demand stream are counted on, where invocations are reserved for them."""


def event_source_settings(lane: LaneConfig, retention_hours: int = 0) -> dict[str, Any]:
    """Of the event source mapping of a lane.

    A batch is tried until it is old: it raises only where ErrorTable or ledger cannot be written (or the deployment is
    broken), and giving up then would lose track of what was done. Crashes are counted by the ledger. At six sevenths
    of the stream's retention Lambda gives up, so that `report` still finds the records in the stream.
    """
    hours = retention_hours or (GIVEN_RETENTION_HOURS if lane.stream_arn else RETENTION_HOURS)
    return {
        "BatchSize": lane.batch_size,
        "MaximumBatchingWindowInSeconds": batching_window(lane),
        "ParallelizationFactor": lane.parallelization,
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": -1,
        "MaximumRecordAgeInSeconds": min(OLDEST_RECORD, hours * 3600 * 6 // 7),
    }


def batching_window(lane: LaneConfig) -> int:
    """Seconds that Lambda gathers a batch. A delay is taken from here as far as it goes: gathering costs nothing."""
    return max(lane.batch_window, min(LONGEST_WINDOW, math.ceil(lane.delay)))


def invoke_settings() -> dict[str, Any]:
    """Of the functions that SNS calls: Lambda queues their events, and tries them three times within six hours."""
    return {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": LONGEST_EVENT_AGE}


def reserved_concurrency(config: Config, lane: LaneConfig) -> int | None:
    """Invocations that are kept for a lane's function, and that it may not go beyond; None for the account's pool.

    Without `handler.concurrency` the slow lane gets what its shards can use: that bounds it, and all the rest of the
    account is the fast lane's.
    """
    if config.handler.concurrency is not None or lane.name == "fast":
        return config.handler.concurrency
    return lane.parallelization * (lane.shards or ON_DEMAND_SHARDS)
