"""`s3-lines`: lines, LF or CRLF, the last one with or without an end.

Works on whole inflated chunks: a chunk without a wanted record costs one search and one count, not a loop over lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from ..config.settings import Limits
from ..errors import LimitExceeded
from .framing import Batch, FramingOptions, RecordFault, RecordFilter, is_exhausted, select
from .window import without_bom

SAMPLE = 512
"""So many bytes of a line beyond the limit are kept to show."""


class Lines(msgspec.Struct, frozen=True):
    """Whole lines, each with its LF: `data[start:end]`, and no copy of it. `start` is 0 or behind the first LF, `end`
    behind the last one."""

    data: bytes
    start: int
    end: int

    @property
    def count(self) -> int:
        """How many lines."""
        # Up to Python 3.11 bytes.count takes five times as long for a single character.
        ends = len(self.data) - len(self.data.replace(b"\n", b""))
        return ends - 1 if self.start else ends


class TooLong(msgspec.Struct, frozen=True):
    """A line that was left out; `sample` is how it begins."""

    sample: bytes


def lines(
    chunks: Iterable[bytes], record_filter: RecordFilter, limits: Limits, _options: FramingOptions
) -> Iterator[Batch]:
    """Batches of lines. A line above `limits.max_line_bytes` is a fault of its own; the lines after it are read."""
    position = 1
    for part in parts(chunks, limits.max_line_bytes):
        if is_exhausted(record_filter, position):
            return
        batches = (
            _too_long(part, position, record_filter)
            if isinstance(part, TooLong)
            else _batches(part, position, record_filter)
        )
        for batch in batches:
            yield batch
            position = batch.first + batch.count


def parts(chunks: Iterable[bytes], max_line_bytes: int) -> Iterator[Lines | TooLong]:
    """The chunks cut at line ends; a line that crosses their borders comes by itself."""
    open_line = _OpenLine(max_line_bytes)
    for chunk in without_bom(chunks):
        start = 0
        if open_line:
            start = chunk.find(b"\n") + 1
            open_line.add(chunk[:start] if start else chunk)
            if not start:
                continue
            yield from open_line.take()
        end = chunk.rfind(b"\n") + 1
        if end > start:
            yield from _within(Lines(chunk, start, end), max_line_bytes)
        if end < len(chunk):
            open_line.add(chunk[end:])
    if open_line:
        open_line.add(b"\n")
        yield from open_line.take()


class _OpenLine:
    """A line whose end has not come yet; of one that is too long only the beginning is kept."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces: list[bytes] = []
        self._size = 0

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def add(self, piece: bytes) -> None:
        if self._size <= self._limit:
            self._pieces.append(piece)
        self._size += len(piece)

    def take(self) -> Iterator[Lines | TooLong]:
        line, size = b"".join(self._pieces), self._size
        self._pieces, self._size = [], 0
        yield TooLong(line[:SAMPLE]) if size - 1 > self._limit else Lines(line, 0, len(line))


def _within(found: Lines, max_line_bytes: int) -> Iterator[Lines | TooLong]:
    """The lines, taken apart where one is too long."""
    if found.end - found.start <= max_line_bytes:
        yield found
        return
    data = found.data[found.start : found.end]
    start = good = 0
    while start < len(data):
        end = data.index(b"\n", start) + 1
        if end - 1 - start > max_line_bytes:
            if good < start:
                yield Lines(data[good:start], 0, start - good)
            yield TooLong(data[start : start + SAMPLE])
            good = end
        start = end
    if good < len(data):
        yield Lines(data[good:], 0, len(data) - good)


def _too_long(line: TooLong, position: int, record_filter: RecordFilter) -> Iterator[Batch]:
    covered = record_filter.in_range(position)
    batch = Batch(first=position, count=1, records=[], positions=[], out_of_range=0 if covered else 1)
    if covered:
        error = LimitExceeded(f"line {position} is longer than limits.max_line_bytes")
        batch.faults = [RecordFault(position, error, line.sample)]
    yield batch


def _batches(found: Lines, first: int, record_filter: RecordFilter) -> Iterator[Batch]:
    if record_filter.accepts_all:
        records = split(found)
        yield Batch(first=first, count=len(records), records=records)
        return
    count = found.count
    last = first + count - 1
    no_headers = not record_filter.header_prefix and first > record_filter.header_records
    outside = last < record_filter.resume_from or (
        record_filter.only is not None and (is_exhausted(record_filter, first) or last < record_filter.only.first)
    )
    if outside and no_headers:
        yield Batch(first=first, count=count, records=[], positions=[], out_of_range=count)
    elif record_filter.needles and no_headers and first >= record_filter.resume_from and record_filter.only is None:
        yield _matching(found, first, count, record_filter.needles)
    else:
        yield from select(split(found), first, record_filter)


def split(found: Lines) -> list[bytes]:
    """The lines without their ends."""
    records = found.data.split(b"\n")
    if found.start:
        del records[0]  # Cut off by the border of the chunks, as is what follows the last LF.
    records.pop()
    if b"\r" in found.data:
        return [record[:-1] if record.endswith(b"\r") else record for record in records]
    return records


def _matching(found: Lines, first: int, count: int, needles: Sequence[bytes]) -> Batch:
    """The lines that hold a needle, found by searching them whole; line numbers by counting the ends between."""
    data, counted, position = found.data, found.start, first
    records: list[bytes] = []
    positions: list[int] = []
    within = [needle for needle in needles if b"\n" not in needle]  # No line holds a line end.
    # Mostly there is none, which rfind tells in a third of the time that find takes.
    met = [needle for needle in within if data.rfind(needle, found.start, found.end) >= 0]
    hits = {needle: data.find(needle, found.start, found.end) for needle in met}
    while (at := min((at for at in hits.values() if at >= 0), default=-1)) >= 0:
        start, end = data.rfind(b"\n", found.start, at) + 1 or found.start, data.index(b"\n", at)
        position += data.count(b"\n", counted, start)
        counted = start
        line = data[start:end].removesuffix(b"\r")
        if any(needle in line for needle in within):  # It may have been met in the line's own end.
            records.append(line)
            positions.append(position)
        # Only needles that were met on this line are looked for again: a rare one beside a frequent one costs nothing.
        hits = {
            needle: at if not 0 <= at < end else data.find(needle, end, found.end) for needle, at in hits.items()
        }  # fmt: skip
    return Batch(first=first, count=count, records=records, positions=positions, skipped=count - len(records))
