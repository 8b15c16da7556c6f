"""The stored bytes of an object as decompressors take them: a few at a time, counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...errors import CorruptObject, ReadError


class PeekableStream:
    """Chunks of any size as one stream; `offset` is how many bytes were taken and not given back."""

    def __init__(self, chunks: Iterable[bytes], size: int | None = None, unit: str = "stored byte") -> None:
        """`size`, where it is known, and `unit` are for messages."""
        self.offset = 0
        self._unit = unit
        self._size = size
        self._chunks: Iterator[bytes] = iter(chunks)
        self._chunk = b""
        self._fault: ReadError | None = None
        self._at = 0

    def take(self, most: int) -> bytes:
        """Take 1 to `most` bytes; none at the end."""
        while self._at == len(self._chunk):
            following = self._next()
            if following is None:
                return b""
            self._chunk, self._at = following, 0
        piece = self._chunk[self._at : self._at + most]
        self._at += len(piece)
        self.offset += len(piece)
        return piece

    def peek(self, count: int) -> bytes:
        """Return the next `count` bytes without taking them; fewer at the end, and before an error."""
        missing = count - (len(self._chunk) - self._at)
        if missing <= 0:
            return self._chunk[self._at : self._at + count]
        ahead = [self._chunk[self._at :]]
        while missing > 0:
            try:
                following = self._next()
            except ReadError as fault:
                self._fault = fault  # Of what follows: it is raised behind everything before it.
                break
            if following is None:
                break
            ahead.append(following)
            missing -= len(following)
        self._chunk, self._at = b"".join(ahead), 0
        return self._chunk[:count]

    def _next(self) -> bytes | None:
        if self._fault is not None:
            raise self._fault
        return next(self._chunks, None)

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
        return CorruptObject(f"{what}: cut off after {self.offset}{size} {self._unit.replace('byte', 'bytes', 1)}")

    def damaged_error(self, what: str, why: object) -> CorruptObject:
        """Return the error for wrong bytes before the present offset."""
        return CorruptObject(f"{what}: damaged before {self._unit} {self.offset}: {why}")
