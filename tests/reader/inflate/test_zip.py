"""zip archives, from front to back: every member, by its header and descriptor."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass, replace
from struct import pack
from zlib import crc32

import pytest

from slips.errors import CorruptObject

from .inflating import inflate_all, log_lines

STORED, DEFLATED = 0, 8
ENCRYPTED, STREAMED, UTF8 = 0x1, 0x8, 0x800
SIGNED = b"PK\x07\x08"
END = b"PK\x05\x06" + bytes(18)
LINES = log_lines(200)


@dataclass(frozen=True)
class Member:
    """A member of an archive. `streamed`: checksum and sizes follow the content, in a descriptor that may be `signed`,
    with sizes of 8 bytes where it is `wide`. `zip64`: the sizes are in the extra field."""

    name: str = "a.log"
    content: bytes = b"line\n"
    method: int = DEFLATED
    flags: int = 0
    streamed: bool = False
    signed: bool = True
    wide: bool = False
    zip64: bool = False
    checksum: int | None = None
    extra: bytes = b""

    @property
    def body(self) -> bytes:
        """Return the content as it is stored."""
        packer = zlib.compressobj(wbits=-15)
        return packer.compress(self.content) + packer.flush() if self.method == DEFLATED else self.content

    @property
    def stored(self) -> bytes:
        """Return header, body, and descriptor if there is one."""
        checksum = crc32(self.content) if self.checksum is None else self.checksum
        declared = (0, 0, 0) if self.streamed else (checksum, len(self.body), len(self.content))
        name, extra = self.name.encode("utf-8" if self.flags & UTF8 else "cp437"), self.extra
        if self.zip64:
            extra += pack("<2H2Q", 0x0001, 16, declared[2], declared[1])
            declared = (declared[0], 0xFFFFFFFF, 0xFFFFFFFF)
        flags = self.flags | (STREAMED if self.streamed else 0)
        header = pack("<4s5H3L2H", b"PK\x03\x04", 45, flags, self.method, 0, 0, *declared, len(name), len(extra))
        sizes = pack("<L2Q" if self.wide else "<3L", checksum, len(self.body), len(self.content))
        descriptor = (SIGNED if self.signed else b"") + sizes if self.streamed else b""
        return header + name + extra + self.body + descriptor


def archive(*members: Member) -> bytes:
    """Return the members, and an end without a directory."""
    return b"".join(member.stored for member in members) + END


class Pipe(io.RawIOBase):
    """A file that can only be written, as one into which an archive is streamed."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes) -> int:  # type: ignore[override]
        self.written += piece
        return len(piece)


def write_by_python(file: io.BytesIO | Pipe, method: int, *, large: bool = False) -> None:
    """Write an archive of two members with the standard library."""
    with zipfile.ZipFile(file, "w", method) as archive_file:
        for name, content in (("a.log", LINES), ("b/c.log", b"line\n")):
            with archive_file.open(name, "w", force_zip64=large) as member:
                member.write(content)


MAKES = {
    "deflated": Member(),
    "stored": Member(method=STORED),
    "descriptor": Member(streamed=True),
    "descriptor without signature": Member(streamed=True, signed=False),
    "wide descriptor": Member(streamed=True, wide=True),
    "wide descriptor without signature": Member(streamed=True, wide=True, signed=False),
    "zip64": Member(zip64=True),
    "zip64 stored": Member(zip64=True, method=STORED),
    "zip64 descriptor": Member(zip64=True, streamed=True, wide=True),
    "zip64 behind other extras": Member(zip64=True, extra=pack("<2H3s", 0x7075, 3, b"abc")),
    "name in UTF-8": Member(name="ä/日.log", flags=UTF8),
}
EVERY_MAKE = pytest.mark.parametrize("member", MAKES.values(), ids=MAKES)


@EVERY_MAKE
def test_every_member_is_yielded_in_order(member: Member) -> None:
    members = [replace(member, content=content) for content in (LINES, b"second\n", LINES, b"last\n")]
    result = inflate_all(archive(*members))
    assert result.content == LINES + b"second\n" + LINES + b"last\n"
    assert result.error is None


