"""`s3-lines`: lines that end in LF or CRLF; the last one may lack its end.

Works on whole inflated chunks: a chunk without a match costs one search and one count, not a loop over its lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from .batches import SAMPLE, TooLong, batch_groups
from .framing import Batch, FramingOptions, RecordFilter
from .needle_search import compile_needles
from .window import BOM, Window


def frame_lines(chunks: Iterable[bytes], record_filter: RecordFilter, options: FramingOptions) -> Iterator[Batch]:
    """Yield batches of lines. A line above `limits.max_line_bytes` is a fault of its own; the lines after it are
    read."""
    return batch_groups(cut_lines(chunks, options.max_line_bytes), record_filter, options.max_line_bytes)


class Lines(msgspec.Struct, frozen=True):
    """Whole lines, each with its LF: `data[start:end]`, not copied. `start` is 0 or just after the first LF, `end` just
    after the last one."""

    data: bytes
    start: int
    end: int

    @property
    def count(self) -> int:
        """How many lines."""
        # Up to Python 3.11 bytes.count takes five times as long for a single character.
        ends = len(self.data) - len(self.data.replace(b"\n", b""))
        return ends - 1 if self.start else ends

    @property
    def size(self) -> int:
        """How many bytes."""
        return self.end - self.start

    def split(self) -> list[bytes]:
        """Return the lines without their ends."""
        records = self.data.split(b"\n")
        if self.start:
            del records[0]  # The end of a line that began in another chunk; the pop takes the start of one.
        records.pop()
        if b"\r" in self.data:
            records = [record[:-1] if record.endswith(b"\r") else record for record in records]
        return strip_padding(self.data, records)

    def search(self, first: int, needles: Sequence[bytes]) -> Batch:
        """Return the batch of the lines that hold a needle: searches all lines at once, and counts the line ends
        between the hits."""
        data, counted_to, position, end = self.data, self.start, first, self.start
        search = compile_needles(tuple(needles))
        records: list[bytes] = []
        positions: list[int] = []
        for at in search.find(data, self.start, self.end):
            if at < end:  # On the same line as the hit before.
                continue
            start, end = data.rfind(b"\n", self.start, at) + 1 or self.start, data.index(b"\n", at)
            position += data.count(b"\n", counted_to, start)
            counted_to = start
            line = _strip_record(data[start:end].removesuffix(b"\r"))
            if len(line) == end - start or search.holds(line):  # The hit may be in the line's own end.
                records.append(line)
                positions.append(position)
        count = self.count
        return Batch(first=first, count=count, records=records, positions=positions, skipped=count - len(records))


def strip_padding(data: bytes, records: list[bytes]) -> list[bytes]:
    """Return the records of `data` without NULs at their ends, which a file has where it was cut or a disk was full,
    and without a byte order mark, which each of several files has that were appended to each other."""
    if b"\0" not in data and (data.isascii() or BOM not in data):
        return records
    return [_strip_record(record) for record in records]


def _strip_record(record: bytes) -> bytes:
    return record.strip(b"\0").removeprefix(BOM).lstrip(b"\0")


def cut_lines(chunks: Iterable[bytes], limit: int) -> Iterator[Lines | TooLong]:
    """Cut the chunks at line ends; a line that spans chunks is yielded on its own, and one above `limit` bytes as
    TooLong."""
    window = Window(chunks)
    window.skip_padding()
    open_line = _OpenLine(limit)
    for chunk in window.remaining_chunks():
        start = 0
        if open_line:
            start = chunk.find(b"\n") + 1
            open_line.add(chunk[:start] if start else chunk)
            if not start:
                continue
            yield open_line.take()
        end = chunk.rfind(b"\n") + 1
        if end > start:
            yield from _cut_out_too_long(Lines(chunk, start, end), limit)
        if end < len(chunk):
            open_line.add(chunk[end:])
    if open_line:
        open_line.add(b"\n")
        yield open_line.take()


class _OpenLine:
    """A line whose end has not come yet; only the beginning of one above the limit is kept."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces: list[bytes] = []
        self._size = 0

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def add(self, piece: bytes) -> None:
        if not self._pieces:
            piece = piece.lstrip(b"\0")  # They belong to no line, and may be more than a line may have.
        if piece and self._size <= self._limit:
            self._pieces.append(piece)
        self._size += len(piece)

    def take(self) -> Lines | TooLong:
        line, size = b"".join(self._pieces), self._size
        self._pieces, self._size = [], 0
        return TooLong(line[:SAMPLE]) if size - 1 > self._limit else Lines(line, 0, len(line))


def _cut_out_too_long(lines: Lines, limit: int) -> Iterator[Lines | TooLong]:
    if lines.end - lines.start <= limit:
        yield lines
        return
    data = lines.data[lines.start : lines.end]
    start = good = 0
    while start < len(data):
        end = data.index(b"\n", start) + 1
        if end - 1 - start > limit:
            if good < start:
                yield Lines(data[good:start], 0, start - good)
            yield TooLong(data[start : start + SAMPLE])
            good = end
        start = end
    if good < len(data):
        yield Lines(data[good:], 0, len(data) - good)
