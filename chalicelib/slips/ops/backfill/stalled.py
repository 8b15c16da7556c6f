"""Work that was begun, and that no lane holds any longer: nobody will go on with it."""

from __future__ import annotations

from ...config import Config
from ...config.settings import RETENTION_HOURS
from ...ledger.items import FINAL, LedgerItem
from ...model.utc import HOUR, iso
from ..deploy.account_resources import find_stream


def stalled_before(config: Config, now: float) -> str:
    """Return the time before which unfinished work must have changed last to be stalled: a lane delivers its record
    again for as long as it keeps it. Streams that an ARN names may keep records for longer than ours. Raises
    DeploymentError."""
    streams = [find_stream(lane.stream) for lane in (config.fast, config.slow) if lane.stream_arn]
    hours = max(RETENTION_HOURS, *(stream["RetentionPeriodHours"] for stream in streams if stream), 0)
    return iso(now - hours * HOUR)


def is_stalled(work: LedgerItem, before: str) -> bool:
    """Whether the work was begun, is not finished, and has not changed since that time."""
    return work.state not in FINAL and (work.changed_at or work.begun_at) < before
