"""`s3-csv`: rows as in RFC 4180; quoted cells may hold line breaks. The argument is the delimiter: `s3-csv:;`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..errors import ReadError
from ..formats.base import DELIMITERS
from .batches import SAMPLE, Group, TooLong, batch_groups
from .framing import Batch, FramingOptions, RecordFilter
from .lines import Lines, strip_padding
from .window import Window

BLOCK = 256 * 1024


def frame_csv(chunks: Iterable[bytes], record_filter: RecordFilter, options: FramingOptions) -> Iterator[Batch]:
    """Yield batches of rows, with their quotes and without their line ends.

    A quote opens a quoted cell only at the start of a cell. One that is not closed within `limits.max_line_bytes` is
    taken for an ordinary character: the row ends with its line, and the lines after it are read. A row above that limit
    is a fault of its own. Raises ReadError for an invalid delimiter.
    """
    delimiter = DELIMITERS.get(options.argument, options.argument).encode()
    if len(delimiter) != 1 or delimiter in b'"\r\n':
        raise ReadError(f'"{options.argument}" is not a delimiter for s3-csv: write one ASCII character, or \\t')
    limit = options.max_line_bytes
    yield from batch_groups(_RowCutter(Window(chunks), delimiter, limit).cut_rows(), record_filter, limit)


def _row_pattern(delimiter: bytes) -> bytes:
    """Return the pattern of a row without its LF: possessive throughout, so that matching takes linear time."""
    mark = re.escape(delimiter)
    # Most files with quotes have them around every cell: such rows are matched in half the time.
    usual = rb'"[^"]*+"(?>' + mark + rb'"[^"]*+")*+\r?'
    cell = rb'(?>"[^"]*+")*+(?!")[^\n' + mark + rb"]*+"  # Two quotes inside of quotes end and begin quoted text.
    padding = rb"\0*+(?>\xef\xbb\xbf)?+\0*+"
    return rb"(" + usual + rb"|" + padding + cell + rb"(?>" + mark + cell + rb")*+)\n"


class _RowCutter:
    def __init__(self, window: Window, delimiter: bytes, limit: int) -> None:
        self._window = window
        self._most = limit + len(b"\r\n")
        row = _row_pattern(delimiter)
        self._row = re.compile(row)
        # What is not a row takes the rest, as no other may be looked for inside of it.
        self._rows = re.compile(row + rb"|(?s:.)++")

    def cut_rows(self) -> Iterator[Group | TooLong]:
        window = self._window
        window.skip_padding()
        while window.at < len(window.data) or window.extend():
            if window.data.startswith(b"\0", window.at):
                window.skip_padding()
            elif rows := self._unquoted_rows() or self._quoted_rows():
                yield rows
            elif len(window.data) - window.at >= self._most:
                yield self._open_row()
            elif not window.extend():
                window.raise_fault()
                if window.data.endswith(b"\n"):
                    yield self._open_row()
                else:
                    window.data += b"\n"
        window.raise_fault()

    def _unquoted_rows(self) -> Group | None:
        """Take all whole lines before the first one with a quote."""
        window = self._window
        quote = window.data.find(b'"', window.at)
        end = window.data.rfind(b"\n", window.at, len(window.data) if quote < 0 else quote) + 1
        return self._take_lines(end) if end else None

    def _quoted_rows(self) -> Group | None:
        """Take whole rows, BLOCK bytes at most or a single one, of which most will hold quotes."""
        window, start = self._window, self._window.at
        data, end = window.data, start + min(BLOCK, self._most)
        rows = self._rows.findall(data, start, end)
        window.at += sum(map(len, rows)) + len(rows)
        if rows and not rows[-1]:  # The rest, which is not a row; a blank line is taken next time.
            rows.pop()
            window.at -= 1
        if not rows:
            row = self._row.match(data, start, start + self._most)
            if row is None:
                return None
            rows, window.at = [row[1]], row.end()
        block = data[start : window.at]
        if b"\r" in block:
            rows = [row[:-1] if row.endswith(b"\r") else row for row in rows]
        return Group(block, strip_padding(block, rows))

    def _open_row(self) -> Group | TooLong:
        """Take a row that does not end within the limit: a line with an unclosed quote, or one that is too long."""
        window = self._window
        end = window.data.find(b"\n", window.at, window.at + self._most) + 1
        if end:
            return self._take_lines(end)
        sample = window.data[window.at : window.at + SAMPLE]
        while (end := window.data.find(b"\n", window.at)) < 0:
            window.at = len(window.data)
            if not window.extend():
                return TooLong(sample)
        window.at = end + 1
        return TooLong(sample)

    def _take_lines(self, end: int) -> Group:
        window = self._window
        lines = window.data[window.at : end]
        window.at = end
        return Group(lines, Lines(lines, 0, len(lines)).split())
