"""The settings that Chalice does not know, from slips.yml, under the names of Lambda's API, which are those of SAM."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ...config import Config, LaneConfig
from ...config.settings import RETENTION_HOURS

LONGEST_WINDOW = 300
"""Seconds (Lambda API, MaximumBatchingWindowInSeconds)."""
GIVEN_RETENTION_HOURS = 24
"""Assumed of streams that exist already, where nobody looked: Kinesis' default."""
OLDEST_RECORD = 7 * 24 * 3600
"""Seconds (Lambda API, MaximumRecordAgeInSeconds); a stream may keep its records for a year."""
LONGEST_EVENT_AGE = 6 * 3600
"""Seconds (Lambda API, MaximumEventAgeInSeconds)."""
LOG_DAYS = 30
"""Unless .chalice/config.json has log_retention_in_days."""
ON_DEMAND_SHARDS = 16
"""Shards to assume of an on-demand stream when concurrency is reserved."""

RETRY_CONCURRENCY = 1
"""Reserved for the function that tries again what waits: two runs at once would release nothing twice, but cost
twice."""


def event_source_settings(lane: LaneConfig, retention_hours: int = 0) -> dict[str, Any]:
    """The settings of a lane's event source; `retention_hours` is the stream's, where it is known.

    Lambda retries a batch until its records are old: a batch fails only where the ErrorTable or the ledger cannot be
    written, or the deployment is broken, and giving up then would lose track of what was done. The ledger counts
    crashes. Lambda gives up after six sevenths of the stream's retention, so that `report` still finds the records in
    the stream.
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
    """The seconds that Lambda gathers a batch. A delay is part of it as far as Lambda allows: gathering costs
    nothing."""
    return max(lane.batch_window, min(LONGEST_WINDOW, math.ceil(lane.delay)))


def invoke_settings() -> dict[str, Any]:
    """The settings of functions that SNS calls: Lambda queues their events, and tries them three times in six hours."""
    return {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": LONGEST_EVENT_AGE}


def retry_invoke_settings() -> dict[str, Any]:
    """Those of the function that a schedule calls: what fails is not tried again, since the next minute comes."""
    return {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}


def log_days(settings: Mapping[str, Any]) -> int:
    """The days that logs are kept, by the stage's settings in .chalice/config.json."""
    return int(settings.get("log_retention_in_days") or LOG_DAYS)


def reserved_concurrency(config: Config, lane: LaneConfig) -> int | None:
    """The concurrency reserved for a lane's function, which is also its limit; None for the account's pool.

    Without `handler.concurrency` the slow lane gets what its shards can use: that limits it, and leaves the rest of the
    account to the fast lane.
    """
    if config.handler.concurrency is not None or lane.name == "fast":
        return config.handler.concurrency
    return lane.parallelization * (lane.shards or ON_DEMAND_SHARDS)
