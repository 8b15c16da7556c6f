"""S3 objects to records: stored bytes, inflated, then cut by a framer (one module each).

`FRAMERS` has the names of slips.yml. A framer is imported when the first object that needs it is read, so that a cold
start pays for none but its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import cast

from .framing import Batch, Framer, FramingOptions, RecordFilter


def _import_late(module: str, function: str) -> Framer:
    def frame(chunks: Iterable[bytes], record_filter: RecordFilter, options: FramingOptions) -> Iterator[Batch]:
        framer = cast(Framer, getattr(import_module(f"{__name__}.{module}"), function))
        return framer(chunks, record_filter, options)

    return frame


FRAMERS: dict[str, Framer] = {
    "s3-lines": _import_late("lines", "frame_lines"),
    "s3-text": _import_late("text", "frame_text"),
    "s3-json": _import_late("json.document", "frame_json"),
    "s3-json-stream": _import_late("json.stream", "frame_json_stream"),
    "s3-csv": _import_late("csv_rows", "frame_csv"),
    "s3-tsv": _import_late("lines", "frame_lines"),
    "s3-w3c": _import_late("lines", "frame_lines"),
    "s3-multiline": _import_late("multiline", "frame_multiline"),
    "s3-xml": _import_late("xml_elements", "frame_xml"),
    "s3-parquet": _import_late("parquet", "frame_parquet"),
    "ignore": _import_late("text", "frame_nothing"),
    "records": _import_late("length_prefixed", "frame_length_prefixed"),
}
FRAMER_NAMES: frozenset[str] = frozenset(FRAMERS) - {"records"}
