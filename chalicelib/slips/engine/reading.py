"""One pass over an object, for one run or, where drained errors name the same object, for several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

import msgspec

from ..config.settings import Limits
from ..errors import ObjectChanged, ObjectMissing, OutOfTime, ReadError, Unavailable
from ..model import WorkItem
from ..model.ports import ObjectStore
from ..model.positions import Positions
from ..reader.framing import Batch, FramingOptions, RecordFilter
from ..reader.objects import ObjectReader
from .run import ObjectRun
from .slices import SliceSizer


class Reading:
    """Reads the object of the runs once, and gives each run the records that it asks for."""

    def __init__(self, objects: ObjectStore, limits: Limits, runs: Sequence[ObjectRun]) -> None:
        self.runs = runs
        self._chain = runs[0].chain
        self._reader = ObjectReader(objects, runs[0].item.ref, limits)

    @property
    def stored_bytes(self) -> int:
        """How many stored bytes were read."""
        return self._reader.stored_bytes

    def steps(self, sizer: SliceSizer) -> Iterator[None]:
        """Deliver, slice by slice: the caller may stop at any of them. Broken bytes end the runs: what was read counts,
        the rest is an error. So it is where S3 does not answer in time, unless the caller stops for that."""
        if all(run.state != "started" for run in self.runs):
            return
        options = FramingOptions(argument=self._chain.argument, array_keys=self._chain.array_keys)
        filters = [run.record_filter() for run in self.runs]
        try:
            with closing(self._reader.read_batches(self._chain.framing, options, join_filters(filters))) as batches:
                for batch in batches:
                    for run, record_filter in zip(self.runs, filters, strict=True):
                        yield from run.deliver(batch if len(filters) == 1 else narrow(batch, record_filter), sizer)
                    yield  # Even where no record matched: time passes.
                    if all(run.state != "started" for run in self.runs):
                        return
        except OutOfTime as fault:
            yield  # Where anything was done, the caller hands over the rest; else it would come back for ever.
            self._fail(fault)
        except ReadError as fault:
            self._fail(fault)
        for run in self.runs:
            run.end()

    def _fail(self, fault: ReadError) -> None:
        for run in self.runs:
            run.fail("read", fault)


def same_object(items: Sequence[WorkItem], number: int) -> Sequence[WorkItem]:
    """Return the item of that number, and those drained ones after it that name positions of the same object, too: it
    is read once for all."""
    first, end = items[number], number + 1
    if first.error_id and first.positions:
        while end < len(items) and items[end].error_id and items[end].positions and items[end].ref == first.ref:
            end += 1
    return items[number:end]


def find_key(item: WorkItem, objects: ObjectStore) -> WorkItem:
    """Where there is no object of the decoded key, take the key as it stood. The class-based SLIPS wrote keys as S3
    sent them, encoded, but a person may have written one as it is. Raises Unavailable where S3 does not say."""
    if not item.raw_key:
        return item
    raw = msgspec.structs.replace(item, object_key=item.raw_key, raw_key=item.object_key)
    return raw if not _is_there(item, objects) and _is_there(raw, objects) else item


def _is_there(item: WorkItem, objects: ObjectStore) -> bool:
    """Whether there is an object of that key, and of that version where the item names one."""
    try:
        next(objects.open(item.ref), b"")
    except (ObjectMissing, ObjectChanged):
        return False
    except Unavailable:  # When it is read, S3 may answer again, and say that a key is gone which is only another.
        raise
    except ReadError:  # Whatever else it is, it will come again when the object is read.
        return True
    return True


def join_filters(filters: Sequence[RecordFilter]) -> RecordFilter:
    """Make the filter of what any of them matches. Several must name positions."""
    if len(filters) == 1:
        return filters[0]
    positions = Positions.union(each.only for each in filters if each.only is not None)
    return RecordFilter(resume_from=min(each.resume_from for each in filters), only=positions)


def narrow(batch: Batch, record_filter: RecordFilter) -> Batch:
    """Narrow a batch to what one of several filters matches."""
    everything = range(batch.first, batch.first + batch.count)
    positions = everything if batch.positions is None else batch.positions
    pairs = zip(positions, batch.records, strict=True)
    matches = [(at, record) for at, record in pairs if record_filter.matches(at, record)]
    faults = [fault for fault in batch.faults if record_filter.in_range(fault.position)]
    return msgspec.structs.replace(
        batch,
        records=[record for _, record in matches],
        positions=[at for at, _ in matches],
        skipped=0,
        out_of_range=batch.count - len(matches) - len(faults),
        faults=faults,
    )
