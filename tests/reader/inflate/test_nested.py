"""What is packed in what: read, or refused by name; the table of docs/formats.md."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import tarfile
import zipfile
from collections.abc import Callable

import pytest

from slips.config.settings import Limits
from slips.errors import CorruptObject, LimitExceeded
from slips.reader.inflate import inflate

from .inflating import inflate_all, inflating_peak, log_lines

Pack = Callable[[bytes], bytes]


def pack_zstd(content: bytes) -> bytes:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd.compress(content)


def pack_lz4(content: bytes) -> bytes:
    from lz4 import frame  # type: ignore[import-untyped]

    return bytes(frame.compress(content))


def pack_snappy(content: bytes) -> bytes:
    from cramjam import snappy

    return bytes(snappy.compress(content))


def pack_zip(*contents: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"{number}.log", content)
    return file.getvalue()


def pack_tar(*contents: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for number, content in enumerate(contents):
            info = tarfile.TarInfo(f"{number}.log")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


PACKS: dict[str, Pack] = {
    "gz": gzip.compress, "zst": pack_zstd, "bz2": bz2.compress, "xz": lzma.compress, "zip": pack_zip, "tar": pack_tar,
    "snappy": pack_snappy, "lz4": pack_lz4,
}  # fmt: skip
EACH_OUTER = pytest.mark.parametrize("outer", PACKS)
EACH_INNER = pytest.mark.parametrize("inner", PACKS)


@EACH_OUTER
@EACH_INNER
@pytest.mark.parametrize("size", [7, 4096, 1 << 20])
def test_each_is_read_in_each(outer: str, inner: str, size: int) -> None:
    content = log_lines(300)
    result = inflate_all(PACKS[outer](PACKS[inner](content)), sizes=[size])
    assert (result.content, result.documents, result.error) == (content, [content], None)


@EACH_INNER
@pytest.mark.parametrize("outer", [pack_zip, pack_tar])
def test_each_member_is_looked_at_by_itself(outer: Callable[..., bytes], inner: str) -> None:
    result = inflate_all(outer(b"a\n", PACKS[inner](b"b"), pack_zip(b"c", b"d\n"), b"e"))
    assert (result.documents, result.error) == ([b"a\n", b"b", b"c", b"d\n", b"e"], None)


def test_three_layers_are_read_and_no_more() -> None:
    three = pack_zip(gzip.compress(pack_tar(b"a", b"b")))
    assert inflate_all(three).documents == [b"a", b"b"]
    assert str(inflate_all(gzip.compress(three)).error) == (
        "the object is packed in more than 3 layers (tar in gzip in zip in gzip): unpack it before it is stored"
    )


def test_what_came_before_a_member_that_is_packed_too_deeply_is_read() -> None:
    deep = gzip.compress(gzip.compress(gzip.compress(b"x")))
    result = inflate_all(pack_zip(b"a\n", deep))
    assert result.content == b"a\n"
    assert isinstance(result.error, CorruptObject)


@EACH_OUTER
def test_a_bomb_in_a_layer_counts_from_the_stored_bytes(outer: str) -> None:
    zeros = bytes(1 << 20)
    inner = b"".join(gzip.compress(zeros) for _ in range(200))
    stored = [PACKS[outer](inner)]
    size, held, error = inflating_peak(stored, Limits(max_inflate_ratio=100))
    assert isinstance(error, LimitExceeded)
    assert size < 70 << 20
    assert held < 16 << 20


def test_a_layer_that_gives_nothing_in_the_end_is_bounded_too() -> None:
    stored = gzip.compress(gzip.compress(b"a\n") + bytes(200 << 20), compresslevel=9)
    result = inflate_all(stored, limits=Limits(max_inflate_ratio=100))
    assert (result.content, type(result.error)) == (b"a\n", LimitExceeded)


@EACH_OUTER
def test_damage_in_an_inner_layer_says_where(outer: str) -> None:
    content = log_lines(5000)
    damaged = bytearray(gzip.compress(content))
    damaged[-6] ^= 1
    result = inflate_all(PACKS[outer](bytes(damaged)))
    assert result.content == content
    name = {"gz": "gzip", "zst": "zstd", "bz2": "bzip2"}.get(outer, outer)
    assert f" byte in {name} " in str(result.error)


def test_damage_behind_an_inner_layer_is_found() -> None:
    stored = bytearray(gzip.compress(pack_zip(b"a\n") + bytes(100_000)))
    stored[-6] ^= 1
    result = inflate_all(bytes(stored))
    assert result.content == b"a\n"
    assert isinstance(result.error, CorruptObject)


def test_an_outer_layer_that_is_cut_off_gives_what_the_inner_one_had() -> None:
    content = log_lines(50_000)
    stored = gzip.compress(pack_tar(content))
    result = inflate_all(stored[: len(stored) // 2])
    assert len(result.content) > len(content) // 4
    assert content.startswith(result.content)
    assert str(result.error).startswith("gzip: cut off after")


def test_streams_of_the_outer_layer_may_cut_the_inner_one_anywhere() -> None:
    inner = gzip.compress(log_lines(1000))
    stored = b"".join(gzip.compress(inner[at : at + 100]) for at in range(0, len(inner), 100))
    result = inflate_all(stored)
    assert (result.content, result.error) == (log_lines(1000), None)


def test_a_later_member_of_gzip_may_be_packed_though_the_first_is_not() -> None:
    result = inflate_all(gzip.compress(b"a\n") + gzip.compress(gzip.compress(b"b\n")))
    assert (result.content, result.error) == (b"a\nb\n", None)


# Streams one after another


@pytest.mark.parametrize(
    ("first", "second", "documents"),
    [
        (b"a,b\n1,2", b"3,4\n", [b"a,b\n1,2\n3,4\n"]),
        (b"a,b\n1,2\n", b"3,4\n", [b"a,b\n1,2\n3,4\n"]),
        (b"a,b\n1,2", b"a,b\n3,4\n", [b"a,b\n1,2", b"a,b\n3,4\n"]),
        (b"a,b\n1,2", b"b,a\n3,4\n", [b"a,b\n1,2", b"b,a\n3,4\n"]),
        (b'"a";"b"\r\n1;2', b'"b";"a";"c"\r\n3;4;5', [b'"a";"b"\r\n1;2', b'"b";"a";"c"\r\n3;4;5']),
        (b"\xef\xbb\xbfa,b\n1,2\n", b"\xef\xbb\xbfa,b\n3,4", [b"\xef\xbb\xbfa,b\n1,2\n", b"\xef\xbb\xbfa,b\n3,4"]),
        (b"x\n", b"\xef\xbb\xbfy\n", [b"x\ny\n"]),
        (b"x\n", b"", [b"x\n"]),
        (b"x", b"", [b"x"]),
        (b"", b"x", [b"x"]),
        (b"a\n1\n", b"2\n", [b"a\n1\n2\n"]),
    ],
)
@pytest.mark.parametrize("kind", ["gz", "zst", "lz4"])
@pytest.mark.parametrize("size", [1, 1000])
def test_no_line_goes_on_and_a_header_begins_a_document(
    first: bytes, second: bytes, documents: list[bytes], kind: str, size: int
) -> None:
    result = inflate_all(PACKS[kind](first) + PACKS[kind](second), sizes=[size])
    assert (result.documents, result.error) == (documents, None)


@pytest.mark.parametrize("kind", ["bz2", "xz"])
def test_tools_for_several_cores_cut_these_anywhere(kind: str) -> None:
    assert inflate_all(PACKS[kind](b"one li") + PACKS[kind](b"ne\n")).content == b"one line\n"


def test_blocks_of_gzip_with_an_extra_field_are_cut_anywhere() -> None:
    def block(content: bytes) -> bytes:
        plain = gzip.compress(content)
        return plain[:3] + b"\x04" + plain[4:10] + b"\x06\0BC\x02\0\0\0" + plain[10:]

    assert inflate_all(block(b"one li") + block(b"ne\n")).content == b"one line\n"


@pytest.mark.parametrize("kind", ["zst", "lz4"])
def test_frames_behind_a_skippable_one_are_cut_anywhere(kind: str) -> None:
    mark = b"\x50\x2a\x4d\x18\x04\0\0\0\0\0\0\0"
    stored = b"".join(mark + PACKS[kind](part) for part in (b"one li", b"ne\n"))
    assert inflate_all(stored).content == b"one line\n"


# What is known, and not read


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"7z\xbc\xaf\x27\x1c\0\4", "a 7z archive"),
        (b"Rar!\x1a\x07\x01\0", "a RAR archive"),
        (b"LZIP\x01\x0c", "an lzip file"),
        (b"\x1f\x9d\x90ab", "a file of compress (.Z)"),
        (b"]\0\0\x80\0" + b"\xff" * 8, "an LZMA file"),
        (b"\x02\x21\x4c\x18\0\0", "an LZ4 file of the legacy format"),
        (b"Obj\x01\x04\x14avro", "an Avro file"),
        (b"ElfFile\0\0", "a Windows event log"),
        (b"\x0a\x0d\x0d\x0a\x1c\0\0\0", "a packet capture"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"Salted__abc", "a file that OpenSSL has encrypted"),
        (b"-----BEGIN PGP MESSAGE-----\n", "a file that PGP has encrypted"),
        (b"%PDF-1.7", "a PDF file"),
    ],
)
def test_it_is_named(content: bytes, name: str) -> None:
    result = inflate_all(content)
    assert (result.content, type(result.error)) == (b"", CorruptObject)
    assert str(result.error).startswith(f"the object is {name}")
    inside = inflate_all(pack_zip(b"a\n", gzip.compress(content)))
    assert inside.content == b"a\n"
    assert f"the object is {name}" in str(inside.error)
    assert " in gzip in zip, which is not read: text is" in str(inside.error)


# UTF-16 and UTF-32


@pytest.mark.parametrize("mark", ["\ufeff", ""])
@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_text_in_wide_characters_becomes_utf8(codec: str, mark: str, size: int) -> None:
    text = "Zeit;Wert\r\nmäßig;😀\r\n"
    stored = (mark + text).encode(codec)
    result = inflate_all(stored, sizes=[size])
    assert (result.content.decode(), result.error) == (text, None)
    assert inflate_all(gzip.compress(stored)).content.decode() == text


@pytest.mark.parametrize("content", [b"\0\0\0\0{}\n", b"\0\0\0", b"7\n\0\0\0", b"a\0b\0c\0 text"])
def test_nulls_alone_make_no_wide_characters(content: bytes) -> None:
    assert inflate_all(content).content == content


def test_wide_text_that_is_cut_off_is_named() -> None:
    assert "UTF-16: cut off after 7 stored bytes" in str(inflate_all("\ufeffab\n".encode("utf-16-le")[:-1]).error)
    assert "UTF-32: cut off after 11 stored bytes" in str(inflate_all("\ufeffab".encode("utf-32-be")[:-1]).error)


def test_half_a_surrogate_pair_is_replaced() -> None:
    stored = "\ufeffab".encode("utf-16-le") + b"\0\xdc" + "\n".encode("utf-16-le")
    assert inflate_all(stored).content.decode() == "ab\ufffd\n"


# Content of any kind


BINARY = [b"7z\xbc\xaf\x27\x1c\0\4", "\ufeffa\n".encode("utf-16-le"), b"Obj\x01\x04", b"\0\0\xfe\xff" + b"x" * 300]


@pytest.mark.parametrize("content", BINARY)
@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda content: pack_zip(gzip.compress(content))])
def test_what_need_not_be_text_is_given_as_it_is(content: bytes, pack: Pack) -> None:
    pieces = list(inflate([pack(content)], Limits(), is_text=False))
    assert b"".join(piece for piece in pieces if isinstance(piece, bytes)) == content


def test_streams_of_what_need_not_be_text_are_joined_as_they_are() -> None:
    stored = gzip.compress(b"PAR1\0") + gzip.compress(b"PAR1\0") + gzip.compress(b"\1PAR1")
    assert list(inflate([stored], Limits(), is_text=False)) == [b"PAR1\0PAR1\0\1PAR1"]
