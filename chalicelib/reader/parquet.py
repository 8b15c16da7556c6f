"""`s3-parquet`: Parquet by row group; each row is a record of JSON. Needs the extra `slips[parquet]`.

A Parquet file tells what it holds at its end, so it is read into memory whole, and bounded for that.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from ..config.typed import MIB, Limits
from ..errors import CorruptObject, LimitExceeded, ReadError
from .base import Batch, Shape, Want, past
from .numbering import Group, numbered

MOST = 256 * MIB
"""Bytes of a file. Functions that read files as large need memory of 1 GB."""
ROWS = 1000
"""Rows decoded at once."""


def parquet(chunks: Iterable[bytes], want: Want, limits: Limits, shape: Shape) -> Iterator[Batch]:  # noqa: ARG001
    """Batches of rows as JSON objects: times in ISO 8601 (UTC where the column names no offset), binary as text where
    it is UTF-8 and else base64, what JSON has no kind for as text.

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
            if past(want, first):
                return
            count = file.metadata.row_group(index).num_rows
            if first + count <= want.resume_from:
                yield Batch(first=first, count=count, records=[], positions=[], passed=count)
            else:
                yield from numbered(_groups(file, index), want, limits.max_line_bytes, first)
            first += count
    except (ArrowException, OSError) as fault:
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


def _groups(file: Any, row_group: int) -> Iterator[Group]:
    for batch in file.iter_batches(batch_size=ROWS, row_groups=[row_group]):
        rows = _in_microseconds(batch).to_pylist()
        records = [orjson.dumps(row, default=_plain, option=orjson.OPT_NAIVE_UTC) for row in rows]
        yield Group(b"\n".join(records), records)


def _in_microseconds(batch: Any) -> Any:
    """The batch with times that Python can hold: it knows no nanoseconds."""
    from pyarrow import schema, timestamp, types

    fields = [
        field.with_type(timestamp("us", field.type.tz))
        if types.is_timestamp(field.type) and field.type.unit == "ns"
        else field
        for field in batch.schema
    ]
    return batch.cast(schema(fields), safe=False)


def _plain(value: Any) -> str:
    """What JSON has no kind for, as text."""
    if not isinstance(value, bytes):
        return str(value)
    try:
        return value.decode()
    except UnicodeDecodeError:
        return b64encode(value).decode()
