"""Detects the compression by the first bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from . import codecs, snappy, zipped
from .peekable import PeekableStream
from .streams import inflate_streams

HEAD = 10
"""Bytes needed to tell: the longest signature, that of framed Snappy and of bzip2 with its first block."""

Inflater = Callable[[PeekableStream], Iterator[bytes]]


def detect_inflater(head: bytes) -> Inflater:
    """Return what inflates an object that begins with `head`."""
    for signature, inflater in _INFLATERS:
        if signature.match(head):
            return inflater
    return _pass_through


def _pass_through(stored: PeekableStream) -> Iterator[bytes]:
    while piece := stored.take(1 << 20):
        yield piece


def _inflate_after_skippable_frames(stored: PeekableStream) -> Iterator[bytes]:
    """Skip the frames that zstd and LZ4 both skip; only what follows tells which of them it is."""
    while _SKIPPABLE.match(stored.peek(4)):
        header = stored.take_exactly(8, "zstd or lz4")
        stored.skip(int.from_bytes(header[4:], "little"), "zstd or lz4")
    for codec in (codecs.ZSTD, codecs.LZ4):
        if codec.signature.match(stored.peek(4)):
            yield from inflate_streams(codec, stored)
            return
    if following := stored.peek(6):
        raise stored.damaged_error("zstd or lz4", f"not another stream, but {following!r}")


def _by(codec: codecs.Codec) -> tuple[re.Pattern[bytes], Inflater]:
    return codec.signature, lambda stored: inflate_streams(codec, stored)


_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
_INFLATERS: tuple[tuple[re.Pattern[bytes], Inflater], ...] = (
    _by(codecs.GZIP),
    (_SKIPPABLE, _inflate_after_skippable_frames),
    _by(codecs.ZSTD),
    _by(codecs.BZIP2),
    _by(codecs.XZ),
    _by(codecs.LZ4),
    (snappy.SIGNATURE, snappy.inflate_snappy),
    (zipped.SIGNATURE, zipped.inflate_zip),
)
