"""`s3-xml:Event`: the bytes of every element of that name, whatever its namespace prefix.

Only tags are parsed, so entities are never expanded. Elements of the same name inside one belong to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..errors import ReadError
from .batches import SAMPLE, TooLong, batch_groups, group_records
from .framing import Batch, FramingOptions, RecordFilter
from .window import Window

_NAME = re.compile(r"[\w.-]+")
_QUOTED = rb"""|"[^"]*+"|'[^']*+'"""
_ENDS = {
    b"<!--": re.compile(rb"-->"),
    b"<![CDATA[": re.compile(rb"\]\]>"),
    b"<?": re.compile(rb"\?>"),
}
"""What ends a comment, a CDATA section or an instruction. They may hold anything, tags too."""
_HIDING_PLACE = re.compile(rb"<[!?]")
_TAG_END = re.compile(rb"(?>[^>\"']++" + _QUOTED + rb")*+>")
_DOCTYPE_END = re.compile(
    rb"(?>[^\[>\"']++" + _QUOTED + rb")*+(?:\[(?><!--(?s:.*?)-->|[^\]\"'<]++|<(?!!--)" + _QUOTED + rb")*+\]\s*+)?>"
)
_LABEL = re.compile(rb"(?:Record \d{1,20}\s{1,8})?<")
"""`evtx_dump` writes `Record 7` before each document of its export."""
LONGEST_LABEL = 40
LONGEST_PREFIX = 256
"""Bytes between a `<` and the name: in anything longer, a tag is looked for with more care."""
LONGEST_TAG = 64 * 1024
"""Bytes of a tag with its attributes, or of a document type; anything longer is taken for a broken one."""


def frame_xml(chunks: Iterable[bytes], record_filter: RecordFilter, options: FramingOptions) -> Iterator[Batch]:
    """Yield batches of elements, from `<` to `>`. One above `limits.max_line_bytes` is a fault of its own.

    Raises ReadError where the argument is not the name of an element, CorruptObject where the object is not XML or an
    element is cut off.
    """
    if not _NAME.fullmatch(options.argument):
        raise ReadError(f's3-xml needs the name of an element, as in s3-xml:Event, not "{options.argument}"')
    window = Window(chunks)
    window.skip_padding()
    elements = _ElementCutter(window, options.argument.encode(), options.max_line_bytes)
    yield from batch_groups(group_records(elements.cut_elements()), record_filter, options.max_line_bytes)


