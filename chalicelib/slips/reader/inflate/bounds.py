"""What all compressions share: limits on the output, and chunks of a handy size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...config.settings import MIB, Limits
from ...errors import LimitExceeded, ReadError
from .boundary import Boundary, Piece
from .peekable import PeekableStream

GRACE = 64 * MIB
"""Inflated bytes before the ratio counts: a small object of one repeated line is not a bomb."""
ENOUGH = 128 * 1024
"""Smaller pieces are joined up to this size, since each piece costs both threads a turn."""
MOST = 1 * MIB


def enforce_limits(pieces: Iterable[Piece], stored: PeekableStream, limits: Limits) -> Iterator[Piece]:
    """Yield the same pieces, up to the limits; the ratio is that to the stored bytes, whatever the layer. Raises
    LimitExceeded there."""
    total = 0
    for piece in pieces:
        if isinstance(piece, Boundary):
            yield piece
            continue
        room = limits.max_object_bytes - total
        total += len(piece)
        if len(piece) > room:
            yield piece[:room]
            raise LimitExceeded(
                f"the object holds more than {limits.max_object_bytes} bytes (inflated from {stored.offset}): "
                "raise limits.max_object_bytes in slips.yml"
            )
        if total > GRACE and total > stored.offset * limits.max_inflate_ratio:
            raise LimitExceeded(
                f"{stored.offset} stored bytes inflate to more than {total}, over {limits.max_inflate_ratio} "
                "for one: raise limits.max_inflate_ratio in slips.yml"
            )
        yield piece


def resize_chunks(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield the same bytes in chunks of at most MOST, small ones joined; those before an error are yielded before it is
    raised."""
    small: list[bytes] = []
    size = 0
    try:
        for piece in pieces:
            if isinstance(piece, Boundary):
                yield from (chunk for chunk in (b"".join(small), piece) if chunk)
                small, size = [], 0
                continue
            is_large = len(piece) >= ENOUGH
            if not is_large:
                small.append(piece)
                size += len(piece)
            if size >= ENOUGH or (is_large and small):
                yield b"".join(small)
                small, size = [], 0
            if is_large:
                yield from _cut(piece)
    except ReadError:
        yield b"".join(small)
        raise
    yield b"".join(small)


def _cut(chunk: bytes) -> Iterator[bytes]:
    for start in range(0, len(chunk), MOST):
        yield chunk[start : start + MOST]
