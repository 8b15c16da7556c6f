"""What every compression shares: limits on what comes out, and chunks of a handy size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...config.typed import MIB, Limits
from ...errors import LimitExceeded, ReadError
from .stored import StoredBytes

GRACE = 64 * MIB
"""Inflated bytes before the ratio counts: small objects of one repeated line are no bombs."""
ENOUGH = MIB // 2
"""A chunk is handed on from this size: so many lines that work for each chunk costs nothing, and still in the cache."""
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
    """The same bytes in chunks of ENOUGH to MOST; what came before an error is given before it is raised."""
    waiting: list[bytes] = []
    size = 0
    try:
        for piece in pieces:
            waiting.append(piece)
            size += len(piece)
            if size >= ENOUGH:
                yield from _cut(b"".join(waiting))
                waiting, size = [], 0
    except ReadError:
        yield from _cut(b"".join(waiting))
        raise
    yield from _cut(b"".join(waiting))


def _cut(chunk: bytes) -> Iterator[bytes]:
    for start in range(0, len(chunk), MOST):
        yield chunk[start : start + MOST]
