"""zip archives, read from front to back: every member, by its local header (APPNOTE.TXT of PKWARE, section 4.3).

The central directory at the end is not used, so nothing needs to be held. Where only the directory has the length (of a
stored member that was written as a stream), the error says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from struct import Struct, unpack_from
from zlib import crc32

import msgspec

from ...errors import CorruptObject
from .boundary import Boundary, Piece
from .codecs import DEFLATE
from .peekable import PeekableStream
from .streams import inflate_stream

LOCAL, SPANNED, DESCRIPTOR = b"PK\x03\x04", b"PK00PK\x03\x04", b"PK\x07\x08"
ENDS = (b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x08")
"""What may follow the last member: central directory, its end, that of zip64, the archive's extra data."""
NOTHING = DESCRIPTOR + bytes(12)
"""What follows an empty member that was written as a stream: mostly a folder."""
SIGNATURE = re.compile(rb"PK(?:00PK)?\x03\x04|PK\x05\x06")
ZIP64 = 0x0001
ENCRYPTED, STREAMED = 0x1, 0x8
STORED, DEFLATED = 0, 8
METHODS = {1: "shrink", 6: "implode", 9: "deflate64", 12: "bzip2", 14: "lzma", 93: "zstd", 95: "xz", 98: "ppmd"}
PIECE = 256 * 1024

_HEADER = Struct("<4s5H3L2H")


class _Member(msgspec.Struct):
    name: str
    flags: int
    method: int
    crc: int
    stored_size: int
    size: int

    @property
    def title(self) -> str:
        """What messages call it."""
        return f'zip: the member "{self.name}"'

    @property
    def is_streamed(self) -> bool:
        """Whether checksum and sizes follow the content, in a data descriptor."""
        return bool(self.flags & STREAMED)


def inflate_zip(stored: PeekableStream) -> Iterator[Piece]:
    """Yield the content of every member, each a document."""
    if stored.peek(len(SPANNED)) == SPANNED:
        stored.take_peeked(4)
    has_begun = False
    while stored.peek(4) == LOCAL:
        header = _take_header(stored)
        is_wanted, begins = not is_of_system(header.name), has_begun
        for piece in _inflate_member(header, stored):
            if is_wanted:
                if begins:
                    yield Boundary.DOCUMENT
                begins, has_begun = False, True
                yield piece
    following = stored.peek(4)
    if len(following) < 4:
        stored.take_peeked(len(following))
        raise stored.truncated_error("zip")
    if following not in ENDS:
        raise stored.damaged_error("zip", f"not another member, but {following!r}")


def is_of_system(name: str) -> bool:
    """Whether a member is what an operating system notes for itself: macOS adds such files to its archives."""
    *folders, file = name.split("/")
    return "__MACOSX" in folders or file.startswith("._") or file == ".DS_Store"


def _take_header(stored: PeekableStream) -> _Member:
    fixed = stored.take_exactly(_HEADER.size, "zip")
    _, _, flags, method, _, _, crc, stored_size, size, name_length, extra_length = _HEADER.unpack(fixed)
    name = stored.take_exactly(name_length, "zip").decode("utf-8" if flags & 0x800 else "cp437", "replace")
    extra = stored.take_exactly(extra_length, "zip")
    member = _Member(name, flags, method, crc, stored_size, size)
    _read_zip64(member, extra)
    if flags & ENCRYPTED:
        raise CorruptObject(f"{member.title} is encrypted")
    if method not in (STORED, DEFLATED):
        raise CorruptObject(
            f"{member.title} is compressed by {METHODS.get(method, f'method {method}')}, "
            "which is not read; deflate and stored members are"
        )
    if method == STORED and member.is_streamed and member.stored_size == 0 and stored.peek(16) != NOTHING:
        raise CorruptObject(f"{member.title} is stored without its length, so that its end is unknown")
    return member


def _read_zip64(member: _Member, extra: bytes) -> None:
    """Take the sizes from the extra field, which has those beyond 4 GiB."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = unpack_from("<2H", extra, at)
        if kind == ZIP64 and length >= 16 and at + 20 <= len(extra):
            member.size, member.stored_size = unpack_from("<2Q", extra, at + 4)
        at += 4 + length


def _inflate_member(header: _Member, stored: PeekableStream) -> Iterator[bytes]:
    crc, size, start = 0, 0, stored.offset
    deflate = replace(DEFLATE, name=header.title)
    pieces = inflate_stream(deflate, stored) if header.method == DEFLATED else _take_stored(header, stored)
    for piece in pieces:
        crc, size = crc32(piece, crc), size + len(piece)
        yield piece
    actual = crc, stored.offset - start, size
    expected = _take_descriptor(actual, stored) if header.is_streamed else (header.crc, header.stored_size, header.size)
    if actual != expected:
        raise stored.damaged_error(
            "zip", f'the member "{header.name}" has (checksum, stored size, size) {actual}, not {expected} as declared'
        )


def _take_stored(header: _Member, stored: PeekableStream) -> Iterator[bytes]:
    remaining = header.stored_size
    while remaining:
        piece = stored.take(min(remaining, PIECE))
        if not piece:
            raise stored.truncated_error(header.title)
        remaining -= len(piece)
        yield piece


def _take_descriptor(actual: tuple[int, int, int], stored: PeekableStream) -> tuple[int, int, int]:
    """Take the checksum and sizes after the content. The sizes have 4 or 8 bytes each, and nothing says which."""
    signed = DESCRIPTOR if stored.peek(4) == DESCRIPTOR else b""
    for layout in (Struct("<L2Q"), Struct("<3L")):
        ahead = stored.peek(len(signed) + layout.size)[len(signed) :]
        if len(ahead) == layout.size and layout.unpack(ahead) == actual:
            stored.take_peeked(len(signed) + layout.size)
            return actual
    crc, stored_size, size = Struct("<3L").unpack(stored.take_exactly(len(signed) + 12, "zip")[len(signed) :])
    return crc, stored_size, size
