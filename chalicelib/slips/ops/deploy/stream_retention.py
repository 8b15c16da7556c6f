"""Streams that slips.yml names by ARN: their owner decides how long they keep records."""

from __future__ import annotations

from collections.abc import Iterator

from ...config import Config
from .account_resources import find_stream

SHORTEST_HOURS = 48
"""An app.py that cannot be imported for a day: Lambda gives up on batches, and the failure records, which only point
into the stream, wait until `report` works again."""


def short_streams(config: Config) -> Iterator[str]:
    """Yield a line for each given stream that exists and would forget what an abandoned batch points to. Raises
    DeploymentError."""
    for lane in (config.fast, config.slow):
        stream = find_stream(lane.stream) if lane.stream_arn else None
        if stream and (hours := stream["RetentionPeriodHours"]) < SHORTEST_HOURS:
            yield (
                f"stream {lane.stream}: keeps records for {hours} hours: if the functions fail for a day, Lambda "
                "gives up on their batches, and the records are gone before SLIPS can save them; run: aws "
                f"kinesis increase-stream-retention-period --retention-period-hours {SHORTEST_HOURS} --stream-name "
                f"{lane.stream}"
            )
