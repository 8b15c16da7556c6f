"""`s3-json`: JSON however it is laid out: a value a line, one document whose array holds the events, or documents one
after another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ...config.settings import Limits
from ..batches import Group, Overlong, numbered
from ..framing import Batch, FramingOptions, RecordFilter
from ..lines import lines
from ..window import Feed
from .layout import layout
from .members import Members, Paths, mentions, paths
from .sequence import Documents, Elements


def json_document(
    chunks: Iterable[bytes], record_filter: RecordFilter, limits: Limits, options: FramingOptions
) -> Iterator[Batch]:
    """Batches of events, as far as the containers tell them (see `layout`): the elements of top-level arrays and of
    the arrays under `options.array_keys` (keys, in any letter case, or dotted paths), else lines, else documents.

    A broken element is a record as it stands, up to where the next one begins; one above `limits.max_line_bytes` is a
    fault of its own. Raises CorruptObject where a document is cut off, or broken beyond that.
    """
    feed = Feed(chunks)
    feed.skip_bom()
    named = tuple(dict.fromkeys(name for name in (options.argument, *options.array_keys) if name))
    found = layout(feed, named, limits.max_line_bytes)
    if found.lines:
        yield from lines(feed.rest(), record_filter, limits, options)
    else:
        records = _Records(feed, limits.max_line_bytes, found.containers).groups()
        yield from numbered(records, record_filter, limits.max_line_bytes)


class _Records(Documents):
    """The events of documents one after another."""

    def __init__(self, feed: Feed, limit: int, containers: Sequence[str]) -> None:
        super().__init__(feed, limit)
        self._elements = Elements(feed, limit)
        self._paths: Paths = paths(containers)
        self._mentions: re.Pattern[bytes] | None = mentions(containers) if containers else None

    def groups(self) -> Iterator[Group | Overlong]:
        while char := self.char():
            if char == b"[":
                self.feed.at += 1
                yield from self._elements.groups()
            elif group := self.many():
                yield group
            else:
                yield from self._document(char)
        self.feed.end()

    def cut(self, block: bytes) -> list[bytes] | None:
        if self._mentions and self._mentions.search(block):
            return None
        values = super().cut(block)
        return None if values is None or any(value.startswith(b"[") for value in values) else values

    def _document(self, char: bytes) -> Iterator[Group | Overlong]:
        """The events of a document, or the document where it is no container."""
        contained = False
        if char == b"{" and self._paths:
            members = Members(self.feed, self._paths, self._limit)
            while members.seek():
                contained = True
                yield from self._elements.groups()
        if not contained:
            yield self.one()
