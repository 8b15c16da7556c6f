"""How Windows writes an event in XML, for `learned_lines`: tags and names come again, texts and attributes are values.

An event with an entity, a comment, a prefix or a repeated element teaches nothing: `event_xml` reads it with care.
"""

from __future__ import annotations

import re
from functools import cache

from ..fields import Event
from ..learned_lines import Value

NUMBERS = ("EventID", "Version", "Level", "Task", "Opcode", "EventRecordID", "Qualifiers")
"""Elements of `<System>` that are numbers, as the attributes of `<Execution>` are."""
_NAMED = ("Data", "ComplexData")
"""Elements that an attribute names."""
_DEEPEST = 8

_TEXT = r"[^<>&\0-\x08\x0b-\x1f]*+"
_WORD = r"[!-%'-;=?-~]++"
_IN_QUOTES = {'"': r'[^"<>&\0-\x1f]*+', "'": r"[^'<>&\0-\x1f]*+"}
_NUMBER = r"\d{1,18}+"
_CONSTANT, _SHORT, _LONG = range(3)


@cache
def _tags() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of an element without others inside, of the tags of one with others, and of an attribute."""
    attributes = r"""((?> \w+=(?:"[^"<]*+"|'[^'<]*+'))*+) ?"""
    return (
        re.compile(rf"<(\w+){attributes}(?:/>|>([^<]*+)</\1>)\s*+"),
        re.compile(rf"<(\w+){attributes}>\s*+"),
        re.compile(r"</(\w+)>\s*+"),
        re.compile(r""" (\w+)=(["'])(.*?)\2""", re.DOTALL),
    )


class EventGrammar:
    """The grammar of one `<Event>`; see `learned_lines.Grammar`."""

    mark = "</"
    unescape = str

    def find(self, text: str) -> int:
        """Return where the event begins, -1 where it does not, or holds a character that XML forbids."""
        return 0 if text.startswith("<Event") and "\ufffe" not in text and "\uffff" not in text else -1

    def read_header(self, text: str) -> Event:  # noqa: ARG002 - the shape of a Grammar
        """Return nothing: an event begins with its tag."""
        return {}

    def parse(self, line: str, start: int) -> tuple[list[Value], str] | None:
        """Return the values of an event, in order, and the text after the last; None for one that teaches nothing."""
        return _Walk(line, start).read_values()


class _Unlearnable(Exception):
    """The event holds what must be read with care."""


class _Walk:
    """A walk through the tags of an event; `_taken` is the end of the last value."""

    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._at = self._taken = start
        self._values: list[Value] = []
        self._around: list[str] = []

    def read_values(self) -> tuple[list[Value], str] | None:
        """Return the values, and the text after the last; None where that is not all of the event."""
        try:
            self._enter("Event")
            while self._around:
                self._step()
        except _Unlearnable:
            return None
        return (self._values, self._text[self._taken :]) if self._at == len(self._text) else None

    def _enter(self, root: str = "") -> None:
        tag = _tags()[1].match(self._text, self._at)
        if tag is None or tag[1] in _NAMED or (root and tag[1] != root) or len(self._around) == _DEEPEST:
            raise _Unlearnable
        self._around.append(tag[1])
        self._add_attributes(tag, tuple(self._around[1:]))
        self._at = tag.end()

    def _step(self) -> None:
        leaf_tag, _, closing_tag, _ = _tags()
        leaf = leaf_tag.match(self._text, self._at)
        if leaf is not None:
            self._add_leaf(leaf)
            self._at = leaf.end()
            return
        closing = closing_tag.match(self._text, self._at)
        if closing is None:
            self._enter()
        elif closing[1] == self._around.pop():
            self._at = closing.end()
        else:
            raise _Unlearnable

    def _add_leaf(self, tag: re.Match[str]) -> None:
        name, attributes, text = tag.groups()
        path = (*self._around[1:], name)
        if name in _NAMED and attributes:  # <Data Name="TargetUserName">liz</Data>
            (attribute, _, value), *others = _tags()[3].findall(attributes)
            if attribute != "Name" or others or not value or re.fullmatch(_IN_QUOTES['"'], value) is None:
                raise _Unlearnable
            path = (*self._around[1:], value)
        elif self._add_attributes(tag, path):
            if text and text.strip():
                is_identifier = path == ("System", "EventID")  # <EventID Qualifiers="0">7036</EventID>
                self._add(tag.start(3), text, path if is_identifier else (*path, "#text"), _WORD)
            return
        if text is None:
            self._values.append(Value(self._text[self._taken : tag.end()], path, _CONSTANT, "", repr("")))
            self._taken = tag.end()
        else:
            self._add(tag.start(3), text, path, _TEXT)

    def _add_attributes(self, tag: re.Match[str], path: tuple[str, ...]) -> bool:
        """Add the attributes of an element. Returns whether it has any but a namespace."""
        count = len(self._values)
        for attribute in _tags()[3].finditer(tag[2]):
            name, quote, value = attribute.groups()
            if name != "xmlns":
                at = tag.start(2) + attribute.start(3)
                is_qualifier = (*path, name) == ("System", "EventID", "Qualifiers")
                self._add(at, value, ("System", name) if is_qualifier else (*path, name), _IN_QUOTES[quote])
            elif re.fullmatch(_IN_QUOTES[quote], value) is None:
                raise _Unlearnable
        return len(self._values) > count

    def _add(self, at: int, text: str, path: tuple[str, ...], expression: str) -> None:
        is_number = path[0] == "System" and (
            path[1] == "Execution" if len(path) == 3 else len(path) == 2 and path[1] in NUMBERS
        )
        value = Value(self._text[self._taken : at], path, _LONG, expression)
        if is_number:
            value = Value(self._text[self._taken : at], path, _SHORT, _NUMBER, "int({0})")
        if re.fullmatch(value.expression, text, re.ASCII) is None:
            raise _Unlearnable
        self._values.append(value)
        self._taken = at + len(text)
