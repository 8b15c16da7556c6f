"""zip archives, from front to back: every member, by what stands before and behind it."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass, replace
from struct import pack
from zlib import crc32

import pytest

from slips.errors import CorruptObject

from .inflating import inflated, log_lines

STORED, DEFLATED = 0, 8
ENCRYPTED, STREAMED, UTF8 = 0x1, 0x8, 0x800
SIGNED = b"PK\x07\x08"
END = b"PK\x05\x06" + bytes(18)
LINES = log_lines(200)


@dataclass(frozen=True)
class Member:
    """A member of an archive. `streamed`: checksum and sizes follow the content, in a descriptor that may be `signed`,
    with sizes of 8 bytes where it is `wide`. `zip64`: the sizes stand in the extra field."""

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
        """The content as it is stored."""
        packer = zlib.compressobj(wbits=-15)
        return packer.compress(self.content) + packer.flush() if self.method == DEFLATED else self.content

    @property
    def stored(self) -> bytes:
        """Header, body, and descriptor if there is one."""
        checksum = crc32(self.content) if self.checksum is None else self.checksum
        told = (0, 0, 0) if self.streamed else (checksum, len(self.body), len(self.content))
        name, extra = self.name.encode("utf-8" if self.flags & UTF8 else "cp437"), self.extra
        if self.zip64:
            extra += pack("<2H2Q", 0x0001, 16, told[2], told[1])
            told = (told[0], 0xFFFFFFFF, 0xFFFFFFFF)
        flags = self.flags | (STREAMED if self.streamed else 0)
        header = pack("<4s5H3L2H", b"PK\x03\x04", 45, flags, self.method, 0, 0, *told, len(name), len(extra))
        sizes = pack("<L2Q" if self.wide else "<3L", checksum, len(self.body), len(self.content))
        descriptor = (SIGNED if self.signed else b"") + sizes if self.streamed else b""
        return header + name + extra + self.body + descriptor


def archive(*members: Member) -> bytes:
    """The members, and an end that says nothing of them."""
    return b"".join(member.stored for member in members) + END


class Pipe(io.RawIOBase):
    """Can only be written to, as what an archive is streamed into."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes) -> int:  # type: ignore[override]
        self.written += piece
        return len(piece)


def by_python(file: io.BytesIO | Pipe, method: int, *, large: bool = False) -> None:
    """An archive of two members as the standard library writes it."""
    with zipfile.ZipFile(file, "w", method) as written:
        for name, content in (("a.log", LINES), ("b/c.log", b"line\n")):
            with written.open(name, "w", force_zip64=large) as member:
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
def test_every_member_is_given_in_order(member: Member) -> None:
    members = [replace(member, content=content) for content in (LINES, b"second\n", LINES, b"last\n")]
    came = inflated(archive(*members))
    assert came.content == LINES + b"second\n" + LINES + b"last\n"
    assert came.error is None


@EVERY_MAKE
def test_the_borders_of_chunks_make_no_difference(member: Member) -> None:
    stored = archive(member, replace(member, content=b"second\n"), member)
    for size in range(1, 40):
        came = inflated(stored, sizes=[size])
        assert came.content == b"line\nsecond\nline\n", f"chunks of {size}"
        assert came.error is None


@EVERY_MAKE
def test_an_empty_member_gives_nothing(member: Member) -> None:
    came = inflated(archive(Member(), replace(member, content=b""), Member(content=b"last\n")))
    assert came.content == b"line\nlast\n"
    assert came.error is None


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("large", [False, True])
def test_an_archive_of_the_standard_library_is_read(method: int, large: bool) -> None:
    file = io.BytesIO()
    by_python(file, method, large=large)
    came = inflated(file.getvalue())
    assert came.content == LINES + b"line\n"
    assert came.error is None


@pytest.mark.parametrize("large", [False, True])
def test_an_archive_that_was_streamed_is_read(large: bool) -> None:
    file = Pipe()
    by_python(file, zipfile.ZIP_DEFLATED, large=large)
    came = inflated(bytes(file.written))
    assert came.content == LINES + b"line\n"
    assert came.error is None


# Between members.


def test_a_line_end_stands_between_members_where_one_does_not_end_in_one() -> None:
    came = inflated(archive(Member(content=b"a"), Member(content=b"b\n"), Member(content=b"c")))
    assert came.content == b"a\nb\nc"


def test_an_empty_member_between_makes_no_second_line_end() -> None:
    directory = Member(name="b/", content=b"", method=STORED)
    came = inflated(archive(directory, Member(content=b"a"), directory, directory, Member(content=b"c")))
    assert came.content == b"a\nc"


def test_a_spanned_archive_of_one_part_is_read() -> None:
    came = inflated(b"PK00" + archive(Member()))
    assert came.content == b"line\n"
    assert came.error is None


def test_an_archive_without_members_holds_nothing() -> None:
    came = inflated(END)
    assert came.content == b""
    assert came.error is None


