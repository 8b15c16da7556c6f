"""tar archives as tar, pax and GNU write them; whole, cut off and damaged."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Sequence

import pytest

from slips.errors import CorruptObject

from .inflating import inflate_all, log_lines

FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}
EACH_FORMAT = pytest.mark.parametrize("kind", FORMATS)


def member(name: str, content: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, content


def archive(members: Sequence[tuple[tarfile.TarInfo, bytes]], kind: str = "gnu") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=FORMATS[kind]) as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return file.getvalue()


@EACH_FORMAT
@pytest.mark.parametrize("size", [1, 511, 1000, 1 << 20])
def test_each_file_is_a_document(kind: str, size: int) -> None:
    contents = [log_lines(2000), b"x", b"a" * 512, b"a,b\n1,2"]
    stored = archive([member(f"logs/{at}.log", content) for at, content in enumerate(contents)], kind)
    result = inflate_all(stored, sizes=[size])
    assert (result.documents, result.error) == (contents, None)


@EACH_FORMAT
def test_folders_links_devices_and_empty_files_are_none(kind: str) -> None:
    kinds = (tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE)
    others = [member(f"other-{number}", type=each, linkname="a") for number, each in enumerate(kinds)]
    stored = archive([*others, member("a", b"a\n"), *others, member("empty"), member("b", b"b\n")], kind)
    assert inflate_all(stored).documents == [b"a\n", b"b\n"]


@pytest.mark.parametrize("kind", ["gnu", "pax"])
def test_long_names_and_attributes_are_not_taken_for_content(kind: str) -> None:
    stored = archive([member("n" * 700 + "é", b"a\n", uname="ü" * 90), member("b", b"b\n")], kind)
    assert inflate_all(stored).documents == [b"a\n", b"b\n"]
    assert 'the member "' + "n" * 700 in str(inflate_all(stored[:2049]).error)


def test_a_size_of_pax_counts() -> None:
    stored = archive([member("a", b"abc\n", pax_headers={"size": "4", "SCHILY.xattr.user.x": "1"})], "pax")
    assert inflate_all(stored).documents == [b"abc\n"]


@pytest.mark.parametrize("name", ["._a.csv", "x/__MACOSX/a.csv", ".DS_Store"])
def test_what_macos_adds_is_left_out(name: str) -> None:
    assert inflate_all(archive([member(name, b"\0\5"), member("a", b"a"), member(name, b"\0")])).documents == [b"a"]


def test_archives_may_follow_each_other() -> None:
    assert inflate_all(archive([member("a", b"a")]) + archive([member("b", b"b")])).documents == [b"a", b"b"]


def test_the_blocks_of_zeros_at_the_end_may_be_missing() -> None:
    stored = archive([member("a", b"a" * 512)])[:1024]
    result = inflate_all(stored)
    assert (result.documents, result.error) == ([b"a" * 512], None)


@pytest.mark.parametrize(
    ("end", "message"),
    [
        (600, 'tar: the member "a": cut off after 600 of 600 stored bytes'),
        (1024 + 100, "tar: cut off after 1124 stored bytes"),
    ],
)
def test_an_archive_that_is_cut_off_gives_what_came_before(end: int, message: str) -> None:
    stored = archive([member("a", b"a" * 300), member("b", b"b" * 300)])[:end]
    result = inflate_all(stored)
    assert result.content == b"a" * min(300, end - 512)
    assert isinstance(result.error, CorruptObject)
    assert str(result.error) == message.replace(" of 600", "")


@pytest.mark.parametrize("place", [0, 100, 124, 148, 257, 300])
def test_a_damaged_header_is_named(place: int) -> None:
    stored = bytearray(archive([member("a", b"a\n"), member("b", b"b\n")]))
    stored[1024 + place] ^= 1
    result = inflate_all(bytes(stored))
    assert result.documents == [b"a\n"]
    assert str(result.error) == "tar: damaged before stored byte 1536: not the header of a member"


def test_sparse_files_are_refused_by_name() -> None:
    stored = archive([member("holes", b"", pax_headers={"GNU.sparse.major": "1"})], "pax")
    assert 'the member "holes" is sparse' in str(inflate_all(stored).error)
    assert 'the member "holes" is sparse' in str(inflate_all(archive([member("holes", type=b"S")], "gnu")).error)


def test_a_header_that_asks_for_gigabytes_is_refused() -> None:
    info, _ = member("a", type=b"x")
    info.size = 8 << 30
    stored = info.tobuf(tarfile.GNU_FORMAT)
    assert "a header of 8589934592 bytes" in str(inflate_all(stored).error)


def test_the_size_of_a_member_beyond_eight_gibibytes_is_binary() -> None:
    info, _ = member("a")
    info.size = 9 << 30
    result = inflate_all(gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + b"abc"))
    assert result.content == b"abc"
    assert "cut off after 515 bytes in gzip" in str(result.error)
