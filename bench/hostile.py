"""Objects of a stranger that are made to fill the memory: each is read, or refused by name, within the same bound."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import IO, Any

from . import inputs
from .measure import Row
from .ours import Engine, function, nothing, nothing_of_batches
from .peaks import MOST_MEMORY, Objects, measure_peak, peak
from .throughput import Scale

MIB = 1 << 20
MOST_PARQUET = 250.0
"""MB: pyarrow alone takes a hundred."""


def hostile_memory(scale: Scale) -> list[Row]:
    """Peak resident memory, each object in a process of its own."""
    return [peak(__name__, name, scale, MOST_PARQUET if "parquet" in name else MOST_MEMORY) for name in OBJECTS]


def packed(name: str, quick: bool, *parts: tuple[bytes, int], layers: int = 1) -> Path:
    """Return the path of an object: each part so many times, in so many layers of gzip."""

    def write(file: IO[bytes]) -> None:
        packers = [zlib.compressobj(9, wbits=31) for _ in range(layers)]

        def add(data: bytes, level: int) -> None:
            if level == len(packers):
                file.write(data)
            else:
                add(packers[level].compress(data), level + 1)

        for part, times in parts:
            for _ in range(times):
                add(part, 0)
        for level, packer in enumerate(packers):
            add(packer.flush(), level + 1)

    return inputs.write_once(f"hostile-{name}{'-quick' if quick else ''}", write)


def read(path: Path, chain: Sequence[str], batch: int | None = None) -> bool:
    """Read the object. Returns whether nothing of SLIPS itself failed."""
    what = function(nothing) if batch is None else function(nothing_of_batches, batch=batch)
    engine = Engine(chain, [what], may_fail=True)
    engine.run(path)
    return all(failure.stage in ("parse", "read") for failure in engine.failures)


Made = tuple[str, Callable[[], bool]]


def partial_lines(quick: bool) -> Made:
    """Parts of lines of containers, which hold no text and never end."""
    line = b"2026-03-01T09:15:02.123456789Z stdout P \n"
    path = packed("cri", quick, (line * 10_000, 20 if quick else 150))
    return "partial lines of containers without text", partial(read, path, ("s3-lines", "cri"))


def blank_lines(quick: bool) -> Made:
    """Blank lines that continue a record."""
    path = packed("blank", quick, (b"a", 1), (b"\n" * MIB, 2 if quick else 8))
    return "blank lines of one record", partial(read, path, ("s3-multiline", "logfmt"))


def nested_lists(quick: bool) -> Made:
    """A line of 15 MB of empty lists."""
    path = packed("lists", quick, (b'{"a":[', 1), (b"[]," * 1000, 500 if quick else 5000), (b"1]}\n", 1))
    return "a line of empty lists", partial(read, path, ("s3-lines", "json"))


def small_objects(quick: bool) -> Made:
    """An element of 8 MB of objects of one number, in a document."""
    part = (b'{"a":1},' * 1000, 100 if quick else 1000)
    path = packed("objects", quick, (b'{"Records":[{"a":[', 1), part, (b"1]}]}", 1))
    return "an element of small objects", partial(read, path, ("s3-json:Records", "json"))


def long_lines_in_a_batch(quick: bool) -> Made:
    """Lines of a mebibyte, to a function that takes 500 events at a time."""
    path = packed("long", quick, (b'{"a":"' + b"x" * MIB + b'"}\n', 50 if quick else 300))
    return "lines of 1 MiB, batch=500", partial(read, path, ("s3-lines", "json"), 500)


def lists_in_a_batch(quick: bool) -> Made:
    """Lines of empty lists, to a function that takes 500 events at a time."""
    path = packed("lists-batch", quick, (b'{"a":[' + b"[]," * 30_000 + b"1]}\n", 100 if quick else 500))
    return "lines of empty lists, batch=500", partial(read, path, ("s3-lines", "json"), 500)


def pairs(quick: bool) -> Made:
    """A line of 15 MB of pairs."""
    count = 100_000 if quick else 1_500_000
    path = inputs.gz(f"hostile-pairs-{count}", lambda: b" ".join(b"k%d=v" % number for number in range(count)) + b"\n")
    return "a line of pairs", partial(read, path, ("s3-lines", "logfmt"))


def cells(quick: bool) -> Made:
    """A row of 15 MB of empty cells, below a header of as many."""
    row = (b"," * MIB, 2 if quick else 15)
    path = packed("cells", quick, row, (b"\n", 1), row, (b"\n", 1))
    return "rows of empty cells", partial(read, path, ("s3-csv", "csv"))


def layers(quick: bool) -> Made:
    """A bomb of three layers."""
    path = packed("layers", quick, (bytes(MIB), 200 if quick else 5000), layers=3)
    return "a bomb in three layers", partial(read, path, ("s3-lines", "json"))


def deep(quick: bool) -> Made:
    """Brackets that never close."""
    path = packed("deep", quick, (b"[" * MIB, 5 if quick else 15), (b"\n", 1))
    return "open brackets", partial(read, path, ("s3-json", "json"))


def lists_in_parquet(quick: bool) -> Made:
    """A row of a list of zeros."""
    count = 1_000_000 if quick else 30_000_000

    def column() -> Any:
        import pyarrow

        offsets = pyarrow.array([0, count], pyarrow.int32())
        return pyarrow.ListArray.from_arrays(offsets, pyarrow.array([0] * count, pyarrow.int8()))

    return "Parquet: a list of zeros", partial(read, _parquet(f"list-{count}", column), ("s3-parquet", "json"))


def texts_in_parquet(quick: bool) -> Made:
    """A thousand rows of the same text of a megabyte."""
    count = 50 if quick else 1000

    def column() -> Any:
        import pyarrow

        texts = pyarrow.array(["x" * 1_000_000])
        return pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * count, pyarrow.int32()), texts)

    path = _parquet(f"text-{count}", column)
    return "Parquet: the same long text in each row", partial(read, path, ("s3-parquet", "json"))


def _parquet(name: str, make_column: Callable[[], Any]) -> Path:
    def write(file: IO[bytes]) -> None:
        import pyarrow
        from pyarrow.parquet import write_table

        table = pyarrow.table({"a": make_column()})
        write_table(table, file, compression="zstd", row_group_size=1 << 30, store_schema=False)

    return inputs.write_once(f"hostile-parquet-{name}", write)


OBJECTS: Objects = {
    each.__name__: each
    for each in (
        partial_lines, blank_lines, nested_lists, small_objects, long_lines_in_a_batch, lists_in_a_batch, pairs, cells,
        layers, deep, lists_in_parquet, texts_in_parquet,
    )
}  # fmt: skip
CASES: dict[str, Callable[[Scale], list[Row]]] = {hostile_memory.__name__: hostile_memory}

if __name__ == "__main__":
    measure_peak(OBJECTS, *sys.argv[1:])
