"""One chunk of error items back into their lanes: claim, put, confirm, in this order.

A drain that is killed between put and confirm leaves the item `draining`; after the lease it is put again with the same
`work_id`, which the ledger knows. So nothing is deleted before it is safe, and nothing is lost when a drain dies.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Final
from uuid import uuid4

import msgspec

from ..config.settings import Config
from ..errors import NotFound, SlipsError, StoreError
from ..model import LANES, ObjectRef, WorkItem, digest, utc
from ..model.ports import Lanes
from ..model.positions import explain_recount
from ..quarantine import ErrorItem, Quarantine
from .requeue import plan_requeue
from .reread import Requeued

log = logging.getLogger("slips")

LEASE_SECONDS: Final = 300.0
"""Longer than a chunk ever takes."""


Counting = Callable[[ObjectRef], str]
"""By what positions in the object are counted now (see `formats.chain.Chain.counting`); empty where nobody can tell."""


class ChunkResult(msgspec.Struct):
    """How many items are back in their lanes, how many the lanes refused, how many could not be claimed just now, how
    many another drain has, and why each named item that stayed did. `tries` says of each that waited when it would have
    been tried again (seconds since the epoch). `whole` says of how many work items the whole object runs again, by the
    reason."""

    drained: int = 0
    tries: list[int] = msgspec.field(default_factory=list)
    refused: int = 0
    unclaimed: int = 0
    claimed_elsewhere: int = 0
    failed: dict[str, str] = msgspec.field(default_factory=dict)
    whole: Counter[str] = msgspec.field(default_factory=Counter)


class Chunks:
    """Requeues chunk after chunk, for one drain. `named`: a request named its items by id, so parked ones go too, and
    each that cannot go is reported. `counting` says by what positions are counted now."""

    def __init__(
        self,
        drain_id: str,
        quarantine: Quarantine,
        lanes: Lanes,
        config: Config,
        pool: Executor,
        clock: utc.Clock,
        *,
        named: bool,
        counting: Counting,
        most_works: int | None = None,
    ) -> None:
        self._drain_id = drain_id
        self._quarantine = quarantine
        self._lanes = lanes
        self._config = config
        self._pool = pool
        self._clock = clock
        self._named = named
        self._counting = counting
        self._most_works = most_works
        self._claim_id = uuid4().hex

    def requeue(self, ids: Sequence[str]) -> ChunkResult:
        """Put the items of these ids into their lanes and delete them. No fault of AWS raises."""
        result = ChunkResult()
        plans = self._plan(self._claim_all(ids, result), result)
        refused = self._enqueue(plans)
        held = [item for item, works in plans if any(work.work_id in refused for _, work in works)]
        drained = [item for item, works in plans if not any(work.work_id in refused for _, work in works)]
        self._remember([work.work_id for _, works in plans for _, work in works if work.work_id not in refused])
        result.refused = len(held)
        self._for_all(self._confirm, drained, result)
        confirmed = [item for item in drained if item.request_id not in result.failed]
        result.drained = len(confirmed)
        result.tries = [item.retry_at for item in confirmed if item.retry_at]
        self._for_all(self._release, held, result)
        return result

    def _widen(self, work: WorkItem, result: ChunkResult) -> WorkItem:
        """Where positions mean nothing any more, the whole object runs again: once in this drain, however many items
        say so."""
        counting = self._counting(work.ref) if work.is_narrowed and work.chain else ""
        if counting in ("", work.chain):
            return work
        result.whole[explain_recount(work.chain, counting)] += 1
        work_id = digest(work.ref.work_id, "whole", self._drain_id, counting, *work.processors)
        return msgspec.structs.replace(work, positions="", resume_from=1, work_id=work_id)

    def _remember(self, works: Sequence[str]) -> None:
        """Note the works for `GET /drain/{id}`; a failure to do so does not stop the drain."""
        try:
            if works:
                self._quarantine.record_drain(self._drain_id, works, self._most_works)
        except StoreError as fault:
            log.warning("the outcome of the drain %s will not be known: %s", self._drain_id, fault)

    def count_listed(self, ids: Sequence[str], waiting: Sequence[str]) -> ChunkResult:
        """Return what would become of listed items, of which the listing says that some are waiting."""
        return ChunkResult(drained=len(ids), tries=[*self._quarantine.next_tries(waiting).values()])

    def count_named(self, ids: Sequence[str]) -> ChunkResult:
        """Return what would become of items that somebody named."""
        result = ChunkResult()
        for request_id in ids:
            item = self._find_free(request_id)
            if isinstance(item, SlipsError):
                result.failed[request_id] = str(item)
            else:
                result.drained += 1
                result.tries += [item.retry_at] if item.retry_at else []
        return result

    def _find_free(self, request_id: str) -> ErrorItem | SlipsError:
        """The item, or what prevents that it is claimed: a StoreError where it may not do so for long."""
        try:
            item = self._quarantine.get(request_id)
        except (NotFound, StoreError) as fault:
            return fault
        if item.leased_until >= int(self._clock()):
            return StoreError(f"another drain has claimed it, until {utc.iso(item.leased_until)}")
        return item

    def _claim_all(self, ids: Sequence[str], result: ChunkResult) -> list[ErrorItem]:
        claimed: list[ErrorItem] = []
        for request_id, item in zip(ids, self._pool.map(self._claim, ids), strict=True):
            if isinstance(item, ErrorItem):
                claimed.append(item)
            elif item:
                result.failed[request_id] = str(item)
                result.unclaimed += isinstance(item, StoreError)
            else:
                result.claimed_elsewhere += 1
        return claimed

    def _claim(self, request_id: str) -> ErrorItem | SlipsError | None:
        """The item, or why it was not claimed: None when another drain was faster, which matters only for an item that
        was named."""
        try:
            item = self._quarantine.claim(
                request_id, self._claim_id, self._clock(), LEASE_SECONDS, parked=self._named
            )  # fmt: skip
        except StoreError as fault:
            return fault
        if item is None and self._named:
            obstacle = self._find_free(request_id)
            return obstacle if isinstance(obstacle, SlipsError) else NotFound("it has just been claimed or deleted")
        return item

    def _plan(self, claimed: Sequence[ErrorItem], result: ChunkResult) -> list[tuple[ErrorItem, Requeued]]:
        """What to put for each item. One that slips.yml sends nowhere, or that cannot be read, has failed once more."""
        plans: list[tuple[ErrorItem, Requeued]] = []
        for item in claimed:
            try:
                works = [(lane, self._widen(work, result)) for lane, work in plan_requeue(item, self._config)]
                plans.append((item, works))
            except SlipsError as fault:
                result.failed[item.request_id] = str(fault)
                self._refuse(item, fault)
        return plans

    def _refuse(self, item: ErrorItem, fault: SlipsError) -> None:
        try:
            self._quarantine.refuse(item, str(fault))
        except StoreError as store_fault:
            log.warning("%s stays claimed until the lease ends: %s", item.request_id, store_fault)

    def _enqueue(self, plans: Sequence[tuple[ErrorItem, Requeued]]) -> set[str]:
        """The work ids that the lanes did not take."""
        works = [work for _, plan in plans for work in plan]
        by_lane = {lane: [work for to, work in works if to == lane] for lane in LANES}
        return {work.work_id for lane, waiting in by_lane.items() for work in self._lanes.enqueue(lane, waiting)}

    def _for_all(self, act: Callable[[ErrorItem], str], items: Sequence[ErrorItem], result: ChunkResult) -> None:
        """Act on all at once, and note what failed."""
        whys = zip(items, self._pool.map(act, items), strict=True)
        result.failed |= {item.request_id: why for item, why in whys if why}

    def _confirm(self, item: ErrorItem) -> str:
        try:
            # False: the work was so fast that it failed again already, and the new item must stay.
            self._quarantine.confirm(item.request_id, self._claim_id)
        except StoreError as fault:
            return f"in its lane, but not deleted, so it will be drained again: {fault}"
        return ""

    def _release(self, item: ErrorItem) -> str:
        try:
            self._quarantine.release(item)
        except StoreError as fault:
            return f"its lane did not take it, and it stays claimed until the lease ends: {fault}"
        return "its lane did not take it; the log says why"
