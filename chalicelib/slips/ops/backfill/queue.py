"""Chunk by chunk into the lane: put, then written down, so that what is killed between is put again under the same
`work_id`, and done once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

import msgspec

from ...errors import StoreError
from ...model import LANES
from ...model.ports import Lanes
from .listing import Listed, Listing
from .selection import Candidate, Selection
from .state import State

CHUNK = 500
"""PutRecords takes so many."""
BURST_SECONDS = 1.0

ShowState = Callable[[State], None]


class Piece(msgspec.Struct, frozen=True):
    """Objects that are decided together; everything up to `last_key` is over with them."""

    objects: tuple[Listed, ...]
    last_key: str


class Pacer:
    """Holds a rate of objects a second; None: as fast as it goes."""

    def __init__(
        self,
        rate: float | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self._next = clock()

    @property
    def chunk(self) -> int:
        """So many objects at once: a second's, so that a slow rate is no series of bursts."""
        return CHUNK if self._rate is None else max(1, min(CHUNK, int(self._rate * BURST_SECONDS)))

    def wait(self, objects: int) -> None:
        """Wait until so many more may go."""
        if self._rate is None or not objects:
            return
        now = self._clock()
        if self._next > now:
            self._sleep(self._next - now)
        # A pause, for a slow listing, earns no burst later.
        self._next = max(self._next, now) + objects / self._rate


def queue(
    pages: Iterable[Listing], selection: Selection, lanes: Lanes, state: State, pacer: Pacer,
    *, save: ShowState, show: ShowState,
) -> None:  # fmt: skip
    """Queue what is to be queued of the pages, from `state` on, which is saved after each chunk. Raises StoreError
    where a lane does not take it: call again."""
    for part in _parts(pages, pacer.chunk):
        decided = selection.drop_done(selection.route(each) for each in part.objects)
        queued = [each for each in decided if not each.reason]
        pacer.wait(len(queued))
        _put(queued, selection, lanes)
        state.after = part.last_key
        state.queued += len(queued)
        state.size += sum(each.ref.size or 0 for each in queued)
        state.skipped += len(decided) - len(queued)
        save(state)
        show(state)


def _parts(pages: Iterable[Listing], size: int) -> Iterator[Piece]:
    """The pages in pieces, each of which is over with at once."""
    for page in pages:
        objects = page.objects
        for at in range(0, len(objects), size):
            piece = objects[at : at + size]
            is_last = at + size >= len(objects)
            yield Piece(piece, page.last_key if is_last else piece[-1].ref.key)
        if not objects:
            yield Piece((), page.last_key)


def _put(queued: list[Candidate], selection: Selection, lanes: Lanes) -> None:
    for lane in LANES:
        items = [selection.item(each) for each in queued if each.lane == lane]
        rest = lanes.enqueue(lane, items) if items else []
        if rest:
            raise StoreError(
                f"the {lane} lane does not take {len(rest)} of {len(items)} work items (-v says why); "
                "run the same command again to continue"
            )
