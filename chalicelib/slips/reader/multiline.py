"""`s3-multiline`: records of several lines, such as stack traces.

The argument is the pattern of a record's first line (`s3-multiline:^\\d{4}-`), or, after `!`, that of the lines which
continue one (`s3-multiline:!^\\s`). Without an argument, empty lines and those that begin with white space continue.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..errors import ReadError
from .batches import SAMPLE, TooLong, batch_groups, group_records
from .framing import Batch, FramingOptions, RecordFilter
from .lines import Lines, cut_lines

MOST_LINES = 500_000
"""Of a record, however short: an empty one takes memory, too. A record that has more is too long."""
CONTINUES = r"!^(?:\s|$)"


def frame_multiline(chunks: Iterable[bytes], record_filter: RecordFilter, options: FramingOptions) -> Iterator[Batch]:
    """Yield batches of records, LF between their lines. Lines before the first match are a record, too.

    A record above `limits.max_line_bytes` is a fault of its own. Raises ReadError for an invalid pattern.
    """
    argument = options.argument or CONTINUES
    try:
        pattern = re.compile(argument.removeprefix("!").encode())
    except re.error as fault:
        raise ReadError(f'"{argument}" is not a regular expression for s3-multiline: {fault}') from fault
    limit = options.max_line_bytes
    records = _LineJoiner(pattern, starts=not argument.startswith("!"), limit=limit)
    yield from batch_groups(group_records(records.join(cut_lines(chunks, limit))), record_filter, limit)


class _LineJoiner:
    """Collects lines until the first line of another record comes."""

    def __init__(self, pattern: re.Pattern[bytes], *, starts: bool, limit: int) -> None:
        self._matches = pattern.search
        self._matches_empty = bool(pattern.search(b""))
        self._starts = starts
        self._limit = limit
        self._lines: list[bytes] = []
        self._size = 0

    def join(self, parts: Iterable[Lines | TooLong]) -> Iterator[bytes | TooLong]:
        """Yield every record, once the line after it has come."""
        for part in parts:
            whole = isinstance(part, Lines)
            lines = part.split() if isinstance(part, Lines) else [part.sample]
            if whole and self._starts and all(map(self._matches, lines)):  # Most records of most logs have one line.
                yield from self._pass(lines)
                continue
            for line in lines:
                begins = (bool(self._matches(line)) if line else self._matches_empty) is self._starts
                if begins and self._lines:
                    yield self._take()
                self._add(line, len(line) if whole else self._limit + 1)
        if self._lines:
            yield self._take()

    def _pass(self, lines: list[bytes]) -> Iterator[bytes | TooLong]:
        """Yield what is before the last of these lines, each of which begins a record."""
        if self._lines:
            yield self._take()
        last = lines.pop()
        yield from [line.rstrip(b"\r") for line in lines]
        self._add(last, len(last))

    def _add(self, line: bytes, size: int) -> None:
        if not self._lines or self._size <= self._limit:
            self._lines.append(line)
        self._size += size
        if len(self._lines) > MOST_LINES:
            self._size = max(self._size, self._limit + 1)

    def _take(self) -> bytes | TooLong:
        too_long = self._size > self._limit
        record = b"\n".join(self._lines[:SAMPLE] if too_long else self._lines).rstrip(b"\r\n")
        self._lines, self._size = [], 0
        return TooLong(record[:SAMPLE]) if too_long else record
