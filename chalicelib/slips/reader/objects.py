"""An object's name to its records: stored bytes, inflated ahead in a thread, cut by a framer."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing

import msgspec

from ..config.settings import Limits
from ..errors import ReadError, Where
from ..model import ObjectRef
from ..model.ports import ObjectStore
from . import FRAMERS
from .framing import Batch, FramingOptions, RecordFilter
from .inflate import inflate
from .read_ahead import read_ahead

SMALL = 64 * 1024
"""Bytes of a stored object that is inflated sooner than a thread starts."""


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
        inflated = inflate(self._stored_chunks(), self._limits, self._ref.size)
        small = self._ref.size is not None and self._ref.size <= SMALL
        position = ""
        options = msgspec.structs.replace(options, max_line_bytes=self._limits.max_line_bytes)
        try:
            with closing(inflated if small else read_ahead(inflated)) as chunks:
                for batch in FRAMERS[framing](chunks, record_filter, options):
                    for fault in batch.faults:
                        fault.error.where = self._where(str(fault.position))
                    position = str(batch.first + batch.count)
                    yield batch
        except ReadError as error:
            error.where = self._where(position)
            raise

    def _where(self, position: str) -> Where:
        return Where(key=f"s3://{self._ref.bucket}/{self._ref.key}", position=position)

    def _stored_chunks(self) -> Generator[bytes, None, None]:
        for chunk in self._objects.open(self._ref):
            self.stored_bytes += len(chunk)
            yield chunk
