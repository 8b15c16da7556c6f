"""Fluentd's own file format."""

from __future__ import annotations

from typing import Any

import msgspec

from ...errors import ParseError
from ..base import Decoded, Format, ObjectInfo, Overrides, Parser
from ..fields import Event
from ..json_format import decode_json, loads
from ..registry import register
from ..timestamps import epoch


class FluentdFormat(Format):
    """A format of lines of time, tag and JSON, with tabs between."""

    def parser(self, about: ObjectInfo) -> Parser:
        return FluentdParser(self, about)


class FluentdParser(Parser):
    """A parser that returns the JSON object; time and tag stand beside it."""

    def __init__(self, declared: Format, about: ObjectInfo) -> None:
        super().__init__(declared, about)
        self._stamp, self._time = b"", 0.0
        """The last time: many lines share one."""
        self._tag = b""
        self.decode = self._decode
        self.beside = self._beside

    def _decode(self, record: bytes) -> Decoded:
        try:
            stamp, tag, content = record.split(b"\t", 2)
            event: Any = decode_json(content)
        except (ValueError, RecursionError, msgspec.DecodeError):
            return self._read(record)
        if stamp == self._stamp and tag == self._tag and event.__class__ is dict:
            return event  # Most lines share time and tag with the one before.
        return self._check(stamp, tag, event)

    def _read(self, record: bytes) -> Decoded:
        stamp, tag, content = self._cells(record)
        return self._check(stamp, tag, loads(content))

    def _check(self, stamp: bytes, tag: bytes, event: Any) -> Decoded:
        """Return the event, after a look at what stands beside it. Raises ParseError and UnicodeDecodeError."""
        if not isinstance(event, dict):
            raise ParseError(f"a JSON object was expected, not {type(event).__name__}")
        if stamp != self._stamp:  # A line without a time is none of Fluentd's.
            self._time = epoch(stamp.decode())
            self._stamp = stamp
        if not tag.isascii():
            tag.decode()
        self._tag = tag
        return event

    def _cells(self, record: bytes) -> list[bytes]:
        cells = record.split(b"\t", 2)
        if len(cells) != 3:
            raise ParseError(f"time, tag and JSON were expected, tabs between, not {len(cells)} columns")
        return cells

    def _beside(self, record: bytes) -> Overrides:
        stamp, tag, _ = self._cells(record)
        return {
            "timestamp": self._time if stamp == self._stamp else epoch(stamp.decode()),
            "tag": tag.decode("utf-8", "replace"),
        }


def _time_of(event: Event, reference: float) -> float | None:  # noqa: ARG001 - the parser overrides it
    """first column"""
    return None


register(
    FluentdFormat(
        name="fluentd-json",
        tag="<second column>",
        time=_time_of,
        framing="s3-lines",
        only_decodes=True,
        specificity=0.85,
        description="Fluentd's out_file: time, tag and JSON, tabs between",
        variants=("times with any offset",),
        refused=("lines without time and tag, and JSON that is not an object",),
        document="Fluentd: out_file, format out_file and json",
        example=b'2026-03-01T09:15:02+00:00\tweb.access\t{"path":"/","status":200}',
    )
)
