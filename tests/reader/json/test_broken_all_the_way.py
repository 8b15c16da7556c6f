"""Text of which each value is broken: it is refused value by value, and takes no longer a byte the more there is of
it."""

from __future__ import annotations

import time

import pytest

from ..reading import read


@pytest.mark.parametrize(
    ("framing", "text"),
    [
        ("s3-json", b'"' + b'{"a":1}\n{"a":\n' * 4_000),
        ("s3-json-stream", b'{"a":1}\n{"a":\n' * 4_000),
        ("s3-json", b'[{"a":1},' + b'"' * 60_000),
        ("s3-json", b'[{"a":1},' + b"{}" * 30_000),
    ],
)
def test_it_is_scanned_once_or_twice(framing: str, text: bytes) -> None:
    begun = time.process_time()
    result = read(framing, text, max_line_bytes=16 << 20)
    assert result.count > 1000
    # Without a bound these take minutes; others use the processor, too.
    assert time.process_time() - begun < 3.0
