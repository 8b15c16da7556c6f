"""Lines of a program that its container's runtime has written as several records."""

from __future__ import annotations

from ..base import Overrides
from ..fields import Event

MAX_JOINED = 16 * 1024 * 1024
"""Bytes of partial lines that are joined at most, in memory; a longer line becomes several events, so that a log that
never ends a line does not fill it."""
PART = 160
"""Bytes of memory that a partial line takes besides its text, which may be empty."""


class SplitLine:
    """A line of which parts have come; `field` holds the text of each."""

    def __init__(self, first: Event, field: str) -> None:
        self.length = 0
        """Bytes of memory that the parts take."""
        self._first = self._last = first
        self._field = field
        self._texts: list[str] = []
        self._records: list[bytes] = []

    def add(self, part: Event, record: bytes) -> None:
        """Add the next part, which `record` holds."""
        self._last = part
        self._texts.append(part[self._field])
        self._records.append(record)
        self.length += len(record) + PART

    @property
    def last_text(self) -> str:
        """The text of the last part."""
        return self._texts[-1]

    def join(self) -> tuple[Overrides, Event]:
        """Return the event: the fields of the last part, with the time of the first and the text of all."""
        event = {**self._last, "time": self._first.get("time"), self._field: "".join(self._texts)}
        return {"record": b"\n".join(self._records)}, event
