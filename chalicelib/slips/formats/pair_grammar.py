"""How formats write lines of names and values, for `learned_lines`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from .fields import Event
from .learned_lines import SAME_GROUP, Value
from .syslog_header import read_relay_header

_DIGITS, _WORD, _TEXT, _ESCAPED, _QUOTED, _DECIMAL, _CONSTANT, _NAME_ALONE = range(8)
_SHORT_NUMBER = r"\d{1,18}+"


@dataclass(frozen=True, kw_only=True)
class PairGrammar:
    """How a format writes lines of names and values. `word`, `text`, `escaped` and `quoted` are the expressions of
    values in which no character means anything else: without a space, with spaces, with backslashes that `unescape`
    takes away, and inside of quotes. A format that has no such values leaves them out.

    `find` returns where the line's own part begins, below 0 where it does not; `read_header` reads what is before it.
    `head` is the expression of what comes before the first pair, with a group for each of `columns`, which holds the
    expression of its values: empty where another value gives the line another meaning, `SAME_GROUP` for a column that
    is made of the group before. `tail` is what may follow the last pair, with a group for each of `tail_columns`, which
    are empty text where it has none. `python` makes the values of some columns out of their text, `{0}`. With
    `lone_names` a name may have no value.
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
    tail_columns: Mapping[str, str] = field(default_factory=dict)
    python: Mapping[str, str] = field(default_factory=dict)
    lone_names: bool = False
    numbers: frozenset[str] = frozenset()
    decimals: frozenset[str] = frozenset()

    @property
    def mark(self) -> str:
        """Return what each pair has once."""
        return self.equals

    def parse(self, line: str, start: int) -> tuple[list[Value], str] | None:
        """Return the values of a line; see `learned_lines.Grammar`."""
        head = self._head.match(line, start)
        if head is None:
            return None
        values, at = self._read_columns(line, start, head, self.columns)
        end, pair = head.end(), self._pair.match(line, head.end())
        while pair is not None:
            name, quoted, bare = pair.groups()
            kind, group = self._kind_of(name, quoted, bare), 3 if quoted is None else 2
            values.append(self._value(line[at : pair.end() if kind == _NAME_ALONE else pair.start(group)], name, kind))
            at, end = pair.end() if kind == _NAME_ALONE else pair.end(group), pair.end()
            following = self._between.match(line, end)
            pair = None if following is None else self._pair.match(line, following.end())
        tail = self._tail.fullmatch(line, end)
        if tail is None:
            return None
        last, at = self._read_columns(line, at, tail, self.tail_columns)
        return [*values, *last], line[at:]

    @cached_property
    def _head(self) -> re.Pattern[str]:
        return re.compile(self.head, re.ASCII)

    @cached_property
    def _between(self) -> re.Pattern[str]:
        return re.compile(self.between)

    @cached_property
    def _tail(self) -> re.Pattern[str]:
        return re.compile(self.tail)

    @cached_property
    def _pair(self) -> re.Pattern[str]:
        """Return the expression of a pair: name, quoted value or other value."""
        equals, tail = re.escape(self.equals), re.sub(r"\((?!\?)", "(?:", self.tail)  # Its groups are not the pair's.
        ends = rf"(?={self.between}|(?:{tail})\Z)"
        follows = rf"(?={self.between}(?:{self.name}){equals}|(?:{tail})\Z)" if self.text else ends
        bare = "|".join(filter(None, (self.word, self.text, self.escaped)))
        quoted = rf'"({self.quoted})"{ends}' if self.quoted else "(?!)()"
        lone = f"|{ends}" if self.lone_names else ""
        return re.compile(rf"({self.name})(?:{equals}(?:{quoted}|({bare}){follows}){lone})", re.ASCII)

    def _kind_of(self, name: str, quoted: str | None, bare: str | None) -> int:
        """Return the kind of a value: the narrowest that it is of."""
        if quoted is not None:
            return _QUOTED
        if bare is None:
            return _NAME_ALONE
        if name in self.numbers and re.fullmatch(_SHORT_NUMBER, bare, re.ASCII):
            return _DIGITS
        return _WORD if re.fullmatch(self.word, bare, re.ASCII) else _ESCAPED if "\\" in bare else _TEXT

    def _value(self, before: str, name: str, kind: int) -> Value:
        if kind == _NAME_ALONE:
            return Value(before, (name,), kind, "", repr(""))
        if kind == _DIGITS:
            return Value(before, (name,), kind, _SHORT_NUMBER, "int({0})")
        python = "unescape({0})" if kind == _ESCAPED else "{0}"
        expression = (self.word, self.text, self.escaped, self.quoted)[kind - _WORD]
        return Value(before, (name,), kind, expression, f"number({python})" if name in self.numbers else python)

    def _read_columns(
        self, line: str, at: int, match: re.Match[str], columns: Mapping[str, str]
    ) -> tuple[list[Value], int]:
        """Return the values of the groups, and where the last of them ends."""
        values: list[Value] = []
        group, text = 0, None
        for column, expression in columns.items():
            if expression != SAME_GROUP:
                group += 1
                text = match[group]
            if text is None:
                if columns is self.tail_columns:
                    values.append(Value("", (column,), _CONSTANT, "", repr("")))
            elif expression == SAME_GROUP:
                values.append(Value("", (column,), _WORD, SAME_GROUP, self.python.get(column, "{0}")))
            else:
                values.append(self._column(line[at : match.start(group)], column, expression, text))
                at = match.end(group)
        return values, at

    def _column(self, before: str, column: str, expression: str, text: str) -> Value:
        python = self.python.get(column, "{0}")
        if not expression:
            return Value(before + text, (column,), _CONSTANT, "", python.format(repr(text)))
        if column in self.decimals:
            return Value(before, (column,), _DECIMAL, expression, "float({0})")
        if column in self.numbers:
            is_short = re.fullmatch(_SHORT_NUMBER, text, re.ASCII)
            return (
                Value(before, (column,), _DIGITS, _SHORT_NUMBER, "int({0})")
                if is_short
                else Value(before, (column,), _WORD, expression, "number({0})")
            )
        return Value(before, (column,), _WORD, expression, python)
