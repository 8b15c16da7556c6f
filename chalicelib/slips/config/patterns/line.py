"""A line as a pattern, `%{time:at} %{word:level} %{rest:message}`, to a regular expression that takes linear time.

A field of an open type ends where the text after it first comes, and all others take what they can: nothing is tried
twice, so no line takes longer than its length. What leaves open where a field ends is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..problems import quote
from .types import REST, TYPES, describe_types, find_type

MOST_FIELDS = 100
"""The fields of a line: more are a generated pattern, and each costs."""
_FIELD = re.compile(r"%%\{|%\{([^{}]*)\}")
_NAME = re.compile(r"[^\s<>{}:%]{1,100}")
_WRITE = "write %{type:name}, like %{int:status}"


class PatternFault(ValueError):
    """A pattern that cannot be used: what is wrong with it, and what to write instead."""

    def __init__(self, problem: str, allowed: str) -> None:
        super().__init__(f"{problem}; {allowed}")
        self.problem, self.allowed = problem, allowed


class Part(NamedTuple):
    """A field, or, without a `kind`, literal text. `at` is its place in the pattern, counted from 1; a field without
    a name is checked, and not kept."""

    text: str
    at: int
    kind: str = ""
    name: str = ""

    def __str__(self) -> str:
        return self.text if self.kind else quote(self.text)


class PartPattern(NamedTuple):
    """The regular expression of a part; a named field is a group of it."""

    part: Part
    pattern: str


def parse_line(text: str) -> list[Part]:
    """Return the parts of a line. Raises PatternFault, with the place in the text."""
    if "\n" in text:
        raise PatternFault("found several lines", "write one; further lines of a record are for %{rest:name}")
    parts: list[Part] = []
    literal, at = "", 0
    for match in _FIELD.finditer(text):
        literal += _read_literal(text, at, match.start())
        at = match.end()
        if match[1] is None:
            literal += "%{"
            continue
        if literal:
            parts.append(Part(literal, match.start() + 1 - len(literal)))
            literal = ""
        parts.append(_read_field(match))
    if literal := literal + _read_literal(text, at, len(text)):
        parts.append(Part(literal, at + 1))
    _check(parts)
    return parts


def parse_beginning(text: str) -> list[Part]:
    """Return the parts of how a record begins, which may be literal text alone. Raises PatternFault."""
    return parse_line(text) if "%{" in text.replace("%%{", "") else [Part(text.replace("%%{", "%{"), 1)]


def _read_literal(text: str, start: int, end: int) -> str:
    stray = text.find("%{", start, end)
    if stray >= 0:
        raise PatternFault(f'"%{{" at character {stray + 1} does not begin a field', f"{_WRITE}, or %%{{ for that text")
    return text[start:end]


def _read_field(match: re.Match[str]) -> Part:
    kind, colon, name = match[1].partition(":")
    at = match.start() + 1
    if kind not in TYPES:
        ours = find_type(kind)
        advice = f"write %{{{ours}{colon}{name}}}" if ours else describe_types(kind)
        raise PatternFault(f"unknown type {quote(kind)} at character {at}", advice)
    if colon and not _NAME.fullmatch(name):
        raise PatternFault(f"{quote(name)} at character {at} is not the name of a field", _WRITE)
    return Part(match[0], at, kind, name)


def _check(parts: Sequence[Part]) -> None:
    fields = [part for part in parts if part.kind]
    if not fields:
        raise PatternFault("found no field", _WRITE)
    if len(fields) > MOST_FIELDS:
        raise PatternFault(f"found {len(fields)} fields", f"write at most {MOST_FIELDS}")
    names: set[str] = set()
    for at, part in enumerate(parts):
        if part.name in names:
            raise PatternFault(f"{part} at character {part.at} has the name of an earlier field", "choose another")
        names |= {part.name} - {""}
        if part.kind and at + 1 < len(parts):
            _check_end(part, parts[at + 1])
        if part.kind == "quoted":
            _check_quotes(part, [*parts[max(0, at - 1) : at], *parts[at + 1 : at + 2]])


def _check_end(part: Part, after: Part) -> None:
    """Check that what follows the field tells where it ends."""
    if part.kind in REST:
        problem = f"{part} at character {part.at} takes all that is left, and {after} follows"
        raise PatternFault(problem, "write it last")
    if after.kind:
        raise PatternFault(
            f"{part} and {after} touch at character {after.at}, so it is not clear where the first ends",
            "write what is between them",
        )
    if after.text[0] in TYPES[part.kind].inside:
        raise PatternFault(
            f"{part} at character {part.at} can itself contain {quote(after.text[0])}, which follows it",
            f"write %{{text{part.name and f':{part.name}'}}}, which ends at the first one",
        )


def _check_quotes(part: Part, around: Sequence[Part]) -> None:
    quotes = {around[0].text[-1], around[-1].text[0]} if len(around) == 2 else set()
    if quotes not in ({'"'}, {"'"}):
        raise PatternFault(f"{part} at character {part.at} is not in quotes", f'write "{part}", with the quotes')


def compile_line(
    parts: Sequence[Part], absent: Sequence[str] = (), times: Mapping[str, str] | None = None, *, is_end: bool = True
) -> list[PartPattern]:
    """Return the pieces of the line's regular expression, in order; joined, they match what they match one by one.

    `absent` are the values that a field may have instead: the group of a field that `can_be_missing` then takes no part
    in the match. `times` are patterns of single fields of type time. At the end there may be white space, unless the
    line goes on (`is_end`).
    """
    pieces: list[PartPattern] = []
    values = "".join(f"|{re.escape(value)}" for value in sorted(absent, key=len, reverse=True))
    for at, part in enumerate(parts):
        if not part.kind:
            pieces.append(PartPattern(part, "".join(_elements(part.text))))
            continue
        own = (times or {}).get(part.name) if part.kind == "time" else None
        pattern = own or _field_pattern(part.kind, parts[at + 1].text if at + 1 < len(parts) else "")
        pattern = f"({pattern})" if part.name else f"(?:{pattern})"
        if can_be_missing(part.kind):
            pattern = f"(?>{pattern}{values})"
        pieces.append(PartPattern(part, pattern))
    if is_end and parts[-1].kind not in ("text", *REST):
        pieces[-1] = PartPattern(pieces[-1].part, pieces[-1].pattern + r"[ \t\r]*+")
    return pieces


def can_be_missing(kind: str) -> bool:
    """Tell whether a field of this type matches none of the values that mean that there is none."""
    return not TYPES[kind].is_open and kind not in ("word", "quoted", *REST)


def _field_pattern(kind: str, after: str) -> str:
    if kind == "quoted":
        mark = after[0]
        return rf"[^{mark}\\\n]*+(?>\\[^\n][^{mark}\\\n]*+)*+"
    declared = TYPES[kind]
    if not declared.is_open:
        return declared.pattern
    inside = declared.pattern
    elements = _elements(after)
    if not elements:
        return f"[^{inside}]{'*' if kind == 'text' else '+'}+"
    whole, first = "".join(elements), elements[0]
    begin = "" if kind == "text" else rf"(?!{whole})(?=[^{inside}])"
    if not after[0].isascii():  # As bytes, it is several.
        return rf"{begin}(?>(?!{whole})[^{inside}])*+"
    run = rf"[^{inside}{re.escape(after[0])}]*+"
    if len(elements) == 1 or (kind == "notspace" and after[0].isspace()):
        return begin + run
    return rf"{begin}{run}(?>(?!{whole}){first}{run})*+"


def _elements(text: str) -> list[str]:
    """Return the regular expressions of literal text: a space is one or more, for columns that are padded."""
    return [" ++" if element[0] == " " else re.escape(element) for element in re.findall(r" +|[^ ]", text)]
