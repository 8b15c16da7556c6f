"""A window over inflated chunks, for records that span them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..errors import CorruptObject, ReadError

BOM = b"\xef\xbb\xbf"


class Window:
    """`data[at:]` is what has arrived and was not used yet; its user advances `at`.

    An error of the chunks waits until everything before it is used: it ends the window, and `raise_fault` raises it.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.data = b""
        self.at = 0
        self.ended = False
        self._chunks: Iterator[bytes] = iter(chunks)
        self._before = 0
        self._fault: ReadError | None = None

    @property
    def offset(self) -> int:
        """How many inflated bytes were used."""
        return self._before + self.at

    @property
    def failed(self) -> bool:
        """Whether an error ended the chunks, so that the last bytes are not the object's end."""
        return self._fault is not None

    def extend(self) -> bool:
        """Add at least as many bytes as wait in the window, so that scanning it repeatedly stays linear.

        Moves what waits to the start of `data`. Returns False at the end of the chunks.
        """
        waiting = len(self.data) - self.at
        new_chunks: list[bytes] = []
        size = 0
        while not self.ended and size <= waiting:
            chunk = self._next()
            new_chunks.append(chunk)
            size += len(chunk)
        if size:
            self._before += self.at
            self.data = b"".join([self.data[self.at :], *new_chunks])
            self.at = 0
        return size > 0

    def ensure(self, count: int) -> bool:
        """Extend the window to at least `count` bytes. Returns False where the object ends before."""
        while len(self.data) - self.at < count:
            if not self.extend():
                return False
        return True

    def skip_padding(self) -> None:
        """Skip the NULs that a log has in front after it was rotated by copying, however many they are, and the byte
        order mark with which some Windows programs begin UTF-8."""
        while self.ensure(1):
            if self.data.startswith(b"\0", self.at):
                self.at = len(self.data) - len(self.data[self.at :].lstrip(b"\0"))
            elif self.ensure(len(BOM)) and self.data.startswith(BOM, self.at):
                self.at += len(BOM)
            else:
                return

    def remaining_chunks(self) -> Iterator[bytes]:
        """Yield what waits, then all chunks after it."""
        if self.at < len(self.data):
            yield self.data[self.at :]
        self.data, self.at = b"", 0
        while not self.ended:
            chunk = self._next()
            if chunk:
                yield chunk
        self.raise_fault()

    def raise_fault(self) -> None:
        """Raise the error that ended the chunks, if one did."""
        if self._fault is not None:
            raise self._fault

    def corrupt_error(self, problem: str, offset: int | None = None) -> ReadError:
        """Return the error to raise where the bytes from `at` (or `offset`) on are unusable: the one that ended the
        chunks, if any."""
        return self._fault or CorruptObject(f"{problem} at inflated byte {self.offset if offset is None else offset}")

    def _next(self) -> bytes:
        try:
            chunk = next(self._chunks, None)
        except ReadError as fault:
            self._fault, chunk = fault, None
        self.ended = chunk is None
        return chunk or b""
