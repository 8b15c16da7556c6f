"""The section `formats` of slips.yml, read and checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from ..field import Field
from ..problems import quote
from ..scalars import read_flag, read_text
from ..suggestions import suggest
from .keys import FORMAT, LONGEST, MOST_ABSENT, MOST_COLUMNS, NAME, SEPARATORS
from .line import Part, PatternFault, parse_beginning, parse_line
from .settings import ABSENT, INDENTED, PatternFormat, PatternTime
from .times import parse_time, parse_zone
from .types import CELL_TYPES, REST, describe_types, find_type

T = TypeVar("T")

_LINE_ALLOWED = "write a pattern like '%{time:at} %{word:level} %{rest:message}', or a list of several"
_TEMPLATE = re.compile("<([^<>]+)>")


def read_formats(field: Field, mapped: Collection[str]) -> dict[str, PatternFormat]:
    """Read the section; warn of formats whose names are not in `mapped`."""
    formats = {}
    for name, entry in field.entries("write a mapping from names to formats, like door-badge: {line: …}"):
        if not re.fullmatch(NAME, name):
            entry.fault(f"{quote(name)} is not the name of a format", "write letters, digits and -, like door-badge")
        elif name not in mapped:
            entry.warn("has no effect, because bucket_mapping does not name it; map it, or remove this")
        formats[name] = _FormatReader(name, entry).read()
    return formats


class _FormatReader:
    """Reads one format: its keys depend on each other."""

    def __init__(self, name: str, field: Field) -> None:
        self._name = name
        self._field = field
        self._keys = field.keys()
        self._kinds: dict[str, str] = {}
        """The types of the fields, by name."""
        self._has_others = False
        """Whether there may be more fields: those that a header names, or that a fault hides."""
        self._lines: list[tuple[str, list[Part]]] = []

    def read(self) -> PatternFormat:
        keys = self._keys
        header = self._has_others = bool(read_flag(keys["header"], False))
        if keys["line"].absent and keys["columns"].absent and not header and isinstance(self._field.value, dict | None):
            self._has_others = True
            self._field.fault("neither line nor columns", "write one of them: what a record looks like")
        lines = self._read_lines()
        for key, others in FORMAT.excludes:
            self._exclude(key, *others)
        columns = self._read_columns()
        separator = self._read_separator()
        return PatternFormat(
            name=self._name,
            lines=lines,
            multiline=self._read_multiline(),
            columns=columns,
            separator=separator,
            quotes=bool(read_flag(keys["quotes"], separator not in "\t ")),
            header=header,
            absent=self._read_absent(),
            comment=_read_bounded(keys["comment"]),
            time=self._read_time(),
            tag=self._read_tag() or self._name,
        )

    def _exclude(self, key: str, *others: str) -> None:
        if not self._keys[key].absent:
            for other in others:
                if not self._keys[other].absent:
                    self._keys[other].fault(f"does not work together with {key}", "remove one of them")

    def _read_lines(self) -> tuple[str, ...]:
        for item in _read_items(self._keys["line"], _LINE_ALLOWED):
            text = _read_bounded(item).removesuffix("\n")
            parts = _report(item, text, parse_line)
            if parts is None:
                self._has_others = True
                continue
            if not any(part.name for part in parts):
                item.fault("found no field with a name", "write %{type:name}, like %{int:status}")
            for part in parts:
                if part.name and self._kinds.setdefault(part.name, part.kind) != part.kind:
                    item.fault(f"{part} has another type in an earlier line", "write the same, or choose another name")
            self._lines.append((text, parts))
        return tuple(text for text, _ in self._lines)

    def _read_multiline(self) -> tuple[str, ...]:
        field = self._keys["multiline"]
        if field.absent or field.value is False:
            return ()
        if not all(parts[-1].kind in REST for _, parts in self._lines):
            field.fault("line ends without %{rest:…}", "write it last: further lines of a record need a place")
        if field.value is True:
            beginnings = tuple(_beginning(text, parts) for text, parts in self._lines)
            if not all(beginnings):
                field.fault("line has no %{time:…} to show where a record begins", "write how: multiline: '%{word} '")
            return beginnings
        items = _read_items(field, _LINE_ALLOWED)
        patterns = tuple(_read_bounded(item) for item in items)
        if patterns != (INDENTED,):
            for item, pattern in zip(items, patterns, strict=True):
                _report(item, pattern, parse_beginning)
        return patterns

    def _read_columns(self) -> tuple[tuple[str, str], ...]:
        field, columns = self._keys["columns"], []
        allowed = "write a mapping from the names of the columns to their types, like {at: time, user: text, door: int}"
        entries = field.entries(allowed)
        if field.value == {}:
            field.fault("found an empty mapping", allowed)
        if len(entries) > MOST_COLUMNS:
            field.fault(f"found {len(entries)} columns", f"write at most {MOST_COLUMNS}")
        for name, entry in entries:
            kind = read_text(entry, "text", allowed)
            if kind not in CELL_TYPES:
                ours = find_type(kind)
                advice = f"write {ours}" if ours in CELL_TYPES else describe_types(kind, CELL_TYPES)
                entry.fault(f"unknown type {quote(kind)}", advice)
            columns.append((name, kind))
            self._kinds[name] = kind
        return tuple(columns)

    def _read_separator(self) -> str:
        field = self._keys["separator"]
        allowed = 'write one character, like ";", or tab or space'
        text = read_text(field, ",", allowed)
        separator = SEPARATORS.get(text, text)
        if len(separator) != 1 or not separator.isascii() or separator.isalnum() or separator in '"\r\n\0':
            field.reject(allowed)
        if separator == " " and self._keys["quotes"].value is True:
            self._keys["quotes"].fault("does not work with separator: space", "write line, with %{quoted:…}")
        return separator

    def _read_absent(self) -> tuple[str, ...]:
        field = self._keys["absent"]
        if field.absent:
            return ABSENT
        items = _read_items(field, 'write text, or a list of it, like ["-", "NULL"]', empty=True)
        if len(items) > MOST_ABSENT:
            field.fault(f"found {len(items)} values", f"write at most {MOST_ABSENT}")
        return tuple(_read_bounded(item) for item in items)

    def _read_time(self) -> PatternTime:
        field = self._keys["time"]
        usual = tuple(name for name, kind in self._kinds.items() if kind == "time")[:1]
        if isinstance(field.value, str):
            return PatternTime(fields=self._read_templates((field,)))
        keys = field.keys()
        fields = self._read_templates(_read_items(keys["field"], "write the name of a field")) or usual
        if not field.absent and not fields and not self._has_others:
            field.fault("no field has the type time", "write field: the name of the field with the time")
        items = _read_items(keys["pattern"], "write a pattern like %d.%m.%Y %H:%M:%S")
        patterns = tuple(_read_bounded(item) for item in items)
        for item, pattern in zip(items, patterns, strict=True):
            _report(item, pattern, parse_time)
        zone = read_text(keys["zone"])
        if zone:
            _report(keys["zone"], zone, parse_zone)
        return PatternTime(fields=fields, patterns=patterns, zone=zone)

    def _read_templates(self, items: Sequence[Field]) -> tuple[str, ...]:
        texts = []
        for item in items:
            text = _read_bounded(item)
            self._check_names(item, _TEMPLATE.findall(text) or [text])
            texts.append(text)
        return tuple(texts)

    def _read_tag(self) -> str:
        tag = _read_bounded(self._keys["tag"])
        self._check_names(self._keys["tag"], _TEMPLATE.findall(tag))
        return tag

    def _check_names(self, field: Field, names: Sequence[str]) -> None:
        for name in names:
            # Of %{json:body}, there is also body.user.
            if name and name not in self._kinds and name.partition(".")[0] not in self._kinds and not self._has_others:
                known = f"there are {', '.join(self._kinds)}" if self._kinds else "there are no fields"
                field.fault(f"unknown field {quote(name)}", suggest(name, self._kinds, known))


def _read_items(field: Field, allowed: str, *, empty: bool = False) -> list[Field]:
    """Return the elements of a list, or the one value that is not a list; none where the key is absent."""
    items = field.items(allowed) if isinstance(field.value, list) else [] if field.absent else [field]
    if isinstance(field.value, list) and not items:
        field.fault("found an empty list", allowed)
    for item in items:
        if item.absent or (item.value == "" and not empty):
            item.reject(allowed)
    return items


def _read_bounded(field: Field) -> str:
    text = read_text(field)
    if len(text) <= LONGEST:
        return text
    field.fault(f"found {len(text)} characters", f"write at most {LONGEST}")
    return ""


def _report(field: Field, text: str, parse: Callable[[str], T]) -> T | None:
    """Return what `parse` makes of the text; None after a fault, which is reported."""
    try:
        return parse(text) if text else None
    except PatternFault as fault:
        field.fault(fault.problem, fault.allowed)
        return None


def _beginning(text: str, parts: Sequence[Part]) -> str:
    """Return a line as far as its first time; empty where it has none."""
    time = next((part for part in parts if part.kind == "time"), None)
    return text[: time.at - 1 + len(time.text)] if time else ""
