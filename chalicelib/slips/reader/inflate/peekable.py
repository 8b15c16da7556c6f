"""The stored bytes of an object as a decompressor takes them: some at a time, with a count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...errors import CorruptObject


class StoredBytes:
    """Wraps chunks of any size; `offset` is how many bytes were taken and not given back."""

    def __init__(self, chunks: Iterable[bytes], size: int | None = None) -> None:
        self.offset = 0
        self._size = size
        self._chunks: Iterator[bytes] = iter(chunks)
        self._chunk = b""
        self._at = 0

    def take(self, most: int) -> bytes:
        """1 to `most` bytes; none at the end."""
        while self._at == len(self._chunk):
            following = next(self._chunks, None)
            if following is None:
                return b""
            self._chunk, self._at = following, 0
        taken = self._chunk[self._at : self._at + most]
        self._at += len(taken)
        self.offset += len(taken)
        return taken

    def peek(self, count: int) -> bytes:
        """The next `count` bytes without taking them; fewer at the end."""
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

    def exactly(self, count: int, what: str) -> bytes:
        """The next `count` bytes. Raises CorruptObject, saying it was in `what`, when there are fewer."""
        taken = self.peek(count)
        if len(taken) < count:
            self.take_all(len(taken))
            raise self.truncated(what)
        self.take_all(count)
        return taken

    def skip(self, count: int, what: str) -> None:
        """Take the next `count` bytes without holding them. Raises CorruptObject as `exactly` does."""
        while count:
            taken = self.take(count)
            if not taken:
                raise self.truncated(what)
            count -= len(taken)

    def take_all(self, count: int) -> None:
        """Take `count` bytes that were peeked at."""
        self._at += count
        self.offset += count

    def truncated(self, what: str) -> CorruptObject:
        """The error for an end in the middle of `what`."""
        size = "" if self._size in (None, self.offset) else f" of {self._size}"
        return CorruptObject(f"{what}: cut off after {self.offset}{size} stored bytes")

    def damaged(self, what: str, why: object) -> CorruptObject:
        """The error for bytes that are wrong, before the present offset."""
        return CorruptObject(f"{what}: damaged before stored byte {self.offset}: {why}")
