"""The XML of Windows events, to plain values.

The elements keep their names, attributes become fields among the inner elements (`TimeCreated` → `{"SystemTime": …}`),
and the named `Data` of `EventData` become fields of their own, as in the JSON that shippers make of the same event.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from ...errors import ParseError
from ..fields import Event
from ..learned_lines import LearnedLines
from ..patterns import abbreviate
from ..values import number
from .event_grammar import NUMBERS, EventGrammar
from .usual_event import read_usual_event

DEEPEST = 64
"""Elements inside one another. Windows writes a handful; more is an attack on the code that walks the event."""

_ROOT = "Events"
# `evtx_dump` writes `Record 7` before each document.
_AROUND = re.compile(r"\s*(?:Record \d{1,20}(?!\d))?\s*(?:<\?xml[^>]*\?>\s*)?(?:<Events(?:\s[^>]*)?>\s*)?")


def events(record: bytes) -> Event | list[Event]:
    """Return the event or the events of XML: one `<Event>`, several, or a part of the document that `wevtutil` exports;
    none where the record is only its beginning or end.

    Raises ParseError for anything else. Entities cannot be declared, so nothing can be made to grow.
    """
    decoded: Event | list[Event] = _EVENTS.read(record.decode().removeprefix("\ufeff"))
    return decoded


def _careful(text: str) -> Event | list[Event]:
    usual = read_usual_event(text)
    if usual is not None:
        return _event(usual)
    # In a root of our own a document type declaration is a syntax error, and with it every entity but the five of XML.
    inner = text[_start(text) :].rstrip().removesuffix(f"</{_ROOT}>")
    try:
        root = _parse(inner)
    except expat.ExpatError as fault:
        cleaned = _clean(inner)
        if cleaned == inner:
            raise ParseError(f"not XML: {fault}") from fault
        try:
            root = _parse(cleaned)
        except expat.ExpatError as other:
            raise ParseError(f"not XML: {other}") from other
    _check_no_text(root)
    found = [_event(_event_fields(element)) for element in root]
    return found[0] if len(found) == 1 else found


def _parse(inner: str) -> Element:
    tree = TreeBuilder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = tree.start, tree.end
    if "<Event" not in inner:  # Some tools give a prefix to the namespace: <ns0:Event>.
        parser.StartElementHandler = lambda tag, attributes: tree.start(_local(tag), attributes)
        parser.EndElementHandler = lambda tag: tree.end(_local(tag))
    parser.CharacterDataHandler = tree.data
    parser.Parse(f"<{_ROOT}>{inner}</{_ROOT}>", True)
    return tree.close()


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


@cache
def _forbidden() -> re.Pattern[str]:
    """Return the pattern of the characters that XML 1.0 forbids, as they are and as references."""
    low = r"0*(?:[0-8]|1[124-9]|2\d|3[01]);|x0*(?:[0-8bcefBCEF]|1[\da-fA-F]);"
    return re.compile(rf"[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|&#(?:{low}|x[fF]{{3}}[eEfF];|6553[45];)")


def _clean(inner: str) -> str:
    """Return the text with U+FFFD for each character that XML forbids, which Windows writes nevertheless: into names of
    services, scripts and passwords of whatever bytes there were."""
    return _forbidden().sub("\ufffd", inner)


def _start(text: str) -> int:
    around = _AROUND.match(text)
    return around.end() if around else 0


def _event_fields(element: Element) -> Event:
    if element.tag != "Event":
        raise ParseError(f"not a Windows event: <Event> was expected, not {abbreviate(element.tag)}")
    _check_no_text(element)
    return _fields(element, 1)


def _check_no_text(element: Element) -> None:
    texts = [text for text in (element.text, *[child.tail for child in element]) if text and text.strip()]
    if texts:
        raise ParseError(f"not a Windows event: text outside of its elements: {abbreviate(texts[0].strip())}")


def _fields(element: Element, depth: int) -> Event:
    """Return the attributes and inner elements of an element."""
    if depth >= DEEPEST:
        raise ParseError(f"not a Windows event: {DEEPEST} elements inside one another")
    fields = _attributes(element) if element.attrib else {}
    for child in element:
        name, value = child.tag, child.text or ""
        inner = child.attrib
        if len(child):
            text = value + "".join([each.tail or "" for each in child])
            name, value = _named_value(name, _fields(child, depth + 1), text)
        elif name == "Data" and len(inner) == 1 and "Name" in inner:  # <Data Name="TargetUserName">liz</Data>
            name = inner["Name"] or name
        elif inner:
            name, value = _named_value(name, _attributes(child), value)
        if name in fields:
            _add(fields, name, value)
        else:
            fields[name] = value
    return fields


def _attributes(element: Element) -> Event:
    return {
        key: value for key, value in element.attrib.items() if key[:5] != "xmlns" or key[5:6] not in ("", ":")
    }  # fmt: skip


def _named_value(name: str, fields: Event, text: str) -> tuple[str, Any]:
    """Return an element's name, and its value: its fields, its text, or, where it has both, the fields with the text
    under `#text`. Data has a name of its own."""
    if name in ("Data", "ComplexData"):
        name = fields.pop("Name", None) or name
    if not fields:
        return name, text
    return name, {**fields, "#text": text.strip()} if text and text.strip() else fields


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
    _with_numbers(system, NUMBERS)
    execution = system.get("Execution")
    if isinstance(execution, dict):
        _with_numbers(execution, execution)
    return fields


def _with_numbers(fields: Event, names: Iterable[str]) -> None:
    for name in names:
        value = fields.get(name)
        if value.__class__ is str:
            fields[name] = (
                int(value) if value.isdigit() and value.isascii() and len(value) < 20 else number(value.strip())
            )


_EVENTS = LearnedLines(_careful, EventGrammar())
