"""The compressions whose objects are streams one after another: the signature, decompressor and errors of each.

A library is imported when the first object of its kind is read: most functions see one kind only.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ...config.settings import MIB
from .gzip_header import skip_header
from .peekable import PeekableStream

XZ_MEMORY = 80 * MIB
"""Bytes a decoder may claim: `xz -9` needs 65 MiB, a hostile header asks for gigabytes."""
ZSTD_WINDOW = 26
"""Binary logarithm of the largest window: 64 MiB, above what every level but `--ultra` and `--long` writes."""


class Decompressor(Protocol):
    """A decompressor of one stream, with bounded output."""

    @property
    def eof(self) -> bool:
        """Whether the stream is at its end."""

    @property
    def needs_input(self) -> bool:
        """Whether all output of the input so far was returned."""

    @property
    def unused_data(self) -> bytes | None:
        """The input after the end of the stream."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return at most `max_length` bytes of output."""


StartedStream = tuple[Decompressor, type[Exception]]
"""The decompressor of one stream, and the error it raises for a damaged one."""


@dataclass(frozen=True)
class Codec:
    """A compression. Streams may follow each other, with zero bytes between and after them if `padded`; `skip_header`
    takes what precedes each. `salvage` starts the decompressor that inflates a faulty one again, up to its last
    byte. `block` is how streams begin of which tools for several cores cut a file, in the middle of lines."""

    name: str
    signature: re.Pattern[bytes]
    start: Callable[[], StartedStream]
    padded: bool = False
    skip_header: Callable[[PeekableStream], None] | None = None
    salvage: Callable[[], StartedStream] | None = None
    block: re.Pattern[bytes] = re.compile(b"")

    def is_block(self, stored: PeekableStream) -> bool:
        """Whether the next stream is part of a file that was cut anywhere."""
        return self.block.match(stored.peek(4)) is not None


class _Zlib:
    """A zlib decompressor with the methods of the others, for deflate without header or trailer. It returns each byte
    as soon as it is known, while ISA-L decodes several at once and waits for them all."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=-15)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        piece = self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)
        self.needs_input = len(piece) < max_length and not self._zlib.unconsumed_tail
        return piece


def _zlib() -> StartedStream:
    return _Zlib(), zlib.error


def _gzip() -> StartedStream:
    from isal import igzip_lib

    flag = igzip_lib.DECOMP_GZIP_NO_HDR_VER
    return igzip_lib.IgzipDecompressor(flag=flag), igzip_lib.IsalError  # type: ignore[return-value]


def _bzip2() -> StartedStream:
    from bz2 import BZ2Decompressor

    return BZ2Decompressor(), OSError


def _xz() -> StartedStream:
    from lzma import FORMAT_XZ, LZMADecompressor, LZMAError

    return LZMADecompressor(FORMAT_XZ, memlimit=XZ_MEMORY), LZMAError


def _zstd() -> StartedStream:
    if sys.version_info >= (3, 14):
        from compression.zstd import DecompressionParameter, ZstdDecompressor, ZstdError
    else:
        from backports.zstd import DecompressionParameter, ZstdDecompressor, ZstdError
    return ZstdDecompressor(options={DecompressionParameter.window_log_max: ZSTD_WINDOW}), ZstdError


def _lz4() -> StartedStream:
    from lz4.frame import LZ4FrameDecompressor  # type: ignore[import-untyped]

    return LZ4FrameDecompressor(), RuntimeError


def _deflate() -> StartedStream:
    from isal import igzip_lib

    return igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_DEFLATE), igzip_lib.IsalError  # type: ignore[return-value]


_EXTRA = re.compile(rb"(?s:...)[\x04-\x07\x0c-\x0f\x14-\x17\x1c-\x1f]")
"""A gzip member with an extra field (RFC 1952, section 2.3.1): bgzip and mgzip note the size of their blocks there."""
_SKIPPABLE = re.compile(rb"(?s:[\x50-\x5f]\x2a\x4d\x18)")
"""pzstd and lz4mt note the size of each block in a frame of this kind before it."""
GZIP = Codec("gzip", re.compile(rb"\x1f\x8b"), _gzip, padded=True, skip_header=skip_header, salvage=_zlib, block=_EXTRA)
BZIP2 = Codec("bzip2", re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), _bzip2)
XZ = Codec("xz", re.compile(rb"\xfd7zXZ\0"), _xz, padded=True)
ZSTD = Codec("zstd", re.compile(rb"(?s:\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18)"), _zstd, block=_SKIPPABLE)
LZ4 = Codec("lz4", re.compile(rb"(?s:\x04\x22\x4d\x18|[\x50-\x5f]\x2a\x4d\x18)"), _lz4, block=_SKIPPABLE)
DEFLATE = Codec("deflate", re.compile(b""), _deflate, salvage=_zlib)
"""The streams inside zip archives."""
