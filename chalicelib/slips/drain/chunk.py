"""One chunk of error items back into their lanes: claim, put, confirm, in this order.

A drain that is killed between put and confirm leaves the item `draining`; after the lease it is put again with the same
`work_id`, which the ledger knows. So nothing is deleted before it is safe, and nothing is lost with the one who did it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from typing import Final
from uuid import uuid4

import msgspec

from ..config.settings import Config
from ..errors import NotFound, RouteError, StoreError
from ..model import LANES, utc
from ..model.ports import Lanes
from ..quarantine import ErrorItem, Quarantine
from .requeue import Requeued, plan_requeue

log = logging.getLogger("slips")

LEASE_SECONDS: Final = 300.0
"""Longer than a chunk ever takes."""


class ChunkResult(msgspec.Struct):
    """How many items are in their lanes again, how many the lanes refused, and why each item that stayed did."""

    drained: int = 0
    refused: int = 0
    failed: dict[str, str] = msgspec.field(default_factory=dict)


class Chunks:
    """Requeues chunk after chunk, for one drain. `named`: its items were asked for by their ids, so parked ones go too,
    and each that cannot go is reported."""

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
    ) -> None:
        self._drain_id = drain_id
        self._quarantine = quarantine
        self._lanes = lanes
        self._config = config
        self._pool = pool
        self._clock = clock
        self._named = named
        self._claim_id = uuid4().hex

    def requeue(self, ids: Sequence[str]) -> ChunkResult:
        """Put the items of these ids into their lanes and delete them. No fault of AWS raises."""
        outcome = ChunkResult()
        plans = self._planned(self._claimed(ids, outcome), outcome)
        left = self._put(plans)
        back = [item for item, works in plans if any(work.work_id in left for _, work in works)]
        gone = [item for item, works in plans if not any(work.work_id in left for _, work in works)]
        self._note([work.work_id for _, works in plans for _, work in works if work.work_id not in left])
        outcome.refused = len(back)
        outcome.drained = len(gone) - self._each(self._confirm, gone, outcome)
        self._each(self._release, back, outcome)
        return outcome

    def _note(self, works: Sequence[str]) -> None:
        """What becomes of these can be asked for; that it cannot is no reason to stop."""
        try:
            if works:
                self._quarantine.record_drain(self._drain_id, works)
        except StoreError as fault:
            log.warning("what becomes of the drain %s cannot be told: %s", self._drain_id, fault)

    def why_not(self, request_id: str) -> str:
        """Why the item cannot be claimed; empty when there seems to be no reason."""
        try:
            item = self._quarantine.get(request_id)
        except (NotFound, StoreError) as fault:
            return str(fault)
        if item.leased_until >= int(self._clock()):
            return f"another drain has claimed it, until {utc.iso(item.leased_until)}"
        return ""

    def _claimed(self, ids: Iterable[str], outcome: ChunkResult) -> list[ErrorItem]:
        claimed: list[ErrorItem] = []
        for request_id, got in zip(ids, self._pool.map(self._claim, ids), strict=True):
            if isinstance(got, ErrorItem):
                claimed.append(got)
            elif got:
                outcome.failed[request_id] = got
        return claimed

    def _claim(self, request_id: str) -> ErrorItem | str:
        """The item, or why it was not claimed: empty when another drain was faster, which only who named it wants to
        know."""
        try:
            got = self._quarantine.claim(
                request_id, self._claim_id, self._clock(), LEASE_SECONDS, parked=self._named
            )  # fmt: skip
        except StoreError as fault:
            return str(fault)
        if got is None and self._named:
            return self.why_not(request_id) or "it was claimed or deleted meanwhile"
        return got or ""

    def _planned(self, claimed: Iterable[ErrorItem], outcome: ChunkResult) -> list[tuple[ErrorItem, Requeued]]:
        """What to put for each item. One that slips.yml sends nowhere has failed once more."""
        plans: list[tuple[ErrorItem, Requeued]] = []
        for item in claimed:
            try:
                plans.append((item, plan_requeue(item, self._config)))
            except RouteError as fault:
                outcome.failed[item.request_id] = str(fault)
                self._refuse(item, fault)
        return plans

    def _refuse(self, item: ErrorItem, fault: RouteError) -> None:
        try:
            self._quarantine.refuse(item, str(fault))
        except StoreError as down:
            log.warning("%s stays claimed until the lease is over: %s", item.request_id, down)

    def _put(self, plans: Iterable[tuple[ErrorItem, Requeued]]) -> set[str]:
        """The work ids that the lanes did not take."""
        works = [each for _, planned in plans for each in planned]
        by_lane = {lane: [work for to, work in works if to == lane] for lane in LANES}
        return {left.work_id for lane, waiting in by_lane.items() for left in self._lanes.enqueue(lane, waiting)}

    def _each(self, act: Callable[[ErrorItem], str], items: Sequence[ErrorItem], outcome: ChunkResult) -> int:
        """Act on all at once; the answer is how many have a reason to be in `failed`."""
        reasons = {item.request_id: why for item, why in zip(items, self._pool.map(act, items), strict=True) if why}
        outcome.failed |= reasons
        return len(reasons)

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
            return f"its lane did not take it, and it stays claimed until the lease is over: {fault}"
        return "its lane did not take it; the log says why"
