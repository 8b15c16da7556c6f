"""What functions are given in a test, what they raise, and whether one changes the event of another."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from copy import copy, deepcopy
from typing import Any

from ..engine.functions import Function
from ..model.meta import Meta
from .faults import Moment
from .outcome import Outcome


class Watcher:
    """A recorder of the functions of one invocation."""

    def __init__(self, moment: Moment, outcome: Outcome) -> None:
        self._moment = moment
        self._outcome = outcome
        self._changed: dict[int, tuple[Any, str]] = {}
        """By the id of each changed event: the event, which keeps the id its own, and the function that changed it."""

    def watch(self, function: Function) -> Function:
        """Wrap a function, to record copies of its events before the call, and what it raises."""
        events = self._outcome.events.setdefault(function.name, [])
        call, where = self.record_raised(function.call), function.where

        def deliver(pairs: Sequence[tuple[Meta, Any]], *arguments: Any) -> Any:
            self._moment.before(pairs)
            copies = [_copy(meta, event) for meta, event in pairs]
            events.extend(copies)
            for meta, event in pairs:
                self._report_changed(function.name, meta, event)
            try:
                return call(*arguments)
            finally:
                for (_, event), (_, copied) in zip(pairs, copies, strict=True):
                    if event != copied:
                        self._changed.setdefault(id(event), (event, function.name))

        def is_wanted(meta: Meta, event: Any) -> object:
            self._report_changed(function.name, meta, event)
            return where is None or where(meta, event)

        return dataclasses.replace(
            function,
            call=(lambda batch: deliver([*batch], batch))
            if function.batch
            else (lambda meta, event: deliver([(meta, event)], meta, event)),
            where=where and is_wanted,
        )

    def record_raised(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap a call, to record what it raises."""

        def call_recording(*arguments: Any) -> Any:
            try:
                return call(*arguments)
            except (Exception, SystemExit) as fault:
                self._outcome.raised.append(fault)
                raise

        call_recording.__name__ = getattr(call, "__name__", "hook")
        return call_recording

    def _report_changed(self, name: str, meta: Meta, event: Any) -> None:
        _, changed_by = self._changed.get(id(event), (None, name))
        if changed_by != name:
            self._outcome.changed.setdefault((changed_by, name), meta.position)


def _copy(meta: Meta, event: Any) -> tuple[Meta, Any]:
    """Copy an event and its meta, so that a test sees them as the function got them."""
    try:
        copied_event = deepcopy(event)
        if copied_event != event:  # Of a class without ==: what the function does to it cannot be told.
            return meta, event
    except Exception:  # noqa: BLE001 - the event of a user's parser may hold anything, such as a lock
        return meta, event
    copied_meta = copy(meta)
    if meta._event is event:
        copied_meta._event = copied_event
    copied_meta._cache = copy(meta._cache)
    return copied_meta, copied_event
