"""The first records of a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from ....config import Limits
from ....model import ObjectRef
from ....reader.framing import FramingOptions, RecordFilter
from ....reader.objects import ObjectReader
from ..local_file import LocalFile

MOST = 500
LONGEST = 64 * 1024
"""Characters of a record that is looked at."""


class Samples(msgspec.Struct, frozen=True):
    """Records as text, without blank ones, and what cuts them (`lines`, `s3-json:Records`)."""

    records: tuple[str, ...]
    source: str = "lines"

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The records, where nearly all of them are JSON objects."""
        found = [value for record in self.records if isinstance(value := _json(record), dict)]
        return found if len(found) >= 0.8 * len(self.records) else []


def read_samples(path: Path) -> Samples:
    """The first records of the file, compressed or not. Raises ReadError."""
    lines = Samples(tuple(_records(path, "s3-lines", "")))
    first = next(iter(lines.records), "").lstrip()
    if not first.startswith(("{", "[")) or (lines.objects and not _array_key(lines)):
        return lines
    cut = Samples(tuple(_records(path, "s3-json", "")), "s3-json")
    inside = _array_key(cut)
    if inside:
        return Samples(tuple(_records(path, "s3-json", inside)), f"s3-json:{inside}")
    return cut if cut.objects else lines


def _array_key(samples: Samples) -> str:
    """The key under which documents hold a list of objects; empty where they hold none."""
    documents = samples.objects
    if not documents or len(documents) > 3:
        return ""
    lists = [name for name, value in documents[0].items() if isinstance(value, list) and _are_objects(value)]
    return lists[0] if len(lists) == 1 and all(lists[0] in document for document in documents) else ""


def _are_objects(values: list[Any]) -> bool:
    return len(values) > 0 and all(isinstance(value, dict) for value in values)


def _records(path: Path, source: str, argument: str) -> Iterator[str]:
    reader = ObjectReader(LocalFile(str(path)), ObjectRef(bucket="", key=path.name), Limits())
    options = FramingOptions(argument=argument, array_keys=(argument,) if argument else ())
    count = 0
    for batch in reader.read_batches(source, options, RecordFilter()):
        for record in batch.records:
            text = record.decode("utf-8", "backslashreplace")
            if not text.strip() or len(text) > LONGEST:
                continue
            yield text
            count += 1
            if count == MOST:
                return


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
