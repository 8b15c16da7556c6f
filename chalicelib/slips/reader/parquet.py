"""`s3-parquet`: Parquet by row group; each row is a record of JSON. Needs the extra `slips[parquet]`.

A Parquet file tells what it holds at its end, so it is read into memory whole, and bounded for that.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from ..config.settings import MIB, Limits
from ..errors import CorruptObject, LimitExceeded, ReadError
from .batches import SAMPLE, Group, Unreadable, numbered
from .framing import Batch, FramingOptions, RecordFilter, is_exhausted

MOST = 256 * MIB
"""Bytes of a file. Functions that read files as large need memory of 1 GB."""
ROWS = 1000
"""Rows decoded at once."""
_NOT_HELD = (ValueError, OverflowError, TypeError, LookupError)
"""What comes of values that Python has no room for: the year 20,000, text that is no UTF-8, a time zone not known."""


def parquet(
    chunks: Iterable[bytes], record_filter: RecordFilter, limits: Limits, _options: FramingOptions
) -> Iterator[Batch]:
    """Batches of rows as JSON objects: times in ISO 8601 (UTC where the column names no offset), binary as text where
    it is UTF-8 and else base64, what JSON has no kind for as text. A row with a value that Python cannot hold is a
    fault of its own.

    Raises ReadError where pyarrow is not installed, LimitExceeded above 256 MiB, CorruptObject for what is no Parquet.
    """
    try:
        from pyarrow import ArrowException, BufferReader, py_buffer
        from pyarrow.parquet import ParquetFile
    except ImportError as fault:
        raise ReadError("s3-parquet needs pyarrow, which is not part of SLIPS: install slips[parquet]") from fault
    held = _whole(chunks)
    if not held:
        return
    try:
        file = ParquetFile(BufferReader(py_buffer(held)))
        first = 1
        for index in range(file.num_row_groups):
            if is_exhausted(record_filter, first):
                return
            count = file.metadata.row_group(index).num_rows
            if first + count <= record_filter.resume_from:
                yield Batch(first=first, count=count, records=[], positions=[], out_of_range=count)
            else:
                yield from numbered(_groups(file, index), record_filter, limits.max_line_bytes, first)
            first += count
    except (ArrowException, OSError, *_NOT_HELD) as fault:
        raise CorruptObject(f"Parquet: {fault}") from fault


def _whole(chunks: Iterable[bytes]) -> bytearray:
    held = bytearray()
    for chunk in chunks:
        held += chunk
        if len(held) > MOST:
            raise LimitExceeded(
                f"the Parquet file is larger than the {MOST} bytes that can be held: write smaller ones"
            )
    return held


def _groups(file: Any, row_group: int) -> Iterator[Group | Unreadable]:
    said, count = file.metadata.row_group(row_group).num_rows, 0
    for batch in file.iter_batches(batch_size=ROWS, row_groups=[row_group]):
        count += batch.num_rows
        held = _in_microseconds(batch)
        try:
            yield _group(held)
        except _NOT_HELD:
            yield from map(_row, (held.slice(at, 1) for at in range(held.num_rows)))
    if count != said:
        raise CorruptObject(f"Parquet: row group {row_group} has {count} rows, not {said} as its header says")


def _group(batch: Any) -> Group:
    records = [orjson.dumps(row, default=_plain, option=orjson.OPT_NAIVE_UTC) for row in batch.to_pylist()]
    return Group(b"\n".join(records), records)


def _row(batch: Any) -> Group | Unreadable:
    """The one row of a batch; where it cannot be held, which columns are to blame, and what the others have."""
    try:
        return _group(batch)
    except _NOT_HELD as fault:
        names = batch.schema.names
        held = [at for at in range(len(names)) if _is_held(batch.select([at]))]
        faulty = ", ".join(name for at, name in enumerate(names) if at not in held)
        sample = _group(batch.select(held)).block[:SAMPLE]
        return Unreadable(f"no value can be made of {faulty[:SAMPLE]}: {fault}", sample)


def _is_held(batch: Any) -> bool:
    try:
        _group(batch)
    except _NOT_HELD:
        return False
    return True


def _in_microseconds(batch: Any) -> Any:
    """The batch with times that Python can hold: it knows no nanoseconds."""
    from pyarrow import schema

    return batch.cast(schema([field.with_type(_coarser(field.type)) for field in batch.schema]), safe=False)


def _coarser(kind: Any) -> Any:
    """The type, with microseconds for nanoseconds wherever they stand in it."""
    import pyarrow

    types = pyarrow.types
    if types.is_timestamp(kind) and kind.unit == "ns":
        return pyarrow.timestamp("us", kind.tz)
    if types.is_time64(kind):
        return pyarrow.time64("us")
    if types.is_duration(kind) and kind.unit == "ns":
        return pyarrow.duration("us")
    if types.is_struct(kind):
        return pyarrow.struct([field.with_type(_coarser(field.type)) for field in kind])
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return pyarrow.list_(kind.value_field.with_type(_coarser(kind.value_type)))
    if types.is_map(kind):
        return pyarrow.map_(kind.key_type, kind.item_field.with_type(_coarser(kind.item_type)))
    return kind


def _plain(value: Any) -> str:
    """What JSON has no kind for, as text."""
    if not isinstance(value, bytes):
        return str(value)
    try:
        return value.decode()
    except UnicodeDecodeError:
        return b64encode(value).decode()
