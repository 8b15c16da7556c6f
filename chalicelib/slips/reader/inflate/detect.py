"""Detects compressions and archives by the first bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import msgspec

from ...formats.text_repair import WIDE
from . import codecs, snappy, tarred, wide_text, zipped
from .boundary import Piece
from .peekable import PeekableStream
from .streams import inflate_streams

HEAD = 263
"""Bytes needed to tell: tar has its signature behind the name and attributes of the first member."""

Inflater = Callable[[PeekableStream], Iterator[Piece]]


class Packing(msgspec.Struct, frozen=True):
    """A compression, or a kind of archive."""

    name: str
    signature: re.Pattern[bytes]
    inflate: Inflater
    is_text: bool = False
    """Whether it is only another way to write text."""


def detect_packing(head: bytes) -> Packing | None:
    """Return how what begins with `head` is packed; None where it is not."""
    for packing in _PACKINGS:
        if packing.signature.match(head):
            return packing
    return None


def _inflate_after_skippable_frames(stored: PeekableStream) -> Iterator[Piece]:
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


def _by(codec: codecs.Codec) -> Packing:
    return Packing(codec.name, codec.signature, lambda stored: inflate_streams(codec, stored))


_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
_PACKINGS: tuple[Packing, ...] = (
    _by(codecs.GZIP),
    Packing("zstd or lz4", _SKIPPABLE, _inflate_after_skippable_frames),
    _by(codecs.ZSTD),
    _by(codecs.BZIP2),
    _by(codecs.XZ),
    _by(codecs.LZ4),
    Packing("snappy", snappy.SIGNATURE, snappy.inflate_snappy),
    Packing("zip", zipped.SIGNATURE, zipped.inflate_zip),
    Packing("tar", tarred.SIGNATURE, tarred.inflate_tar),
    Packing("UTF-16 or UTF-32", WIDE, wide_text.inflate_wide, is_text=True),
)
