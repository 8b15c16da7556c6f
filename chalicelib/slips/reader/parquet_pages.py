"""What the pages of a Parquet file claim to hold, by their headers, before any of them is decoded (parquet.thrift of
apache/parquet-format; headers are in Thrift's compact protocol).

The footer may understate what pages claim, and a reader allocates what pages claim.
"""

from __future__ import annotations

from typing import Any, Final, Protocol

import msgspec

from ..errors import CorruptObject

DICTIONARY_PAGE: Final = 2
LONGEST_HEADER: Final = 64 * 1024
"""Bytes of a page's header, which may hold statistics."""
_TYPE, _SIZE, _STORED, _DATA, _DICTIONARY, _DATA_2 = 1, 2, 3, 5, 7, 8
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)
_DEEPEST: Final = 8
_Fields = dict[int, Any]


class File(Protocol):
    """What pages are read from."""

    def seek(self, offset: int) -> object:
        """Go to that byte."""

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes."""


class ColumnPages(msgspec.Struct):
    """The pages of a column in a row group. Sizes are in bytes, inflated."""

    size: int = 0
    largest: int = 0
    largest_value: float = 0.0
    """On the average of the page where that is the largest."""
    dictionary: int = 0
    values: int = 0
    """With the elements of lists."""


def read_pages(file: File, start: int, size: int) -> ColumnPages:
    """Read the headers of the pages from byte `start` to `start + size`. Raises CorruptObject for what is none."""
    pages, at, end = ColumnPages(), start, start + size
    while at < end:
        file.seek(at)
        head = file.read(min(LONGEST_HEADER, end - at))
        header = _Reader(head)
        try:
            fields = header.struct()
            stored, inflated = int(fields[_STORED]), int(fields[_SIZE])
            counts: _Fields = fields.get(_DATA) or fields.get(_DATA_2) or fields.get(_DICTIONARY) or {}
            values = int(counts.get(1, 0))
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as fault:
            raise CorruptObject(f"Parquet: no header of a page at byte {at}") from fault
        if min(stored, inflated, values) < 0 or at + header.at + stored > end:
            raise CorruptObject(f"Parquet: a page at byte {at} that is longer than its column")
        pages.size += inflated
        pages.largest = max(pages.largest, inflated)
        if fields.get(_TYPE) == DICTIONARY_PAGE:
            pages.dictionary = max(pages.dictionary, inflated)
        else:
            pages.values += values
            pages.largest_value = max(pages.largest_value, inflated / max(1, values))
        at += header.at + stored
    return pages


class _Reader:
    """A reader of Thrift's compact protocol, as far as headers of pages use it. Raises IndexError at the end."""

    def __init__(self, data: bytes) -> None:
        self.at = 0
        self._data = data

    def struct(self, depth: int = 0) -> _Fields:
        """Read a struct: its numbers and structs, by the ids of their fields."""
        if depth > _DEEPEST:
            raise ValueError
        fields: _Fields = {}
        identity = 0
        while (head := self._byte()) != 0:
            identity = identity + (head >> 4) if head >> 4 else self._number()
            fields[identity] = self._value(head & 0x0F, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        match kind:
            case 1 | 2:
                return kind == _TRUE
            case 3:
                return self._byte()
            case 4 | 5 | 6:
                return self._number()
            case 7:
                self._skip(8)
            case 8:
                self._skip(self._varint())
            case 9 | 10:
                self._items(depth)
            case 12:
                return self.struct(depth + 1)
            case _:
                raise ValueError
        return None

    def _items(self, depth: int) -> None:
        head = self._byte()
        count = head >> 4 if head >> 4 < 15 else self._varint()
        for _ in range(min(count, LONGEST_HEADER)):
            self._value(_BYTE if head & 0x0F in (_TRUE, _FALSE) else head & 0x0F, depth + 1)

    def _number(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise ValueError

    def _byte(self) -> int:
        byte = self._data[self.at]
        self.at += 1
        return byte

    def _skip(self, count: int) -> None:
        self.at += count
        if self.at > len(self._data):
            raise IndexError
