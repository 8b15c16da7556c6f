"""Container runtimes: Docker's json-file, and the CRI lines of containerd and CRI-O."""

from __future__ import annotations

import sys

from ..base import About, Decoded, Format, Parser
from ..fields import Event
from ..json_format import JsonFormat
from ..patterns import Pattern
from ..registry import register

MAX_JOINED = 16 * 1024 * 1024
"""Characters of partial lines that are joined at most; what is longer becomes several events, so that a log that never
ends a line does not fill the memory."""


class CriFormat(Format):
    """CRI lines."""

    def parser(self, about: About) -> Parser:
        return CriParser(self, about)


_LINE = Pattern("CRI line", r"(\d\S*) (stdout|stderr) ([PF](?::\S+)?)(?: (.*))?")


class CriParser(Parser):
    """Joins partial lines (`P`) with the full one (`F`) that ends them, for each stream apart. The event has the time
    of the first part.

    Every record before a resume point is looked at too, or the event that ends after it would lose its beginning.
    """

    prologue = sys.maxsize

    def __init__(self, declared: Format, about: About) -> None:
        super().__init__(declared, about)
        self._open: dict[str, Event] = {}
        self._parts: dict[str, list[str]] = {}
        self._length: dict[str, int] = {}
        self.decode = self._decode

    def _decode(self, record: bytes) -> Decoded:
        time, stream, logtag, message = _LINE.match(record.decode()).groups()
        event: Event = {"time": time, "stream": stream, "logtag": logtag, "message": message or ""}
        if logtag[0] == "F":
            return self._joined(event) if stream in self._open else event
        return self._begun(event)

    def _begun(self, event: Event) -> Decoded:
        stream, message = event["stream"], event["message"]
        self._open.setdefault(stream, event)
        self._parts.setdefault(stream, []).append(message)
        self._length[stream] = self._length.get(stream, 0) + len(message)
        return self._taken(stream) if self._length[stream] >= MAX_JOINED else None

    def _joined(self, last: Event) -> Event:
        event = self._taken(last["stream"])
        return {**event, "logtag": last["logtag"], "message": event["message"] + last["message"]}

    def _taken(self, stream: str) -> Event:
        del self._length[stream]
        return {**self._open.pop(stream), "message": "".join(self._parts.pop(stream))}

    def finish(self) -> Decoded:
        """The lines whose end is in another object (log rotation): `logtag` stays `P`."""
        return [self._taken(stream) for stream in list(self._open)] or None


register(
    CriFormat(
        name="cri",
        tag="cri",
        time="time",
        description="containerd and CRI-O lines; partial lines are joined",
        document="Kubernetes: CRI logging, design proposal kubelet-cri-logging",
        example=b"2026-03-01T09:15:02.123456789Z stdout F listening on :8080",
    ),
    JsonFormat(
        name="docker-json",
        tag="docker",
        time="time",
        payload=("log",),
        description="Docker's json-file driver",
        document="Docker: JSON File logging driver",
        example=b'{"log":"listening on :8080\\n","stream":"stdout","time":"2026-03-01T09:15:02.123456789Z"}',
    ),
)
