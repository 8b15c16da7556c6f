"""What failed while an object was read: grouped by cause, and turned into error items."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import msgspec

from ..errors import ObjectArchived, RetryLater, TooMany, Unavailable, message_of
from ..model import Failure, Stage, WorkItem, fingerprint
from ..model.failures import name_failure
from ..model.meta import Meta
from ..model.positions import Position, Positions
from ..model.utc import Clock, iso
from .fault_kinds import ended_state, generalize, passes_by_itself, says_unauthorized
from .frames import format_traceback, innermost_line
from .retries import Retry

CUT = "…"
"""The end of a sample that does not hold all of its record."""
NOT_KEPT = "(not kept, because it may quote the record: errors.sample is off in slips.yml)"


@dataclass
class FailureGroup:
    """What failed for one function by one cause: the records at `positions` and in `span`, or, where `resume_from` is
    set, everything from that record on."""

    stage: Stage
    function: str
    fingerprint: str
    error_type: str
    error_message: str
    traceback: str
    sample: str
    first: int
    positions: list[Position] = field(default_factory=list)
    span: Positions | None = None
    count: int = 0
    resume_from: int = 0
    waits: bool = False
    gave_up: bool = False
    """Whether it has waited for so long that nobody tries it again."""
    ended: Literal["", "gone", "superseded"] = ""
    archived: bool = False
    after: float | None = None
    """Seconds after which the function wants to be asked again."""


class FailureLog:
    """The failures of one object since its last checkpoint."""

    def __init__(
        self, item: WorkItem, format_name: str, lane: str, sample_bytes: int, functions: Sequence[str] = (), *,
        chain: str, retry: Retry | None = None, on_missing: str = "error",
    ) -> None:  # fmt: skip
        """`functions` are those that the object is delivered to, `chain` is what its positions are counted by. Where
        `sample_bytes` is 0, what a parser says is not kept either: mostly it quotes the record. Without a `retry`,
        nothing waits for another try. `on_missing` is that of the object's mapping."""
        self._item = item
        self._functions = tuple(functions) or item.processors
        self._suspended = dict.fromkeys(item.suspended, 0)
        """The record from which on a function gets nothing."""
        self._format = format_name
        self._chain = chain
        self._lane = lane
        self._retry = retry
        self._on_missing = on_missing
        self._sample_bytes = sample_bytes
        self._groups: dict[tuple[str, str, str], FailureGroup] = {}
        self._sizes: dict[int, int] = {}
        """How many events a record of several holds, where one of them failed."""
        self.is_unauthorized = False
        """Whether a destination has refused the credentials of a function."""

    def waits(self, fault: BaseException) -> bool:
        """Whether what this fault holds up is tried again by itself."""
        return self._retry is not None and passes_by_itself(fault)

    def add_event(self, stage: Stage, fault: BaseException, meta: Meta, function: str) -> None:
        """Add an event that failed in a function."""
        if meta.index is not None and meta._cache is not None:
            self._sizes[meta.position] = meta._cache["siblings"]
        group = self._group(stage, fault, function, meta._record, meta.position)
        group.positions.append((meta.position, meta.index))

    def add_missing(self, fault: BaseException, position: int, indexes: Sequence[int]) -> None:
        """Add events that are wanted, and that the record at that position does not hold."""
        for function in self._active_functions():
            group = self._group("read", fault, function, b"", position)
            group.positions += [(position, index) for index in indexes]

    def add_unparsable(self, fault: BaseException, position: int, record: bytes, *, is_cut: bool = False) -> None:
        """Add a record that could not be parsed, and so reached no function. `is_cut`: the record is longer."""
        for function in self._item.processors or ("",):
            group = self._group("parse", fault, function, record, position, caused_by="", is_cut=is_cut)
            group.positions.append((position, None))

    def suspend(self, stage: Stage, fault: BaseException, resume_from: int, function: str) -> None:
        """Add everything from that record on for a function, which gets nothing more."""
        self._add_rest(stage, fault, resume_from, function)
        self._suspended[function] = min(resume_from, self._suspended.get(function, resume_from))

    def fail_rest(self, stage: Stage, fault: BaseException, resume_from: int) -> None:
        """Add the rest of the work, from that record on, for every function that is not suspended."""
        for function in self._active_functions():
            self._add_rest(stage, fault, resume_from, function)

    def _active_functions(self) -> Sequence[str]:
        """The functions that are not suspended; an empty name for every function of the format, which includes one that
        is added to app.py before the drain."""
        if not self._functions or not (self._item.processors or self._suspended):
            return ("",)
        return [name for name in self._functions if name not in self._suspended]

    def _add_rest(self, stage: Stage, fault: BaseException, resume_from: int, function: str) -> None:
        """Add the rest of the work for a function: of a drained item, its positions only."""
        cause = fault.cause if isinstance(fault, TooMany) else fault
        if self._item.positions:
            only = Positions.parse(self._item.positions).since(resume_from)
            group = self._add_span(stage, cause, function, only) if only else None
        else:
            group = self._group(stage, cause, function, b"", resume_from, kind="rest")
            group.resume_from = min(resume_from, group.resume_from or resume_from)
        if group is not None:
            group.error_message = self._message(stage, fault)

    def _group(
        self, stage: Stage, fault: BaseException, function: str, record: bytes, first: int, *,
        kind: str = "", caused_by: str | None = None, is_cut: bool = False,
    ) -> FailureGroup:  # fmt: skip
        """Return the group of the failure. `caused_by` is the function in the fingerprint, where it is another."""
        # The text of the line, not its number: an edit elsewhere in app.py changes nothing.
        place: tuple[str, ...] = innermost_line(fault.__traceback__)
        if fault.__traceback__ is None:  # It was never raised, but named in `EventsFailed`.
            place = (generalize(message_of(fault)),)
        error_type = type(fault).__qualname__
        if isinstance(fault, Unavailable):  # What is not there is the bucket, wherever and however that was noticed.
            place, error_type = (self._item.bucket_name,), Unavailable.__qualname__
        caused_by = function if caused_by is None else caused_by
        waits = self.waits(fault)
        # One line may fail for either reason: what waits is a cause of its own, which is judged as one.
        place = (*place, "waits") if waits else place
        cause = fingerprint(stage, self._format, caused_by, error_type, *place)
        key = (cause, function, kind)
        if key not in self._groups:
            self.is_unauthorized = self.is_unauthorized or says_unauthorized(fault)
            self._groups[key] = FailureGroup(
                stage=stage,
                function=function,
                fingerprint=cause,
                error_type=type(fault).__name__,
                error_message=self._message(stage, fault),
                traceback=format_traceback(fault, limit=-20, messages=self._keeps_message(stage)),
                sample=self._cut(record, is_cut=is_cut),
                first=first,
                waits=waits,
                gave_up=self._retry is None and self._item.waiting_since > 0 and passes_by_itself(fault),
                ended="" if self._on_missing == "error" else ended_state(fault),
                archived=isinstance(fault, ObjectArchived),
                after=fault.after if isinstance(fault, RetryLater) else None,
            )
        return self._groups[key]

    def _keeps_message(self, stage: Stage) -> bool:
        return self._sample_bytes > 0 or stage != "parse"

    def _message(self, stage: Stage, fault: BaseException) -> str:
        if self._keeps_message(stage):
            return message_of(fault)
        return fault.summary if isinstance(fault, TooMany) else NOT_KEPT

    def _cut(self, record: bytes, *, is_cut: bool) -> str:
        """The sample of a record, with CUT where it does not hold all of it: half of a secret is recognized by that."""
        limit = self._sample_bytes
        if len(record) > limit:
            # Not within a character of UTF-8, of which all bytes but the first begin with 10.
            end = next((at for at in range(limit, max(-1, limit - 4), -1) if record[at] & 0xC0 != 0x80), limit)
            record, is_cut = record[:end], True
        return record.decode("utf-8", "backslashreplace") + (CUT if is_cut and limit else "")

    def failed_positions(self, function: str) -> set[Position]:
        """What failed for a function, or before it reached any, since the last `take`."""
        groups = [group for group in self._groups.values() if group.function in (function, "")]
        return {position for group in groups for position in group.positions}

    def add_unflushed(
        self, fault: BaseException, function: str, first: int, last: int, count: int, only: Positions | None
    ) -> None:
        """Add what a function took of the records `first` to `last` (of a drained item: of `only`), because `on_flush`
        failed."""
        failed = self.failed_positions(function)
        records = {record for record, _ in failed}
        whole = Positions.span(first, last, records) if only is None else only.until(last, records)
        # Of a record of several events, the function took the others, too.
        others = {
            (record, index)
            for record in records
            if (record, None) not in failed
            for index in range(self._sizes[record])
            if (record, index) not in failed and (only is None or (record, index) in only)
        }
        self._add_span("process", fault, function, Positions.union([whole, Positions(others)]), count)

    def _add_span(
        self, stage: Stage, fault: BaseException, function: str, positions: Positions, count: int = 0
    ) -> FailureGroup:
        """Add many positions that failed together."""
        group = self._group(stage, fault, function, b"", positions.first, kind="span")
        group.span = Positions.union([group.span, positions]) if group.span else positions
        group.count += count
        return group

    def take(self, now: Clock) -> list[Failure]:
        """Return the error items of what was added, and forget it. Work that is repeated after a crash, or that fails
        as before, writes the same items again."""
        if not self._groups:
            return []
        at = now()
        groups = [group for group in self._groups.values() if not (group.ended and self._on_missing == "skip")]
        failures = [self._failure(part, at) for group in groups for part in self._parts(group)]
        self._groups.clear()
        self._sizes.clear()
        return failures

    def _parts(self, group: FailureGroup) -> list[FailureGroup]:
        """The group, for those functions whose rest of the object does not hold the record: a batch may fail when later
        records were found to be broken."""
        if not group.positions or not self._suspended:
            return [group]
        first = 0 if group.function else min(self._suspended.values())
        parts = [(group.function, [at for at in group.positions if at[0] < first])]
        for name in (group.function,) if group.function else self._functions:
            end = self._suspended.get(name, sys.maxsize)
            parts.append((name, [at for at in group.positions if first <= at[0] < end]))
        return [replace(group, function=name, first=at[0][0], positions=at) for name, at in parts if at]

    def _failure(self, group: FailureGroup, at: float) -> Failure:
        item, positions = self._item, str(group.span or Positions(group.positions))
        chain = self._chain if positions or group.resume_from > 1 else ""
        # Where nobody knows the functions, those are named that the rest is not for.
        suspended = item.suspended if not (group.function or self._functions) else ()
        functions = f"all but {', '.join(suspended)}" if suspended else group.function
        failure = Failure(
            request_id=name_failure(item, chain, functions, positions, group.resume_from),
            argument=(msgspec.structs.replace(whole_object(item), suspended=suspended),),
            stage=group.stage,
            error_type=group.error_type,
            error_message=group.error_message,
            event_time=item.event_time,
            failed_at=iso(at),
            bucket_name=item.bucket_name,
            object_key=item.object_key,
            object_size=item.object_size,
            lane=self._lane,
            format=self._format,
            processor=group.function,
            traceback=group.traceback,
            positions=positions,
            resume_from=group.resume_from,
            chain=chain,
            failed_count=group.count or max(1, len(group.positions)),
            sample=group.sample,
            fingerprint=group.fingerprint,
            attempts=item.attempt + 1,
            gave_up=group.gave_up,
            archived=group.archived,
        )
        if group.ended:
            return msgspec.structs.replace(failure, ended=group.ended, rings=False)
        return set_waiting(failure, self._retry, at, group.after) if self._retry and group.waits else failure


def set_waiting(
    failure: Failure, retry: Retry, now: float, after: float | None = None, *, rings: bool = False
) -> Failure:
    """Let the failure wait for its next try, which is no attempt."""
    return msgspec.structs.replace(
        failure, attempts=failure.attempts - 1, tries=retry.number, waiting_since=retry.since,
        retry_at=retry.at(now, after), rings=rings,
    )  # fmt: skip


def whole_object(item: WorkItem) -> WorkItem:
    """Return the item without what narrows it to a part of the object."""
    return msgspec.structs.replace(
        item, resume_from=1, positions="", chain="", processors=(), suspended=(), attempt=0, error_id="", split=1,
        not_before=0, tries=0, waiting_since=0, from_work="", waiting=(), books=None, record_id="",
    )  # fmt: skip
