"""tar archives, read from front to back: every member, by its header (POSIX.1-2001, "pax", and the manual of GNU tar,
"Basic Tar Format"), of the formats ustar, pax and GNU."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from ...config.settings import MIB
from ...errors import CorruptObject
from .boundary import Boundary, Piece
from .peekable import PeekableStream
from .zipped import is_of_system

BLOCK: Final = 512
MAGIC: Final = slice(257, 262)
SIGNATURE: Final = re.compile(rb"(?s:.{257})ustar[\0 ]")
PIECE: Final = 256 * 1024
LONGEST_EXTENSION: Final = 1 * MIB
"""Bytes of a header that only describes the next member: its long name, its attributes."""
FILES, EXTENSIONS, SPARSE = b"\x000 7", b"xXLK", b"S"
MULTIVOLUME: Final = b"M"
_RECORD: Final = re.compile(rb"(\d{1,9}) (path|size|GNU\.sparse\.[a-z.]+)=")


class _Member(msgspec.Struct):
    name: str
    size: int
    kind: bytes


class _Extension(msgspec.Struct):
    """What headers before a member say of it."""

    name: str = ""
    size: int | None = None
    is_sparse: bool = False


def inflate_tar(stored: PeekableStream) -> Iterator[Piece]:
    """Yield the content of every file, each a document. Raises CorruptObject where a header is damaged, the archive is
    cut off, or a file is stored without its holes."""
    extension = _Extension()
    has_begun = False
    while (member := _next_member(stored)) is not None:
        if member.kind in EXTENSIONS:
            _read_extension(member, stored, extension)
            continue
        name, size = extension.name or member.name, member.size if extension.size is None else extension.size
        is_sparse = extension.is_sparse or member.kind in (SPARSE, MULTIVOLUME)
        extension = _Extension()
        if is_sparse:
            raise CorruptObject(f'tar: the member "{name}" is sparse, or goes on in another volume, which is not read')
        is_wanted = member.kind in FILES and not name.endswith("/") and not is_of_system(name)
        begins = has_begun
        for piece in _take(stored, size, f'tar: the member "{name}"'):
            if is_wanted:
                if begins:
                    yield Boundary.DOCUMENT
                begins, has_begun = False, True
                yield piece


def _next_member(stored: PeekableStream) -> _Member | None:
    """Take the next header; None at the end of the object. Blocks of zeros end an archive, and another may follow."""
    while (block := stored.peek(BLOCK)) and not block.strip(b"\0"):
        stored.take_peeked(len(block))
    if not block:
        return None
    header = stored.take_exactly(BLOCK, "tar")
    checksum = _octal(header[148:156])
    if header[MAGIC] != b"ustar" or checksum != sum(header) - sum(header[148:156]) + 8 * ord(" "):
        raise stored.damaged_error("tar", "not the header of a member")
    name = header[:100].partition(b"\0")[0]
    prefix = b"" if header[262:264] == b" \0" else header[345:500].partition(b"\0")[0]  # GNU has other fields there.
    size = _octal(header[124:136])
    if size is None:
        raise stored.damaged_error("tar", "the header of a member has no size")
    kind = header[156:157]
    size = 0 if kind in b"123456" and kind != b"" else size  # Links, devices and folders have no content.
    return _Member((prefix + b"/" + name if prefix else name).decode("utf-8", "replace"), size, kind)


def _octal(digits: bytes) -> int | None:
    """Return a number as tar writes it: octal, or beyond 8 GiB in binary behind a set bit."""
    if digits[:1] in (b"\x80", b"\xff"):
        number = int.from_bytes(digits[1:], "big")
        return number if digits[0] == 0x80 and number < 1 << 63 else None
    text = digits.strip(b" \0") or b"0"
    return int(text, 8) if re.fullmatch(rb"[0-7]+", text) else None


def _read_extension(member: _Member, stored: PeekableStream, extension: _Extension) -> None:
    if member.size > LONGEST_EXTENSION:
        raise stored.damaged_error("tar", f"a header of {member.size} bytes")
    content = b"".join(_take(stored, member.size, "tar"))
    if member.kind == b"L":
        extension.name = content.partition(b"\0")[0].decode("utf-8", "replace")
    if member.kind not in b"xX":
        return
    at = 0
    while at < len(content):
        length = content[at : at + 10].partition(b" ")[0]
        if not length.isdigit() or not 0 < int(length) <= len(content) - at:
            raise stored.damaged_error("tar", "an extended header without lengths")
        record = content[at : at + int(length)].rstrip(b"\n")
        at += int(length)
        if found := _RECORD.match(record):
            _note(found[2], record[found.end() :], extension)


def _note(name: bytes, value: bytes, extension: _Extension) -> None:
    if name == b"path":
        extension.name = value.decode("utf-8", "replace")
    elif name != b"size":
        extension.is_sparse = True
    elif value.isdigit():
        extension.size = int(value)


def _take(stored: PeekableStream, size: int, what: str) -> Iterator[bytes]:
    """Take the content of a member, and what fills its last block."""
    remaining = size
    while remaining:
        piece = stored.take(min(remaining, PIECE))
        if not piece:
            raise stored.truncated_error(what)
        remaining -= len(piece)
        yield piece
    stored.take_peeked(len(stored.peek(-size % BLOCK)))  # Of the last one it may be missing.
