"""The XML of Windows events, to plain values.

The elements keep their names, attributes become fields among the inner elements (`TimeCreated` → `{"SystemTime": …}`),
and the named `Data` of `EventData` become fields of their own, as in the JSON that shippers make of the same event.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
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
    tree = TreeBuilder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.data
    try:
        parser.Parse(f"<{_ROOT}>{inner}</{_ROOT}>", True)
    except expat.ExpatError as fault:
        raise ParseError(f"not XML: {fault}") from fault
    root = tree.close()
    _check_no_text(root)
    return [_event(_event_fields(element)) for element in root]


def _text(record: bytes) -> str:
    wide = record.startswith((b"\xff\xfe", b"\xfe\xff"))
    return record.decode("utf-16" if wide else "utf-8-sig")


def _start(text: str) -> int:
    around = _AROUND.match(text)
    return around.end() if around else 0


def _event_fields(element: Element) -> Event:
    if element.tag != "Event":
        raise ParseError(f"not a Windows event: <Event> was expected, not {abbreviate(element.tag)}")
    _check_no_text(element)
    return _fields(element, 1)


def _check_no_text(element: Element) -> None:
    for text in (element.text, *(child.tail for child in element)):
        if text and text.strip():
            raise ParseError(f"not a Windows event: text outside of its elements: {abbreviate(text.strip())}")


def _fields(element: Element, depth: int) -> Event:
    """Return the attributes and inner elements of an element."""
    if depth >= DEEPEST:
        raise ParseError(f"not a Windows event: {DEEPEST} elements inside one another")
    attributes = element.attrib
    fields: Event = {}
    if attributes:
        fields = {key: value for key, value in attributes.items() if key[:5] != "xmlns" or key[5:6] not in ("", ":")}
    for child in element:
        name, value = child.tag, child.text or ""
        inner = child.attrib
        if len(child) or (inner and not (name == "Data" and len(inner) == 1 and "Name" in inner)):
            text = value + "".join(each.tail or "" for each in child)
            inner = _fields(child, depth + 1)
            label = inner.pop("Name", None) if name in ("Data", "ComplexData") else None
            name, value = label or name, _value(inner, text)
        elif inner:  # Most are: <Data Name="TargetUserName">liz</Data>.
            name = inner["Name"] or name
        if name in fields:
            _add(fields, name, value)
        else:
            fields[name] = value
    return fields


def _value(fields: Event, text: str) -> Any:
    """Return an element's value: its fields, its text, or, where it has both, the fields with the text under
    `#text`."""
    if not fields:
        return text
    return {**fields, "#text": text.strip()} if text.strip() else fields


def _add(parent: Event, name: str, value: Any) -> None:
    if isinstance(parent[name], list):
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
