"""Streams of one compression after another, as Firehose and `cat` make them, inflated with bounded output."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ...config.settings import MIB
from .codecs import Codec, Started
from .peekable import StoredBytes

OUTPUT = 320 * 1024
"""Bytes of output at most in one call. Half as much costs the two threads more turns; twice as much is slower too,
since the allocator then gives each block back to the system, which has to clear the next one."""
FIRST_INPUT, INPUT = 4 * 1024, 512 * 1024
"""Bytes put in at once: few at the start of a stream, since thousands of tiny ones may follow each other and what is
put in beyond the end is copied; then many, since each call waits for the interpreter's lock."""
KEPT = 8 * MIB
"""Bytes of a stream that are kept to find, should it prove damaged, what it held before the fault."""


def inflated(codec: Codec, stored: StoredBytes) -> Iterator[bytes]:
    """Pieces of every stream. Raises CorruptObject for a damaged one, and for what follows the last and is none."""
    while True:
        yield from member(codec, stored)
        if codec.padded:
            skip_zeros(stored)
        following = stored.peek(6)
        if not following:
            return
        if not codec.signature.match(stored.peek(10)):
            raise stored.damaged(codec.name, f"no further stream, but {following!r}")


def member(codec: Codec, stored: StoredBytes) -> Iterator[bytes]:
    """Pieces of one stream."""
    if codec.header:
        codec.header(stored)
    decompressor, damage = codec.start()
    fed = _Fed()
    given, portion = 0, FIRST_INPUT
    while not decompressor.eof:
        data = b""
        if decompressor.needs_input:
            data = stored.take(portion)
            if not data:
                if codec.again:
                    yield from _the_rest(codec.again, fed.pieces, given)
                raise stored.truncated(codec.name)
            fed.add(data)
            portion = min(2 * portion, INPUT)
        try:
            piece = decompressor.decompress(data, OUTPUT)
        except damage as fault:
            yield from _the_rest(codec.again or codec.start, fed.byte_by_byte(), given)
            raise stored.damaged(codec.name, fault) from fault
        given += len(piece)
        if piece:
            yield piece
    stored.give_back(decompressor.unused_data or b"")


def skip_zeros(stored: StoredBytes) -> None:
    """Take the zero bytes that tapes and block devices leave behind a stream."""
    while zeros := stored.take(INPUT):
        rest = zeros.lstrip(b"\0")
        if rest:
            stored.give_back(rest)
            return


class _Fed:
    """What was put into a decompressor so far, forgotten when it gets long."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self._size = 0

    def add(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size <= KEPT:
            self.pieces.append(piece)
        else:
            self.pieces.clear()

    def byte_by_byte(self) -> Iterator[bytes]:
        """The same, the last piece byte by byte: a call that fails returns nothing of what it had inflated."""
        *sound, last = self.pieces or [b""]
        yield from sound
        for at in range(len(last)):
            yield last[at : at + 1]


def _the_rest(start: Callable[[], Started], fed: Iterable[bytes], given: int) -> Iterator[bytes]:
    """What a stream holds before its fault beyond the `given` bytes, found by inflating all that was fed anew."""
    decompressor, damage = start()
    skipped = 0
    try:
        for data in fed:
            piece = decompressor.decompress(data, OUTPUT)
            while True:
                fresh = piece[max(given - skipped, 0) :]
                skipped += len(piece)
                if fresh:
                    yield fresh
                if decompressor.needs_input or decompressor.eof:
                    break
                piece = decompressor.decompress(b"", OUTPUT)
    except damage:
        return  # It is the fault that is reported already.
