"""Lines of names and values whose names came before, by one expression for the whole line.

A device writes the same names in the same order again and again. What is slow is to look for them: so of every few
hundred lines that had to be read with care one is learned from. Its names become text in a regular expression, its
values become groups, and the groups go into a function that `row.define_row` makes. Such an expression accepts no
character in a value that means anything to the format, so that a line that matches has the same structure as the one
learned from; any other line is read with care, as before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from .fields import Event
from .row import MAX_COLUMNS, define_row
from .syslog_header import read_relay_header

FIRST_LESSON = 256
"""Lines of as many pairs that are read with care before one is learned from; twice as many before the next. To compile
an expression takes some milliseconds, as long as reading so many lines."""
MOST_SHAPES, MOST_ALIKE = 64, 3
"""Shapes that are kept, and those of them with as many pairs: lines of an attacker must not fill memory or time."""
_LONGEST = 8192
"""Characters of a line that is learned from."""

_DIGITS, _WORD, _TEXT, _ESCAPED, _QUOTED, _DECIMAL, _CONSTANT, _NAME_ALONE = range(8)


@dataclass(frozen=True, kw_only=True)
class PairGrammar:
    """How a format writes lines of names and values. `word`, `text`, `escaped` and `quoted` are the expressions of
    values in which no character means anything else: without a space, with spaces, with backslashes that `unescape`
    takes away, and inside of quotes. A format that has no such values leaves them out.

    `find` returns where the line's own part begins, below 0 where it does not; `read_header` reads what is before it.
    `head` is the expression of what comes before the first pair, with a group for each of `columns`, which holds the
    expression of its values: empty where another value gives the line another meaning. `tail` is what may follow the
    last pair. With `lone_names` a name may have no value.
    """

    name: str
    word: str
    equals: str = "="
    between: str = " "
    find: Callable[[str], int] = lambda line: 0  # noqa: ARG005 - the shape of `find`
    read_header: Callable[[str], Event] = read_relay_header
    head: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    escaped: str = ""
    unescape: Callable[[str], str] = str
    quoted: str = ""
    tail: str = ""
    lone_names: bool = False
    numbers: frozenset[str] = frozenset()
    decimals: frozenset[str] = frozenset()

    @cached_property
    def starts(self) -> re.Pattern[str]:
        """Return the expression of the head."""
        return re.compile(self.head, re.ASCII)

    @cached_property
    def pair(self) -> re.Pattern[str]:
        """Return the expression of a pair: name, quoted value or other value."""
        equals = re.escape(self.equals)
        ends = rf"(?={self.between}|(?:{self.tail})\Z)"
        follows = rf"(?={self.between}(?:{self.name}){equals}|(?:{self.tail})\Z)" if self.text else ends
        bare = "|".join(filter(None, (self.word, self.text, self.escaped)))
        quoted = rf'"({self.quoted})"{ends}' if self.quoted else "(?!)()"
        lone = f"|{ends}" if self.lone_names else ""
        return re.compile(rf"({self.name})(?:{equals}(?:{quoted}|({bare}){follows}){lone})", re.ASCII)

    def kind_of(self, name: str, quoted: str | None, bare: str | None) -> int:
        """Return the kind of a value: the narrowest that it is of."""
        if quoted is not None:
            return _QUOTED
        if bare is None:
            return _NAME_ALONE
        if name in self.numbers and _is_short_number(bare):
            return _DIGITS
        return _WORD if re.fullmatch(self.word, bare, re.ASCII) else _ESCAPED if "\\" in bare else _TEXT


def _is_short_number(text: str) -> bool:
    return text.isdigit() and text.isascii() and len(text) <= 18


class _Value(NamedTuple):
    """A value of a line that is learned from: the text before it, its column, its kind, and what it is made of where
    that is not as its kind says."""

    before: str
    column: str
    kind: int
    made_of: str = ""

    def is_like(self, other: _Value) -> bool:
        """Tell whether the same line may have either value."""
        return self.before == other.before and self.column == other.column

    def group(self, grammar: PairGrammar) -> str:
        """Return the regular expression of the value, with the text before it."""
        if self.kind in (_CONSTANT, _NAME_ALONE):
            return re.escape(self.before)
        kinds = r"\d{1,18}+", self.made_of or grammar.word, grammar.text, grammar.escaped, grammar.quoted, self.made_of
        return f"{re.escape(self.before)}({kinds[self.kind]})"

    def expression(self, grammar: PairGrammar, cell: str) -> str:
        """Return the Python of the value, from its group."""
        if self.kind in (_DIGITS, _DECIMAL):
            return f"{'int' if self.kind == _DIGITS else 'float'}({cell})"
        if self.kind in (_CONSTANT, _NAME_ALONE):
            return repr(self.made_of)
        text = f"unescape({cell})" if self.kind == _ESCAPED else cell
        return f"number({text})" if self.column in grammar.numbers else text


class _Shape(NamedTuple):
    match: Callable[[str, int], re.Match[str] | None]
    make: Callable[[Any], Event]
    values: tuple[_Value, ...]
    tail: str

    def is_like(self, values: Sequence[_Value], tail: str) -> bool:
        """Tell whether a line has the same text around its values."""
        same = len(values) == len(self.values) and self.tail == tail
        return same and all(map(_Value.is_like, self.values, values))


@dataclass
class LearnedLines:
    """A reader of a format's lines: by one expression where a line is like others before. `read_carefully` is the
    format's own, for any line; what `read` returns is always what it returns."""

    read_carefully: Callable[[str], Any]
    grammar: PairGrammar
    first_lesson: int = FIRST_LESSON
    _shapes: dict[int, tuple[_Shape, ...]] = field(default_factory=dict)
    _until_lesson: dict[int, int] = field(default_factory=dict)
    _lessons: dict[int, int] = field(default_factory=dict)

    def read(self, line: str) -> Any:
        """Return the event of the line. Raises ParseError as `read_carefully` does."""
        count = line.count(self.grammar.equals)
        if (shapes := self._shapes.get(count)) is not None and (start := self.grammar.find(line)) >= 0:
            for match, make, _, _ in shapes:
                if (found := match(line, start)) is not None:
                    event = make(found.groups())
                    return {**self.grammar.read_header(line[:start]), **event} if start else event
        event = self.read_carefully(line)
        if count < MAX_COLUMNS:
            left = self._until_lesson[count] = self._until_lesson.get(count, self.first_lesson) - 1
            if left <= 0:
                self._learn(line, count, event)
        return event

    def _learn(self, line: str, count: int, event: Any) -> None:
        lessons = self._lessons[count] = self._lessons.get(count, 0) + 1
        self._until_lesson[count] = self.first_lesson << min(lessons, 20)
        start = self.grammar.find(line)
        parsed = _values(self.grammar, line, start) if start >= 0 and len(line) <= _LONGEST else None
        if parsed is None or event is None:
            return
        values, tail = parsed
        alike = self._shapes.get(count, ())
        known = next((shape for shape in alike if shape.is_like(values, tail)), None)
        if known is not None:  # A value is of another kind than before: from now on it may be of either.
            values = [max(pair, key=lambda value: value.kind) for pair in zip(values, known.values, strict=True)]
        elif len(alike) >= MOST_ALIKE or sum(map(len, self._shapes.values())) >= MOST_SHAPES:
            return
        header = self.grammar.read_header(line[:start]) if start else {}
        shape = _compile(self.grammar, values, tail, [name for name in event if name not in header])
        match = None if shape is None else shape.match(line, start)
        # In the same order, and with values of the same types.
        if shape is not None and match is not None and repr({**header, **shape.make(match.groups())}) == repr(event):
            self._shapes[count] = (shape, *(each for each in alike if each is not known))


