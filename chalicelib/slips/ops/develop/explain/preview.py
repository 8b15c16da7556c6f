"""The first events of an object, read by the engine but not delivered."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

import msgspec

from ....config import Limits
from ....engine.functions import Function
from ....engine.reading import Reading
from ....engine.run import ObjectRun
from ....engine.slices import SliceSizer
from ....errors import Killed
from ....formats.chain import Chain
from ....model import Failure, ObjectRef, work_item
from ....model.meta import Meta
from ....model.ports import ObjectStore, Progress
from ....model.utc import iso

_ALL = "(all events)"
FAULTS = 20
"""The preview stops after this many records that cannot be parsed."""


class PreviewedEvent(msgspec.Struct, kw_only=True):
    """An event, with the functions that would get it. `time` is ISO 8601, `time_source` as in `Meta`, with
    the fault of a time that could not be read."""

    position: int
    index: int | None
    tag: str
    time: str
    time_source: str
    message: str
    functions: list[str] = []


class Preview(msgspec.Struct, kw_only=True):
    """A preview: the first events, the failures (of parsing, `where` or `type`), and the records read."""

    chain: tuple[str, ...]
    container: str
    functions: tuple[str, ...]
    events: list[PreviewedEvent] = []
    failures: list[Failure] = []
    records: int = 0


class _Enough(Killed):
    """A signal to stop the engine, which would blame anything else on the function."""


def preview(
    ref: ObjectRef, objects: ObjectStore, chain: Chain, functions: Sequence[Function], lane: str, limits: Limits,
    *, most: int,
) -> Preview:  # fmt: skip
    """Preview the first `most` events. Calls `where` predicates, but no functions."""
    result = Preview(
        chain=tuple(stage.name for stage in chain.links),
        container=f"{chain.framing}:{chain.argument}" if chain.argument else chain.framing,
        functions=tuple(each.name for each in functions),
    )
    watch = _Watch(most)
    narrow = msgspec.structs.replace(limits.with_samples(), errors_per_object=FAULTS)
    item = work_item(ref, lane)
    everything = Function(name=_ALL, call=watch.event)
    run = ObjectRun(item, chain, [*(watch.observe(each) for each in functions), everything], lane, narrow, Progress())
    reading = Reading(objects, limits, [run])
    try:
        with closing(_steps(reading)) as steps:
            for _ in steps:
                pass
    except _Enough:
        pass
    # Hide our own function; its failures are those of all functions.
    result.events = watch.seen[:most]
    result.failures = [failure for failure in run.take_failures() if failure.processor != _ALL]
    # The engine counts finished slices, and the last one is not finished.
    result.records = max([run.segment().records, *(event.position for event in result.events)])
    return result


def _steps(reading: Reading) -> Any:
    return reading.steps(SliceSizer())


class _Watch:
    """A stand-in for the functions that records which of them get an event."""

    def __init__(self, most: int) -> None:
        self.seen: list[PreviewedEvent] = []
        self._most = most
        self._takers: list[str] = []

    def observe(self, function: Function) -> Function:
        """Replace a function by one that takes single events and does nothing."""
        return dataclasses.replace(function, batch=None, call=self._note(function.name))

    def _note(self, name: str) -> Callable[..., None]:
        def note(meta: Meta, event: Any) -> None:  # noqa: ARG001 - the signature of a function
            self._takers.append(name)

        return note

    def event(self, meta: Meta, event: Any) -> None:  # noqa: ARG002 - the signature of a function
        """Take every event, after the functions that take it."""
        self.seen.append(_previewed(meta, self._takers))
        self._takers = []
        if len(self.seen) >= self._most:
            raise _Enough


def _previewed(meta: Meta, takers: list[str]) -> PreviewedEvent:
    source = meta.time_source if meta.time_fault is None else f"{meta.time_source}: {meta.time_fault}"
    return PreviewedEvent(
        position=meta.position,
        index=meta.index,
        tag=meta.tag,
        time=iso(meta.timestamp),
        time_source=source,
        message=meta.message,
        functions=takers,
    )
