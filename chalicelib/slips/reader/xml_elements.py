"""`s3-xml:Event`: every element of that name, as the bytes it stands in, whatever its namespace prefix.

Nothing is parsed but tags, so entities are never expanded. Elements of the same name inside one belong to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..config.settings import Limits
from ..errors import ReadError
from .batches import SAMPLE, Overlong, grouped, numbered
from .framing import Batch, FramingOptions, RecordFilter
from .window import Feed

_NAME = re.compile(r"[\w.-]+")
_QUOTED = rb"""|"[^"]*+"|'[^']*+'"""
_ENDS = {
    b"<!--": re.compile(rb"-->"),
    b"<![CDATA[": re.compile(rb"\]\]>"),
    b"<?": re.compile(rb"\?>"),
}
"""Where what is no markup ends. It may hold anything, tags too."""
_TAG_END = re.compile(rb"(?:[^>\"']++" + _QUOTED + rb")*+>")
_DOCTYPE_END = re.compile(
    rb"(?:[^\[>\"']++" + _QUOTED + rb")*+(?:\[(?:<!--(?s:.*?)-->|[^\]\"'<]++|<" + _QUOTED + rb")*+\]\s*+)?>"
)
LONGEST_TAG = 64 * 1024
"""Bytes of a tag with its attributes, or of a document type; what is longer is none."""


def xml_elements(
    chunks: Iterable[bytes], record_filter: RecordFilter, limits: Limits, options: FramingOptions
) -> Iterator[Batch]:
    """Batches of elements, from `<` to `>`. One above `limits.max_line_bytes` is a fault of its own.

    Raises ReadError where the argument is no element's name, CorruptObject where the object is no XML or an element
    is cut off.
    """
    if not _NAME.fullmatch(options.argument):
        raise ReadError(f's3-xml needs the name of an element, as in s3-xml:Event, not "{options.argument}"')
    feed = Feed(chunks)
    feed.skip_bom()
    elements = _Elements(feed, options.argument.encode(), limits.max_line_bytes)
    yield from numbered(grouped(elements.records()), record_filter, limits.max_line_bytes)


class _Elements:
    """Scans a feed. Its window begins at the element that is open, or else where the scan has come to."""

    def __init__(self, feed: Feed, name: bytes, limit: int) -> None:
        self._feed = feed
        self._limit = limit
        self._name = name.decode()
        tag = rb"(/?)(?:[^\s<>/:!?]++:)?" + re.escape(name) + rb"(?=[\s/>])"
        self._markup = re.compile(rb"<(?:!--|!\[CDATA\[|\?|!DOCTYPE(?=[\s>])|" + tag + rb")")
        self._ahead = 0
        self._depth = self._begun = 0
        self._dropped = b""

    def records(self) -> Iterator[bytes | Overlong]:
        self._begin()
        while (found := self._search(self._markup)) is not None:
            if found[0] in _ENDS:
                if self._search(_ENDS[found[0]]) is None:
                    raise self._feed.corrupt("an XML comment, CDATA section or instruction is cut off")
            elif found[1] is None:
                self._match(_DOCTYPE_END)
            elif record := self._tag(found[0], closes=bool(found[1])):
                yield record
        if self._depth:
            raise self._feed.corrupt(f"an element <{self._name}> is cut off: it begins", self._begun)
        self._feed.end()

    def _begin(self) -> None:
        feed = self._feed
        while not (start := feed.data[feed.at :].lstrip()):
            feed.at = len(feed.data)
            if not feed.more():
                return
        feed.at = len(feed.data) - len(start)
        if not start.startswith(b"<"):
            raise feed.corrupt("the object is no XML: it begins otherwise")

    def _tag(self, tag: bytes, *, closes: bool) -> bytes | Overlong | None:
        """Go past a tag of the name; the record that it ends, if it ends one."""
        if self._depth == 0:
            if closes:
                return None
            self._ahead -= len(tag)
            self._release()
            self._ahead = len(tag)
            self._begun = self._feed.offset
        empty = self._match(_TAG_END).endswith(b"/>")
        self._depth += -1 if closes else 0 if empty else 1
        return None if self._depth else self._take()

    def _take(self) -> bytes | Overlong:
        feed = self._feed
        record = Overlong(self._dropped) if self._dropped else feed.data[feed.at : feed.at + self._ahead]
        self._dropped = b""
        self._release()
        return record

    def _release(self) -> None:
        self._feed.at += self._ahead
        self._ahead = 0

    def _search(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """Go behind the next match; None at the end of the object."""
        feed = self._feed
        while True:
            start = feed.at + self._ahead
            found = pattern.search(feed.data, start)
            if found:
                self._ahead = found.end() - feed.at
                return found
            # What is cut off by the end of the window is looked at again: a tag from its "<", an end whole.
            tail = feed.data.rfind(b"<", max(start, len(feed.data) - LONGEST_TAG))
            self._ahead = (tail if tail >= 0 else max(start, len(feed.data) - len(b"]]>"))) - feed.at
            self._bound()
            if not feed.more():
                return None

    def _match(self, pattern: re.Pattern[bytes]) -> bytes:
        """Go behind what matches here."""
        feed = self._feed
        while True:
            found = pattern.match(feed.data, feed.at + self._ahead)
            if found:
                self._ahead = found.end() - feed.at
                return found[0]
            if len(feed.data) - feed.at - self._ahead > LONGEST_TAG or not feed.more():
                raise feed.corrupt(f"a tag near <{self._name}> is cut off", feed.offset + self._ahead)

    def _bound(self) -> None:
        """Hold nothing outside of elements, and no more than the limit of one."""
        feed = self._feed
        if self._depth and not self._dropped and len(feed.data) - feed.at > self._limit:
            self._dropped = feed.data[feed.at : feed.at + SAMPLE]
        if not self._depth or self._dropped:
            self._release()
