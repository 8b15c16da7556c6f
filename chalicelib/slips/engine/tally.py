"""What an invocation did, for the log, the metrics and the caller."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ..model import Failure
from ..observability import log_context
from .run import ObjectRun

log = logging.getLogger("slips")


class Measures(msgspec.Struct):
    """What was done of the objects of one format. `seconds` is how long each of them took, `ages` how long after its
    event time each was done, in seconds."""

    objects: int = 0
    records: int = 0
    events: int = 0
    delivered: int = 0
    quarantined: int = 0
    waiting: int = 0
    bytes: int = 0
    seconds: list[float] = []
    ages: list[float] = []


class InvocationTally:
    """Adds up the books of an invocation's runs, and logs each object that ended."""

    def __init__(self, clock: Callable[[], float] = time.time, *, log_objects: bool = False) -> None:
        self._log_objects = log_objects and log.isEnabledFor(logging.INFO)
        self.continued = self.crashed = self.unbalanced = 0
        self.quarantined = self._gave_up = 0
        """Objects, or parts of one, that became an error item before a record of them was read."""
        self._clock = clock
        self._bytes = 0
        self._runs: list[ObjectRun] = []
        self._error_items: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._measures: dict[str, Measures] = {}

    def add(self, runs: Sequence[ObjectRun], stored_bytes: int, seconds: float) -> None:
        """Count the bytes that were read for these runs, and the seconds it took."""
        self._runs.extend(runs)
        for run in runs:
            run.seconds = seconds
        self._bytes += stored_bytes
        measures = self._of(runs[0].format)
        measures.bytes += stored_bytes
        measures.seconds.append(seconds)

    def add_finished(self, runs: Sequence[ObjectRun]) -> None:
        """Note the age of the objects that the ledger now knows as finished."""
        now = self._clock()
        for run in runs:
            self._of(run.format).ages.append(max(0.0, now - run.landed_at))
            if self._log_objects:
                _log_end(run)

    def add_failures(self, failures: Sequence[Failure]) -> None:
        """Count the error items that went to the ErrorTable, but those that wait."""
        for failure in (each for each in failures if each.is_open):
            self._gave_up += failure.gave_up
            self._error_items[failure.stage] += 1
            self._failed[failure.stage] += failure.failed_count

    def report(self, results: Sequence[Any]) -> dict[str, Any]:
        """Return `{objects, records, events, delivered, quarantined, waiting, time_faults, gave_up, gone, superseded,
        bytes, continued, crashed, unbalanced, by_format, by_stage, results, measures}`. `by_stage` counts error items
        and what failed in them; `measures` is by format.
        """
        for run in self._runs:
            self._add_books(run)
        measures = self._measures.values()
        return {
            "objects": sum(each.objects for each in measures),
            "records": sum(each.records for each in measures),
            "events": sum(each.events for each in measures),
            "delivered": sum(each.delivered for each in measures),
            "quarantined": self.quarantined + sum(each.quarantined for each in measures),
            "waiting": sum(each.waiting for each in measures),
            "time_faults": sum(run.time_faults for run in self._runs),
            "gave_up": self._gave_up,
            "gone": sum(run.ended == "gone" for run in self._runs),
            "superseded": sum(run.ended == "superseded" for run in self._runs),
            "bytes": self._bytes,
            "continued": self.continued,
            "crashed": self.crashed,
            "unbalanced": self.unbalanced,
            "by_format": {name: each.events for name, each in self._measures.items()},
            "by_stage": {stage: [count, self._failed[stage]] for stage, count in self._error_items.items()},
            "results": [to_json_value(result) for result in results],
            "measures": {name: msgspec.to_builtins(each) for name, each in self._measures.items()},
        }

    def _add_books(self, run: ObjectRun) -> None:
        books, measures = run.segment(), self._of(run.format)
        measures.objects += run.state != "started"
        measures.records += books.records
        measures.events += books.events
        measures.delivered += sum(each.delivered for each in books.processors.values())
        measures.waiting += sum(each.waiting for each in books.processors.values())
        measures.quarantined += books.unparsable + sum(each.quarantined for each in books.processors.values())

    def _of(self, name: str) -> Measures:
        return self._measures.setdefault(name, Measures())


def _log_end(run: ObjectRun) -> None:
    """Log how the object ended, with its books; `seconds` are those of this invocation."""
    books = run.books()
    functions = books.processors.values()
    counts = {
        "records": books.records,
        "events": books.events,
        "unparsable": books.unparsable,
        "delivered": sum(each.delivered for each in functions),
        "quarantined": sum(each.quarantined for each in functions),
        "waiting": sum(each.waiting for each in functions),
        "seconds": round(run.seconds, 3),
    }
    named = {**log_context.describe(run.item), "format": run.format, **counts}
    log.info("object %s", run.ended or run.state, extra=named)


def to_json_value(value: Any) -> Any:
    """Make a value that JSON can hold: to Lambda, a return value that it cannot write is a failed invocation."""
    return msgspec.json.decode(msgspec.json.encode(value, enc_hook=repr))
