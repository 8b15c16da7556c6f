"""A window over inflated chunks, for containers whose records cross them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..errors import CorruptObject, ReadError

BOM = b"\xef\xbb\xbf"


class Feed:
    """`data[at:]` is what has come and was not used yet; the user moves `at` on.

    An error of the chunks waits until everything before it is used: it ends the window, and `end` raises it.
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
        """Whether an error ended the chunks, so that the last bytes are no end."""
        return self._fault is not None

    def more(self) -> bool:
        """Get at least as much again as waits in the window, so that looking at it anew each time stays linear.

        False when nothing came. Moves what waits to the start of `data`.
        """
        waiting = len(self.data) - self.at
        came: list[bytes] = []
        size = 0
        while not self.ended and size <= waiting:
            chunk = self._next()
            came.append(chunk)
            size += len(chunk)
        if size:
            self._before += self.at
            self.data = b"".join([self.data[self.at :], *came])
            self.at = 0
        return size > 0

    def hold(self, count: int) -> bool:
        """Have at least `count` bytes in the window; False when the object ends before."""
        while len(self.data) - self.at < count:
            if not self.more():
                return False
        return True

    def skip_bom(self) -> None:
        """Leave out the byte order mark that some Windows programs begin UTF-8 with."""
        self.hold(len(BOM))
        if self.data.startswith(BOM, self.at):
            self.at += len(BOM)

    def rest(self) -> Iterator[bytes]:
        """What waits, and all chunks that follow."""
        if self.at < len(self.data):
            yield self.data[self.at :]
        while not self.ended:
            chunk = self._next()
            if chunk:
                yield chunk
        self.end()

    def end(self) -> None:
        """Raise the error that ended the chunks, if one did."""
        if self._fault is not None:
            raise self._fault

    def corrupt(self, what: str, offset: int | None = None) -> ReadError:
        """The error to raise where nothing can be made of the bytes from `at` (or from `offset`) on."""
        return self._fault or CorruptObject(f"{what} at inflated byte {self.offset if offset is None else offset}")

    def _next(self) -> bytes:
        try:
            chunk = next(self._chunks, None)
        except ReadError as fault:
            self._fault, chunk = fault, None
        self.ended = chunk is None
        return chunk or b""


def without_bom(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks without the byte order mark at their start, if there is one."""
    chunks = iter(chunks)
    head = b""
    try:
        for chunk in chunks:
            head += chunk
            if len(head) >= len(BOM):
                break
    except ReadError:
        yield head
        raise
    yield head.removeprefix(BOM)
    yield from chunks
