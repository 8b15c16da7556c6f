"""The stored bytes of an object as decompressors take them: a few at a time, counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...errors import CorruptObject


class PeekableStream:
    """Chunks of any size as one stream; `offset` is how many bytes were taken and not given back."""

    def __init__(self, chunks: Iterable[bytes], size: int | None = None) -> None:
        self.offset = 0
        self._size = size
        self._chunks: Iterator[bytes] = iter(chunks)
        self._chunk = b""
        self._at = 0

    def take(self, most: int) -> bytes:
        """Take 1 to `most` bytes; none at the end."""
        while self._at == len(self._chunk):
            following = next(self._chunks, None)
            if following is None:
                return b""
            self._chunk, self._at = following, 0
        piece = self._chunk[self._at : self._at + most]
        self._at += len(piece)
        self.offset += len(piece)
        return piece

    def peek(self, count: int) -> bytes:
        """Return the next `count` bytes without taking them; fewer at the end."""
        missing = count - (len(self._chunk) - self._at)
        if missing <= 0:
            return self._chunk[self._at : self._at + count]
        ahead = [self._chunk[self._at :]]
        while missing > 0:
            following = next(self._chunks, None)
            if following is None:
                break
            ahead.append(following)
            missing -= len(following)
        self._chunk, self._at = b"".join(ahead), 0
        return self._chunk[:count]

    def give_back(self, rest: bytes) -> None:
        """Undo the taking of `rest`, the last bytes taken."""
        self.offset -= len(rest)
        if len(rest) <= self._at:
            self._at -= len(rest)
        else:
            self._chunk, self._at = rest + self._chunk[self._at :], 0

    def take_exactly(self, count: int, what: str) -> bytes:
        """Take the next `count` bytes. Raises CorruptObject, naming `what` they are part of, where there are fewer."""
        piece = self.peek(count)
        self.take_peeked(len(piece))
        if len(piece) < count:
            raise self.truncated_error(what)
        return piece

    def skip(self, count: int, what: str) -> None:
        """Take the next `count` bytes without holding them. Raises CorruptObject as `take_exactly` does."""
        while count:
            piece = self.take(count)
            if not piece:
                raise self.truncated_error(what)
            count -= len(piece)

    def take_peeked(self, count: int) -> None:
        """Take `count` bytes that `peek` returned."""
        self._at += count
        self.offset += count

    def truncated_error(self, what: str) -> CorruptObject:
        """Return the error for an end in the middle of `what`."""
        size = "" if self._size in (None, self.offset) else f" of {self._size}"
        return CorruptObject(f"{what}: cut off after {self.offset}{size} stored bytes")

    def damaged_error(self, what: str, why: object) -> CorruptObject:
        """Return the error for wrong bytes before the present offset."""
        return CorruptObject(f"{what}: damaged before stored byte {self.offset}: {why}")
