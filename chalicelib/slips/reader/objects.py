"""From an object's name to its records: stored bytes, inflated ahead in a thread, cut by its container."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing

from ..config.settings import Limits
from ..model import ObjectRef
from ..model.ports import ObjectStore
from . import FRAMERS
from .framing import Batch, FramingOptions, RecordFilter
from .inflate import inflate
from .read_ahead import read_ahead

SMALL = 64 * 1024


class ObjectReader:
    """Reads one object; `stored_bytes` counts what came of it so far."""

    def __init__(self, objects: ObjectStore, ref: ObjectRef, limits: Limits) -> None:
        self.stored_bytes = 0
        self._objects = objects
        self._ref = ref
        self._limits = limits

    def read_batches(
        self, source: str, options: FramingOptions, record_filter: RecordFilter
    ) -> Generator[Batch, None, None]:
        """The records, in batches. Raises ReadError after the last good one where the object cannot be read on."""
        if source == "ignore":
            return
        inflated = inflate(self._stored(), self._limits, self._ref.size)
        # A small object is inflated sooner than a thread is started.
        small = self._ref.size is not None and self._ref.size <= SMALL
        with closing(inflated if small else read_ahead(inflated)) as chunks:
            yield from FRAMERS[source](chunks, record_filter, self._limits, options)

    def _stored(self) -> Generator[bytes, None, None]:
        for chunk in self._objects.open(self._ref):
            self.stored_bytes += len(chunk)
            yield chunk
