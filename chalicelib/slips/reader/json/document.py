"""`s3-json`: JSON in any layout: a value a line, one document whose array holds the events, or documents one after
another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ..batches import Group, TooLong, batch_groups
from ..framing import Batch, FramingOptions, RecordFilter
from ..lines import frame_lines
from ..window import Window
from .layout import detect_layout
from .members import ArraySeeker, KeyTree, array_pattern, key_tree
from .sequence import Documents, Elements


def frame_json(chunks: Iterable[bytes], record_filter: RecordFilter, options: FramingOptions) -> Iterator[Batch]:
    """Yield batches of events, by the layout (see `detect_layout`): the elements of top-level arrays and of the arrays
    under `options.array_keys` (in any letter case, or dotted paths), else lines, else documents.

    A broken element is a record as it is, up to where the next one begins; one above `limits.max_line_bytes` is a fault
    of its own. Raises CorruptObject where a document is cut off, or broken beyond that.
    """
    window = Window(chunks)
    window.skip_padding()
    keys = tuple(dict.fromkeys(key for key in (options.argument, *options.array_keys) if key))
    layout = detect_layout(window, keys, options.max_line_bytes)
    if layout.lines:
        yield from frame_lines(window.remaining_chunks(), record_filter, options)
    else:
        events = _EventsOfDocuments(window, options.max_line_bytes, layout.array_keys).groups()
        yield from batch_groups(events, record_filter, options.max_line_bytes)


class _EventsOfDocuments(Documents):
    """The events of documents one after another."""

    def __init__(self, window: Window, limit: int, array_keys: Sequence[str]) -> None:
        super().__init__(window, limit)
        self._elements = Elements(window, limit)
        self._keys: KeyTree = key_tree(array_keys)
        self._array: re.Pattern[bytes] | None = array_pattern(array_keys) if array_keys else None

    def groups(self) -> Iterator[Group | TooLong]:
        while char := self.next_char():
            if char == b"[":
                self.window.at += 1
                yield from self._elements.groups()
            elif group := self.take_block():
                yield group
            else:
                yield from self._document(char)
        self.window.raise_fault()

    def decode_block(self, block: bytes) -> list[bytes] | None:
        if self._array and self._array.search(block):
            return None
        values = super().decode_block(block)
        return None if values is None or any(value.startswith(b"[") for value in values) else values

    def _document(self, char: bytes) -> Iterator[Group | TooLong]:
        """Yield the events of a document, or the document itself if it holds no array of them."""
        holds_array = False
        if char == b"{" and self._keys:
            arrays = ArraySeeker(self.window, self._keys, self._limit)
            while arrays.seek():
                holds_array = True
                yield from self._elements.groups()
        if not holds_array:
            yield self.take_one()
