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


class _Value:
    """A value that is not plain text: the eight bytes of its length, then itself, over as many lines as it has."""

    def __init__(self, name: bytes) -> None:
        self.name = name
        self._lines: list[bytes] = []
        self._length = -1 - _SIZE

    def add(self, line: bytes) -> None:
        """Add the next line."""
        self._lines.append(line)
        self._length += len(line) + 1

    def missing(self) -> int:
        """Return how many bytes are still to come; less than none where the length was wrong."""
        if self._length < 0:
            return 1
        head = self._lines[0] if len(self._lines[0]) >= _SIZE else b"\n".join(self._lines[: _SIZE + 1])
        return int.from_bytes(head[:_SIZE], "little") - self._length

    def may_have_ended(self) -> bool:
        """Tell whether nothing is missing but the carriage returns that framing takes off the ends of lines."""
        return 0 < self.missing() <= len(self._lines)

    def text(self) -> str:
        """Return the value, as far as it has come."""
        return decode_text(b"\n".join(self._lines)[_SIZE:])


class JournaldParser(JsonParser):
    """A parser of entries as JSON, or in the export format: lines of `NAME=value`, each entry beginning with the same
    name. A value that is not plain text follows its name and its length. An entry that the end of the object cuts off
    is delivered as far as it goes.

    It also reads every record before a resume point, or the entry that ends after it would lose its beginning.
    """

    is_stateless = False
    header_records = sys.maxsize
    joins_records = True

    def __init__(self, declared: JsonFormat, about: ObjectInfo) -> None:
        super().__init__(declared, about)
        self._first = b""
        """The name that each entry begins with, and an equal sign."""
        self._forget()
        self.use_decoder(self._decode)

    def _forget(self) -> None:
        self._event: Event = {}
        self._records: list[bytes] = []
        self._length = 0
        self._value: _Value | None = None

    def _decode(self, record: bytes) -> Decoded:
        if not self._records and record[:1] in (b"{", b"["):
            if b"[" not in record:  # No value of bytes, as in most entries.
                event: Any = decode_json(record)
                if event.__class__ is dict:
                    return event
            return self.json(record)
        name, equals, value = record.partition(b"=")
        begins_field = _FIELD.find(name.decode("latin-1")) is not None
        if self._value is not None:
            if not (begins_field and self._value.may_have_ended()):
                self._add_to_value(record)
                return None
            self._end_value()
        if not record and self._records:
            return self.finish()
        if not begins_field or not (equals or self._records):
            self._forget()
            raise ParseError(f"not a journal entry: {abbreviate(record.decode('utf-8', 'replace'))}")
        whole = self.finish() if equals and name + equals == self._first and self._records else None
        if not self._records:
            self._first = name + equals
        self._keep(record)
        if equals:
            _add(self._event, name.decode(), decode_text(value))
        else:
            self._value = _Value(name)
        return whole

    def _keep(self, record: bytes) -> None:
        self._records.append(record)
        self._length += len(record) + 1
        if self._length > MAX_ENTRY:
            self._forget()
            raise ParseError(f"a journal entry of more than {MAX_ENTRY:,} bytes")

    def _add_to_value(self, record: bytes) -> None:
        self._keep(record)
        assert self._value is not None
        self._value.add(record)
        missing = self._value.missing()
        if missing < 0:
            self._forget()
            raise ParseError("a value of a journal entry is longer than its length says")
        if missing == 0:
            self._end_value()

    def _end_value(self) -> None:
        if self._value is not None:
            _add(self._event, self._value.name.decode(), self._value.text())
            self._value = None

    def finish(self) -> Decoded:
        """Return the entry that has ended."""
        if not self._records:
            return None
        self._end_value()
        records, event = self._records, self._event
        self._forget()
        return [({"record": b"\n".join(records)}, event)]


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
        variants=(
            "`-o json`, `json-seq` and `json-pretty`",
            "values that are arrays of bytes",
            "`-o export`, with values that are not text",
        ),
        refused=("journalctl's short output",),
        document="systemd: Journal Export Formats; systemd.journal-fields(7)",
        example=b'{"__REALTIME_TIMESTAMP":"1772356502481290","_HOSTNAME":"web-3","PRIORITY":"6","_PID":"4711",'
        b'"SYSLOG_IDENTIFIER":"sshd","MESSAGE":"Server listening on 0.0.0.0 port 22."}',
    )
)