class _ElementCutter:
    """A scan through a window. `window.at` is at the start of the open element, or else where the scan is; the scan is
    `_ahead` bytes further."""

    def __init__(self, window: Window, name: bytes, limit: int) -> None:
        self._window = window
        self._limit = limit
        self._name = name.decode()
        tag = rb"(/?)(?:[^\s<>/:!?]++:)?" + re.escape(name) + rb"(?=[\s/>])"
        self._markup = re.compile(rb"<(?:!--|!\[CDATA\[|\?|!DOCTYPE(?=[\s>])|" + tag + rb")")
        self._opening = re.compile(
            rb"\s*(<" + re.escape(name) + rb"(?=[\s>])[^<>\"'/]*+(?>\"[^<\"]*+\"[^<>\"'/]*+|'[^<']*+'[^<>\"'/]*+)*+>)"
        )
        self._mention = re.compile(re.escape(name) + rb"[\s/>]")
        self._usual_end = b"</" + name + b">"
        self._hiding_place = -1
        self._ahead = 0
        self._depth = self._start = 0
        self._sample = b""

    def cut_elements(self) -> Iterator[bytes | TooLong]:
        self._check_start()
        while True:
            if not self._depth:
                yield from self._cut_plain_elements()
            markup = self._search(self._markup)
            if markup is None:
                break
            if markup[0] in _ENDS:
                if self._search(_ENDS[markup[0]]) is None:
                    raise self._window.corrupt_error("an XML comment, CDATA section or instruction is cut off")
            elif markup[1] is None:
                self._match(_DOCTYPE_END)
            elif record := self._cross_tag(markup[0], closes=bool(markup[1])):
                yield record
        if self._depth:
            raise self._window.corrupt_error(f"an element <{self._name}> is cut off: it begins", self._start)
        self._window.raise_fault()

    def _cut_plain_elements(self) -> Iterator[bytes]:
        """Yield the elements from here on, up to one in which something could hide a tag: of most objects, all."""
        window, opening_at, find_end = self._window, self._opening.match, self._find_end
        data, start = window.data, window.at + self._ahead
        hiding_place = -1
        while opening := opening_at(data, start):
            begin, end = opening.start(1), find_end(data, opening.end())
            if hiding_place < begin:
                hiding_place = self._find_hiding_place(data, begin)
            if not 0 < end <= hiding_place:
                return
            yield data[begin:end]
            start = window.at = end
            self._ahead = 0

    def _find_end(self, data: bytes, at: int) -> int:
        """Return the end of the open element where the next tag of its name closes it as usual, else 0. It looks no
        further than that tag."""
        while mention := self._mention.search(data, at):
            start = mention.start()
            if data.startswith(self._usual_end, start - 2):
                return start - 2 + len(self._usual_end)
            if data.endswith((b"<", b"</"), max(at, start - 2), start):
                return 0
            if data[start - 1 : start] == b":":  # Is it text, or has the name a prefix?
                tag = data.rfind(b"<", max(at, start - LONGEST_PREFIX), start)
                if tag < 0 or ((found := self._markup.match(data, tag)) and found.end() >= start):
                    return 0
            at = mention.end()
        return 0

    def _find_hiding_place(self, data: bytes, at: int) -> int:
        """Return where the next comment, CDATA section, instruction or document type begins: the end, if there is none.
        Each part of the object is searched once."""
        before = self._window.offset - self._window.at
        if self._hiding_place < before + at:
            found = _HIDING_PLACE.search(data, at)
            self._hiding_place = before + (found.start() if found else len(data))
        return self._hiding_place - before

    def _check_start(self) -> None:
        window = self._window
        while not (start := window.data[window.at :].lstrip()):
            window.at = len(window.data)
            if not window.extend():
                return
        window.at = len(window.data) - len(start)
        while len(window.data) - window.at < LONGEST_LABEL and window.extend():
            pass
        if _LABEL.match(window.data, window.at) is None:
            raise window.corrupt_error("the object is not XML: no tag")

    def _cross_tag(self, tag: bytes, *, closes: bool) -> bytes | TooLong | None:
        """Advance past a tag of the element's name, and return the record that it ends, if it ends one."""
        if self._depth == 0:
            if closes:
                return None
            self._ahead -= len(tag)
            self._release()
            self._ahead = len(tag)
            self._start = self._window.offset
        empty = self._match(_TAG_END).endswith(b"/>")
        self._depth += -1 if closes else 0 if empty else 1
        return None if self._depth else self._take()

    def _take(self) -> bytes | TooLong:
        window = self._window
        record = TooLong(self._sample) if self._sample else window.data[window.at : window.at + self._ahead]
        self._sample = b""
        self._release()
        return record

    def _release(self) -> None:
        self._window.at += self._ahead
        self._ahead = 0

    def _search(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """Advance past the next match; return None at the end of the object."""
        window = self._window
        while True:
            start = window.at + self._ahead
            match = pattern.search(window.data, start)
            if match:
                self._ahead = match.end() - window.at
                return match
            # What the end of the window cuts is scanned again: a tag from its "<", an end as a whole.
            tail = window.data.rfind(b"<", max(start, len(window.data) - LONGEST_TAG))
            self._ahead = (tail if tail >= 0 else max(start, len(window.data) - len(b"]]>"))) - window.at
            self._bound()
            if not window.extend():
                return None

    def _match(self, pattern: re.Pattern[bytes]) -> bytes:
        """Advance past what matches here."""
        window = self._window
        while True:
            start = window.at + self._ahead
            match = pattern.match(window.data, start, start + LONGEST_TAG)
            if match:
                self._ahead = match.end() - window.at
                return match[0]
            if len(window.data) - window.at - self._ahead > LONGEST_TAG or not window.extend():
                raise window.corrupt_error(f"a tag near <{self._name}> is cut off", window.offset + self._ahead)

    def _bound(self) -> None:
        """Hold nothing outside elements, and of an element at most the limit."""
        window = self._window
        if self._depth and not self._sample and len(window.data) - window.at > self._limit:
            self._sample = window.data[window.at : window.at + SAMPLE]
        if not self._depth or self._sample:
            self._release()
