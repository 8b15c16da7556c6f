"""zip archives, read from front to back: every member, by its local header (APPNOTE.TXT of PKWARE, section 4.3).

The central directory at the end is not waited for, so nothing needs to be held. What only the directory could tell
(the length of a stored member that was written as a stream) is an error that says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from struct import Struct, unpack_from
from zlib import crc32

import msgspec

from ...errors import CorruptObject
from .codecs import DEFLATE
from .peekable import StoredBytes
from .streams import member

LOCAL, SPANNED, DESCRIPTOR = b"PK\x03\x04", b"PK00PK\x03\x04", b"PK\x07\x08"
ENDS = (b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x08")
"""What follows the last member: central directory, its end, zip64's, an archive's extra data."""
NOTHING = DESCRIPTOR + bytes(12)
"""What follows a member without content that was written as a stream: mostly a folder."""
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
    def called(self) -> str:
        """What it is called in messages."""
        return f'zip: the member "{self.name}"'

    @property
    def streamed(self) -> bool:
        """Whether checksum and sizes follow the content, in a data descriptor."""
        return bool(self.flags & STREAMED)


def inflated(stored: StoredBytes) -> Iterator[bytes]:
    """The content of every member, a line end between them where one does not end in one itself."""
    if stored.peek(len(SPANNED)) == SPANNED:
        stored.take_all(4)
    last = b"\n"
    while stored.peek(4) == LOCAL:
        header = _header(stored)
        if last != b"\n":
            last = b"\n"
            yield last
        for piece in _content(header, stored):
            last = piece[-1:]
            yield piece
    following = stored.peek(4)
    if len(following) < 4:
        stored.take_all(len(following))
        raise stored.truncated("zip")
    if following not in ENDS:
        raise stored.damaged("zip", f"no further member, but {following!r}")


def _header(stored: StoredBytes) -> _Member:
    fixed = stored.exactly(_HEADER.size, "zip")
    _, _, flags, method, _, _, crc, stored_size, size, name_length, extra_length = _HEADER.unpack(fixed)
    name = stored.exactly(name_length, "zip").decode("utf-8" if flags & 0x800 else "cp437", "replace")
    extra = stored.exactly(extra_length, "zip")
    found = _Member(name, flags, method, crc, stored_size, size)
    _read_zip64(found, extra)
    if flags & ENCRYPTED:
        raise CorruptObject(f"{found.called} is encrypted")
    if method not in (STORED, DEFLATED):
        raise CorruptObject(
            f"{found.called} is compressed by {METHODS.get(method, f'method {method}')}, "
            "which is not read; deflate and stored members are"
        )
    if method == STORED and found.streamed and found.stored_size == 0 and stored.peek(16) != NOTHING:
        raise CorruptObject(f"{found.called} is stored without its length, so that its end cannot be told")
    return found


def _read_zip64(found: _Member, extra: bytes) -> None:
    """Sizes beyond 4 GiB stand in the extra field."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = unpack_from("<2H", extra, at)
        if kind == ZIP64 and length >= 16 and at + 20 <= len(extra):
            found.size, found.stored_size = unpack_from("<2Q", extra, at + 4)
        at += 4 + length


def _content(header: _Member, stored: StoredBytes) -> Iterator[bytes]:
    crc, size, start = 0, 0, stored.offset
    deflate = replace(DEFLATE, name=header.called)
    pieces = member(deflate, stored) if header.method == DEFLATED else _as_stored(header, stored)
    for piece in pieces:
        crc, size = crc32(piece, crc), size + len(piece)
        yield piece
    found = crc, stored.offset - start, size
    expected = _descriptor(found, stored) if header.streamed else (header.crc, header.stored_size, header.size)
    if found != expected:
        raise stored.damaged(
            "zip", f'the member "{header.name}" has (checksum, stored size, size) {found}, not {expected} as it should'
        )


def _as_stored(header: _Member, stored: StoredBytes) -> Iterator[bytes]:
    left = header.stored_size
    while left:
        piece = stored.take(min(left, PIECE))
        if not piece:
            raise stored.truncated(header.called)
        left -= len(piece)
        yield piece


def _descriptor(found: tuple[int, int, int], stored: StoredBytes) -> tuple[int, int, int]:
    """Checksum and sizes that follow the content. Its sizes have 4 or 8 bytes, and nothing says which."""
    signed = DESCRIPTOR if stored.peek(4) == DESCRIPTOR else b""
    for layout in (Struct("<L2Q"), Struct("<3L")):
        ahead = stored.peek(len(signed) + layout.size)[len(signed) :]
        if len(ahead) == layout.size and layout.unpack(ahead) == found:
            stored.take_all(len(signed) + layout.size)
            return found
    crc, stored_size, size = Struct("<3L").unpack(stored.exactly(len(signed) + 12, "zip")[len(signed) :])
    return crc, stored_size, size
