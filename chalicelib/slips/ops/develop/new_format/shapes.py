"""What records are: JSON objects, delimited columns, `key=value` pairs, or lines of text."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from ....formats.fields import lookup
from ....formats.general.plain import USUAL_TIMES
from .columns import infer_columns
from .samples import Samples
from .times import find_notation

PAIR = r'([\w.-]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))'
DELIMITERS = "\t,;|"
_ENOUGH = 0.9
"""The share of the records that a shape must fit."""


class RecordShape(msgspec.Struct, kw_only=True):
    """A shape that the records share: `fields` by name, `header` the row that names them, if any, `time` the field with
    the time, `time_code` the Python that reads it. `read` is how many of the records have this shape."""

    kind: Literal["json", "delimited", "pairs", "text"]
    framing: str = msgspec.field(default="lines", name="source")
    fields: tuple[str, ...] = ()
    delimiter: str = ""
    pattern: str = ""
    header: str = ""
    time: str = ""
    time_code: str = ""
    read: int = 0


def infer_shape(samples: Samples) -> RecordShape:
    """Return the first shape that fits, with its time."""
    is_multiline = samples.framing.startswith("multiline")
    one_line = None if is_multiline else _infer_pairs(samples) or _infer_delimited(samples)
    shape = _infer_json(samples) or one_line or _infer_text(samples)
    return msgspec.structs.replace(shape, framing=samples.framing)


def _infer_json(samples: Samples) -> RecordShape | None:
    objects = samples.objects
    if not objects:
        return None
    names = Counter(name for event in objects for name in event)
    shape = RecordShape(kind="json", fields=tuple(names), read=len(objects))
    return _with_time(shape, objects, _paths(objects))


def _paths(objects: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the fields that may hold the time: the usual names, then those of the first object, to two levels."""
    first = objects[0]
    inner = [f"{name}.{key}" for name, value in first.items() if isinstance(value, dict) for key in value]
    return [*USUAL_TIMES, *first, *inner]


def _infer_pairs(samples: Samples) -> RecordShape | None:
    fitting = [dict(_pair(record)) for record in samples.records if len(_pair(record)) >= 3]
    if len(fitting) < _ENOUGH * len(samples.records):
        return None
    names = tuple(Counter(name for event in fitting for name in event))
    return _with_time(RecordShape(kind="pairs", fields=names, read=len(fitting)), fitting, [*USUAL_TIMES, *names])


def _pair(record: str) -> list[tuple[str, str]]:
    return [(name, quoted or plain) for name, quoted, plain in re.findall(PAIR, record)]


def _infer_delimited(samples: Samples) -> RecordShape | None:
    for delimiter in DELIMITERS:
        rows = _rows(samples, delimiter)
        width, count = Counter(map(len, rows)).most_common(1)[0]
        if width < 3 or count < _ENOUGH * len(samples.records):
            continue
        fitting = [row for row in rows if len(row) == width]
        header = fitting[0] if len(fitting) > 1 and _is_header(fitting) else []
        names = _unique([_slug(name) for name in header] or [f"field_{at + 1}" for at in range(width)])
        events = [dict(zip(names, row, strict=True)) for row in fitting[bool(header) :]]
        shape = RecordShape(
            kind="delimited", delimiter=delimiter, fields=tuple(names), read=len(fitting),
            header=samples.records[0] if header else "",
        )  # fmt: skip
        return _with_time(shape, events, [*USUAL_TIMES, *names])
    return None


def _rows(samples: Samples, delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(samples.records, delimiter=delimiter))
    except csv.Error:
        return [[]]


def _is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row is a header: different names without digits, above a row with a digit."""
    first = rows[0]
    names = all(re.fullmatch(r"[A-Za-z#@_][^\d\"]*", cell.strip()) for cell in first)
    return names and len(set(first)) == len(first) and any(re.search(r"\d", cell) for cell in rows[1])


def _infer_text(samples: Samples) -> RecordShape:
    columns = infer_columns(samples.records)
    matcher = re.compile(columns.pattern)
    fitting = [match.groupdict() for record in samples.records if (match := matcher.fullmatch(record))]
    shape = RecordShape(kind="text", pattern=columns.pattern, fields=columns.names, read=len(fitting))
    return _with_time(shape, fitting, list(columns.names))


def _with_time(shape: RecordShape, events: Sequence[Mapping[str, Any]], paths: Sequence[str]) -> RecordShape:
    for path in dict.fromkeys(paths):
        values = [event[path] if path in event else lookup(dict(event), path) for event in events]
        if any(isinstance(value, bool) or not isinstance(value, str | int | float) for value in values):
            continue
        notation = find_notation([str(value) for value in values])
        if notation is not None:
            return msgspec.structs.replace(shape, time=path, time_code=notation.code)
    return shape


def _slug(name: str) -> str:
    return re.sub(r"\W+", "_", name.strip().lstrip("#"), flags=re.ASCII).strip("_").lower() or "field"


def _unique(names: Sequence[str]) -> list[str]:
    counts: Counter[str] = Counter()
    unique = []
    for name in names:
        counts[name] += 1
        unique.append(name if counts[name] == 1 else f"{name}_{counts[name]}")
    return unique
