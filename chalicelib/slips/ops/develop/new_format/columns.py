"""The fields of a line of text, by their position and values."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

# One token each, though they hold spaces.
_ISO = r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:Z|[+-]\d\d:?\d\d))?"
_HEADER = r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d"
_CLF = r"\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]"
_ENGLISH = r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}"
_QUOTED, _BRACKETED = r'"(?:[^"\\]|\\.)*"', r"\[[^\]]*\]"
_TOKEN = re.compile("|".join((_ISO, _CLF, _ENGLISH, _HEADER, _QUOTED, _BRACKETED, r"\S+")))

_LEVEL = r"(?i:\W*(?:trace|debug|info|notice|warn(?:ing)?|error|crit(?:ical)?|fatal)\W*)"
_KINDS: tuple[tuple[str, str, str], ...] = (
    # The name, what all values are, the pattern in the parser.
    ("time", _ISO, _ISO), ("time", _CLF, r"\[(?P<{}>[^\]]*)\]"), ("time", _ENGLISH, _ENGLISH),
    ("header_time", _HEADER, _HEADER), ("ip", r"(?:\d{1,3}\.){3}\d{1,3}", r"\S+"), ("level", _LEVEL, r"\S+"),
    ("text", _QUOTED, r'"(?P<{}>(?:[^"\\]|\\.)*)"'), ("bracketed", _BRACKETED, r"\[(?P<{}>[^\]]*)\]"),
    ("number", r"-?\d+(?:\.\d+)?", r"\S+"), ("field", r".*", r"\S+"),
)  # fmt: skip


class ColumnPattern(msgspec.Struct, frozen=True):
    """A pattern with a named group for each field."""

    pattern: str
    names: tuple[str, ...]


def infer_columns(records: Sequence[str]) -> ColumnPattern:
    """Return the columns that all first lines have; what follows them is `message`, with all further lines."""
    rows = [[match[0] for match in _TOKEN.finditer(record.split("\n", 1)[0])] for record in records]
    least = min(map(len, rows))
    has_lines = any("\n" in record for record in records)
    same = not has_lines and all(len(tokens) == least for tokens in rows)
    columns = least if same else min(least, max(1, least - 1))
    if not same:
        columns = min(columns, _prose_start([tokens[:columns] for tokens in rows]))
    parts: list[str] = []
    names: list[str] = []
    for at in range(columns):
        name, pattern = _kind([tokens[at] for tokens in rows], names)
        names.append(name)
        parts.append(pattern)
    text = r"\s+".join(parts)
    if not same or columns < least:
        names.append("message")
        gap = r"\s+" if parts else ""
        text += gap + (r"(?P<message>(?s:.*))" if has_lines else r"(?P<message>.*)")
    return ColumnPattern(text, tuple(names))


def _prose_start(rows: Sequence[Sequence[str]]) -> int:
    """Return where prose begins: at the second of three plain words in a row that differ from line to line."""
    kinds = [_kind_of([tokens[at] for tokens in rows])[0] for at in range(len(rows[0]))]
    for at in range(len(kinds) - 2):
        if at and kinds[at : at + 3] == ["field"] * 3:
            return at + 1
    return len(kinds)


def _kind(values: Sequence[str], names: Sequence[str]) -> tuple[str, str]:
    base, pattern = _kind_of(values)
    number = 1 + sum(name == base or name.startswith(f"{base}_") for name in names)
    name = base if number == 1 else f"{base}_{number}"
    return name, pattern.format(name) if "(?P<" in pattern else f"(?P<{name}>{pattern})"


def _kind_of(values: Sequence[str]) -> tuple[str, str]:
    return next((name, into) for name, every, into in _KINDS if all(re.fullmatch(every, value) for value in values))
