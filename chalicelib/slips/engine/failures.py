"""What failed while an object was read, gathered by cause and turned into error items."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import msgspec

from ..errors import ParseError, TooMany
from ..model import Failure, Stage, WorkItem, digest, fingerprint
from ..model.meta import Meta
from ..model.positions import Position, Positions
from .frames import format_traceback, innermost_line


@dataclass
class FailureGroup:
    """One cause of failure of one function, and the positions that it struck. `resume_from` set: everything from that
    record on."""

    stage: Stage
    function: str
    fingerprint: str
    error_type: str
    error_message: str
    traceback: str
    sample: bytes
    first: int
    positions: list[Position] = field(default_factory=list)
    span: Positions | None = None
    count: int = 0
    resume_from: int = 0


class FailureLog:
    """The failures of one object since its last checkpoint."""

    def __init__(
        self,
        item: WorkItem,
        format_name: str,
        lane: str,
        sample_bytes: int,
        functions: Sequence[str] = (),
        *,
        is_resumed: bool = False,
    ) -> None:
        """`functions` are those that the object is delivered to."""
        self._item = item
        self._functions = tuple(functions) or item.processors
        self._suspended = dict.fromkeys(item.suspended, 0)
        """From which record on a function is not given anything."""
        # Only the first item of a drained error that fails from its start keeps the id: a later one would replace it.
        self._kept_id = "" if is_resumed else item.error_id
        self._format = format_name
        self._lane = lane
        self._sample_bytes = sample_bytes
        self._causes: dict[tuple[str, str, str], FailureGroup] = {}
        self._sizes: dict[int, int] = {}
        """How many events the records of several have of which one failed."""

    def add_event(self, stage: Stage, fault: BaseException, meta: Meta, function: str) -> None:
        """One event that failed in a function."""
        if meta.index is not None and meta._cache is not None:
            self._sizes[meta.position] = meta._cache["siblings"]
        cause = self._cause(stage, fault, function, meta._record, meta.position)
        cause.positions.append((meta.position, meta.index))

    def add_unparsable(self, fault: BaseException, position: int, record: bytes) -> None:
        """A record that no function could be given."""
        for function in self._item.processors or ("",):
            cause = self._cause("parse", fault, function, record, position, of="")
            cause.positions.append((position, None))

    def suspend(self, stage: Stage, fault: BaseException, resume_from: int, function: str) -> None:
        """A function is not given anything from that record on."""
        self._rest(stage, fault, resume_from, function)
        self._suspended[function] = resume_from

    def fail_rest(self, stage: Stage, fault: BaseException, resume_from: int) -> None:
        """All that is left of the work, from that record on."""
        for function in self._waiting():
            self._rest(stage, fault, resume_from, function)

    def _waiting(self) -> Sequence[str]:
        """The functions that still wait for records: an empty name where that is every function of the format, also
        one that app.py gets before the drain."""
        if not self._functions or not (self._item.processors or self._suspended):
            return ("",)
        return [name for name in self._functions if name not in self._suspended]

    def _rest(self, stage: Stage, fault: BaseException, resume_from: int, function: str) -> None:
        """What the work has for a function from that record on: of a drained item, its positions only."""
        shown = fault.cause if isinstance(fault, TooMany) else fault
        if self._item.positions:
            only = Positions.parse(self._item.positions).since(resume_from)
            cause = self.add_span(stage, shown, function, only) if only else None
        else:
            cause = self._cause(stage, shown, function, b"", resume_from, apart="rest")
            cause.resume_from = resume_from
        if cause is not None:
            cause.error_message = message_of(fault)

    def _cause(
        self,
        stage: Stage,
        fault: BaseException,
        function: str,
        record: bytes,
        first: int,
        *,
        apart: str = "",
        of: str | None = None,
    ) -> FailureGroup:
        """The cause that it is one more case of. `of` is the function that it is put down to, where that is another."""
        # The text of the line, not its number: an edit elsewhere in app.py changes nothing.
        place = innermost_line(fault.__traceback__)
        made = fingerprint(stage, self._format, function if of is None else of, type(fault).__qualname__, *place)
        key = (made, function, apart)
        if key not in self._causes:
            self._causes[key] = FailureGroup(
                stage=stage,
                function=function,
                fingerprint=made,
                error_type=type(fault).__name__,
                error_message=message_of(fault),
                traceback=format_traceback(fault, limit=-20),
                sample=record[: self._sample_bytes],
                first=first,
            )
        return self._causes[key]

    def failed_positions(self, function: str) -> set[Position]:
        """What failed for a function, or before any could be given it, since the last `take`."""
        causes = [cause for cause in self._causes.values() if cause.function in (function, "")]
        return {position for cause in causes for position in cause.positions}

    def add_unflushed(
        self, fault: BaseException, function: str, first: int, last: int, count: int, given: Positions | None
    ) -> None:
        """What a function was given of the records `first` to `last` (of a drained item: of `given`), lost when
        `on_flush` failed."""
        struck = self.failed_positions(function)
        records = {record for record, _ in struck}
        lost = Positions.span(first, last, records) if given is None else given.until(last, records)
        # Of a record of several events, the others were given, too.
        others = {
            (record, index)
            for record in records
            if (record, None) not in struck
            for index in range(self._sizes[record])
            if (record, index) not in struck and (given is None or (record, index) in given)
        }
        self.add_span("process", fault, function, Positions.union([lost, Positions(others)]), count)

    def add_span(
        self, stage: Stage, fault: BaseException, function: str, positions: Positions, count: int = 0
    ) -> FailureGroup:
        """Many positions that failed together."""
        cause = self._cause(stage, fault, function, b"", positions.first, apart="span")
        cause.span = Positions.union([cause.span, positions]) if cause.span else positions
        cause.count += count
        return cause

    def take(self, clock: Callable[[], float] = time.time) -> list[Failure]:
        """The error items of what was gathered, which is forgotten by that.

        Their ids derive from the work, the cause and the first position: work that is done again after a crash writes
        the same items again. The first item of a drained error keeps its id, once.
        """
        at = datetime.fromtimestamp(clock(), UTC).isoformat(timespec="milliseconds")
        made = [self._failure(part, at) for cause in self._causes.values() for part in self._parts(cause)]
        self._causes.clear()
        self._sizes.clear()
        if made and self._kept_id:
            made[0].request_id, self._kept_id = self._kept_id, ""
        return made

    def _parts(self, cause: FailureGroup) -> list[FailureGroup]:
        """The cause, for those functions that do not have the record among the rest that was given up for them: a batch
        may fail when later records were found to be broken."""
        if not cause.positions or not self._suspended:
            return [cause]
        first = 0 if cause.function else min(self._suspended.values())
        found = [(cause.function, [each for each in cause.positions if each[0] < first])]
        for name in (cause.function,) if cause.function else self._functions:
            end = self._suspended.get(name, sys.maxsize)
            found.append((name, [each for each in cause.positions if first <= each[0] < end]))
        return [replace(cause, function=name, first=at[0][0], positions=at) for name, at in found if at]

    def _failure(self, cause: FailureGroup, at: str) -> Failure:
        item, kind = self._item, "rest" if cause.resume_from else "span" if cause.span else "positions"
        return Failure(
            request_id=digest(item.work_id, cause.fingerprint, cause.function, kind, cause.first),
            argument=(plain(item),),
            stage=cause.stage,
            error_type=cause.error_type,
            error_message=cause.error_message,
            event_time=item.event_time,
            failed_at=at,
            bucket_name=item.bucket_name,
            object_key=item.object_key,
            object_size=item.object_size,
            lane=self._lane,
            format=self._format,
            processor=cause.function,
            traceback=cause.traceback,
            positions=str(cause.span or Positions(cause.positions)),
            resume_from=cause.resume_from,
            failed_count=cause.count or max(1, len(cause.positions)),
            sample=cause.sample.decode("utf-8", "backslashreplace"),
            fingerprint=cause.fingerprint,
            attempts=item.attempt + 1,
        )


def message_of(fault: BaseException) -> str:
    """Its text; an exception of the user's may fail even at that."""
    try:
        return str(fault)
    # Whatever a __str__ of the user's raises, the failure it tells of must be kept.
    except Exception as worse:  # noqa: BLE001
        return f"({type(fault).__name__}.__str__ raised {type(worse).__name__})"


def plain(item: WorkItem) -> WorkItem:
    """The item without what narrows it to a part of the object."""
    return msgspec.structs.replace(
        item, resume_from=1, positions="", processors=(), suspended=(), attempt=0, error_id=""
    )


def stage_of(fault: BaseException) -> Stage:
    """A function may meet a broken record too: `meta.timestamp` is read when it is looked at."""
    return "parse" if isinstance(fault, ParseError | msgspec.ValidationError) else "process"
