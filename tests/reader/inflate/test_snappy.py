"""Snappy in its framing format: chunks of every type."""

from __future__ import annotations

import cramjam
import pytest

from slips.errors import CorruptObject

from .inflating import inflated
from .packing import SNAPPY, snappy_chunk, snappy_framed

CHECKSUM = bytes(cramjam.snappy.compress(b"line\n"))[len(SNAPPY) + 4 :][:4]


def test_snappy_holds_chunks_that_are_not_compressed() -> None:
    came = inflated(SNAPPY + snappy_chunk(0x01, CHECKSUM + b"line\n") + snappy_framed([b"more\n"]))
    assert came.content == b"line\nmore\n"
    assert came.error is None


@pytest.mark.parametrize("kind", [0x80, 0xA5, 0xFD, 0xFE])
@pytest.mark.parametrize("size", [0, 3, 100_000])
def test_skippable_and_padding_chunks_of_snappy_are_skipped(kind: int, size: int) -> None:
    stored = snappy_framed([b"line\n"])
    came = inflated(stored + snappy_chunk(kind, bytes(size)) + stored, sizes=[1000])
    assert came.content == b"line\n" * 2
    assert came.error is None


@pytest.mark.parametrize("kind", [0x02, 0x7F, 0x67])
def test_a_snappy_chunk_of_a_type_that_must_not_be_skipped_is_corrupt(kind: int) -> None:
    stored = snappy_framed([b"line\n"])
    came = inflated(stored + snappy_chunk(kind, b"abc") + stored)
    assert came.content == b"line\n"
    assert isinstance(came.error, CorruptObject)
    assert f"a chunk of type {kind:#04x} and 3 bytes" in str(came.error)


def test_a_snappy_identifier_of_another_text_is_corrupt() -> None:
    came = inflated(snappy_framed([b"line\n"]) + snappy_chunk(0xFF, b"sNaPpX"))
    assert came.content == b"line\n"
    assert "a chunk of type 0xff" in str(came.error)


def test_a_snappy_chunk_longer_than_any_can_be_is_corrupt_and_not_waited_for() -> None:
    header = b"\x00\xff\xff\xff"
    came = inflated(snappy_framed([b"line\n"]) + header + bytes(10))
    assert came.content == b"line\n"
    assert "a chunk of type 0x00 and 16777215 bytes" in str(came.error)


def test_a_snappy_chunk_with_a_wrong_checksum_is_corrupt_and_not_given() -> None:
    came = inflated(SNAPPY + snappy_chunk(0x01, CHECKSUM + b"lime\n"))
    assert came.content == b""
    assert isinstance(came.error, CorruptObject)
    assert "checksum" in str(came.error)


@pytest.mark.parametrize("kind", [0x00, 0x01])
@pytest.mark.parametrize("size", [0, 3])
def test_a_snappy_chunk_too_short_for_its_checksum_is_corrupt(kind: int, size: int) -> None:
    came = inflated(SNAPPY + snappy_chunk(kind, bytes(size)))
    assert isinstance(came.error, CorruptObject)


def test_a_skippable_snappy_chunk_that_is_cut_off_is_corrupt() -> None:
    stored = snappy_framed([b"line\n"]) + snappy_chunk(0x80, bytes(100))[:50]
    came = inflated(stored)
    assert came.content == b"line\n"
    assert f"snappy: cut off after {len(stored)} stored bytes" in str(came.error)
