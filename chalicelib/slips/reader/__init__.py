"""S3 objects to records: stored bytes, inflated, cut by their container (one module each).

`FRAMERS` names the containers as slips.yml does. A container is imported when the first object of its kind is read,
so that a cold start pays for none but its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import cast

from ..config.settings import Limits
from .framing import Batch, Framer, FramingOptions, RecordFilter


def _from(module: str, function: str) -> Framer:
    def source(
        chunks: Iterable[bytes], record_filter: RecordFilter, limits: Limits, options: FramingOptions
    ) -> Iterator[Batch]:
        found = cast(Framer, getattr(import_module(f"{__name__}.{module}"), function))
        return found(chunks, record_filter, limits, options)

    source.__name__ = source.__qualname__ = function
    return source


FRAMERS: dict[str, Framer] = {
    "s3-lines": _from("lines", "lines"),
    "s3-text": _from("text", "text"),
    "s3-json": _from("json.document", "json_document"),
    "s3-json-stream": _from("json.stream", "json_stream"),
    "s3-csv": _from("csv_rows", "csv_rows"),
    "s3-tsv": _from("lines", "lines"),
    "s3-w3c": _from("lines", "lines"),
    "s3-multiline": _from("multiline", "multiline"),
    "s3-xml": _from("xml_elements", "xml_elements"),
    "s3-parquet": _from("parquet", "parquet"),
    "ignore": _from("text", "ignore"),
    "records": _from("length_prefixed", "framed"),
}
FRAMER_NAMES: frozenset[str] = frozenset(FRAMERS) - {"records"}
