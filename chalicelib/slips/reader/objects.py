"""An object's name to its records: stored bytes, inflated ahead in a thread, cut by a framer."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing

import msgspec

from ..config.settings import Limits
from ..errors import CorruptObject, ReadError, Where
from ..model import ObjectRef
from ..model.ports import ObjectStore
from . import FRAMERS
from .framing import Batch, FramingOptions, RecordFilter
from .inflate import Piece, inflate, split_documents
from .read_ahead import read_ahead
from .window import BOM

PARQUET = b"PAR1"
BINARY = frozenset({"s3-parquet", "s3-text", "records"})
"""Framings that take content of any kind: a format of the user's own may read what SLIPS does not."""
JSON = ("s3-json", "s3-json-stream")
PADDING = b"\0" + BOM
SMALL = 64 * 1024
"""Bytes of a stored object that is inflated sooner than a thread starts."""


def _refuse_parquet(document: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the chunks. Raises CorruptObject where they are a Parquet file, of which no other framing makes records."""
    head = next(document, b"")
    if head.startswith(PARQUET):
        raise CorruptObject("the object is a Parquet file: begin its format chain in slips.yml with s3-parquet")
    yield head
    yield from document


def _frame_documents(
    framing: str, pieces: Iterable[Piece], record_filter: RecordFilter, options: FramingOptions
) -> Iterator[Batch]:
    """Yield the records of one document after another; positions go on. Raises CorruptObject where there is content,
    and no record in it."""
    position, is_first = record_filter.first, True
    begins_with: list[bytes] = []
    for document in split_documents(pieces):
        document = _note_beginning(_refuse_parquet(document), begins_with) if framing not in BINARY else document
        of_document = msgspec.structs.replace(record_filter, first=position)
        begins = not is_first
        for batch in FRAMERS[framing](document, of_document, options):
            batch.begins_document, begins, is_first = begins, False, False
            position = batch.first + batch.count
            yield batch
        if record_filter.is_exhausted(position):
            return
    # An empty array of JSON is no fault: most APIs give one where nothing happened.
    if is_first and begins_with and not (framing in JSON and begins_with[-1] in b"[{"):
        raise CorruptObject(f"{framing} finds no record in the object, though it is not empty")


def _note_beginning(document: Iterator[bytes], begins_with: list[bytes]) -> Iterator[bytes]:
    """Yield the chunks, and add the first byte of what is in them: a NUL where there is nothing else, and none where
    there is only white space."""
    for chunk in document:
        yield chunk
        if content := chunk.strip():
            text = content.lstrip(PADDING)
            if text or b"\0" in content:
                begins_with.append(text[:1] or b"\0")
            if text:
                yield from document


class ObjectReader:
    """A reader of one object; `stored_bytes` counts the bytes read so far."""

    def __init__(self, objects: ObjectStore, ref: ObjectRef, limits: Limits) -> None:
        self.stored_bytes = 0
        self._objects = objects
        self._ref = ref
        self._limits = limits

    def read_batches(
        self, framing: str, options: FramingOptions, record_filter: RecordFilter
    ) -> Generator[Batch, None, None]:
        """Yield the records in batches.

        Raises ReadError, after the last good record, where the object cannot be read on. `where` of that error, and of
        every fault, holds the key, and the position of the first record that was not read; no position where that is
        the first of the object.
        """
        is_text = framing not in BINARY
        inflated = inflate(self._stored_chunks(), self._limits, self._ref.size, is_text=is_text)
        small = self._ref.size is not None and self._ref.size <= SMALL
        position = 0
        options = msgspec.structs.replace(
            options, max_line_bytes=self._limits.max_line_bytes, max_object_bytes=self._limits.max_object_bytes,
            max_inflate_ratio=self._limits.max_inflate_ratio,
        )  # fmt: skip
        try:
            with closing(inflated if small else read_ahead(inflated)) as pieces:
                for batch in _frame_documents(framing, pieces, record_filter, options):
                    for fault in batch.faults:
                        fault.error.where = self._where(str(fault.position))
                    position = batch.first + batch.count
                    yield batch
        except ReadError as error:
            error.where = self._where(str(position or ""))
            raise

    def _where(self, position: str) -> Where:
        return Where(key=f"s3://{self._ref.bucket}/{self._ref.key}", position=position)

    def _stored_chunks(self) -> Generator[bytes, None, None]:
        for chunk in self._objects.open(self._ref):
            self.stored_bytes += len(chunk)
            yield chunk
