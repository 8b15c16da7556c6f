"""What must stay bounded: memory, time against size."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from slips.config import Limits

from . import inputs
from .measure import Row, no_more_than, seconds
from .ours import Engine, function, nothing
from .peaks import MOST_MEMORY, measure_peak, peak
from .throughput import Scale

MIB = 1 << 20
NDJSON = ("s3-lines", "json", "g-suite-login")


def _lines() -> Iterator[bytes]:
    return (line + b"\n" for line in inputs.records(inputs.ndjson, 1000))


def linear(scale: Scale) -> list[Row]:
    """Seconds a byte of a large object, against those of a small one."""
    body = inputs.lines(inputs.ndjson, 18_000)  # 10 MB
    times = 500 if not scale.quick else 50
    small = inputs.members("linear", b"", body, 1, b"")
    large = inputs.members("linear", b"", body, times, b"")
    engine = Engine(NDJSON, [function(nothing)])
    engine.run(small)
    before, took_large, after = _small(engine, small), seconds(partial(engine.run, large)), _small(engine, small)
    took_small = median([*before, *after])
    row = no_more_than(
        f"seconds a byte, {times * 10:,} MB against 10 MB", took_large / times, took_small, bound=1.05, unit="s/10 MB"
    )
    return [row]


def _small(engine: Engine, path: Path) -> list[float]:
    return [seconds(partial(engine.run, path)) for _ in range(25)]


def memory(scale: Scale) -> list[Row]:
    """Peak resident memory, each object in a process of its own."""
    return [peak(__name__, name, scale, MOST_MEMORY) for name in OBJECTS]


def lines_object(quick: bool) -> tuple[str, Callable[[], bool]]:
    """Lines, 5 GB of them."""
    body = inputs.lines(inputs.ndjson, 18_000)
    times = 50 if quick else 500
    path = inputs.members("linear", b"", body, times, b"")
    return f"{times / 100} GB of lines, gzipped", lambda: _events(NDJSON, path) == 18_000 * times


def document_object(quick: bool) -> tuple[str, Callable[[], bool]]:
    """One JSON document of 500 MB."""
    events = list(inputs.records(inputs.cloudtrail, 8_000))
    times = 10 if quick else 50
    path = inputs.members("document", b'{"Records":[' + events[0], b"".join(b"," + e for e in events), times, b"]}")
    return f"a JSON document of {times * 10} MB", lambda: _events(("cloudtrail",), path) == 8_000 * times + 1


def long_line(quick: bool) -> tuple[str, Callable[[], bool]]:
    """A line of 1 GB."""
    times = 10 if quick else 100
    path = inputs.one_member("line", b'{"n":1}\n{"n":"', b"x" * 10_000_000, times, b'"}\n{"n":2}\n')
    return f"a line of {times / 100} GB", lambda: _events(("s3-lines", "json"), path, max_inflate_ratio=10**6) == 2


def bomb(quick: bool) -> tuple[str, Callable[[], bool]]:
    """10 GB of zeros; a limit stops it."""
    times = 100 if quick else 1000
    path = inputs.members("bomb", b"", bytes(10 * MIB), times, b"")

    def run() -> bool:
        engine = Engine(("s3-lines", "json"), [function(nothing)], may_fail=True, limits=Limits(max_inflate_ratio=500))
        engine.run(path)
        return [failure.error_type for failure in engine.failures][-1:] == ["LimitExceeded"]

    return f"a gzip bomb of {times / 100} GB", run


def archive(quick: bool) -> tuple[str, Callable[[], bool]]:
    """A zip of 100,000 members."""
    count = 10_000 if quick else 100_000
    path = inputs.zipped("archive", count)
    return f"a zip of {count:,} members", lambda: _events(("s3-lines", "json"), path) == count


def batch(quick: bool) -> tuple[str, Callable[[], bool]]:
    """1,000 objects of 1 MB each, in one batch."""
    count = 200 if quick else 1000
    path = inputs.write_once(
        "one-mib", lambda file: file.write(b"".join(islice(_lines(), 1800))[:MIB].rpartition(b"\n")[0])
    )

    def run() -> bool:
        engine = Engine(NDJSON, [function(nothing)])
        return bool(engine.run(*[path] * count)["objects"] == count)

    return f"a batch of {count:,} objects of 1 MB", run


def _events(chain: tuple[str, ...], path: Path, **limits: Any) -> int:
    engine = Engine(chain, [function(nothing)], may_fail=True, limits=Limits(**limits))
    return int(engine.run(path)["events"])


OBJECTS: dict[str, Callable[[bool], tuple[str, Callable[[], bool]]]] = {
    each.__name__: each for each in (lines_object, document_object, long_line, bomb, archive, batch)
}


CASES: dict[str, Callable[[Scale], list[Row]]] = {each.__name__: each for each in (linear, memory)}


if __name__ == "__main__":
    measure_peak(OBJECTS, *sys.argv[1:])
