"""Packing bytes by every compression, for tests."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cramjam
from backports import zstd
from lz4 import frame as lz4

from .inflating import log_lines

SNAPPY = b"\xff\x06\0\0sNaPpY"
PIECES = tuple(log_lines(1500, first) for first in range(0, 9000, 1500))
CONTENT = b"".join(PIECES)
SMALL = (log_lines(20), log_lines(15, 20))
SKIPPABLE = b"\x53\x2a\x4d\x18\x03\0\0\0abc"
"""A frame that zstd and LZ4 have in common, with three bytes without a meaning."""


def gzipped(pieces: Sequence[bytes]) -> bytes:
    """Return one member; each piece ends at a byte, as `Z_SYNC_FLUSH` makes it."""
    packer = zlib.compressobj(wbits=31)
    return b"".join(packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH) for piece in pieces) + packer.flush()


def zstandard(pieces: Sequence[bytes]) -> bytes:
    """Return one frame, a block a piece, with a checksum."""
    packer = zstd.ZstdCompressor(options={zstd.CompressionParameter.checksum_flag: 1})
    return b"".join(packer.compress(piece, packer.FLUSH_BLOCK) for piece in pieces) + packer.flush()


def bzipped(pieces: Sequence[bytes]) -> bytes:
    """Return one stream of blocks of 100 kB."""
    return bz2.compress(b"".join(pieces), 1)


def xzipped(pieces: Sequence[bytes]) -> bytes:
    """Return one stream."""
    return lzma.compress(b"".join(pieces), preset=0)


def lz4_frame(pieces: Sequence[bytes]) -> bytes:
    """Return one frame, a block a piece, with checksums."""
    packer = lz4.LZ4FrameCompressor(block_checksum=True, content_checksum=True, auto_flush=True)
    return packer.begin() + b"".join(packer.compress(piece) for piece in pieces) + packer.flush()


def snappy_framed(pieces: Sequence[bytes]) -> bytes:
    """Return a chunk a piece."""
    return SNAPPY + b"".join(bytes(cramjam.snappy.compress(piece)).removeprefix(SNAPPY) for piece in pieces)


def snappy_chunk(kind: int, body: bytes) -> bytes:
    """Return a chunk of any kind; the body of one with content begins with the checksum."""
    return bytes([kind]) + len(body).to_bytes(3, "little") + body


def whole_snappy_chunks(stored: bytes) -> bytes:
    """Return the content of the whole chunks."""
    content, at = b"", len(SNAPPY)
    while at + 4 <= len(stored):
        end = at + 4 + int.from_bytes(stored[at + 1 : at + 4], "little")
        if end > len(stored):
            break
        content += bytes(cramjam.snappy.decompress(SNAPPY + stored[at:end]))
        at = end
    return content


@dataclass(frozen=True)
class Kind:
    """A compression: how to make it, and what another decoder yields of the beginning of a stream."""

    name: str
    packed: Callable[[Sequence[bytes]], bytes]
    to_be_had: Callable[[bytes], bytes]


KINDS = (
    Kind("gzip", gzipped, lambda stored: zlib.decompressobj(31).decompress(stored)),
    Kind("zstd", zstandard, lambda stored: zstd.ZstdDecompressor().decompress(stored)),
    Kind("bzip2", bzipped, lambda stored: bz2.BZ2Decompressor().decompress(stored)),
    Kind("xz", xzipped, lambda stored: lzma.LZMADecompressor().decompress(stored)),
    Kind("lz4", lz4_frame, lambda stored: lz4.LZ4FrameDecompressor().decompress(stored)),
    Kind("snappy", snappy_framed, whole_snappy_chunks),
)
