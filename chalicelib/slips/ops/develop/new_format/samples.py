"""The first records of a file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from ....config import Limits
from ....model import ObjectRef
from ....reader.framing import FramingOptions, RecordFilter
from ....reader.objects import ObjectReader
from ..local_file import LocalFile
from .framings import infer_framing, is_record_start, split_framing

MAX_RECORDS = 500
LONGEST = 64 * 1024
"""Characters of a record. Longer ones are left out."""
_JSON = re.compile(r'\{|\[\s*(?:[\[{"]|$)')


class Samples(msgspec.Struct, frozen=True):
    """A file's first records as text, without empty ones, and the framing that cuts them (`lines`, `json:Records`)."""

    records: tuple[str, ...]
    framing: str = "lines"

    @property
    def objects(self) -> list[dict[str, Any]]:
        """Return the records that are JSON objects, where nearly all are."""
        objects = [value for record in self.records if isinstance(value := _load_json(record), dict)]
        return objects if len(objects) >= 0.8 * len(self.records) else []


def read_samples(path: Path, framing: str = "") -> Samples:
    """Read the first records of the file, compressed or not, cut by `framing` or by what its beginning looks like.

    Raises ReadError, and ValueError for an unknown framing.
    """
    if framing:
        return _cut(path, framing.removeprefix("s3-"))
    lines = _cut(path, "lines")
    first = next(iter(lines.records), "").lstrip()
    if not _JSON.match(first):
        framing = infer_framing(lines.records)
        return lines if framing == "lines" else _cut(path, framing)
    if lines.objects and not _array_key(lines):
        return lines
    elements = _cut(path, "json")
    array_key = _array_key(elements)
    if array_key:
        return _cut(path, f"json:{array_key}")
    return elements if elements.objects else lines


def _cut(path: Path, framing: str) -> Samples:
    records = tuple(_read_records(path, *split_framing(framing)))
    if records and not is_record_start(framing, records[0]):
        records = records[1:]  # The end of a record that began in the file before.
    return Samples(records, framing)


def _array_key(samples: Samples) -> str:
    """Return the key under which documents hold a list of objects; empty where they hold none."""
    documents = samples.objects
    if not documents or len(documents) > 3:
        return ""
    lists = [name for name, value in documents[0].items() if isinstance(value, list) and _are_objects(value)]
    return lists[0] if len(lists) == 1 and all(lists[0] in document for document in documents) else ""


def _are_objects(values: list[Any]) -> bool:
    return len(values) > 0 and all(isinstance(value, dict) for value in values)


def _read_records(path: Path, framer: str, argument: str) -> Iterator[str]:
    reader = ObjectReader(LocalFile(str(path)), ObjectRef(bucket="", key=path.name), Limits())
    options = FramingOptions(argument=argument, array_keys=(argument,) if argument else ())
    count = 0
    for batch in reader.read_batches(framer, options, RecordFilter()):
        for record in batch.records:
            text = record.decode("utf-8", "backslashreplace")
            if not text.strip() or len(text) > LONGEST:
                continue
            yield text
            count += 1
            if count == MAX_RECORDS:
                return


def _load_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
