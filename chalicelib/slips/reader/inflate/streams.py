"""Compressed streams one after another, as Firehose and `cat` write them, inflated with bounded output."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ...config.settings import MIB
from .boundary import Boundary, Piece
from .codecs import Codec, StartedStream
from .peekable import PeekableStream

OUTPUT = 320 * 1024
"""Bytes of output at most in one call. Half as much costs the two threads more turns; twice as much is slower too,
since the allocator then returns each block to the system, which has to clear the next one."""
FIRST_INPUT, INPUT = 4 * 1024, 512 * 1024
"""Bytes of input at once: few at the start of a stream, since thousands of tiny ones may follow each other and input
beyond the end is copied; then many, since each call waits for the interpreter's lock."""
KEPT = 8 * MIB
"""Bytes of a stream that are kept, to find what it holds before the fault if it is damaged."""


def inflate_streams(codec: Codec, stored: PeekableStream) -> Iterator[Piece]:
    """Yield pieces of every stream, and Boundary.STREAM between those that were written apart. Raises CorruptObject for
    a damaged one, and for anything else after the last."""
    while True:
        is_block = codec.is_block(stored)
        yield from inflate_stream(codec, stored)
        if codec.padded:
            skip_zeros(stored)
        following = stored.peek(6)
        if not following:
            return
        if not codec.signature.match(stored.peek(10)):
            raise stored.damaged_error(codec.name, f"not another stream, but {following!r}")
        if not (is_block or codec.is_block(stored)):
            yield Boundary.STREAM


def inflate_stream(codec: Codec, stored: PeekableStream) -> Iterator[bytes]:
    """Yield pieces of one stream."""
    if codec.skip_header:
        codec.skip_header(stored)
    decompressor, damage = codec.start()
    recent = _RecentInput()
    size, portion = 0, FIRST_INPUT
    while not decompressor.eof:
        data = b""
        if decompressor.needs_input:
            data = stored.take(portion)
            if not data:
                if codec.salvage:
                    yield from _salvage(codec.salvage, recent.pieces, size)
                raise stored.truncated_error(codec.name)
            recent.add(data)
            portion = min(2 * portion, INPUT)
        try:
            piece = decompressor.decompress(data, OUTPUT)
        except damage as fault:
            yield from _salvage(codec.salvage or codec.start, recent.byte_by_byte(), size)
            raise stored.damaged_error(codec.name, fault) from fault
        size += len(piece)
        if piece:
            yield piece
    stored.give_back(decompressor.unused_data or b"")


def skip_zeros(stored: PeekableStream) -> None:
    """Take the zero bytes that tapes and block devices add after a stream."""
    while zeros := stored.take(INPUT):
        rest = zeros.lstrip(b"\0")
        if rest:
            stored.give_back(rest)
            return


class _RecentInput:
    """The input of a decompressor so far, forgotten when it gets long."""

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
        """Yield the pieces, the last one byte by byte: a call that fails returns nothing of what it inflated."""
        *sound, last = self.pieces or [b""]
        yield from sound
        for at in range(len(last)):
            yield last[at : at + 1]


def _salvage(start: Callable[[], StartedStream], pieces: Iterable[bytes], skip: int) -> Iterator[bytes]:
    """Inflate all input again, and yield what a stream holds before its fault beyond the first `skip` bytes."""
    decompressor, damage = start()
    size = 0
    try:
        for data in pieces:
            piece = decompressor.decompress(data, OUTPUT)
            while True:
                fresh = piece[max(skip - size, 0) :]
                size += len(piece)
                if fresh:
                    yield fresh
                if decompressor.needs_input or decompressor.eof:
                    break
                piece = decompressor.decompress(b"", OUTPUT)
    except damage:
        return  # The caller raises it.
