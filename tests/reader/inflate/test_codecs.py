"""Objects of one compression: streams one after another, detected by their first bytes, read up to any damage."""

from __future__ import annotations

import bz2
import gzip
import lzma
from binascii import crc32

import pytest
from backports import zstd
from lz4 import frame as lz4

from slips.config.settings import MIB
from slips.errors import CorruptObject
from slips.reader.inflate.codecs import XZ_MEMORY, ZSTD_WINDOW

from .inflating import inflate_all
from .packing import CONTENT, KINDS, PIECES, SKIPPABLE, SMALL, Kind, lz4_frame, zstandard

EVERY = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
BORDERS = pytest.mark.parametrize("size", [1, 7, 1000])


# What holds for all of them.


@EVERY
def test_a_stream_is_inflated(kind: Kind) -> None:
    result = inflate_all(kind.packed(PIECES))
    assert result.content == CONTENT
    assert result.error is None


@EVERY
def test_streams_follow_each_other(kind: Kind) -> None:
    result = inflate_all(kind.packed(SMALL) + kind.packed([b"last\n"]) + kind.packed(SMALL))
    assert result.content == b"".join([*SMALL, b"last\n", *SMALL])
    assert result.error is None


@EVERY
def test_a_thousand_tiny_streams_follow_each_other(kind: Kind) -> None:
    result = inflate_all(kind.packed([b"tiny\n"]) * 1000)
    assert result.content == b"tiny\n" * 1000
    assert result.error is None


@EVERY
def test_a_stream_of_nothing_gives_nothing(kind: Kind) -> None:
    result = inflate_all(kind.packed([]) + kind.packed([b"x"]) + kind.packed([]))
    assert result.content == b"x"
    assert result.error is None


@EVERY
@BORDERS
def test_the_borders_of_chunks_make_no_difference(kind: Kind, size: int) -> None:
    result = inflate_all(kind.packed(SMALL) * 3, sizes=[size])
    assert result.content == b"".join(SMALL) * 3
    assert result.error is None


@EVERY
@BORDERS
def test_the_borders_of_chunks_make_no_difference_to_a_damaged_stream(kind: Kind, size: int) -> None:
    stored = bytearray(kind.packed(SMALL) * 2)
    stored[len(stored) * 3 // 4] ^= 0x10
    whole, in_parts = inflate_all(bytes(stored)), inflate_all(bytes(stored), sizes=[size])
    assert in_parts.content == whole.content
    assert isinstance(whole.error, CorruptObject)
    assert isinstance(in_parts.error, CorruptObject)


@EVERY
@pytest.mark.parametrize("part", range(1, 10))
def test_a_stream_that_is_cut_off_gives_what_came_before_and_says_how_much_that_was(kind: Kind, part: int) -> None:
    stored = kind.packed(PIECES)
    end = len(stored) * part // 10
    result = inflate_all(stored[:end], stored_size=len(stored))
    assert result.content == kind.to_be_had(stored[:end])
    assert isinstance(result.error, CorruptObject)
    assert str(result.error) == f"{kind.name}: cut off after {end} of {len(stored)} stored bytes"


@EVERY
@pytest.mark.parametrize("missing", [1, 2, 4])
def test_a_stream_that_lacks_its_last_bytes_is_cut_off(kind: Kind, missing: int) -> None:
    stored = kind.packed(SMALL)[:-missing]
    result = inflate_all(stored, stored_size=len(stored))
    assert result.content == kind.to_be_had(stored)
    assert isinstance(result.error, CorruptObject)
    assert str(result.error) == f"{kind.name}: cut off after {len(stored)} stored bytes"


@EVERY
def test_a_second_stream_that_is_cut_off_gives_the_first_one(kind: Kind) -> None:
    first, second = kind.packed(SMALL), kind.packed(PIECES)
    result = inflate_all(first + second[:100])
    assert result.content == b"".join(SMALL) + kind.to_be_had(second[:100])
    assert isinstance(result.error, CorruptObject)
    assert f"{kind.name}: cut off after {len(first) + 100} stored bytes" in str(result.error)


@EVERY
@pytest.mark.parametrize("part", range(1, 8))
def test_a_flipped_byte_gives_what_came_before_it(kind: Kind, part: int) -> None:
    stored = bytearray(kind.packed(PIECES))
    place = len(stored) * part // 8
    stored[place] ^= 0x10
    result = inflate_all(bytes(stored))
    sound = kind.to_be_had(bytes(stored[:place]))
    assert CONTENT.startswith(sound)
    assert result.content.startswith(sound)
    assert isinstance(result.error, CorruptObject)
    assert str(result.error).startswith(f"{kind.name}: damaged before stored byte ")


@pytest.mark.parametrize("kind", KINDS[:5], ids=lambda kind: kind.name)
@pytest.mark.parametrize("garbage", [b"garbage", b"g", b"\x1f\x8c or so"])
def test_garbage_after_the_last_stream_is_corrupt(kind: Kind, garbage: bytes) -> None:
    stored = kind.packed(SMALL)
    result = inflate_all(stored + garbage)
    assert result.content == b"".join(SMALL)
    assert isinstance(result.error, CorruptObject)
    assert f"{kind.name}: damaged before stored byte {len(stored)}: not another stream, but {garbage[:6]!r}" == str(
        result.error
    )


# zstd


def test_skippable_frames_of_zstd_are_skipped() -> None:
    frame = zstandard([b"line\n"])
    result = inflate_all(SKIPPABLE + frame + SKIPPABLE * 2 + frame + SKIPPABLE)
    assert result.content == b"line\n" * 2
    assert result.error is None


def zstandard_window(logarithm: int) -> bytes:
    packer = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: logarithm})
    return packer.compress(b"line\n", packer.FLUSH_BLOCK) + packer.flush()