def _values(grammar: PairGrammar, line: str, start: int) -> tuple[list[_Value], str] | None:
    """Return the values of a line, in order, and the text after the last; None where the line is not head and pairs."""
    head = grammar.starts.match(line, start)
    if head is None:
        return None
    values, at = [], start
    for group, (column, made_of) in enumerate(grammar.columns.items(), 1):
        value = head[group]
        if made_of:
            kind = _DECIMAL if column in grammar.decimals else _WORD
            if column in grammar.numbers and _is_short_number(value):
                kind = _DIGITS
            values.append(_Value(line[at : head.start(group)], column, kind, made_of))
        else:
            values.append(_Value(line[at : head.end(group)], column, _CONSTANT, value))
        at = head.end(group)
    end, pair = head.end(), grammar.pair.match(line, head.end())
    gap = re.compile(grammar.between)
    while pair is not None:
        name, quoted, bare = pair.groups()
        kind, group = grammar.kind_of(name, quoted, bare), 3 if quoted is None else 2
        before = line[at : pair.end() if kind == _NAME_ALONE else pair.start(group)]
        values.append(_Value(before, name, kind))
        at, end = pair.end() if kind == _NAME_ALONE else pair.end(group), pair.end()
        following = gap.match(line, end)
        pair = None if following is None else grammar.pair.match(line, following.end())
    return (values, line[at:]) if re.fullmatch(grammar.tail, line[end:]) else None


def _compile(grammar: PairGrammar, values: Sequence[_Value], tail: str, order: list[str]) -> _Shape | None:
    """Return the shape of these values, whose events have their columns in this order; None where the event has others,
    or a value for several of one name."""
    cells = [f"c{at}" for at in range(len(values))]
    grouped = [cell for value, cell in zip(values, cells, strict=True) if value.kind not in (_CONSTANT, _NAME_ALONE)]
    made = {value.column: value.expression(grammar, cell) for value, cell in zip(values, cells, strict=True)}
    if not grouped or len(values) > MAX_COLUMNS or sorted(order) != sorted(value.column for value in values):
        return None
    pattern = re.compile("".join(value.group(grammar) for value in values) + re.escape(tail), re.ASCII)
    unpack = f"{', '.join(grouped)}, = cells"
    make = define_row([unpack], order, [made[name] for name in order], unescape=grammar.unescape)
    return _Shape(pattern.fullmatch, make, tuple(values), tail)
