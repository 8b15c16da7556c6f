"""The XML of an ordinary Windows event, as Windows itself writes it, without a tree: three times as fast.

What has an entity, a comment, a namespace of its own, a repeated or a nested element is not ordinary: None is returned,
and `event_xml` reads it with an XML parser. The result must be the same.
"""

from __future__ import annotations

from ..fields import Event
from ..patterns import Pattern

_QUOTED = r"""(?:"[^"'<&\n\t]*+"|'[^"'<&\n\t]*+')"""


_BEGIN = Pattern("beginning of an event", rf"<Event(?: xmlns={_QUOTED})?>\s*<System>")
_MIDDLE = Pattern("beginning of its data", r"</System>\s*<EventData>")
_END = Pattern("end of an event", r"(?:</EventData>|</System>)\s*</Event>\s*")
_ELEMENT = Pattern("element", rf"<(\w+)((?> (?!xmlns)\w+={_QUOTED})*+) ?(?:/>|>([^<&]*+)</\1>)")
_DATA = Pattern("data", rf"<Data Name=({_QUOTED}) ?(?:/>|>([^<&]*+)</Data>)")
_ATTRIBUTE = Pattern("attribute", rf" (\w+)=({_QUOTED})")


_known: dict[str, Event] = {}
"""The attributes that come again and again, by their text: those of a `<Provider>`."""
MOST_KNOWN = 256


def _read_attributes(name: str, text: str) -> Event | None:
    """Return an element's attributes; None where one is repeated."""
    pairs = _ATTRIBUTE.regex.findall(text)
    fields: Event = {key: value[1:-1] for key, value in pairs}
    if len(fields) != len(pairs):
        return None
    if name == "Provider" and len(_known) < MOST_KNOWN:
        _known[text] = fields
    return fields


def read_usual_event(text: str) -> Event | None:
    """Return the sections of an `<Event>`, all values as text; None where it needs a closer look."""
    begin = _BEGIN.regex.match(text)
    is_printable = text.isprintable() or text.replace("\n", "").replace("\t", "").isprintable()
    if begin is None or not is_printable:
        return None
    end = text.find("</System>")
    middle = _MIDDLE.regex.match(text, end)
    last = end if middle is None else text.rfind("</EventData>")
    if last < 0 or _END.regex.fullmatch(text, last) is None:
        return None
    between, *parts = _ELEMENT.regex.split(text[begin.end() : end])
    names = parts[::4]
    if between.strip() or "".join(parts[3::4]).strip():
        return None
    system: Event = {}
    for name, attributes, content in zip(names, parts[1::4], parts[2::4], strict=True):
        if not attributes:
            system[name] = content or ""
            continue
        known = _known.get(attributes) or _read_attributes(name, attributes)
        if known is None:
            return None
        fields = system[name] = known.copy()
        if content and content.strip():
            fields["#text"] = content.strip()
    if len(system) != len(names) or "Data" in system or "ComplexData" in system:
        return None
    if middle is None:
        return {"System": system}
    between, *parts = _DATA.regex.split(text[middle.end() : last])
    names = parts[::3]
    if between.strip() or "".join(parts[2::3]).strip():
        return None
    values: Event = {name[1:-1]: content or "" for name, content in zip(names, parts[1::3], strict=True)}
    is_plain = values and len(values) == len(names) and "" not in values
    return {"System": system, "EventData": values} if is_plain else None
