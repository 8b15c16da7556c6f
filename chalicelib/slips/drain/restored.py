"""What could not be read since its object was archived: drained as soon as S3 says that the object is restored."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from uuid import uuid4

from ..config.settings import Config
from ..errors import IndexBuilding, IndexMissing, StoreError
from ..model import ObjectRef, utc
from ..model.ports import Lanes
from ..quarantine import Quarantine
from .chunk import Chunks, Counting

MOST: Final = 200
"""Items of an object that are drained: one a function, and a few more where it was archived while it was read."""
WORKERS: Final = 8

log = logging.getLogger("slips")


def drain_restored(
    refs: Sequence[ObjectRef], quarantine: Quarantine, lanes: Lanes, config: Config, counting: Counting,
    clock: utc.Clock,
) -> int:  # fmt: skip
    """Drain the items of these objects; return how many. Raises StoreError where the table did not answer, a lane did
    not take them, or another drain has them: then AWS notifies again."""
    drained = remaining = 0
    with ThreadPoolExecutor(WORKERS) as pool:
        chunks = Chunks(uuid4().hex, quarantine, lanes, config, pool, clock, named=True, counting=counting)
        for ref in refs:
            try:
                ids = quarantine.archived_items(pool, ref.bucket, ref.key, MOST)
            except (IndexMissing, IndexBuilding) as fault:
                log.warning("s3://%s/%s is restored, and its errors are not drained: %s", ref.bucket, ref.key, fault)
                continue
            result = chunks.requeue(ids)
            drained += result.drained
            remaining += result.refused + result.unclaimed
            for request_id, reason in result.failed.items():
                log.warning("%s was not drained, though its object is restored: %s", request_id, reason)
    if remaining:
        raise StoreError(f"{remaining} error items of restored objects could not be drained now; the log says why")
    return drained
