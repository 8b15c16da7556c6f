"""`s3-multiline`: records of several lines, as stack traces are.

The argument is the pattern of a record's first line (`s3-multiline:^\\d{4}-`), or with `!` that of the lines which
continue one (`s3-multiline:!^\\s`). Without an argument, lines that begin with white space and empty ones continue.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..config.settings import Limits
from ..errors import ReadError
from .batches import SAMPLE, Overlong, grouped, numbered
from .framing import Batch, FramingOptions, RecordFilter
from .lines import Lines, TooLong, parts, split

CONTINUES = r"!^(?:\s|$)"


def multiline(
    chunks: Iterable[bytes], record_filter: RecordFilter, limits: Limits, options: FramingOptions
) -> Iterator[Batch]:
    """Batches of records: their lines, LF between them. What stands before the first first line is a record, too.

    A record above `limits.max_line_bytes` is a fault of its own. Raises ReadError for a pattern that is none.
    """
    given = options.argument or CONTINUES
    try:
        pattern = re.compile(given.removeprefix("!").encode())
    except re.error as fault:
        raise ReadError(f'"{given}" is no regular expression for s3-multiline: {fault}') from fault
    limit = limits.max_line_bytes
    records = _Records(pattern, starts=not given.startswith("!"), limit=limit)
    yield from numbered(grouped(records.completed(parts(chunks, limit))), record_filter, limit)


class _Records:
    """Gathers lines until the first line of another record comes."""

    def __init__(self, pattern: re.Pattern[bytes], *, starts: bool, limit: int) -> None:
        self._matches = pattern.search
        self._starts = starts
        self._limit = limit
        self._lines: list[bytes] = []
        self._size = 0

    def completed(self, parts: Iterable[Lines | TooLong]) -> Iterator[bytes | Overlong]:
        """Every record, once the line after it has come."""
        for part in parts:
            whole = isinstance(part, Lines)
            for line in split(part) if isinstance(part, Lines) else [part.sample]:
                if self._lines and bool(self._matches(line)) is self._starts:
                    yield self._take()
                self._add(line, len(line) if whole else self._limit + 1)
        if self._lines:
            yield self._take()

    def _add(self, line: bytes, size: int) -> None:
        if not self._lines or self._size <= self._limit:
            self._lines.append(line)
        self._size += size

    def _take(self) -> bytes | Overlong:
        record = b"\n".join(self._lines).rstrip(b"\r\n")
        overlong = self._size > self._limit
        self._lines, self._size = [], 0
        return Overlong(record[:SAMPLE]) if overlong else record
