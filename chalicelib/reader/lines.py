"""`s3-lines`: lines, LF or CRLF, the last one with or without an end.

Works on whole inflated chunks: a chunk without a wanted record costs one search and one count, not a loop over lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ..config.typed import Limits
from ..errors import LimitExceeded
from .base import Batch, Fault, Shape, Want, past, pick
from .feed import without_bom

SAMPLE = 512
"""So many bytes of a line beyond the limit are kept to show."""


def lines(chunks: Iterable[bytes], want: Want, limits: Limits, shape: Shape) -> Iterator[Batch]:  # noqa: ARG001
    """Batches of lines. A line above `limits.max_line_bytes` is a fault of its own; the lines after it are read."""
    position = 1
    for block, fault in blocks(chunks, limits.max_line_bytes):
        if past(want, position):
            return
        if fault is not None:
            yield from _too_long(fault, position, want)
            position += 1
        else:
            for batch in _batches(block, position, want):
                yield batch
                position = batch.first + batch.count


def blocks(chunks: Iterable[bytes], max_line_bytes: int) -> Iterator[tuple[bytes, bytes | None]]:
    """Chunks cut at line ends: `(block, None)`, the block ending in LF, or `(b"", sample)` for one line that is too
    long and was left out."""
    rest, dropping = b"", False
    for chunk in without_bom(chunks):
        if dropping:
            end = chunk.find(b"\n")
            if end < 0:
                continue
            chunk, dropping = chunk[end + 1 :], False
        cut = chunk.rfind(b"\n") + 1
        if cut == 0:
            rest += chunk
        else:
            block, rest = rest + chunk[:cut], chunk[cut:]
            yield from _within(block, max_line_bytes)
        if len(rest) > max_line_bytes:
            yield b"", rest[:SAMPLE]
            rest, dropping = b"", True
    if rest:
        yield from _within(rest + b"\n", max_line_bytes)


def _within(block: bytes, max_line_bytes: int) -> Iterator[tuple[bytes, bytes | None]]:
    """The block, taken apart where it holds a line that is too long."""
    if len(block) <= max_line_bytes:
        yield block, None
        return
    good: list[bytes] = []
    for line in block.splitlines(keepends=True) if b"\r" not in block else re.findall(rb"[^\n]*\n", block):
        if len(line) - 1 <= max_line_bytes:
            good.append(line)
            continue
        if good:
            yield b"".join(good), None
            good = []
        yield b"", line[:SAMPLE]
    if good:
        yield b"".join(good), None


def _too_long(sample: bytes, position: int, want: Want) -> Iterator[Batch]:
    covered = want.covers(position)
    batch = Batch(first=position, count=1, records=[], positions=[], passed=0 if covered else 1)
    if covered:
        error = LimitExceeded(f"line {position} is longer than limits.max_line_bytes")
        batch.faults = [Fault(position, error, sample)]
    yield batch


def _batches(block: bytes, first: int, want: Want) -> Iterator[Batch]:
    if want.everything:
        records = split(block)
        yield Batch(first=first, count=len(records), records=records)
        return
    count = block.count(b"\n")
    last = first + count - 1
    no_headers = not want.directive and first > want.prologue
    outside = last < want.resume_from or (want.only is not None and (past(want, first) or last < want.only.first))
    if outside and no_headers:
        yield Batch(first=first, count=count, records=[], positions=[], passed=count)
    elif want.needles and no_headers and first >= want.resume_from and want.only is None:
        yield _matching(block, first, count, want.needles)
    else:
        yield from pick(split(block), first, want)


def split(block: bytes) -> list[bytes]:
    """The lines of a block that ends in LF, without their ends."""
    records = block.split(b"\n")
    records.pop()  # A block ends in LF, so what follows it is empty.
    if b"\r" in block:
        return [record[:-1] if record.endswith(b"\r") else record for record in records]
    return records


def _matching(block: bytes, first: int, count: int, needles: Sequence[bytes]) -> Batch:
    """The lines that hold a needle, found by searching the block whole; line numbers by counting the ends between."""
    records: list[bytes] = []
    positions: list[int] = []
    counted, position = 0, first
    within = [needle for needle in needles if b"\n" not in needle]  # No line holds a line end.
    hits = {needle: at for needle in within if (at := block.find(needle)) >= 0}
    while hits:
        at = min(hits.values())
        start, end = block.rfind(b"\n", 0, at) + 1, block.find(b"\n", at)
        position += block.count(b"\n", counted, start)
        counted = start
        line = block[start:end].removesuffix(b"\r")
        if any(needle in line for needle in within):  # It may have been met in the line's own end.
            records.append(line)
            positions.append(position)
        # Only needles that were met on this line are looked for again: a rare one beside a frequent one costs nothing.
        hits = {needle: after for needle, at in hits.items() if (after := _after(block, needle, at, end)) >= 0}
    return Batch(first=first, count=count, records=records, positions=positions, skipped=count - len(records))


def _after(block: bytes, needle: bytes, at: int, end: int) -> int:
    """The needle's next place behind `end`, given the one that was found last."""
    return at if at >= end else block.find(needle, end)
