"""The drain: through what is asked for, chunk by chunk, until its end, its limit or its deadline."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple
from uuid import uuid4

import msgspec

from ..config.settings import Config
from ..errors import BadRequest
from ..model import utc
from ..model.ports import Lanes
from ..quarantine import Cursor, ErrorRow, Quarantine
from ..quarantine.cursor import decode, position
from .chunk import ChunkResult, Chunks
from .request import DrainReport, DrainRequest

CHUNK: Final = 400
"""So many items are claimed, put and confirmed together; PutRecords takes 500 records."""
WORKERS: Final = 8
"""Claims are single requests, since each has its own condition; a client of boto3 holds 10 connections."""
FIRST_CHUNK_SECONDS: Final = 2.0
COUNT_SECONDS: Final = 2.0
"""What remains is counted no longer than that."""


def drain(
    request: DrainRequest,
    quarantine: Quarantine,
    lanes: Lanes,
    config: Config,
    deadline: float,
    clock: utc.Clock = time.time,
) -> DrainReport:
    """Put what failed into its lane again, the oldest first; end before `deadline` (on `clock`).

    Parked items go only when `ids` names them; items that another drain has claimed are left to it. Raises BadRequest
    for a broken cursor, StoreError when the ErrorTable cannot be read.
    """
    cursor = decode(request.cursor)
    # What fails again while it is drained must not come round a second time.
    begun = Cursor(cursor.after, cursor.until or utc.iso(clock() + 0.001), cursor.drain_id or uuid4().hex)
    with ThreadPoolExecutor(WORKERS) as pool:
        chunks = Chunks(begun.drain_id, quarantine, lanes, config, pool, clock, named=bool(request.ids))
        return _Drain(request, begun, quarantine, chunks, deadline, clock).run()


class _Step(NamedTuple):
    """A place in what is drained, and the item there; None where it is not to be drained."""

    mark: str
    request_id: str | None


class _Drain:
    """One call of `drain`. `cursor` is where the next call goes on."""

    def __init__(
        self,
        request: DrainRequest,
        begun: Cursor,
        quarantine: Quarantine,
        chunks: Chunks,
        deadline: float,
        clock: utc.Clock,
    ) -> None:
        self._request = request
        self._quarantine = quarantine
        self._chunks = chunks
        self._deadline = deadline
        self._clock = clock
        self._cursor = begun
        self._steps = self._named() if request.ids else self._matching()
        self._at_end = False
        self._slowest = FIRST_CHUNK_SECONDS
        self._report = DrainReport(dry_run=request.dry_run)

    def run(self) -> DrainReport:
        """The whole of it."""
        refused = 0
        while not (self._at_end or refused) and self._room() and self._has_time():
            refused = self._next_chunk()
        self._report.remaining = refused + self._count()
        if self._report.remaining or not self._at_end:
            self._report.cursor = str(self._cursor)
        if self._report.drained and not self._request.dry_run:
            self._report.drain_id = self._cursor.drain_id
        return self._report

    def _next_chunk(self) -> int:
        """Drain some. Where the lanes take nothing at all, how many they refused: the next call begins with them."""
        ids, mark = self._ids()
        began = self._clock()
        outcome = self._dry(ids) if self._request.dry_run else self._chunks.requeue(ids)
        self._slowest = max(self._slowest, self._clock() - began)
        self._report.drained += outcome.drained
        self._report.failed |= outcome.failed
        if outcome.refused and not outcome.drained:
            return outcome.refused
        self._cursor = msgspec.structs.replace(self._cursor, after=mark)
        return 0

    def _dry(self, ids: list[str]) -> ChunkResult:
        """What would be drained. What the index lists is there; what is named may be anything."""
        whys = {each: self._chunks.why_not(each) for each in ids} if self._request.ids else {}
        failed = {each: why for each, why in whys.items() if why}
        return ChunkResult(drained=len(ids) - len(failed), failed=failed)

    def _ids(self) -> tuple[list[str], str]:
        """The next items, and the place of the last."""
        ids: list[str] = []
        mark, room = self._cursor.after, self._room()
        while len(ids) < room and self._has_time() and (step := self._step()):
            mark = step.mark
            ids += [step.request_id] if step.request_id is not None else []
        return ids, mark

    def _count(self) -> int:
        """How many items are left, as far as that is soon known."""
        count = 0
        end = min(self._deadline, self._clock() + COUNT_SECONDS)
        while self._clock() < end and (step := self._step()):
            count += step.request_id is not None
        return count

    def _step(self) -> _Step | None:
        step = next(self._steps, None)
        self._at_end = step is None
        return step

    def _room(self) -> int:
        limit = self._request.limit
        return CHUNK if limit is None else min(CHUNK, limit - self._report.drained)

    def _has_time(self) -> bool:
        """For one more chunk."""
        return self._clock() + self._slowest < self._deadline

    def _named(self) -> Iterator[_Step]:
        """The items of `ids`, from behind the cursor on."""
        ids, after = list(dict.fromkeys(self._request.ids)), self._cursor.after
        if after and after not in ids:
            raise BadRequest("cursor: not one that a drain of these ids gave")
        return (_Step(each, each) for each in ids[ids.index(after) + 1 if after else 0 :])

    def _matching(self) -> Iterator[_Step]:
        """The items of the filters, oldest first."""
        wanted = self._request.filter(self._cursor.until)
        walk = self._quarantine.oldest(wanted, position(self._cursor))
        return (
            _Step(mark, row.request_id if row is not None and self._is_free(row) else None) for mark, row in walk
        )  # fmt: skip

    def _is_free(self, row: ErrorRow) -> bool:
        return row.leased_until < int(self._clock()) and not self._quarantine.is_parked(row)
