"""Lines whose structure came before, by one expression for the whole line.

A device writes the same names in the same order again and again. What is slow is to look for them: so of every few
hundred lines that had to be read with care one is learned from. Its names become text in a regular expression, its
values become groups, and the groups go into a function that `row.define_row` makes. Such an expression accepts no
character in a value that means anything to the format, so that a line that matches has the same structure as the one
learned from; any other line is read with care, as before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from .fields import Event
from .row import MAX_COLUMNS, define_row

FIRST_LESSON = 256
"""Lines of as many pairs that are read with care before one is learned from; twice as many before the next. To compile
an expression takes some milliseconds, as long as reading so many lines."""
MOST_SHAPES, MOST_ALIKE = 64, 3
"""Shapes that are kept, and those of them with as many pairs: lines of an attacker must not fill memory or time."""
_LONGEST = 8192
"""Characters of a line that is learned from."""
SAME_GROUP = "\0"
"""In place of the expression of a value that is made of the same text as the one before it."""


class Value(NamedTuple):
    """A value of a line that is learned from: the text before it, the names under which the event has it, how wide its
    expression is among others, that expression, and the Python that makes the value of its text, `{0}`. A constant has
    no expression."""

    before: str
    path: tuple[str, ...]
    width: int
    expression: str
    python: str = "{0}"

    def is_like(self, other: Value) -> bool:
        """Tell whether the same line may have either value."""
        return self.before == other.before and self.path == other.path

    @property
    def is_group(self) -> bool:
        """Whether it is a group of the line's expression."""
        return self.expression not in ("", SAME_GROUP)


class Grammar(Protocol):
    """How a format writes lines."""

    @property
    def mark(self) -> str:
        """What a line has as often as values: lines that have as many may be alike."""

    @property
    def find(self) -> Callable[[str], int]:
        """Return where the line's own part begins, below 0 where it does not."""

    @property
    def read_header(self) -> Callable[[str], Event]:
        """Read what is before that part."""

    @property
    def unescape(self) -> Callable[[str], str]:
        """Return a text without its escapes; `Value.python` may call it."""

    def parse(self, line: str, start: int) -> tuple[list[Value], str] | None:
        """Return the values of a line from `start` on, in order, and the text after the last; None for a line of which
        nothing is to be learned."""


class _Shape(NamedTuple):
    match: Callable[[str, int], re.Match[str] | None]
    make: Callable[[Any], Event]
    values: tuple[Value, ...]
    tail: str

    def is_like(self, values: Sequence[Value], tail: str) -> bool:
        """Tell whether a line has the same text around its values."""
        same = len(values) == len(self.values) and self.tail == tail
        return same and all(map(Value.is_like, self.values, values))


@dataclass
class LearnedLines:
    """A reader of a format's lines: by one expression where a line is like others before. `read_carefully` is the
    format's own, for any line; what `read` returns is always what it returns."""

    read_carefully: Callable[[str], Any]
    grammar: Grammar
    first_lesson: int = FIRST_LESSON
    _shapes: dict[int, tuple[_Shape, ...]] = field(default_factory=dict)
    _until_lesson: dict[int, int] = field(default_factory=dict)
    _lessons: dict[int, int] = field(default_factory=dict)

    def read(self, line: str) -> Any:
        """Return the event of the line. Raises ParseError as `read_carefully` does."""
        count = line.count(self.grammar.mark)
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
        parsed = self.grammar.parse(line, start) if start >= 0 and len(line) <= _LONGEST else None
        if parsed is None or not isinstance(event, dict):
            return
        values, tail = parsed
        alike = self._shapes.get(count, ())
        known = next((shape for shape in alike if shape.is_like(values, tail)), None)
        if known is not None:  # A value is of another kind than before: from now on it may be of either.
            values = [max(pair, key=lambda value: value.width) for pair in zip(values, known.values, strict=True)]
        elif len(alike) >= MOST_ALIKE or sum(map(len, self._shapes.values())) >= MOST_SHAPES:
            return
        header = self.grammar.read_header(line[:start]) if start else {}
        shape = _compile(self.grammar, values, tail, {name: event[name] for name in event if name not in header})
        match = None if shape is None else shape.match(line, start)
        # In the same order, and with values of the same types.
        if shape is not None and match is not None and repr({**header, **shape.make(match.groups())}) == repr(event):
            self._shapes[count] = (shape, *(each for each in alike if each is not known))


def _compile(grammar: Grammar, values: Sequence[Value], tail: str, event: Event) -> _Shape | None:
    """Return the shape of these values, whose events have their names as this one; None where it has others, or a value
    for several of one name."""
    cells, cell = [], ""
    for at, value in enumerate(values):
        cell = f"c{at}" if value.is_group else cell
        cells.append(cell)
    grouped = [cell for value, cell in zip(values, cells, strict=True) if value.is_group]
    python = {
        value.path: value.python.format(cell) if value.expression else value.python
        for value, cell in zip(values, cells, strict=True)
    }
    if not grouped or len(values) > MAX_COLUMNS or sorted(_paths(event)) != sorted(value.path for value in values):
        return None
    parts = [re.escape(value.before) + (f"({value.expression})" if value.is_group else "") for value in values]
    pattern = re.compile("".join(parts) + re.escape(tail), re.ASCII)
    unpack = f"{', '.join(grouped)}, = cells"
    columns = [_python(value, python, (name,)) for name, value in event.items()]
    make = define_row([unpack], list(event), columns, unescape=grammar.unescape)
    return _Shape(pattern.fullmatch, make, tuple(values), tail)


def _paths(event: Event, around: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, value in event.items():
        yield from _paths(value, (*around, name)) if isinstance(value, dict) else ((*around, name),)


def _python(value: Any, leaves: dict[tuple[str, ...], str], path: tuple[str, ...]) -> str:
    """Return the Python of a value at a path of the event, of those at the paths inside it."""
    if not isinstance(value, dict):
        return leaves[path]
    return f"{{{', '.join(f'{name!r}: {_python(inner, leaves, (*path, name))}' for name, inner in value.items())}}}"
