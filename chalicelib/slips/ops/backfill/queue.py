"""Put objects into the lane chunk by chunk, and save the state after each: a chunk that a kill interrupts is put again
under the same `work_id`s, and so processed once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

import msgspec

from ...errors import StoreError
from ...model import LANES
from ...model.ports import Lanes
from ...wording import plural
from .listing import Listed, Listing
from .selection import Candidate, Selection
from .state import State

CHUNK = 500
"""The records that PutRecords takes."""
BURST_SECONDS = 1.0

ShowState = Callable[[State], None]


class Piece(msgspec.Struct, frozen=True):
    """A piece of a page: after its objects, everything up to `last_key` is done."""

    objects: tuple[Listed, ...]
    last_key: str


class Pacer:
    """A limiter to a rate of objects per second; None is no limit."""

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
        """The objects to put at once: those of a second, so that a slow rate does not become bursts."""
        return CHUNK if self._rate is None else max(1, min(CHUNK, int(self._rate * BURST_SECONDS)))

    def wait(self, objects: int) -> None:
        """Wait until this many more objects may be put."""
        if self._rate is None or not objects:
            return
        now = self._clock()
        if self._next > now:
            self._sleep(self._next - now)
        # A pause, as for a slow listing, allows no burst later.
        self._next = max(self._next, now) + objects / self._rate


def queue(
    pages: Iterable[Listing], selection: Selection, lanes: Lanes, state: State, pacer: Pacer,
    *, save: ShowState, show: ShowState,
) -> None:  # fmt: skip
    """Queue the selected objects of the pages and save `state` after each chunk. Raises StoreError if a lane does not
    take them; call it again to continue."""
    for piece in _split(pages, pacer.chunk):
        decided = selection.drop_done(selection.route(each) for each in piece.objects)
        queued = [each for each in decided if not each.reason]
        pacer.wait(len(queued))
        put_candidates(queued, selection, lanes)
        state.after = piece.last_key
        state.queued += len(queued)
        state.size += sum(each.ref.size or 0 for each in queued)
        state.skipped += len(decided) - len(queued)
        save(state)
        show(state)


def _split(pages: Iterable[Listing], size: int) -> Iterator[Piece]:
    """Split the pages into pieces of `size` objects."""
    for page in pages:
        objects = page.objects
        for at in range(0, len(objects), size):
            part = objects[at : at + size]
            is_last = at + size >= len(objects)
            yield Piece(part, page.last_key if is_last else part[-1].ref.key)
        if not objects:
            yield Piece((), page.last_key)


def put_candidates(queued: list[Candidate], selection: Selection, lanes: Lanes) -> None:
    """Put objects into their lanes. Raises StoreError where a lane does not take them."""
    for lane in LANES:
        items = [item for each in queued if each.lane == lane for item in selection.items(each)]
        rest = lanes.enqueue(lane, items) if items else []
        if rest:
            raise StoreError(
                f"the {lane} lane does not take {len(rest)} of {plural(len(items), 'work item')} (-v says why); "
                "run the same command again to continue"
            )
