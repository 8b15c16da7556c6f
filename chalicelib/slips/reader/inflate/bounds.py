"""What every compression shares: limits on what comes out, and chunks of a handy size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...config.settings import MIB, Limits
from ...errors import LimitExceeded, ReadError
from .peekable import StoredBytes

GRACE = 64 * MIB
"""Inflated bytes before the ratio counts: small objects of one repeated line are no bombs."""
ENOUGH = 128 * 1024
"""A piece of this size is handed on as it is; smaller ones are joined up to it, since each costs two threads a turn."""
MOST = 1 * MIB


def within(pieces: Iterable[bytes], stored: StoredBytes, limits: Limits) -> Iterator[bytes]:
    """The same pieces, up to the limits. Raises LimitExceeded there."""
    total = 0
    for piece in pieces:
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


def gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in chunks of MOST at most, small ones joined; what came before an error is given before it is
    raised."""
    small: list[bytes] = []
    size = 0
    try:
        for piece in pieces:
            whole = len(piece) >= ENOUGH
            if not whole:
                small.append(piece)
                size += len(piece)
            if size >= ENOUGH or (whole and small):
                yield b"".join(small)
                small, size = [], 0
            if whole:
                yield from _cut(piece)
    except ReadError:
        yield b"".join(small)
        raise
    yield b"".join(small)


def _cut(chunk: bytes) -> Iterator[bytes]:
    for start in range(0, len(chunk), MOST):
        yield chunk[start : start + MOST]
