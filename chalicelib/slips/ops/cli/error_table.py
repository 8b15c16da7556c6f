"""How `slips errors` shows items and causes: tables on a terminal, stable lines in a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

import click

from ...model import utc
from ...quarantine import ErrorRow, Quarantine
from ..output import escaped, one_line
from ..table import RowPrinter, TableColumn, is_drawn
from .ids import ShortIds
from .terminal import short_time

if TYPE_CHECKING:
    from ...model import WorkItem
    from ...quarantine.listing import Cause

# A number or a time is shown whole, or not at all: `least` is as long as it gets.
_ITEM: Final = (
    TableColumn("object time", rank=6, least=24, style="quiet"),
    TableColumn("id", style="name"),
    TableColumn("bucket", rank=8, least=12, usual=20),
    TableColumn("key", rank=3, least=16, keeps="end", usual=40),
    TableColumn("bytes", rank=10, least=24, align="right", usual=9),
    TableColumn("where", rank=4, least=12, keeps="end", usual=16),
    TableColumn("events", rank=9, least=24, align="right"),
    TableColumn("state", rank=5, least=12, style="warning"),
    TableColumn("next try", rank=7, least=24),
    TableColumn("cause", rank=2, least=16, style="bad", usual=60),
)
_CAUSE: Final = (
    TableColumn("fingerprint", style="name"),
    TableColumn("items", align="right"),
    TableColumn("waiting", rank=5, least=24, align="right", style="warning"),
    TableColumn("next try", rank=6, least=24),
    TableColumn("events", rank=4, least=24, align="right"),
    TableColumn("first", rank=9, least=24, style="quiet"),
    TableColumn("last", rank=8, least=24, style="quiet"),
    TableColumn("format", rank=7, least=12),
    TableColumn("where", rank=3, least=12, keeps="end"),
    TableColumn("cause", rank=2, least=20, style="bad"),
)


class ItemList:
    """Prints error items. `one_by_one`: as they come, without knowing the next ones."""

    def __init__(self, quarantine: Quarantine, *, one_by_one: bool = False) -> None:
        self._quarantine = quarantine
        self._printer = RowPrinter(_ITEM, usual=one_by_one) if is_drawn() else None
        self._short = ShortIds()

    def print(self, rows: Iterable[ErrorRow]) -> None:
        """Print a line per work item of the items."""
        if self._printer is None:
            for row in rows:
                for item in self._work_items(row):
                    click.echo(_item_line(row, item))
            return
        listed = list(rows)
        self._short.add(row.request_id for row in listed)
        self._printer.print(self._cells(row, item) for row in listed for item in self._work_items(row))

    def _work_items(self, row: ErrorRow) -> Iterator[ErrorRow | WorkItem]:
        if row.work_items == 1:
            return iter((row,))
        return iter(self._quarantine.get(row.request_id).argument or (row,))

    def _cells(self, row: ErrorRow, item: ErrorRow | WorkItem) -> list[str]:
        size = "?" if item.object_size is None else f"{item.object_size:,}"
        state = "" if row.state == "open" else row.state
        retry_at = short_time(utc.iso(row.retry_at)) if row.retry_at else ""
        cause = one_line(f"{row.error_type}: {row.error_message}")
        return [
            short_time(item.event_time), self._short.of(row.request_id), item.bucket_name, item.object_key, size,
            _where(row), f"{row.failed_count:,}", state, retry_at, cause,
        ]  # fmt: skip


class CauseList:
    """Prints causes, again and again where they are followed."""

    def __init__(self) -> None:
        self._printer = RowPrinter(_CAUSE) if is_drawn() else None
        self._short = ShortIds()

    def print(self, causes: Iterable[Cause]) -> None:
        """Print a line per cause."""
        if self._printer is None:
            for cause in causes:
                click.echo(_cause_line(cause))
            return
        listed = list(causes)
        self._short.add(cause.fingerprint for cause in listed)
        self._printer.print(map(self._cells, listed))

    def _cells(self, cause: Cause) -> list[str]:
        waits = f"{cause.waiting:,}" if cause.waiting else ""
        retry_at = short_time(utc.iso(cause.retry_at)) if cause.retry_at else ""
        return [
            self._short.of(cause.fingerprint), f"{cause.count:,}", waits, retry_at, f"{cause.failed_count:,}",
            short_time(cause.first_seen), short_time(cause.last_seen), cause.format, _where(cause),
            one_line(f"{cause.error_type}: {cause.error_message}"),
        ]  # fmt: skip


def _where(of: ErrorRow | Cause) -> str:
    return f"{of.stage}/{of.processor}" if of.processor else of.stage


def _item_line(row: ErrorRow, item: ErrorRow | WorkItem) -> str:
    """The columns of the class-based SLIPS, then the new ones."""
    size = "unknown" if item.object_size is None else item.object_size
    cause = f"{row.failed_count}x  {row.error_type}: {row.error_message}"
    state = "" if row.state == "open" else f"  [{_state(row)}]"
    return (
        f"{escaped(item.event_time)}:  {escaped(row.request_id)}  {escaped(item.bucket_name):16} "
        f"{escaped(item.object_key)} ({size} byte)  {escaped(_where(row))}  {one_line(cause)}{state}"
    )


def _state(row: ErrorRow) -> str:
    return f"waiting, next try {utc.iso(row.retry_at)}" if row.retry_at else escaped(row.state)


def _cause_line(cause: Cause) -> str:
    next_try = f", next try {utc.iso(cause.retry_at)}" if cause.retry_at else ""
    waits = f"  [{cause.waiting} waiting{next_try}]" if cause.waiting else ""
    items = f"{cause.count:6} item " if cause.count == 1 else f"{cause.count:6} items"
    return (
        f"{escaped(cause.fingerprint)}  {items}  {cause.failed_count:8} failed  "
        f"{escaped(cause.first_seen)} … {escaped(cause.last_seen)}  {escaped(cause.format)}  {escaped(_where(cause))}  "
        f"{one_line(f'{cause.error_type}: {cause.error_message}')}{waits}"
    )
