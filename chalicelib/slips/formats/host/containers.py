"""Container runtimes: Docker's json-file, and the CRI lines of containerd and CRI-O."""

from __future__ import annotations

import sys

from ..base import Decoded, Format, ObjectInfo, Overrides, Parser
from ..fields import Event
from ..json_format import JsonFormat
from ..patterns import Pattern
from ..registry import register

MAX_JOINED = 16 * 1024 * 1024
"""Bytes of partial lines that are joined at most, in memory; a longer line becomes several events, so that a log that
never ends a line does not fill it."""
PART = 160
"""Bytes of memory that a partial line takes besides its text, which may be empty."""


class CriFormat(Format):
    """A format of CRI lines."""

    def parser(self, about: ObjectInfo) -> Parser:
        return CriParser(self, about)


_LINE = Pattern("CRI line", r"(\d\S*) (stdout|stderr) ([PF](?::\S+)?)(?: (.*))?")


class CriParser(Parser):
    """A parser that joins partial lines (`P`) with the full one (`F`) that ends them, for each stream separately. The
    event has the time of the first part.

    It also reads every record before a resume point, or the event that ends after it would lose its beginning.
    """

    is_stateless = False
    header_records = sys.maxsize
    joins_records = True

    def __init__(self, declared: Format, about: ObjectInfo) -> None:
        super().__init__(declared, about)
        self._open: dict[str, _Open] = {}
        self.decode = self._decode

    def _decode(self, record: bytes) -> Decoded:
        time, stream, logtag, message = _LINE.match(record.decode()).groups()
        event: Event = {"time": time, "stream": stream, "logtag": logtag, "message": message or ""}
        is_last = logtag[0] == "F"
        if is_last and stream not in self._open:
            return event
        begun = self._open.setdefault(stream, _Open(event))
        begun.add(event, record)
        return [self._open.pop(stream).join()] if is_last or begun.length >= MAX_JOINED else None

    def finish(self) -> Decoded:
        """Return the lines whose end is in another object (log rotation); their `logtag` stays `P`."""
        unfinished, self._open = self._open, {}
        return [begun.join() for begun in unfinished.values()] or None


class _Open:
    """A line of which parts have come."""

    def __init__(self, first: Event) -> None:
        self.length = 0
        self._first = self._last = first
        self._messages: list[str] = []
        self._records: list[bytes] = []

    def add(self, part: Event, record: bytes) -> None:
        self._last = part
        self._messages.append(part["message"])
        self._records.append(record)
        self.length += len(record) + PART

    def join(self) -> tuple[Overrides, Event]:
        """Return the event, with the time of the first part and the `logtag` of the last."""
        event = {**self._first, "logtag": self._last["logtag"], "message": "".join(self._messages)}
        return {"record": b"\n".join(self._records)}, event


register(
    CriFormat(
        name="cri",
        tag="cri",
        time="time",
        specificity=0.98,
        description="containerd and CRI-O lines; partial lines are joined",
        document="Kubernetes: CRI logging, design proposal kubelet-cri-logging",
        example=b"2026-03-01T09:15:02.123456789Z stdout F listening on :8080",
    ),
    JsonFormat(
        name="docker-json",
        tag="docker",
        time="time",
        inner_paths=("log",),
        signatures=("log, time, stream=stdout|stderr",),
        description="Docker's json-file driver",
        document="Docker: JSON File logging driver",
        example=b'{"log":"listening on :8080\\n","stream":"stdout","time":"2026-03-01T09:15:02.123456789Z"}',
    ),
)
