"""Snappy in its framing format: chunks of every type."""

from __future__ import annotations

import cramjam
import pytest

from slips.errors import CorruptObject

from .inflating import inflate_all
from .packing import SNAPPY, snappy_chunk, snappy_framed

CHECKSUM = bytes(cramjam.snappy.compress(b"line\n"))[len(SNAPPY) + 4 :][:4]


def test_snappy_holds_chunks_that_are_not_compressed() -> None:
    result = inflate_all(SNAPPY + snappy_chunk(0x01, CHECKSUM + b"line\n") + snappy_framed([b"more\n"]))
    assert result.content == b"line\nmore\n"
    assert result.error is None


@pytest.mark.parametrize("kind", [0x80, 0xA5, 0xFD, 0xFE])
@pytest.mark.parametrize("size", [0, 3, 100_000])
def test_skippable_and_padding_chunks_of_snappy_are_skipped(kind: int, size: int) -> None:
    stored = snappy_framed([b"line\n"])
    result = inflate_all(stored + snappy_chunk(kind, bytes(size)) + stored, sizes=[1000])
    assert result.content == b"line\n" * 2
    assert result.error is None


@pytest.mark.parametrize("kind", [0x02, 0x7F, 0x67])
def test_a_snappy_chunk_of_a_type_that_must_not_be_skipped_is_corrupt(kind: int) -> None:
    stored = snappy_framed([b"line\n"])
    result = inflate_all(stored + snappy_chunk(kind, b"abc") + stored)
    assert result.content == b"line\n"
    assert isinstance(result.error, CorruptObject)
    assert f"a chunk of type {kind:#04x} and 3 bytes" in str(result.error)


def test_a_snappy_identifier_of_another_text_is_corrupt() -> None:
    result = inflate_all(snappy_framed([b"line\n"]) + snappy_chunk(0xFF, b"sNaPpX"))
    assert result.content == b"line\n"
    assert "a chunk of type 0xff" in str(result.error)


def test_a_snappy_chunk_longer_than_any_can_be_is_corrupt_and_not_waited_for() -> None:
    header = b"\x00\xff\xff\xff"
    result = inflate_all(snappy_framed([b"line\n"]) + header + bytes(10))
    assert result.content == b"line\n"
    assert "a chunk of type 0x00 and 16777215 bytes" in str(result.error)


def test_a_snappy_chunk_with_a_wrong_checksum_is_corrupt_and_not_yielded() -> None:
    result = inflate_all(SNAPPY + snappy_chunk(0x01, CHECKSUM + b"lime\n"))
    assert result.content == b""
    assert isinstance(result.error, CorruptObject)
    assert "checksum" in str(result.error)


@pytest.mark.parametrize("kind", [0x00, 0x01])
@pytest.mark.parametrize("size", [0, 3])
def test_a_snappy_chunk_too_short_for_its_checksum_is_corrupt(kind: int, size: int) -> None:
    result = inflate_all(SNAPPY + snappy_chunk(kind, bytes(size)))
    assert isinstance(result.error, CorruptObject)


def test_a_skippable_snappy_chunk_that_is_cut_off_is_corrupt() -> None:
    stored = snappy_framed([b"line\n"]) + snappy_chunk(0x80, bytes(100))[:50]
    result = inflate_all(stored)
    assert result.content == b"line\n"
    assert f"snappy: cut off after {len(stored)} stored bytes" in str(result.error)
