"""Rows of an archive, and where they lie.

A row is an object of JSON, of the fields of the document, and before them:

    event_id         meta.event_id: the same in every run, so that a reader can drop what came twice
    source_bucket    of the object that the event came from
    source_key
    position         of the record in that object

Where the document has a field `source_bucket`, `source_key` or `position` of its own, that one is there instead. Its
own `event_id`, and those of the names of folders (`format`, `year`, `month`, `day`, `hour`), which would be hidden
behind the folder's value, are renamed: `own_event_id`. So is `other_fields`, in which Parquet files hold what has no
column. Names are compared without case, as Athena and DuckDB do. A document that is not an object is in `value`.

The rows of an object of 1 MiB or more have files of their own, named after it. Those of others share files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import msgspec

from ..config.settings import MIB
from ..errors import EventFailed
from ..model import Source, digest, escape_surrogates
from ..model.meta import Meta
from .base import Document, Encoded, encode

LARGE: Final = MIB
"""Bytes of an object from which on its rows have files of their own."""
OTHER_FIELDS: Final = "other_fields"
RESERVED: Final = frozenset({"event_id", "format", "year", "month", "day", "hour", OTHER_FIELDS})


class Shelf(NamedTuple):
    """Where a row belongs: a folder, and the digest of its object; empty where it shares files with others."""

    folder: str
    object_digest: str


def make_line(document: Document) -> bytes:
    """Write a document as a line of JSON. Raises EventFailed for what JSON cannot hold."""
    meta, fields = document.meta, _to_fields(document.body)
    names = {str(name).lower() for name in fields}
    place = {
        "source_bucket": meta.source.bucket,
        "source_key": escape_surrogates(meta.source.key),
        "position": meta.position,
    }
    row: dict[Any, Any] = {"event_id": document.id}
    row |= {name: value for name, value in place.items() if name not in names}
    if RESERVED.isdisjoint(names):
        row |= fields
    else:
        row |= {_rename(name, names): value for name, value in fields.items()}
    return encode(row) + b"\n"


def _to_fields(body: Any) -> Mapping[Any, Any]:
    if isinstance(body, dict):
        return body
    value = msgspec.json.decode(encode(body))  # A struct is an object, too.
    return value if isinstance(value, dict) else {"value": value}


def _rename(name: Any, names: set[str]) -> Any:
    if str(name).lower() not in RESERVED:
        return name
    renamed = f"own_{name}"
    while renamed.lower() in names:
        renamed = f"own_{renamed}"
    return renamed


def shelf_of(meta: Meta) -> Shelf:
    """Return where the row of an event belongs. Raises ParseError where its record cannot be read again, EventFailed
    where no calendar has its time."""
    source = meta.source
    is_large = (source.size or 0) >= LARGE
    return Shelf(_folder_of(meta), _digest_of(source) if is_large else "")


def _folder_of(meta: Meta) -> str:
    seconds = meta.timestamp
    try:
        time = meta.datetime
    except (ValueError, OverflowError) as fault:
        raise EventFailed(f"its time, {seconds} seconds after 1970, is not in the years 1 to 9999") from fault
    day = f"year={time.year:04}/month={time.month:02}/day={time.day:02}/hour={time.hour:02}/"
    return f"format={quote(meta.format, safe='')}/{day}"


def _digest_of(source: Source) -> str:
    return digest(source.bucket, source.key, source.version)


def name_file(shelf: Shelf, rows: Sequence[Encoded], lines: bytes) -> str:
    """Return the name of the file of these rows, of which `lines` are the bytes. Only the very same rows have that
    name: two functions that archive the same events, or the many rows that one event may have, overwrite nothing."""
    content = blake2b(lines, digest_size=16).hexdigest()
    if not shelf.object_digest:
        return content
    positions = [row.meta.position for row in rows]
    return f"{shelf.object_digest}-{min(positions)}-{max(positions)}-{content}"
