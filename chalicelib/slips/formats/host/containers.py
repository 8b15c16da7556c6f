"""Container runtimes: Docker's json-file, and the CRI lines of containerd and CRI-O."""

from __future__ import annotations

import sys
from abc import abstractmethod
from typing import Any, cast

from ..base import Decoded, Format, ObjectInfo, Overrides, Parser, events_of
from ..fields import Event
from ..json_format import Interpreter, JsonFormat, decode_json, loads
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


class _JoiningParser(Interpreter):
    """A parser that joins the parts of a line with the one that ends it, for each stream separately. The event has the
    time of the first part, and the other fields of the last.

    It also reads every record before a resume point, or the event that ends after it would lose its beginning.
    """

    is_stateless = False
    header_records = sys.maxsize
    joins_records = True
    text_field: str
    """The field of the line's text."""

    def __init__(self, declared: Format, about: ObjectInfo) -> None:
        super().__init__(declared, about)
        self._open: dict[str, _OpenLine] = {}
        self.decode = self._decode

    @abstractmethod
    def _decode(self, record: bytes) -> Decoded:
        """Return the events of a record."""

    def join(self, stream: str, event: Event, record: bytes, *, is_last: bool) -> Decoded:
        """Return the event of a line that is whole now; None where more of it is to come."""
        if is_last and stream not in self._open:
            return event
        line = self._open.setdefault(stream, _OpenLine(self.text_field))
        line.add(event, record)
        if is_last:
            return [self._open.pop(stream).join()]
        return self.events_without_end(self._open.pop(stream)) if line.length >= MAX_JOINED else None

    def events_without_end(self, line: _OpenLine) -> list[tuple[Overrides, Event]]:
        """Return the events of a line that has not ended."""
        return [line.join()]

    def finish(self) -> Decoded:
        """Return the lines whose end is in another object (log rotation)."""
        events = [event for line in self._open.values() for event in self.events_without_end(line)]
        self._open.clear()
        return events or None


class CriParser(_JoiningParser):
    """A parser of CRI lines, of which `P` marks a part and `F` the end."""

    text_field = "message"

    def _decode(self, record: bytes) -> Decoded:
        time, stream, logtag, message = _LINE.match(record.decode()).groups()
        event: Event = {"time": time, "stream": stream, "logtag": logtag, "message": message or ""}
        return self.join(stream, event, record, is_last=logtag[0] == "F")


_STREAMS = ("stdout", "stderr")


class DockerFormat(JsonFormat):
    """A format of Docker's records."""

    def parser(self, about: ObjectInfo) -> Interpreter:
        return DockerParser(self, about)


class DockerParser(_JoiningParser):
    """A parser of Docker's records, of which one without a line end is a part: Docker cuts lines at 16 KiB.

    So all parts of a line are equally long. Where they are not, whoever shipped the file took the line ends off: then
    each record is an event, as is each part of a line whose end never comes.
    """

    text_field = "log"

    def __init__(self, declared: Format, about: ObjectInfo) -> None:
        super().__init__(declared, about)
        self._has_line_ends = True
        open_lines = self._open

        def decode(record: bytes) -> Decoded:
            value: Any = decode_json(record)
            # Nearly all lines are whole, and none is open.
            if not open_lines and value.__class__ is dict:
                log = value.get("log")
                if log.__class__ is str and log[-1:] == "\n":
                    return cast(Event, value)
            return self._take(value, record)

        self.decode = decode
        self.decode_carefully = self._decode

    def _decode(self, record: bytes) -> Decoded:
        return self._take(loads(record), record)

    def _take(self, value: Any, record: bytes) -> Decoded:
        log = value.get("log") if isinstance(value, dict) else None
        if not isinstance(log, str) or not log or not self._has_line_ends:
            return self.interpret(value)
        stream, is_last = value.get("stream"), log.endswith("\n")
        if stream not in _STREAMS:  # Docker has no other; many of them would all be held.
            return self.interpret(value)
        line = self._open.get(stream)
        if line is not None and not line.can_hold(log, is_last=is_last):
            self._has_line_ends = False
            return [*events_of(self.finish()), value]
        return self.join(stream, value, record, is_last=is_last)

    def events_without_end(self, line: _OpenLine) -> list[tuple[Overrides, Event]]:
        return line.part_events()


class _OpenLine:
    """A line of which parts have come."""

    def __init__(self, text_field: str) -> None:
        self.length = 0
        self._text_field = text_field
        self._parts: list[Event] = []
        self._records: list[bytes] = []

    def add(self, part: Event, record: bytes) -> None:
        self._parts.append(part)
        self._records.append(record)
        self.length += len(record) + PART

    def can_hold(self, text: str, *, is_last: bool) -> bool:
        """Tell whether the text may be the next part: as long as the first, or shorter at the end. A cut inside a
        character beyond ASCII changes how many there are."""
        first = self._parts[0][self._text_field]
        longest = len(first) + is_last
        return not (first.isascii() and text.isascii()) or (len(text) <= longest if is_last else len(text) == longest)

    def join(self) -> tuple[Overrides, Event]:
        """Return the event of all parts, with the time of the first."""
        text = "".join([part[self._text_field] for part in self._parts])
        event = {**self._parts[-1], "time": self._parts[0].get("time"), self._text_field: text}
        return {"record": b"\n".join(self._records)}, event

    def part_events(self) -> list[tuple[Overrides, Event]]:
        """Return an event of each part."""
        return [({"record": record}, part) for record, part in zip(self._records, self._parts, strict=True)]


register(
    CriFormat(
        name="cri",
        tag="cri",
        time="time",
        specificity=0.98,
        description="containerd and CRI-O lines; partial lines are joined",
        variants=(
            "partial lines (`P`), joined for each stream",
            "any offset, and empty messages",
        ),
        refused=("lines without stream and `P` or `F`, such as those of `kubectl logs`",),
        document="Kubernetes: CRI logging, design proposal kubelet-cri-logging",
        example=b"2026-03-01T09:15:02.123456789Z stdout F listening on :8080",
    ),
    DockerFormat(
        name="docker-json",
        tag="docker",
        time="time",
        inner_paths=("log",),
        signatures=("log, time, stream=stdout|stderr",),
        description="Docker's json-file driver; lines that it cut at 16 KiB are joined",
        variants=(
            "lines cut at 16 KiB, joined for each stream",
            "records without their line ends, an event each",
        ),
        document="Docker: JSON File logging driver",
        example=b'{"log":"listening on :8080\\n","stream":"stdout","time":"2026-03-01T09:15:02.123456789Z"}',
    ),
)
