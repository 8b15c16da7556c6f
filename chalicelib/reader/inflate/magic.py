"""Which compression it is, by the first bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from . import codecs, snappy, zipped
from .members import inflated
from .stored import StoredBytes

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


def _by(codec: codecs.Codec) -> tuple[re.Pattern[bytes], Opener]:
    return codec.signature, lambda stored: inflated(codec, stored)


_OPENERS: tuple[tuple[re.Pattern[bytes], Opener], ...] = (
    _by(codecs.GZIP),
    _by(codecs.ZSTD),
    _by(codecs.BZIP2),
    _by(codecs.XZ),
    _by(codecs.LZ4),
    (snappy.SIGNATURE, snappy.inflated),
    (zipped.SIGNATURE, zipped.inflated),
)