@pytest.mark.parametrize("end", [b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x08"])
def test_what_stands_behind_the_last_member_is_left_alone(end: bytes) -> None:
    came = inflated(Member().stored + end + b"anything")
    assert came.content == b"line\n"
    assert came.error is None


def test_a_thousand_members_are_read() -> None:
    stored = archive(*(Member(name=f"{n}.log", content=log_lines(1, n), streamed=True) for n in range(1000)))
    assert inflated(stored).content == log_lines(1000)


# What cannot be read. The members before are given.


def refused(*members: Member) -> str:
    """What is said of the last of these members, those before it having been given."""
    came = inflated(archive(*members))
    assert came.content == b"".join(member.content for member in members[:-1])
    assert isinstance(came.error, CorruptObject)
    return str(came.error)


def test_an_encrypted_member_is_named() -> None:
    assert 'the member "secret.log" is encrypted' in refused(Member(), Member(name="secret.log", flags=ENCRYPTED))


@pytest.mark.parametrize(
    ("method", "called"), [(12, "bzip2"), (14, "lzma"), (93, "zstd"), (9, "deflate64"), (77, "method 77")]
)
def test_a_member_of_another_method_is_named_with_it(method: int, called: str) -> None:
    said = refused(Member(), Member(name="new.log", method=method))
    assert f'the member "new.log" is compressed by {called}' in said


def test_a_stored_member_that_was_streamed_is_named_since_its_end_cannot_be_told() -> None:
    said = refused(Member(), Member(name="pipe.log", method=STORED, streamed=True))
    assert 'the member "pipe.log" is stored without its length' in said


@pytest.mark.parametrize("wide", [False, True])
def test_a_stored_member_without_content_may_be_streamed(wide: bool) -> None:
    folder = Member(name="logs/", content=b"", method=STORED, streamed=True, wide=wide)
    came = inflated(archive(folder, Member(), folder, Member(content=b"last\n")))
    assert came.content == b"line\nlast\n"
    assert came.error is None


def test_a_stored_member_that_was_streamed_with_its_length_in_the_header_is_read() -> None:
    member = Member(method=STORED)
    known = bytearray(member.stored)
    known[6] |= STREAMED
    came = inflated(bytes(known) + SIGNED + pack("<3L", crc32(b"line\n"), 5, 5) + archive(member))
    assert came.content == b"line\n" * 2
    assert came.error is None


def test_names_are_of_the_code_page_of_dos_where_they_are_not_utf_8() -> None:
    assert 'the member "ä.log"' in refused(Member(name="ä.log", flags=ENCRYPTED))
    assert 'the member "日.log"' in refused(Member(name="日.log", flags=ENCRYPTED | UTF8))


@pytest.mark.parametrize("make", ["deflated", "stored", "zip64", "descriptor", "wide descriptor without signature"])
def test_a_wrong_checksum_is_corrupt_and_names_the_member(make: str) -> None:
    wrong = replace(MAKES[make], name="wrong.log", checksum=7, content=b"second\n")
    came = inflated(archive(Member(), wrong, Member()))
    assert came.content == b"line\nsecond\n"
    assert isinstance(came.error, CorruptObject)
    assert 'the member "wrong.log" has (checksum, stored size, size)' in str(came.error)


@pytest.mark.parametrize("place", [18, 22], ids=["stored size", "size"])
def test_a_wrong_size_is_corrupt(place: int) -> None:
    stored = bytearray(Member(name="wrong.log").stored)
    stored[place] += 1
    came = inflated(bytes(stored) + END)
    assert came.content == b"line\n"
    assert 'the member "wrong.log" has' in str(came.error)


@EVERY_MAKE
def test_an_archive_that_is_cut_off_gives_what_came_before_and_says_how_much_that_was(member: Member) -> None:
    first, second = Member().stored, replace(member, content=b"second\n").stored
    for end in range(len(first), len(first + second)):
        stored = (first + second)[:end]
        came = inflated(stored, stored_size=1000)
        assert (b"line\nsecond\n").startswith(came.content)
        assert came.content.startswith(b"line\n")
        assert isinstance(came.error, CorruptObject)
        if not (member.wide and end >= len(first + second) - 8):  # Wide sizes cut off look like narrow ones, wrong.
            assert f"cut off after {end} of 1000 stored bytes" in str(came.error)


@pytest.mark.parametrize("method", [STORED, DEFLATED])
def test_a_member_that_is_cut_off_is_given_as_far_as_it_came(method: int) -> None:
    member = Member(content=LINES, method=method)
    body = member.stored.index(member.body)
    came = inflated(member.stored[: body + 500])
    expected = LINES[:500] if method == STORED else zlib.decompressobj(-15).decompress(member.body[:500])
    assert came.content == expected
    assert isinstance(came.error, CorruptObject)
    assert f'zip: the member "a.log": cut off after {body + 500} stored bytes' in str(came.error)


def test_a_flipped_byte_gives_what_came_before_it() -> None:
    member = Member(content=LINES)
    place = member.stored.index(member.body) + 500
    stored = bytearray(archive(Member(), member))
    stored[len(Member().stored) + place] ^= 0x10
    came = inflated(bytes(stored))
    assert came.content.startswith(b"line\n" + zlib.decompressobj(-15).decompress(member.body[:500]))
    assert isinstance(came.error, CorruptObject)


def test_a_member_that_does_not_inflate_is_named() -> None:
    member = Member(name="bad.log")
    came = inflated(Member().stored + member.stored.replace(member.body, b"\x07" * 50))
    assert came.content == b"line\n"
    assert 'zip: the member "bad.log": damaged before stored byte' in str(came.error)


def test_garbage_behind_a_member_is_corrupt() -> None:
    stored = Member().stored
    came = inflated(stored + b"garbage")
    assert came.content == b"line\n"
    assert f"damaged before stored byte {len(stored)}: not another member, but b'garb'" in str(came.error)
