"""The records that failed, read from their object again."""

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
from ....wording import plural

MOST_BYTES = 1024 * 1024
"""The size of a fixture, which is to be committed."""
CONTEXT = 20
"""Records before a failed one to include where an event may span several."""


class FailedRecords(msgspec.Struct, kw_only=True):
    """Records with their positions. `note` tells the user what is special about them."""

    records: list[bytes]
    positions: str
    note: str = ""


def failing(item: ErrorItem, chain: Chain, objects: ObjectStore, limits: Limits, most: int) -> FailedRecords:
    """Read the first `most` records that failed, after those that their parser needs to read them. Return the sample of
    the error item if the object is gone. Raises SlipsError if no record is at fault."""
    if item.stage in ("dispatch", "route", "read"):
        raise SlipsError(
            f"{item.request_id} failed at stage {item.stage}, before any record was read, so there is none to capture; "
            f"run `slips explain s3://{item.bucket_name}/{item.object_key}`"
        )
    if not item.argument:
        raise SlipsError(f"{item.request_id} names no object")
    work = item.argument[0]
    try:
        return _read(item, work, chain, objects, limits, most)
    except ReadError as fault:
        if not item.sample:
            raise
        note = f"{fault}; so the fixture holds only the sample of the error item, which may be truncated"
        return FailedRecords(records=[item.sample.encode("utf-8", "replace")], positions=item.position, note=note)


def _read(
    item: ErrorItem, work: WorkItem, chain: Chain, objects: ObjectStore, limits: Limits, most: int
) -> FailedRecords:
    parser = chain.parser(object_info(work))
    want = _want(item, parser)
    reader = ObjectReader(objects, work.ref, limits)
    options = FramingOptions(argument=chain.argument, array_keys=chain.array_keys)
    result, size, note = FailedRecords(records=[], positions=""), 0, ""
    positions: list[Position] = []
    for position, record in _records(reader.read_batches(chain.framing, options, want)):
        if len(positions) == most or size + len(record) > MOST_BYTES:
            note = f"captured: only the first {plural(len(positions), 'failed record')}; --most takes more"
            break
        result.records.append(record)
        size += len(record)
        positions += [(position, None)] if position else []
    if not positions:
        raise SlipsError(
            f"{item.request_id}: no record of s3://{work.bucket_name}/{work.object_key} is at its positions"
        )
    result.positions, result.note = str(Positions(positions)), note
    return result


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
    """Yield records with their positions; 0 for one that only tells how to read the others: those of documents without
    a record that failed are left out."""
    headers: list[bytes] = []
    for batch in batches:
        headers = batch.headers if batch.begins_document else headers + batch.headers
        positions = range(batch.first, batch.first + batch.count) if batch.positions is None else batch.positions
        faults = ((fault.position, fault.sample) for fault in batch.faults)  # A line beyond the limit: its sample.
        for position, record in (*zip(positions, batch.records, strict=True), *faults):
            yield from ((0, header) for header in headers)
            headers = []
            yield position, record
