"""`s3-json` and `s3-json-stream`: only the events that match, and none of the others held in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, repeat

import pytest

from slips.config.settings import MIB
from slips.model.positions import Positions
from slips.reader.framing import RecordFilter

from ..reading import Counted, peak, read
from .texts import BOTH, CHUNKED, RECORDS, A, B, C, contained, document

# Which of the events match.


@CHUNKED
@pytest.mark.parametrize("text", [document(A, B, C), b"[" + b",".join([A, B, C]) + b"]", A + B + C])
def test_events_are_resumed_replayed_and_searched_like_lines(text: bytes, sizes: Sequence[int]) -> None:
    result = contained(text, sizes=sizes, record_filter=RecordFilter(resume_from=3))
    assert result.records == [(3, C)]
    assert result.out_of_range == 2
    result = contained(text, sizes=sizes, record_filter=RecordFilter(only=Positions.parse("2")))
    assert result.records == [(2, B)]
    result = contained(text, sizes=sizes, record_filter=RecordFilter(needles=(b'"d":2', b'"a"')))
    assert result.records == [(1, A), (3, C)]
    assert result.skipped == 1


@BOTH
def test_nothing_is_read_after_the_last_position_requested(source: str) -> None:
    block = b"".join(b'{"n":%d,"pad":"%s"}\n' % (n, b"x" * 100) for n in range(1000))
    chunks = Counted([block] * 100)
    result = read(source, chunks, record_filter=RecordFilter(only=Positions.parse("1,1500")))
    assert [position for position, _ in result.records] == [1, 1500]
    assert chunks.pulled <= 5


def test_a_block_without_a_needle_is_skipped_whole() -> None:
    events = [b'{"n":%d}' % n for n in range(30_000)]
    result = contained(document(*events), record_filter=RecordFilter(needles=(b":29999}",)))
    assert result.records == [(30_000, events[-1])]
    assert result.skipped == 29_999


# Memory.


def large(event: bytes, count: int) -> Iterator[bytes]:
    """Yield a document of this many MiB with members before and after its events, in chunks of about 1 MiB."""
    block = event + b","
    yield b'{"account":"1","Records":['
    yield from repeat(block * (MIB // len(block)), count)
    yield event + b'],"count":7}'


def test_a_document_of_20_mib_is_never_held_in_memory() -> None:
    event = b'{"eventVersion":"1.0","pad":"' + b"x" * 4000 + b'"}'
    count, held = peak("s3-json", large(event, 20), array_keys=RECORDS)
    assert count == 20 * (MIB // (len(event) + 1)) + 1
    assert held < 8 * MIB


def test_a_document_of_20_mib_of_an_unknown_vendor_is_never_held_in_memory() -> None:
    count, held = peak("s3-json", large(b'{"pad":"' + b"x" * 4000 + b'"}', 20))
    assert count > 5_000
    assert held < 8 * MIB


@pytest.mark.parametrize(
    ("source", "opens", "ends"),
    [
        ("s3-json", b'{"Records":[{"a":1},{"long":"', b'"},{"b":1}]}'),
        ("s3-json", b'{"Records":[{"a":1},{"b":1},{"c":1}],"long":"', b'"}'),
        ("s3-json-stream", b'{"a":1}{"long":"', b'"}{"b":1}'),
        ("s3-json-stream", b'{"a":1}{"b":1} 7', b' {"c":1}'),
    ],
)
def test_an_event_or_member_of_20_mib_is_never_held_in_memory(source: str, opens: bytes, ends: bytes) -> None:
    chunk = b"7" * MIB
    count, held = peak(source, chain([opens], repeat(chunk, 20), [ends]), array_keys=RECORDS)
    assert count >= 3
    assert held < 8 * MIB