@EVERY_MAKE
def test_the_borders_of_chunks_make_no_difference(member: Member) -> None:
    stored = archive(member, replace(member, content=b"second\n"), member)
    for size in range(1, 40):
        result = inflate_all(stored, sizes=[size])
        assert result.content == b"line\nsecond\nline\n", f"chunks of {size}"
        assert result.error is None


@EVERY_MAKE
def test_an_empty_member_gives_nothing(member: Member) -> None:
    result = inflate_all(archive(Member(), replace(member, content=b""), Member(content=b"last\n")))
    assert result.content == b"line\nlast\n"
    assert result.error is None


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("large", [False, True])
def test_an_archive_of_the_standard_library_is_read(method: int, large: bool) -> None:
    file = io.BytesIO()
    write_by_python(file, method, large=large)
    result = inflate_all(file.getvalue())
    assert result.content == LINES + b"line\n"
    assert result.error is None


@pytest.mark.parametrize("large", [False, True])
def test_an_archive_that_was_streamed_is_read(large: bool) -> None:
    file = Pipe()
    write_by_python(file, zipfile.ZIP_DEFLATED, large=large)
    result = inflate_all(bytes(file.written))
    assert result.content == LINES + b"line\n"
    assert result.error is None


# Between members.


def test_each_member_is_a_document() -> None:
    result = inflate_all(archive(Member(content=b"a"), Member(content=b"b\n"), Member(content=b"c")))
    assert result.documents == [b"a", b"b\n", b"c"]


def test_an_empty_member_is_none() -> None:
    directory = Member(name="b/", content=b"", method=STORED)
    result = inflate_all(archive(directory, Member(content=b"a"), directory, directory, Member(content=b"c")))
    assert result.documents == [b"a", b"c"]


@pytest.mark.parametrize("name", ["__MACOSX/._a.csv", "b/._a.csv", "b/.DS_Store"])
def test_what_macos_adds_is_left_out(name: str) -> None:
    noise = Member(name=name, content=b"\0\5\x16\7")
    assert inflate_all(archive(noise, Member(content=b"a"), noise)).documents == [b"a"]


def test_a_spanned_archive_of_one_part_is_read() -> None:
    result = inflate_all(b"PK00" + archive(Member()))
    assert result.content == b"line\n"
    assert result.error is None


def test_an_archive_without_members_holds_nothing() -> None:
    result = inflate_all(END)
    assert result.content == b""
    assert result.error is None


