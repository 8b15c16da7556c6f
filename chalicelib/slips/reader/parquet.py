"""`s3-parquet`: Parquet by row group; each row is a record of JSON. Needs the extra `slips[parquet]`.

The metadata of a Parquet file is at its end, so the whole file is stored first: a large one on disk. What its pages
claim is looked at before they are decoded, since a file of 300 bytes may claim gigabytes.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import Any

import orjson

from ..config.settings import MIB, Limits
from ..errors import CorruptObject, LimitExceeded, ReadError
from ..wording import plural
from .batches import SAMPLE, Group, Undecodable, batch_groups
from .framing import Batch, FramingOptions, RecordFilter
from .inflate.bounds import GRACE
from .parquet_pages import ColumnPages, read_pages

MOST = 256 * MIB
"""Bytes of a file."""
IN_MEMORY = 16 * MIB
"""Bytes of a file that is not stored on disk."""
ROWS = 1000
"""Rows decoded at once, if they are small."""
BATCH, PIECE = 16 * MIB, 4 * MIB
"""Bytes of rows decoded at once by pyarrow, and of those that are Python's at a time."""
VALUE = 64
"""Bytes of a value in Python, besides its text."""
PAGES, ROW, ELEMENTS = 128 * MIB, 96 * MIB, 8 * MIB
"""Bytes of the largest pages of all columns, which are in memory together, and of a row in Python; elements of the
lists of a row group, which one row may have. Where max_line_bytes is more than its default, so are these."""
_UNHOLDABLE = (ValueError, OverflowError, TypeError, LookupError)
"""What values that Python cannot hold raise: the year 20,000, text that is not UTF-8, an unknown time zone."""


def frame_parquet(chunks: Iterable[bytes], record_filter: RecordFilter, options: FramingOptions) -> Iterator[Batch]:
    """Yield batches of rows as JSON objects: times in ISO 8601 (UTC where the column has no offset), binary as text if
    it is UTF-8, else in base64, other types that JSON lacks as text. A row with a value that Python cannot hold, or
    with too many, is a fault of its own.

    Raises ReadError where pyarrow is not installed, LimitExceeded above 256 MiB and above `options`, CorruptObject
    where it is not Parquet.
    """
    try:
        from pyarrow import ArrowException, PythonFile
        from pyarrow.parquet import ParquetFile
    except ImportError as fault:
        raise ReadError("s3-parquet needs pyarrow, which is not part of SLIPS: install slips[parquet]") from fault
    with SpooledTemporaryFile(IN_MEMORY) as content:
        size = _store(chunks, content)
        if not size:
            return
        try:
            file = ParquetFile(PythonFile(content, mode="r"), buffer_size=MIB, pre_buffer=False)
            groups = _RowGroups(file, content, size, options)
            first = record_filter.first
            for index in range(file.num_row_groups):
                if record_filter.is_exhausted(first):
                    return
                count = file.metadata.row_group(index).num_rows
                if first + count <= record_filter.resume_from:
                    yield Batch(first=first, count=count, records=[], positions=[], out_of_range=count)
                else:
                    yield from batch_groups(groups.read(index), record_filter, options.max_line_bytes, first)
                first += count
        except (ArrowException, OSError, *_UNHOLDABLE) as fault:
            raise CorruptObject(f"Parquet: {fault}") from fault


def _store(chunks: Iterable[bytes], content: SpooledTemporaryFile[bytes]) -> int:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > MOST:
            raise LimitExceeded(f"the Parquet file is larger than {MOST} bytes: write smaller files")
        try:
            content.write(chunk)
        except OSError as fault:
            raise LimitExceeded(f"the Parquet file has no room on the function's disk: {fault}") from fault
    return size


