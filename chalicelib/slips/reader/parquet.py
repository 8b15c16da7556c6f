"""`s3-parquet`: Parquet by row group; each row is a record of JSON. Needs the extra `slips[parquet]`.

The metadata of a Parquet file is at its end, so the whole file is read into memory, up to a limit.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from ..config.settings import MIB
from ..errors import CorruptObject, LimitExceeded, ReadError
from .batches import SAMPLE, Group, Undecodable, batch_groups
from .framing import Batch, FramingOptions, RecordFilter

MOST = 256 * MIB
"""Bytes of a file. A function that reads files of this size needs 1 GB of memory."""
ROWS = 1000
"""Rows decoded at once."""
_UNHOLDABLE = (ValueError, OverflowError, TypeError, LookupError)
"""What values that Python cannot hold raise: the year 20,000, text that is not UTF-8, an unknown time zone."""


def frame_parquet(chunks: Iterable[bytes], record_filter: RecordFilter, options: FramingOptions) -> Iterator[Batch]:
    """Yield batches of rows as JSON objects: times in ISO 8601 (UTC where the column has no offset), binary as text if
    it is UTF-8, else in base64, other types that JSON lacks as text. A row with a value that Python cannot hold is a
    fault of its own.

    Raises ReadError where pyarrow is not installed, LimitExceeded above 256 MiB, CorruptObject where it is not Parquet.
    """
    try:
        from pyarrow import ArrowException, BufferReader, py_buffer
        from pyarrow.parquet import ParquetFile
    except ImportError as fault:
        raise ReadError("s3-parquet needs pyarrow, which is not part of SLIPS: install slips[parquet]") from fault
    content = _read_whole(chunks)
    if not content:
        return
    try:
        file = ParquetFile(BufferReader(py_buffer(content)))
        first = record_filter.first
        for index in range(file.num_row_groups):
            if record_filter.is_exhausted(first):
                return
            count = file.metadata.row_group(index).num_rows
            if first + count <= record_filter.resume_from:
                yield Batch(first=first, count=count, records=[], positions=[], out_of_range=count)
            else:
                yield from batch_groups(_read_groups(file, index), record_filter, options.max_line_bytes, first)
            first += count
    except (ArrowException, OSError, *_UNHOLDABLE) as fault:
        raise CorruptObject(f"Parquet: {fault}") from fault


def _read_whole(chunks: Iterable[bytes]) -> bytearray:
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > MOST:
            raise LimitExceeded(f"the Parquet file is larger than {MOST} bytes: write smaller files")
    return content


def _read_groups(file: Any, row_group: int) -> Iterator[Group | Undecodable]:
    declared, count = file.metadata.row_group(row_group).num_rows, 0
    for batch in file.iter_batches(batch_size=ROWS, row_groups=[row_group]):
        count += batch.num_rows
        rows = _in_microseconds(batch)
        try:
            yield _to_group(rows)
        except _UNHOLDABLE:
            yield from map(_row_to_group, (rows.slice(at, 1) for at in range(rows.num_rows)))
    if count != declared:
        raise CorruptObject(f"Parquet: row group {row_group} has {count} rows, not {declared} as its header says")


def _to_group(batch: Any) -> Group:
    records = [orjson.dumps(row, default=_to_text, option=orjson.OPT_NAIVE_UTC) for row in batch.to_pylist()]
    return Group(b"\n".join(records), records)


def _row_to_group(batch: Any) -> Group | Undecodable:
    """Return the one row of a batch; if Python cannot hold it, the columns to blame and the values of the others."""
    try:
        return _to_group(batch)
    except _UNHOLDABLE as fault:
        names = batch.schema.names
        sound = [at for at in range(len(names)) if _can_hold(batch.select([at]))]
        faulty = ", ".join(name for at, name in enumerate(names) if at not in sound)
        sample = _to_group(batch.select(sound)).data[:SAMPLE]
        return Undecodable(f"Python cannot hold the value of {faulty[:SAMPLE]}: {fault}", sample)


def _can_hold(batch: Any) -> bool:
    try:
        _to_group(batch)
    except _UNHOLDABLE:
        return False
    return True


def _in_microseconds(batch: Any) -> Any:
    """Return the batch with times that Python can hold: without nanoseconds."""
    from pyarrow import schema

    return batch.cast(schema([field.with_type(_coarser(field.type)) for field in batch.schema]), safe=False)


def _coarser(kind: Any) -> Any:
    """Return the type with microseconds in place of nanoseconds, at any depth."""
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


def _to_text(value: Any) -> str:
    """Return a value of a type that JSON lacks as text."""
    if not isinstance(value, bytes):
        return str(value)
    try:
        return value.decode()
    except UnicodeDecodeError:
        return b64encode(value).decode()
