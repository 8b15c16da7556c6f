"""One pass over an object, for one run or, where drained errors name the same object, for several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

import msgspec

from ..config.settings import Limits
from ..errors import ReadError
from ..formats.chain import Chain
from ..model.ports import ObjectStore
from ..model.positions import Positions
from ..reader.framing import Batch, FramingOptions, RecordFilter
from ..reader.objects import ObjectReader
from .run import ObjectRun
from .slices import SliceSizer


class Reading:
    """Reads the object of the runs once, and gives each of them what it wants."""

    def __init__(self, objects: ObjectStore, chain: Chain, limits: Limits, runs: Sequence[ObjectRun]) -> None:
        self.runs = runs
        self._chain = chain
        self._reader = ObjectReader(objects, runs[0].item.ref, limits)

    @property
    def stored_bytes(self) -> int:
        """How many stored bytes were read."""
        return self._reader.stored_bytes

    def steps(self, sizer: SliceSizer) -> Iterator[None]:
        """Deliver, slice by slice: at any of them the caller may stop. A fault of the bytes ends the runs: what was
        read stands, the rest is an error."""
        options = FramingOptions(argument=self._chain.argument, array_keys=self._chain.array_keys)
        wants = [run.record_filter() for run in self.runs]
        try:
            with closing(self._reader.read_batches(self._chain.framing, options, joined(wants))) as batches:
                for batch in batches:
                    for run, want in zip(self.runs, wants, strict=True):
                        yield from run.take(batch if len(wants) == 1 else narrowed(batch, want), sizer)
                    yield  # Also where nothing was wanted of it: the clock goes on.
                    if all(run.state != "started" for run in self.runs):
                        return
        except ReadError as fault:
            for run in self.runs:
                run.fail("read", fault)
        for run in self.runs:
            run.end()


def joined(wants: Sequence[RecordFilter]) -> RecordFilter:
    """What any of them asks for. Several must ask for positions."""
    if len(wants) == 1:
        return wants[0]
    positions = Positions.union(want.only for want in wants if want.only is not None)
    return RecordFilter(resume_from=min(want.resume_from for want in wants), only=positions)


def narrowed(batch: Batch, want: RecordFilter) -> Batch:
    """What one of several asks for."""
    everything = range(batch.first, batch.first + batch.count)
    positions = everything if batch.positions is None else batch.positions
    kept = [(at, record) for at, record in zip(positions, batch.records, strict=True) if want.matches(at, record)]
    faults = [fault for fault in batch.faults if want.in_range(fault.position)]
    return msgspec.structs.replace(
        batch,
        records=[record for _, record in kept],
        positions=[at for at, _ in kept],
        skipped=0,
        out_of_range=batch.count - len(kept) - len(faults),
        faults=faults,
    )
