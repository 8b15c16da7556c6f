"""systemd's journal."""

from __future__ import annotations

import sys
from typing import Any

from ...errors import ParseError
from ..base import Decoded, ObjectInfo
from ..fields import Event
from ..json_format import JsonFormat, JsonParser, decode_json
from ..patterns import Pattern, abbreviate
from ..registry import register
from ..text_repair import decode_text

MAX_ENTRY = 16 * 1024 * 1024
"""Bytes of an entry in the export format at most, in memory."""
_FIELD = Pattern("field of a journal entry", r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_SIZE = 8
"""Bytes before a value that is not text: its length, little-endian."""


def read_bytes(event: Event) -> None:
    """Make text of the values that journalctl writes as arrays of bytes: those with control characters or of another
    encoding than UTF-8."""
    for name, value in event.items():
        if value.__class__ is list and value:
            has_parts = any(isinstance(part, list) for part in value)
            event[name] = [_as_text(part) for part in value] if has_parts else _as_text(value)


def _as_text(value: object) -> object:
    if not isinstance(value, list) or not all(type(item) is int and 0 <= item < 256 for item in value):
        return value
    return decode_text(bytes(value))


class JournaldFormat(JsonFormat):
    """A format of journal entries."""

    def parser(self, about: ObjectInfo) -> JsonParser:
        return JournaldParser(self, about)


class JournaldParser(JsonParser):
    """A parser of entries as JSON, or in the export format: lines of `NAME=value`, each entry beginning with the same
    name. A value that is not plain text follows its name and its length.

    It also reads every record before a resume point, or the entry that ends after it would lose its beginning.
    """

    is_stateless = False
    header_records = sys.maxsize
    joins_records = True

    def __init__(self, declared: JsonFormat, about: ObjectInfo) -> None:
        super().__init__(declared, about)
        self._lines: list[bytes] = []
        self._length = 0
        self._first = b""
        """The name that each entry begins with, and an equal sign."""
        self.use_decoder(self._decode)

    def _decode(self, record: bytes) -> Decoded:
        event: Any
        if not self._lines and record[:1] in (b"{", b"["):
            if b"[" not in record:  # No value of bytes, as in most entries.
                event = decode_json(record)
                if event.__class__ is dict:
                    return event
            return self.json(record)
        whole: Decoded = None
        if not self._lines:
            name, equals, _ = record.partition(b"=")
            if not equals or _FIELD.find(name.decode("latin-1")) is None:
                raise ParseError(f"not a journal entry: {abbreviate(record.decode('utf-8', 'replace'))}")
            self._first = name + equals
        elif record.startswith(self._first) and _read_entry(self._lines) is not None:
            whole = self.finish()
        self._lines.append(record)
        self._length += len(record) + 1
        if self._length > MAX_ENTRY:
            self._lines, self._length = [], 0
            raise ParseError(f"a journal entry of more than {MAX_ENTRY:,} bytes")
        return whole

    def finish(self) -> Decoded:
        """Return the entry that has ended."""
        lines, self._lines, self._length = self._lines, [], 0
        if not lines:
            return None
        entry = _read_entry(lines)
        if entry is None:
            raise ParseError("a journal entry ends within a value")
        return [({"record": b"\n".join(lines)}, entry)]


def _read_entry(lines: list[bytes]) -> Event | None:
    """Return the fields of an entry, None where a value has not ended yet."""
    text, at = b"\n".join(lines) + b"\n", 0
    event: Event = {}
    while at < len(text):
        end = text.index(b"\n", at)
        name, equals, value = text[at:end].partition(b"=")
        at = end + 1
        if not name and not equals:
            continue
        if not equals:
            start = at + _SIZE
            end = start + int.from_bytes(text[at:start], "little")
            # It is shorter than said where carriage returns were taken off its lines.
            if end + 1 - len(text) > text.count(b"\n", start):
                return None
            end = text.rfind(b"\n", start, end + 1)
            value, at = text[start:end], end + 1
        _add(event, name.decode("utf-8", "replace"), decode_text(value))
    return event


def _add(event: Event, name: str, value: str) -> None:
    known = event.get(name)
    event[name] = value if known is None else [*known, value] if isinstance(known, list) else [known, value]


register(
    JournaldFormat(
        name="journald",
        tag="journald",
        time=("__REALTIME_TIMESTAMP:us", "_SOURCE_REALTIME_TIMESTAMP:us"),
        inner_paths=("MESSAGE",),
        derive=read_bytes,
        signatures=(
            "__REALTIME_TIMESTAMP, _HOSTNAME|__CURSOR|_BOOT_ID, MESSAGE, PRIORITY|_PID|_TRANSPORT|SYSLOG_IDENTIFIER",
        ),
        description="systemd's journal (journalctl -o json, json-seq, export)",
        document="systemd: Journal Export Formats; systemd.journal-fields(7)",
        example=b'{"__REALTIME_TIMESTAMP":"1772356502481290","_HOSTNAME":"web-3","PRIORITY":"6","_PID":"4711",'
        b'"SYSLOG_IDENTIFIER":"sshd","MESSAGE":"Server listening on 0.0.0.0 port 22."}',
    )
)
