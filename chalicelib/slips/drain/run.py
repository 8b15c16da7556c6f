"""The drain: through the selected items, chunk by chunk, until the end, the limit or the deadline."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from uuid import uuid4

import msgspec

from ..config.settings import Config
from ..model import utc
from ..model.ports import Lanes
from ..quarantine import CLAIMABLE, ErrorRow, Quarantine, SelectionWalk
from .chunk import ChunkResult, Chunks, Counting
from .request import CLAIMED, NEWER, PARKED, DrainReport, DrainRequest

CHUNK: Final = 400
"""Items that are claimed, put and confirmed together; PutRecords takes 500 records."""
WORKERS: Final = 8
"""Claims are single requests, since each has its own condition."""
COUNT_SECONDS: Final = 2.0
"""How long to count what remains."""


def drain(
    request: DrainRequest,
    quarantine: Quarantine,
    lanes: Lanes,
    config: Config,
    deadline: float,
    clock: utc.Clock = time.time,
    counting: Counting = lambda ref: "",  # noqa: ARG005
    drain_id: str = "",
) -> DrainReport:
    """Put what failed back into its lane, the oldest first; end before `deadline` (on `clock`). `counting` says by what
    the positions of an object are counted now. Where the request has no cursor, a drain begins, with the id `drain_id`.

    Parked items go only when `ids` or `state` names them; items that another drain has claimed are left to it. Raises
    BadRequest for a broken cursor, StoreError when the ErrorTable cannot be read.
    """

    def leave(row: ErrorRow) -> str:
        if row.leased_until >= int(clock()):
            return CLAIMED
        if request.takes_parked:
            return ""
        return PARKED if quarantine.is_parked(row) else "" if row.state in CLAIMABLE else NEWER

    walk = SelectionWalk(request, quarantine, deadline, clock, leave=leave)
    walk.cursor = msgspec.structs.replace(walk.cursor, drain_id=walk.cursor.drain_id or drain_id or uuid4().hex)
    with ThreadPoolExecutor(WORKERS) as pool:
        chunks = Chunks(
            walk.cursor.drain_id,
            quarantine,
            lanes,
            config,
            pool,
            clock,
            named=request.takes_parked,
            counting=counting,
        )
        return _drain_chunks(request, walk, chunks)


def _drain_chunks(request: DrainRequest, walk: SelectionWalk, chunks: Chunks) -> DrainReport:
    """Drain chunk after chunk. Where the lanes take nothing at all, the next call begins with the same chunk."""
    report = DrainReport(dry_run=request.dry_run)
    refused = 0
    for ids in walk.chunks(lambda: CHUNK if request.limit is None else min(CHUNK, request.limit - report.drained)):
        result = _count_free(request, walk, chunks, ids) if request.dry_run else chunks.requeue(ids)
        report.drained += result.drained
        report.add_tries(len(result.tries), min(result.tries, default=0))
        report.failed |= result.failed
        report.whole = dict(Counter(report.whole) + result.whole)
        walk.left[CLAIMED] += result.claimed_elsewhere
        if result.refused and not result.drained:
            refused = result.refused
            break
    report.left = dict(+walk.left)
    report.remaining = refused + walk.count_rest(COUNT_SECONDS)
    if report.remaining or not walk.at_end:
        report.cursor = str(walk.cursor)
    if report.drained and not request.dry_run:
        report.drain_id = walk.cursor.drain_id
    return report


def _count_free(request: DrainRequest, walk: SelectionWalk, chunks: Chunks, ids: list[str]) -> ChunkResult:
    """What would be drained. What the index lists is there; an id that was named may be anything."""
    return chunks.count_named(ids) if request.ids else chunks.count_listed(ids, walk.waiting)
