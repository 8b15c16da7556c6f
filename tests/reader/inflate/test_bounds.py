"""The bounds of inflated bytes: their number, their ratio to the stored ones, the size of a chunk, the memory."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Iterator
from itertools import repeat

import pytest
from backports import zstd

from slips.config.settings import MIB, Limits
from slips.errors import CorruptObject, LimitExceeded, ReadError
from slips.reader.inflate.bounds import ENOUGH, GRACE, MOST, resize_chunks
from slips.reader.inflate.streams import KEPT

from ..reading import broken_off
from .inflating import inflate_all, inflating_peak, log_lines

LINES = log_lines(1000)


def blown_up(piece: bytes, times: int) -> Iterator[bytes]:
    """Yield a gzip member that repeats `piece`, made while it is read. Its checksum is wrong."""
    packer = zlib.compressobj(wbits=-15)
    block = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    yield gzip.compress(b"")[:10]
    yield from repeat(block, times)
    yield packer.flush() + bytes(8)


# limits.max_object_bytes


@pytest.mark.parametrize("stored", [LINES, gzip.compress(LINES)], ids=["plain", "gzip"])
@pytest.mark.parametrize("most", [1, 1000, len(LINES) - 1])
def test_an_object_above_the_limit_gives_exactly_that_many_bytes_and_then_the_error(stored: bytes, most: int) -> None:
    result = inflate_all(stored, limits=Limits(max_object_bytes=most))
    assert result.content == LINES[:most]
    assert isinstance(result.error, LimitExceeded)
    assert f"more than {most} bytes" in str(result.error)
    assert "raise limits.max_object_bytes in slips.yml" in str(result.error)


def test_an_object_of_exactly_the_limit_is_read() -> None:
    result = inflate_all(gzip.compress(LINES), limits=Limits(max_object_bytes=len(LINES)))
    assert result.content == LINES
    assert result.error is None


def test_the_limit_counts_the_bytes_of_all_streams() -> None:
    result = inflate_all(gzip.compress(b"0123456789") * 10, limits=Limits(max_object_bytes=35))
    assert result.documents == [b"0123456789"] * 2 + [b"0123456789\n01234"]
    assert isinstance(result.error, LimitExceeded)


# limits.max_inflate_ratio


def test_a_bomb_is_stopped_after_the_grace_and_never_held_in_memory() -> None:
    size, held, error = inflating_peak(blown_up(bytes(MIB), 1000), Limits(max_inflate_ratio=100))
    assert GRACE - MIB < size <= GRACE
    assert held < 4 * MIB
    assert isinstance(error, LimitExceeded)
    assert "over 100 for one: raise limits.max_inflate_ratio in slips.yml" in str(error)


def test_a_bomb_in_few_stored_bytes_is_stopped_by_the_usual_limits() -> None:
    size, held, error = inflating_peak([zstd.compress(bytes(80 * MIB))])
    assert GRACE - MIB < size <= GRACE
    assert held < 16 * MIB
    assert isinstance(error, LimitExceeded)


def test_no_ratio_is_too_high_within_the_grace() -> None:
    size, _, error = inflating_peak([gzip.compress(bytes(MIB)) * 60], Limits(max_inflate_ratio=1))
    assert size == 60 * MIB
    assert error is None


def test_a_large_object_of_a_fair_ratio_is_read() -> None:
    piece = log_lines(20_000)
    size, _, error = inflating_peak(blown_up(piece, 150), Limits(max_inflate_ratio=20))
    assert size == len(piece) * 150 > GRACE
    assert isinstance(error, CorruptObject)  # The checksum: it was read to its end.


# Chunks


def sizes(*pieces: int) -> list[int]:
    """Return the sizes of the chunks made of uncompressed pieces of these sizes, without an empty last one."""
    return [len(chunk) for chunk in inflate_all(map(bytes, pieces)).chunks if chunk]


def test_small_pieces_are_joined() -> None:
    assert sizes(*[100] * 1000) == [100_000]
    assert sizes(*[100] * 1000, ENOUGH, *[100] * 1000) == [100_000, ENOUGH, 100_000]


def test_every_chunk_but_the_last_has_128_kib_at_least() -> None:
    chunks = sizes(*[16 * 1024] * 40)
    assert sum(chunks) == 640 * 1024
    assert [size for size in chunks[:-1] if size < ENOUGH] == []


def test_a_large_piece_is_cut_at_1_mib() -> None:
    assert [len(chunk) for chunk in resize_chunks([bytes(2 * MIB + 5)]) if chunk] == [MIB, MIB, 5]
    assert sizes(2 * MIB + 5) == [MIB, MIB, 5]
    assert max(map(len, inflate_all(zstd.compress(bytes(3 * MIB))).chunks)) <= MOST


def test_a_piece_of_a_handy_size_is_yielded_as_it_is() -> None:
    assert sizes(ENOUGH, 300_000, MIB) == [ENOUGH, 300_000, MIB]


def test_small_pieces_before_a_large_one_come_before_it() -> None:
    assert inflate_all([b"a", b"b" * ENOUGH, b"c"]).content == b"a" + b"b" * ENOUGH + b"c"


# Errors


@pytest.mark.parametrize("stored", [b"line\n" * 3, gzip.compress(b"line\n" * 3)], ids=["plain", "gzip"])
def test_what_came_before_an_error_is_yielded_before_it_is_raised(stored: bytes) -> None:
    fault = ReadError("connection reset")
    result = inflate_all(broken_off(stored, fault))
    assert result.content == b"line\n" * 3
    assert result.error is fault


def test_an_error_before_the_first_byte_is_raised() -> None:
    result = inflate_all(broken_off(b"", ReadError("connection reset")))
    assert result.content == b""
    assert str(result.error) == "connection reset"


# Memory


def test_a_long_stream_is_never_held_in_memory() -> None:
    noise = random.Random(1).randbytes(512 * 1024)
    chunks = (bytes(chunk) for chunk in blown_up(noise, 60))
    size, held, _ = inflating_peak(chunks)
    assert size == 30 * MIB
    assert held < KEPT + 6 * MIB


def test_a_long_run_of_padding_is_never_held_in_memory() -> None:
    def padded() -> Iterator[bytes]:
        yield gzip.compress(b"line\n")
        yield from (bytes(512 * 1024) for _ in range(60))

    size, held, error = inflating_peak(padded())
    assert size == 5
    assert held < 4 * MIB
    assert error is None