@pytest.mark.parametrize("end", [b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x08"])
def test_what_follows_the_last_member_is_left_alone(end: bytes) -> None:
    result = inflate_all(Member().stored + end + b"anything")
    assert result.content == b"line\n"
    assert result.error is None


def test_a_thousand_members_are_read() -> None:
    stored = archive(*(Member(name=f"{n}.log", content=log_lines(1, n), streamed=True) for n in range(1000)))
    assert inflate_all(stored).content == log_lines(1000)


# What cannot be read. The members before it are yielded.


def error_of(*members: Member) -> str:
    """Return the error of the last of these members, after checking that those before it were yielded."""
    result = inflate_all(archive(*members))
    assert result.content == b"".join(member.content for member in members[:-1])
    assert isinstance(result.error, CorruptObject)
    return str(result.error)


def test_an_encrypted_member_is_named() -> None:
    assert 'the member "secret.log" is encrypted' in error_of(Member(), Member(name="secret.log", flags=ENCRYPTED))


@pytest.mark.parametrize(
    ("method", "method_name"), [(12, "bzip2"), (14, "lzma"), (93, "zstd"), (9, "deflate64"), (77, "method 77")]
)
def test_a_member_of_another_method_is_named_with_it(method: int, method_name: str) -> None:
    error = error_of(Member(), Member(name="new.log", method=method))
    assert f'the member "new.log" is compressed by {method_name}' in error


def test_a_stored_member_that_was_streamed_is_named_since_its_end_is_unknown() -> None:
    error = error_of(Member(), Member(name="pipe.log", method=STORED, streamed=True))
    assert 'the member "pipe.log" is stored without its length' in error


@pytest.mark.parametrize("wide", [False, True])
def test_a_stored_member_without_content_may_be_streamed(wide: bool) -> None:
    folder = Member(name="logs/", content=b"", method=STORED, streamed=True, wide=wide)
    result = inflate_all(archive(folder, Member(), folder, Member(content=b"last\n")))
    assert result.content == b"line\nlast\n"
    assert result.error is None


def test_a_stored_member_that_was_streamed_with_its_length_in_the_header_is_read() -> None:
    member = Member(method=STORED)
    known = bytearray(member.stored)
    known[6] |= STREAMED
    result = inflate_all(bytes(known) + SIGNED + pack("<3L", crc32(b"line\n"), 5, 5) + archive(member))
    assert result.content == b"line\n" * 2
    assert result.error is None


def test_names_are_of_the_code_page_of_dos_where_they_are_not_utf_8() -> None:
    assert 'the member "ä.log"' in error_of(Member(name="ä.log", flags=ENCRYPTED))
    assert 'the member "日.log"' in error_of(Member(name="日.log", flags=ENCRYPTED | UTF8))


@pytest.mark.parametrize("make", ["deflated", "stored", "zip64", "descriptor", "wide descriptor without signature"])
def test_a_wrong_checksum_is_corrupt_and_names_the_member(make: str) -> None:
    wrong = replace(MAKES[make], name="wrong.log", checksum=7, content=b"second\n")
    result = inflate_all(archive(Member(), wrong, Member()))
    assert result.content == b"line\nsecond\n"
    assert isinstance(result.error, CorruptObject)
    assert 'the member "wrong.log" has (checksum, stored size, size)' in str(result.error)


@pytest.mark.parametrize("place", [18, 22], ids=["stored size", "size"])
def test_a_wrong_size_is_corrupt(place: int) -> None:
    stored = bytearray(Member(name="wrong.log").stored)
    stored[place] += 1
    result = inflate_all(bytes(stored) + END)
    assert result.content == b"line\n"
    assert 'the member "wrong.log" has' in str(result.error)


@EVERY_MAKE
def test_an_archive_that_is_cut_off_gives_what_came_before_and_says_how_much_that_was(member: Member) -> None:
    first, second = Member().stored, replace(member, content=b"second\n").stored
    for end in range(len(first), len(first + second)):
        stored = (first + second)[:end]
        result = inflate_all(stored, stored_size=1000)
        assert (b"line\nsecond\n").startswith(result.content)
        assert result.content.startswith(b"line\n")
        assert isinstance(result.error, CorruptObject)
        if not (member.wide and end >= len(first + second) - 8):  # Wide sizes cut off look like narrow ones, wrong.
            assert f"cut off after {end} of 1000 stored bytes" in str(result.error)


@pytest.mark.parametrize("method", [STORED, DEFLATED])
def test_a_member_that_is_cut_off_is_yielded_as_far_as_it_came(method: int) -> None:
    member = Member(content=LINES, method=method)
    body = member.stored.index(member.body)
    result = inflate_all(member.stored[: body + 500])
    expected = LINES[:500] if method == STORED else zlib.decompressobj(-15).decompress(member.body[:500])
    assert result.content == expected
    assert isinstance(result.error, CorruptObject)
    assert f'zip: the member "a.log": cut off after {body + 500} stored bytes' in str(result.error)


def test_a_flipped_byte_gives_what_came_before_it() -> None:
    member = Member(content=LINES)
    place = member.stored.index(member.body) + 500
    stored = bytearray(archive(Member(), member))
    stored[len(Member().stored) + place] ^= 0x10
    result = inflate_all(bytes(stored))
    assert result.content.startswith(b"line\n" + zlib.decompressobj(-15).decompress(member.body[:500]))
    assert isinstance(result.error, CorruptObject)


def test_a_member_that_does_not_inflate_is_named() -> None:
    member = Member(name="bad.log")
    result = inflate_all(Member().stored + member.stored.replace(member.body, b"\x07" * 50))
    assert result.content == b"line\n"
    assert 'zip: the member "bad.log": damaged before stored byte' in str(result.error)


def test_garbage_after_a_member_is_corrupt() -> None:
    stored = Member().stored
    result = inflate_all(stored + b"garbage")
    assert result.content == b"line\n"
    assert f"damaged before stored byte {len(stored)}: not another member, but b'garb'" in str(result.error)