def test_a_zstd_window_may_be_of_64_mib() -> None:
    result = inflate_all(zstandard_window(ZSTD_WINDOW))
    assert result.content == b"line\n"
    assert result.error is None


def test_a_larger_zstd_window_is_corrupt() -> None:
    result = inflate_all(zstandard_window(ZSTD_WINDOW + 1))
    assert result.content == b""
    assert isinstance(result.error, CorruptObject)
    assert "zstd: damaged before stored byte" in str(result.error)


def test_zeros_after_zstd_are_garbage() -> None:
    result = inflate_all(zstandard([b"line\n"]) + bytes(8))
    assert result.content == b"line\n"
    assert isinstance(result.error, CorruptObject)


# bzip2


def test_a_bzip2_block_that_is_cut_off_is_not_yielded() -> None:
    first = bz2.compress(CONTENT[:99_000], 1)
    stored = bz2.compress(CONTENT, 1)
    result = inflate_all(stored[: len(first) + 500])
    assert 90_000 < len(result.content) < 110_000
    assert CONTENT.startswith(result.content)


# xz


def test_padding_between_and_after_xz_streams_is_skipped() -> None:
    stream = lzma.compress(b"line\n")
    result = inflate_all(stream + bytes(4) + stream + bytes(8), sizes=[5])
    assert result.content == b"line\n" * 2
    assert result.error is None


def xzipped_dictionary(size_code: int) -> bytes:
    """Return a stream whose header asks for that dictionary: 28 is 64 MiB, and every 2 more are twice as much."""
    stored = bytearray(lzma.compress(b"line\n", filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 4096}]))
    header = slice(12, 12 + 4 * (stored[12] + 1) - 4)
    stored[header.start + 4] = size_code
    stored[header.stop : header.stop + 4] = crc32(stored[header]).to_bytes(4, "little")
    return bytes(stored)


def test_an_xz_dictionary_may_be_as_large_as_its_highest_level_makes_it() -> None:
    assert XZ_MEMORY > 64 * MIB
    result = inflate_all(xzipped_dictionary(28))
    assert result.content == b"line\n"
    assert result.error is None


