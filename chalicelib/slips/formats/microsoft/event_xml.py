"""The XML of Windows events, to plain values.

The elements keep their names, attributes become fields among the inner elements (`TimeCreated` → `{"SystemTime": …}`),
and the named `Data` of `EventData` become fields of their own, as in the JSON that shippers make of the same event.
"""

from __future__ import annotations

import re
from typing import Any
from xml.parsers import expat

from ...errors import ParseError
from ..fields import Event
from ..patterns import abbreviate
from ..values import number

DEEPEST = 64
"""Elements inside one another. Windows writes a handful; more is an attack on the code that walks the event."""

_ROOT = "Events"
_AROUND = re.compile(r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<Events(?:\s[^>]*)?>\s*)?")
_NUMBERS = ("EventID", "Version", "Level", "Task", "Opcode", "EventRecordID", "Qualifiers")


def events(record: bytes) -> list[Event]:
    """Return the events of XML: one `<Event>`, several, or a part of the document that `wevtutil` exports; none where
    the record is only its beginning or end. UTF-8, or UTF-16 with a byte order mark.

    Raises ParseError for anything else. Entities cannot be declared, so nothing can be made to grow.
    """
    text = _text(record)
    # In a root of our own a document type declaration is a syntax error, and with it every entity but the five of XML.
    inner = text[_start(text) :].rstrip().removesuffix(f"</{_ROOT}>")
    tree = _Tree()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.text
    try:
        parser.Parse(f"<{_ROOT}>{inner}</{_ROOT}>", True)
    except expat.ExpatError as fault:
        raise ParseError(f"not XML: {fault}") from fault
    return [_event(fields) for fields in tree.events]


def _text(record: bytes) -> str:
    wide = record.startswith((b"\xff\xfe", b"\xfe\xff"))
    return record.decode("utf-16" if wide else "utf-8-sig")


def _start(text: str) -> int:
    around = _AROUND.match(text)
    return around.end() if around else 0


class _Tree:
    """A builder of the values of elements as expat reports them. `events` are the elements directly under the root."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._open: list[tuple[str, Event, list[str]]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= DEEPEST:
            raise ParseError(f"not a Windows event: {DEEPEST} elements inside one another")
        if len(self._open) == 1 and name != "Event":
            raise ParseError(f"not a Windows event: <Event> was expected, not {abbreviate(name)}")
        declared = {key: value for key, value in attributes.items() if key.partition(":")[0] != "xmlns"}
        self._open.append((name, dict(declared), []))

    def text(self, text: str) -> None:
        if len(self._open) > 2:
            self._open[-1][2].append(text)
        elif text.strip():
            raise ParseError(f"not a Windows event: text outside of its elements: {abbreviate(text.strip())}")

    def end(self, name: str) -> None:
        _, fields, pieces = self._open.pop()
        if not self._open:
            return
        if len(self._open) == 1:
            self.events.append(fields)
            return
        label = fields.pop("Name", None) if name in ("Data", "ComplexData") else None
        _add(self._open[-1][1], label or name, _value(fields, "".join(pieces)))


def _value(fields: Event, text: str) -> Any:
    """Return an element's value: its fields, its text, or, where it has both, the fields with the text under
    `#text`."""
    if not fields:
        return text
    return {**fields, "#text": text.strip()} if text.strip() else fields


def _add(parent: Event, name: str, value: Any) -> None:
    if name not in parent:
        parent[name] = value
    elif isinstance(parent[name], list):
        parent[name].append(value)
    else:
        parent[name] = [parent[name], value]


def _event(fields: Event) -> Event:
    system = fields.get("System")
    if not isinstance(system, dict):
        raise ParseError("not a Windows event: the <Event> has no <System>")
    identifier = system.get("EventID")
    if isinstance(identifier, dict):  # Classic providers say <EventID Qualifiers="0">7036</EventID>.
        system.update(Qualifiers=identifier.get("Qualifiers"), EventID=identifier.get("#text"))
    _with_numbers(system, _NUMBERS)
    execution = system.get("Execution")
    if isinstance(execution, dict):
        _with_numbers(execution, tuple(execution))
    return fields


def _with_numbers(fields: Event, names: tuple[str, ...]) -> None:
    for name in names:
        value = fields.get(name)
        if isinstance(value, str):
            fields[name] = number(value.strip())