class _RowGroups:
    """The row groups of a file, read within bounds."""

    def __init__(self, file: Any, content: SpooledTemporaryFile[bytes], size: int, options: FramingOptions) -> None:
        self._file = file
        self._content = content
        self._size = size
        self._options = options
        self._yielded = 0

    def read(self, index: int) -> Iterator[Group | Undecodable]:
        """Yield the rows. Raises LimitExceeded where they claim more than the limits."""
        declared, count = self._file.metadata.row_group(index).num_rows, 0
        if declared < 0:
            raise CorruptObject(f"Parquet: row group {index} has {plural(declared, 'row')}")
        rows = self._rows_at_once(index, declared)
        for batch in self._file.iter_batches(batch_size=rows, row_groups=[index], use_threads=False):
            count += batch.num_rows
            for group in self._groups(_in_microseconds(batch)):
                self._note(group)
                yield group
        if count != declared:
            found = plural(count, "row")
            raise CorruptObject(f"Parquet: row group {index} has {found}, not {declared} as its header says")

    def _rows_at_once(self, index: int, rows: int) -> int:
        """Return how many rows may be decoded at once. Raises LimitExceeded where one may be too many."""
        group = self._file.metadata.row_group(index)
        columns = [group.column(at) for at in range(group.num_columns)]
        pages = [read_pages(self._content, *_place(column)) for column in columns]
        if (held := sum(each.largest for each in pages)) > (most := self._most(PAGES)):
            raise LimitExceeded(
                f"Parquet: the pages of row group {index} inflate to {held} bytes at a time, and {most} are read: "
                "write smaller pages, or raise limits.max_line_bytes in slips.yml"
            )
        self._check_size(sum(each.size for each in pages))
        if (elements := sum(max(0, each.values - rows) for each in pages)) > (most := self._most(ELEMENTS)):
            raise LimitExceeded(
                f"Parquet: the lists of row group {index} have {elements} elements, and {most} are read: write smaller "
                "row groups, or raise limits.max_line_bytes in slips.yml"
            )
        row = sum(each.largest_value for each in pages) + sum(self._largest_entries(index, columns, pages))
        return max(1, min(ROWS, int(BATCH / max(1.0, row))))

    def _largest_entries(self, index: int, columns: list[Any], pages: list[ColumnPages]) -> Iterator[int]:
        """Yield the length of the longest text in each dictionary, which any row may have, where that matters."""
        from pyarrow import PythonFile, compute
        from pyarrow.parquet import ParquetFile

        large = [
            column.path_in_schema
            for column, each in zip(columns, pages, strict=True)
            if column.physical_type == "BYTE_ARRAY" and each.dictionary * ROWS > BATCH
        ]
        if not large:
            return
        file = ParquetFile(
            PythonFile(self._content, mode="r"), buffer_size=MIB, pre_buffer=False, read_dictionary=large
        )
        for name in large:
            first = next(file.iter_batches(batch_size=1, row_groups=[index], columns=[name], use_threads=False), None)
            values = first.column(0) if first is not None else None
            if values is not None and hasattr(values, "dictionary"):
                yield compute.max(compute.binary_length(values.dictionary)).as_py() or 0
            else:  # In a list, where nothing shows it.
                yield max(each.dictionary for each in pages)

    def _groups(self, rows: Any) -> Iterator[Group | Undecodable]:
        """Yield rows in pieces that are small as objects of Python."""
        weight = _weigh(rows)
        if weight > PIECE and rows.num_rows > 1:
            half = rows.num_rows // 2
            yield from self._groups(rows.slice(0, half))
            yield from self._groups(rows.slice(half))
        elif weight > (most := self._most(ROW)):
            yield Undecodable(f"its values would take {weight} bytes in memory, and at most {most} are taken", b"")
        else:
            try:
                yield _to_group(rows)
            except _UNHOLDABLE:
                yield from map(_row_to_group, (rows.slice(at, 1) for at in range(rows.num_rows)))

    def _most(self, usual: int) -> int:
        return max(usual, usual * self._options.max_line_bytes // Limits().max_line_bytes)

    def _note(self, group: Group | Undecodable) -> None:
        if isinstance(group, Group):
            self._yielded += len(group.data)
            self._check_size(self._yielded)

    def _check_size(self, inflated: int) -> None:
        limits = self._options
        if inflated > limits.max_object_bytes:
            raise LimitExceeded(
                f"Parquet: the rows have more than {limits.max_object_bytes} bytes: raise limits.max_object_bytes in "
                "slips.yml"
            )
        if inflated > GRACE and inflated > self._size * limits.max_inflate_ratio:
            raise LimitExceeded(
                f"Parquet: {self._size} stored bytes inflate to {inflated}, over {limits.max_inflate_ratio} for one: "
                "raise limits.max_inflate_ratio in slips.yml"
            )


def _place(column: Any) -> tuple[int, int]:
    """Return where the pages of a column begin in the file, and how many bytes they have."""
    starts = [column.data_page_offset]
    if column.dictionary_page_offset:
        starts.append(column.dictionary_page_offset)
    start, size = min(starts), column.total_compressed_size
    if start < 0 or size < 0:
        raise CorruptObject("Parquet: a column before the beginning of the file")
    return start, size


def _weigh(rows: Any) -> int:
    """Return about how many bytes rows have in Python."""
    return sum(_weigh_column(column) for column in rows.columns)


def _weigh_column(column: Any) -> int:
    from pyarrow import types

    kind, weight = column.type, len(column) * VALUE
    if types.is_struct(kind):
        return weight + sum(map(_weigh_column, column.flatten()))
    if types.is_map(kind):
        entries = column.slice(0).keys[column.offsets[0].as_py() : column.offsets[-1].as_py()] if len(column) else None
        items = column.items[column.offsets[0].as_py() : column.offsets[-1].as_py()] if len(column) else None
        return weight + sum(_weigh_column(each) for each in (entries, items) if each is not None)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return weight + _weigh_column(column.flatten())
    if types.is_dictionary(kind):
        return weight + _weigh_column(column.dictionary_decode())
    return weight + int(column.nbytes)


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