def test_a_larger_xz_dictionary_is_corrupt() -> None:
    result = inflate_all(xzipped_dictionary(30))
    assert result.content == b""
    assert isinstance(result.error, CorruptObject)
    assert "Memory usage limit" in str(result.error)


@pytest.mark.parametrize("check", [lzma.CHECK_NONE, lzma.CHECK_CRC32, lzma.CHECK_CRC64, lzma.CHECK_SHA256])
def test_xz_with_any_checksum_is_read(check: int) -> None:
    assert inflate_all(lzma.compress(b"line\n", check=check)).content == b"line\n"


# LZ4


def test_skippable_frames_between_lz4_frames_are_skipped() -> None:
    frame = lz4_frame([b"line\n"])
    result = inflate_all(frame + SKIPPABLE * 2 + frame + SKIPPABLE)
    assert result.content == b"line\n" * 2
    assert result.error is None


def test_a_skippable_frame_before_the_first_lz4_frame_is_skipped() -> None:
    result = inflate_all(SKIPPABLE + lz4_frame([b"line\n"]))
    assert result.content == b"line\n"
    assert result.error is None


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_an_object_of_skippable_frames_holds_nothing(size: int) -> None:
    result = inflate_all(SKIPPABLE * 3, sizes=[size])
    assert result.content == b""
    assert result.error is None


@pytest.mark.parametrize("following", [b"garbage", gzip.compress(b"line\n")], ids=["garbage", "gzip"])
def test_skippable_frames_before_anything_but_zstd_or_lz4_are_corrupt(following: bytes) -> None:
    result = inflate_all(SKIPPABLE + following)
    assert result.content == b""
    assert str(result.error) == f"zstd or lz4: damaged before stored byte 11: not another stream, but {following[:6]!r}"


@pytest.mark.parametrize("end", [4, 7, 8, 10])
def test_a_skippable_frame_that_is_cut_off_is_corrupt(end: int) -> None:
    assert str(inflate_all(SKIPPABLE[:end]).error) == f"zstd or lz4: cut off after {end} stored bytes"


@pytest.mark.parametrize("options", [{}, {"store_size": False}, {"block_linked": False}, {"block_size": 7}])
def test_lz4_frames_of_every_make_are_read(options: dict[str, int]) -> None:
    result = inflate_all(lz4.compress(CONTENT, **options))
    assert result.content == CONTENT
    assert result.error is None


# No compression.


def test_an_empty_object_holds_nothing() -> None:
    result = inflate_all([])
    assert result.content == b""
    assert result.error is None


def test_empty_chunks_make_no_difference() -> None:
    result = inflate_all([b"", *(gzip.compress(b"line\n")[at : at + 1] for at in range(25)), b"", b""])
    assert result.content == b"line\n"


@pytest.mark.parametrize(
    "text",
    [
        *(b"\x1f is a unit separator\n", b"\x1f", b"\x1f\x9d is not compress of the eighties"),
        *(b"BZh9 is how bzip2 begins\n", b"BZh01AY&SY", b"BZh", b"B"),
        *(b"\xfd7zXZ without its zero\n", b"\xfd7zXZ"),
        *(b"\x28\xb5\x2f and so on\n", b"(\xb5/", b"P*M and more\n", b"\x04\x22\x4d\x19"),
        *(b"\xff\x06\0\0sNaPpX\n", b"\xff\x06\0\0sNaPp"),
        *(b"PK says hello\n", b"PK\x03\x05", b"PK00PK\n", b"PK\x01\x02"),
        *(b"line\n", b"\0\0\0", b'{"a":1}'),
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_text_that_only_begins_like_a_compression_is_read_as_it_is(text: bytes, size: int) -> None:
    result = inflate_all(text, sizes=[size])
    assert result.content == text
    assert result.error is None


def test_compression_inside_text_is_left_alone() -> None:
    text = b"a line before\n" + gzip.compress(b"line\n")
    assert inflate_all(text).content == text
