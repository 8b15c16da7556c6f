"""The records on which something failed, read out of their object again."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ....config import Limits
from ....engine.object_context import object_info
from ....errors import ReadError, SlipsError
from ....formats.base import Parser
from ....formats.chain import Chain
from ....model import WorkItem
from ....model.ports import ObjectStore
from ....model.positions import Position, Positions
from ....quarantine import ErrorItem
from ....reader.framing import Batch, FramingOptions, RecordFilter
from ....reader.objects import ObjectReader

MOST_BYTES = 1024 * 1024
"""Of a fixture: it is to be committed."""
CONTEXT = 20
"""Records before a failed one that are records along where an event may be made of several."""


class Found(msgspec.Struct, kw_only=True):
    """Records, and the positions that they had. `note` says what is special about them, for the user."""

    records: list[bytes]
    positions: str
    note: str = ""


def failing(item: ErrorItem, chain: Chain, objects: ObjectStore, limits: Limits, most: int) -> Found:
    """The first `most` records that failed, behind those that tell their parser how to read them. Where the object is
    gone, the sample of the error item. Raises SlipsError where no record is at fault."""
    if item.stage in ("dispatch", "route", "read"):
        raise SlipsError(
            f"{item.request_id} failed at stage {item.stage}, before any record was cut, so there is none to capture; "
            f"`slips explain s3://{item.bucket_name}/{item.object_key}` says more"
        )
    if not item.argument:
        raise SlipsError(f"{item.request_id} names no object")
    work = item.argument[0]
    try:
        return _read(item, work, chain, objects, limits, most)
    except ReadError as fault:
        if not item.sample:
            raise
        note = f"{fault}; so the fixture holds the sample of the error item alone, which may be cut short"
        return Found(records=[item.sample.encode("utf-8", "replace")], positions=item.position, note=note)


def _read(item: ErrorItem, work: WorkItem, chain: Chain, objects: ObjectStore, limits: Limits, most: int) -> Found:
    parser = chain.parser(object_info(work))
    want = _want(item, parser)
    reader = ObjectReader(objects, work.ref, limits)
    options = FramingOptions(argument=chain.argument, array_keys=chain.array_keys)
    found, size, note = Found(records=[], positions=""), 0, ""
    records: list[Position] = []
    for position, record in _records(reader.read_batches(chain.framing, options, want)):
        if len(records) == most or size + len(record) > MOST_BYTES:
            note = f"only the first {len(records)} records that failed are captured; --most takes more"
            break
        found.records.append(record)
        size += len(record)
        records += [(position, None)] if position else []
    if not records:
        raise SlipsError(
            f"{item.request_id}: no record of s3://{work.bucket_name}/{work.object_key} is at its positions"
        )
    found.positions, found.note = str(Positions(records)), note
    return found


def _want(item: ErrorItem, parser: Parser) -> RecordFilter:
    only = Positions.parse(item.positions) if item.positions else None
    if only is not None and parser.joins_records:
        only = Positions.span(max(1, only.first - CONTEXT), only.last)
    return RecordFilter(
        resume_from=1 if only is not None else max(1, item.resume_from),
        only=only,
        header_records=parser.header_records,
        header_prefix=parser.header_prefix,
    )


def _records(batches: Iterator[Batch]) -> Iterator[tuple[int, bytes]]:
    """Records with their positions; 0 for one that only tells how to read the others."""
    for batch in batches:
        yield from ((0, header) for header in batch.headers)
        positions = range(batch.first, batch.first + batch.count) if batch.positions is None else batch.positions
        yield from zip(positions, batch.records, strict=True)
        for fault in batch.faults:  # A line beyond the limit: what is known of it.
            yield fault.position, fault.sample
