"""gzip: members with any header, padding between them, and what is damaged or cut off."""

from __future__ import annotations

import gzip
import zlib
from binascii import crc32
from itertools import chain, repeat

import pytest

from slips.config.settings import MIB
from slips.errors import CorruptObject

from .inflating import inflate_all, inflating_peak
from .packing import CONTENT, SMALL, gzipped


def gzip_header(flags: int, optional: bytes = b"") -> bytes:
    """Return the header of a member: FHCRC 2, FEXTRA 4, FNAME 8, FCOMMENT 16."""
    header = b"\x1f\x8b\x08" + bytes([flags]) + bytes(5) + b"\xff" + optional
    return header + (crc32(header) & 0xFFFF).to_bytes(2, "little") if flags & 2 else header


EXTRA, NAME, COMMENT = b"\x05\0abcde", b"access.log\0", b"of the first host\0"
HEADERS = {
    "nothing": gzip_header(0),
    "extra": gzip_header(4, EXTRA),
    "name": gzip_header(8, NAME),
    "comment": gzip_header(16, COMMENT),
    "extra and name": gzip_header(12, EXTRA + NAME),
    "name and comment": gzip_header(24, NAME + COMMENT),
    "checksum": gzip_header(2),
    "everything": gzip_header(30, EXTRA + NAME + COMMENT),
}
EVERY_HEADER = pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)


@EVERY_HEADER
def test_gzip_headers_may_hold_more(header: bytes) -> None:
    member = header + gzip.compress(b"line\n")[10:]
    result = inflate_all(member * 2)
    assert result.content == b"line\n" * 2
    assert result.error is None


@EVERY_HEADER
def test_a_border_of_chunks_may_fall_into_a_gzip_header(header: bytes) -> None:
    member = header + gzip.compress(b"line\n")[10:]
    for border in range(1, len(header) + 1):
        result = inflate_all([member + member[:border], member[border:]])
        assert result.content == b"line\n" * 2, f"border at {border}"
        assert result.error is None


@EVERY_HEADER
def test_a_damaged_member_gives_what_came_before_whatever_its_header_holds(header: bytes) -> None:
    stored = gzipped(SMALL)[10:]
    place = stored.index(b"\0\0\xff\xff") + 6
    result = inflate_all(header + stored[:place] + b"\xff" * 20)
    assert result.content.startswith(SMALL[0])
    assert isinstance(result.error, CorruptObject)


def test_a_gzip_header_with_a_wrong_checksum_is_corrupt() -> None:
    header = gzip_header(10, NAME)
    result = inflate_all(header[:-1] + bytes([header[-1] ^ 1]) + gzip.compress(b"line\n")[10:])
    assert result.content == b""
    assert isinstance(result.error, CorruptObject)


@pytest.mark.parametrize("header", [b"\x1f\x8b\x07" + bytes(7), gzip_header(0x20), gzip_header(0xC0)])
def test_a_gzip_header_of_another_method_or_with_flags_that_have_no_meaning_is_corrupt(header: bytes) -> None:
    result = inflate_all(gzip.compress(b"line\n") + header + gzip.compress(b"next\n")[10:])
    assert result.content == b"line\n"
    assert "gzip: damaged before stored byte 35: a header of method" in str(result.error)


def test_a_gzip_header_that_is_cut_off_says_so() -> None:
    header = HEADERS["everything"]
    for end in range(2, len(header)):
        result = inflate_all(header[:end], sizes=[3], stored_size=1000)
        assert result.content == b""
        assert str(result.error) == f"gzip: cut off after {end} of 1000 stored bytes"


@pytest.mark.parametrize("flag", [8, 16], ids=["name", "comment"])
def test_a_gzip_name_that_never_ends_is_corrupt_and_not_waited_for(flag: int) -> None:
    size, held, error = inflating_peak(chain([gzip_header(flag)], repeat(b"x" * MIB, 30)))
    assert size == 0
    assert held < 3 * MIB
    assert "a name or comment in the header does not end" in str(error)


@pytest.mark.parametrize("count", [1, 511, 1_200_000])
def test_zeros_after_gzip_are_padding(count: int) -> None:
    result = inflate_all(gzip.compress(b"line\n") + bytes(count))
    assert result.content == b"line\n"
    assert result.error is None


def test_a_gzip_member_after_zeros_is_read() -> None:
    result = inflate_all(gzip.compress(b"a\n") + bytes(100) + gzip.compress(b"b\n"), sizes=[3])
    assert result.content == b"a\nb\n"
    assert result.error is None


def test_garbage_after_the_zeros_after_gzip_is_corrupt() -> None:
    result = inflate_all(gzip.compress(b"line\n") + bytes(9) + b"garbage")
    assert result.content == b"line\n"
    assert "not another stream, but b'garbag'" in str(result.error)


@pytest.mark.parametrize("place", [-8, -4], ids=["checksum", "size"])
def test_a_gzip_member_with_a_wrong_trailer_is_yielded_and_corrupt(place: int) -> None:
    stored = bytearray(gzip.compress(b"line\n"))
    stored[place] ^= 1
    result = inflate_all(bytes(stored))
    assert result.content == b"line\n"
    assert isinstance(result.error, CorruptObject)


def test_a_gzip_member_that_is_cut_off_gives_every_byte_that_zlib_can_have() -> None:
    stored = gzip.compress(CONTENT[:60_000])
    for end in range(2000, 4000, 10):
        assert inflate_all(stored[:end]).content == zlib.decompressobj(31).decompress(stored[:end]), f"cut off at {end}"
