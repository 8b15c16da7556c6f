"""Which compression it is, by the first bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from . import codecs, snappy, zipped
from .peekable import StoredBytes
from .streams import inflated

HEAD = 10
"""Bytes needed to tell: the longest signature, that of framed Snappy and of bzip2 with its first block."""

Opener = Callable[[StoredBytes], Iterator[bytes]]


def opener(head: bytes) -> Opener:
    """What inflates an object that begins with `head`."""
    for signature, pieces in _OPENERS:
        if signature.match(head):
            return pieces
    return _plain


def _plain(stored: StoredBytes) -> Iterator[bytes]:
    while piece := stored.take(1 << 20):
        yield piece


def _skipped(stored: StoredBytes) -> Iterator[bytes]:
    """What follows the frames that zstd and LZ4 alike skip; only that tells which of them it is."""
    while _SKIPPABLE.match(stored.peek(4)):
        header = stored.exactly(8, "zstd or lz4")
        stored.skip(int.from_bytes(header[4:], "little"), "zstd or lz4")
    for codec in (codecs.ZSTD, codecs.LZ4):
        if codec.signature.match(stored.peek(4)):
            yield from inflated(codec, stored)
            return
    if following := stored.peek(6):
        raise stored.damaged("zstd or lz4", f"no further stream, but {following!r}")


def _by(codec: codecs.Codec) -> tuple[re.Pattern[bytes], Opener]:
    return codec.signature, lambda stored: inflated(codec, stored)


_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
_OPENERS: tuple[tuple[re.Pattern[bytes], Opener], ...] = (
    _by(codecs.GZIP),
    (_SKIPPABLE, _skipped),
    _by(codecs.ZSTD),
    _by(codecs.BZIP2),
    _by(codecs.XZ),
    _by(codecs.LZ4),
    (snappy.SIGNATURE, snappy.inflated),
    (zipped.SIGNATURE, zipped.inflated),
)
