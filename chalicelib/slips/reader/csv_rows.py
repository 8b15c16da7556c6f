"""`s3-csv`: rows as RFC 4180 has them; quoted cells may hold line breaks. The delimiter is the argument: `s3-csv:;`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..config.settings import Limits
from ..errors import ReadError
from .batches import Group, Overlong, numbered
from .framing import Batch, FramingOptions, RecordFilter
from .lines import SAMPLE, Lines, split
from .window import Feed

_NAMED = {"": ",", "\\t": "\t", "tab": "\t"}
BLOCK = 256 * 1024


def csv_rows(
    chunks: Iterable[bytes], record_filter: RecordFilter, limits: Limits, options: FramingOptions
) -> Iterator[Batch]:
    """Batches of rows, without their line ends and with their quotes.

    A quote opens a quoted cell only at the start of a cell. One that is not closed within `limits.max_line_bytes` is
    taken for a slip: the row ends with its line, and the lines after it are read. A row above that limit is a fault of
    its own. Raises ReadError for a delimiter that is none.
    """
    delimiter = _NAMED.get(options.argument, options.argument).encode()
    if len(delimiter) != 1 or delimiter in b'"\r\n':
        raise ReadError(f'"{options.argument}" is no delimiter of s3-csv: write one ASCII character, or \\t')
    limit = limits.max_line_bytes
    yield from numbered(_Rows(Feed(chunks), delimiter, limit).groups(), record_filter, limit)


def _row(delimiter: bytes) -> re.Pattern[bytes]:
    """A row with its line end. Possessive throughout, so that matching takes linear time."""
    mark = re.escape(delimiter)
    quoted, rest = rb'"(?:[^"]++|"")*+"', rb"[^\n" + mark + rb"]*+"
    cell = rb"(?:" + quoted + rest + rb'|(?!")' + rest + rb")"
    return re.compile(cell + rb"(?:" + mark + cell + rb")*+\n")


class _Rows:
    def __init__(self, feed: Feed, delimiter: bytes, limit: int) -> None:
        self._feed = feed
        self._most = limit + len(b"\r\n")
        self._row = _row(delimiter)

    def groups(self) -> Iterator[Group | Overlong]:
        feed = self._feed
        feed.skip_bom()
        while feed.at < len(feed.data) or feed.more():
            if group := self._plain() or self._quoted():
                yield group
            elif len(feed.data) - feed.at >= self._most:
                yield self._open_ended()
            elif not feed.more():
                feed.end()
                if feed.data.endswith(b"\n"):
                    yield self._open_ended()
                else:
                    feed.data += b"\n"
        feed.end()

    def _plain(self) -> Group | None:
        """All whole lines up to one with a quote in it."""
        feed = self._feed
        quote = feed.data.find(b'"', feed.at)
        end = feed.data.rfind(b"\n", feed.at, len(feed.data) if quote < 0 else quote) + 1
        if end == 0:
            return None
        return self._taken(end)

    def _quoted(self) -> Group | None:
        """Whole rows, as far as they come; at most about BLOCK bytes, of which most will hold quotes."""
        feed = self._feed
        rows: list[bytes] = []
        start = at = feed.at
        while at - start < BLOCK and (found := self._row.match(feed.data, at, at + self._most)):
            rows.append(_without_end(found[0]))
            at = found.end()
        if not rows:
            return None
        feed.at = at
        return Group(feed.data[start:at], rows)

    def _open_ended(self) -> Group | Overlong:
        """A row that does not end within the limit: a line with a quote that is never closed, or one too long."""
        feed = self._feed
        end = feed.data.find(b"\n", feed.at, feed.at + self._most) + 1
        if end:
            return self._taken(end)
        sample = feed.data[feed.at : feed.at + SAMPLE]
        while (end := feed.data.find(b"\n", feed.at)) < 0:
            feed.at = len(feed.data)
            if not feed.more():
                return Overlong(sample)
        feed.at = end + 1
        return Overlong(sample)

    def _taken(self, end: int) -> Group:
        feed = self._feed
        block = feed.data[feed.at : end]
        feed.at = end
        return Group(block, split(Lines(block, 0, len(block))))


def _without_end(row: bytes) -> bytes:
    return row[:-2] if row.endswith(b"\r\n") else row[:-1]
