"""SLIPS on a local file: the whole engine, with its reader, guards, positions and books, and no AWS."""

from __future__ import annotations

import gc
import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from slips.config import Config, LaneConfig, Limits, Mapping, Topic
from slips.engine.functions import FlushHook, Function, Functions
from slips.engine.invocation import process
from slips.engine.worker import Worker
from slips.formats.chain import compile_chain
from slips.model import Failure, ObjectRef, WorkItem, work_item
from slips.model.ports import Ledger, ObjectStore
from slips.reader import FRAMER_NAMES
from slips.reader.s3 import CHUNK
from slips.testing import MemoryErrors, MemoryLanes, MemoryLedger

BUCKET = "bench"
_count = itertools.count()


class LocalFiles:
    """An object store whose keys are paths."""

    def open(self, ref: ObjectRef) -> Iterator[bytes]:
        """See `ports.ObjectStore`."""
        with open(ref.key, "rb", buffering=0) as file:
            while chunk := file.read(CHUNK):
                yield chunk


class Engine:
    """An engine with these functions, for objects of one format chain."""

    def __init__(
        self, chain: Sequence[str], functions: Sequence[Function], *, objects: ObjectStore | None = None,
        limits: Limits | None = None, may_fail: bool = False, flush: Sequence[FlushHook] = (),
        ledger: Ledger | None = None,
    ) -> None:  # fmt: skip
        self.may_fail = may_fail
        lane = LaneConfig(name="fast", stream="fast")
        self.errors, self.ledger = MemoryErrors(), ledger or MemoryLedger()
        registered = Functions()
        for function in functions:
            registered.add(function)
        registered.flush += flush
        self._worker = Worker(
            Config(
                stack_name="bench", topics=(Topic("t", "t"),), fast=lane, slow=lane, error_table="e", ledger_table="l",
                dead_letters="d", mappings=(Mapping(bucket=BUCKET, chain=tuple(chain)),), limits=limits or Limits(),
            ),
            registered,
            cache(lambda names: compile_chain(names, FRAMER_NAMES)),  # As `Slips.chain` keeps them.
            objects=objects or LocalFiles(),
            lanes=MemoryLanes(),
            errors=self.errors,
            ledger=self.ledger,
        )  # fmt: skip
        gc.freeze()  # As `Slips.worker` does, when all is imported.

    def run(self, *paths: Path | str, **fields: Any) -> dict[str, Any]:
        """Process the objects as one batch; `fields` are those of the work items. Raises where an object failed, since
        failing is fast."""
        answer = process(self._worker, "fast", [_item(str(path), fields) for path in paths])
        if self.errors.items and not self.may_fail:
            raise AssertionError(self.failures[0])
        return answer

    @property
    def failures(self) -> list[Failure]:
        """What failed so far."""
        return list(self.errors.items.values())


def _item(path: str, fields: dict[str, Any]) -> WorkItem:
    size = os.path.getsize(path) if os.path.exists(path) else None
    item = work_item(ObjectRef(bucket=BUCKET, key=path, size=size, sequencer=f"{next(_count):016X}"), "fast")
    return WorkItem(**{**{name: getattr(item, name) for name in item.__struct_fields__}, **fields})


def function(call: Callable[..., Any], name: str = "function", **options: Any) -> Function:
    """Return a registered function."""
    return Function(name=name, call=call, **options)


def nothing(meta: Any, event: Any) -> None:
    """Do nothing: a benchmark measures what surrounds its function."""


def nothing_of_batches(batch: Any) -> None:
    """Do nothing with a batch."""
