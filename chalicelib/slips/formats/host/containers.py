"""Container runtimes: Docker's json-file, and the CRI lines of containerd and CRI-O."""

from __future__ import annotations

import sys

from ..base import Decoded, Format, ObjectInfo, Parser
from ..fields import Event
from ..json_format import JsonFormat, JsonParser
from ..patterns import Pattern
from ..registry import register
from .split_lines import MAX_JOINED, SplitLine


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
        self._open: dict[str, SplitLine] = {}
        self.decode = self._decode

    def _decode(self, record: bytes) -> Decoded:
        time, stream, logtag, message = _LINE.match(record.decode()).groups()
        event: Event = {"time": time, "stream": stream, "logtag": logtag, "message": message or ""}
        is_last = logtag[0] == "F"
        if is_last and stream not in self._open:
            return event
        begun = self._open.setdefault(stream, SplitLine(event, "message"))
        begun.add(event, record)
        return [self._open.pop(stream).join()] if is_last or begun.length >= MAX_JOINED else None

    def finish(self) -> Decoded:
        """Return the lines whose end is in another object (log rotation); their `logtag` stays `P`."""
        unfinished, self._open = self._open, {}
        return [begun.join() for begun in unfinished.values()] or None


class DockerFormat(JsonFormat):
    """A format of Docker's json-file."""

    def parser(self, about: ObjectInfo) -> JsonParser:
        return DockerParser(self, about)


CUT = 16 * 1024
"""Bytes after which Docker cuts a line: the pieces have no line end, and the last one has."""


class DockerParser(JsonParser):
    """A parser that joins the pieces of a line, for each stream separately. The event has the time of the first.

    Exporters may have taken the line ends away: a short text without one is a piece only where the next record of its
    stream ends it. It also reads every record before a resume point, or the event that ends after it would lose its
    beginning.
    """

    is_stateless = False
    header_records = sys.maxsize
    joins_records = True

    def __init__(self, declared: JsonFormat, about: ObjectInfo) -> None:
        super().__init__(declared, about)
        self._open: dict[str, SplitLine] = {}
        self.use_decoder(self._decode)

    def _decode(self, record: bytes) -> Decoded:
        event = self.json(record)
        if not isinstance(event, dict) or not isinstance(text := event.get("log"), str):
            return event
        if text[-1:] == "\n" and not self._open:  # Of most lines.
            return event
        return self._join(event, text, record)

    def _join(self, event: Event, text: str, record: bytes) -> Decoded:
        stream = str(event.get("stream"))
        begun = self._open.pop(stream, None)
        ends = text[-1:] == "\n"
        whole = []
        if begun is not None and not ends and len(begun.last_text.encode()) < CUT:
            whole, begun = [begun.join()], None
        if begun is None:
            if ends:
                return event
            begun = SplitLine(event, "log")
        begun.add(event, record)
        if ends or begun.length >= MAX_JOINED:
            whole.append(begun.join())
        else:
            self._open[stream] = begun
        return whole or None

    def finish(self) -> Decoded:
        """Return the lines whose end is in another object, or that have none."""
        unfinished, self._open = self._open, {}
        return [begun.join() for begun in unfinished.values()] or None


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
    DockerFormat(
        name="docker-json",
        tag="docker",
        time="time",
        inner_paths=("log",),
        signatures=("log, time, stream=stdout|stderr",),
        description="Docker's json-file driver; lines that it cut at 16 KiB are joined",
        document="Docker: JSON File logging driver",
        example=b'{"log":"listening on :8080\\n","stream":"stdout","time":"2026-03-01T09:15:02.123456789Z"}',
    ),
)
