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
_KINDS: tuple[tuple[str, str, str, str], ...] = (
    # The name, what all values are, the pattern in the parser, the field in slips.yml.
    ("time", _ISO, _ISO, "%{time:<>}"), ("time", _CLF, r"\[(?P<{}>[^\]]*)\]", "[%{time:<>}]"),
    ("time", _ENGLISH, _ENGLISH, "%{time:<>}"), ("header_time", _HEADER, _HEADER, "%{time:<>}"),
    ("ip", r"(?:\d{1,3}\.){3}\d{1,3}", r"\S+", "%{ip:<>}"), ("level", _LEVEL, r"\S+", "%{notspace:<>}"),
    ("text", _QUOTED, r'"(?P<{}>(?:[^"\\]|\\.)*)"', '"%{quoted:<>}"'),
    ("bracketed", rf"\[(?:{_ISO})\]", r"\[(?P<{}>[^\]]*)\]", "[%{time:<>}]"),
    ("bracketed", _BRACKETED, r"\[(?P<{}>[^\]]*)\]", "[%{text:<>}]"),
    ("number", r"-?\d{1,18}", r"\S+", "%{int:<>}"), ("number", r"-?\d{1,18}(?:\.\d{1,18})?", r"\S+", "%{float:<>}"),
    ("number", r"-?\d+(?:\.\d+)?", r"\S+", "%{notspace:<>}"), ("field", r".*", r"\S+", "%{notspace:<>}"),
)  # fmt: skip


class ColumnPattern(msgspec.Struct, frozen=True):
    """A pattern with a named group for each field, and `line`, the same for slips.yml."""

    pattern: str
    line: str
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
    fields: list[str] = []
    for at in range(columns):
        name, pattern, field = _kind([tokens[at] for tokens in rows], names)
        names.append(name)
        parts.append(pattern)
        fields.append(field)
    text = r"\s+".join(parts)
    if not same or columns < least:
        names.append("message")
        gap = r"\s+" if parts else ""
        text += gap + (r"(?P<message>(?s:.*))" if has_lines else r"(?P<message>.*)")
        fields.append("%{rest:message}")
    return ColumnPattern(text, " ".join(fields), tuple(names))


def infer_line(records: Sequence[str]) -> str:
    """Return the pattern for slips.yml of these records."""
    return infer_columns(records).line


def _prose_start(rows: Sequence[Sequence[str]]) -> int:
    """Return where prose begins: at the second of three plain words in a row that differ from line to line."""
    kinds = [_kind_of([tokens[at] for tokens in rows])[0] for at in range(len(rows[0]))]
    for at in range(len(kinds) - 2):
        if at and kinds[at : at + 3] == ["field"] * 3:
            return at + 1
    return len(kinds)


def _kind(values: Sequence[str], names: Sequence[str]) -> tuple[str, str, str]:
    base, pattern, field = _kind_of(values)
    number = 1 + sum(name == base or name.startswith(f"{base}_") for name in names)
    name = base if number == 1 else f"{base}_{number}"
    pattern = pattern.format(name) if "(?P<" in pattern else f"(?P<{name}>{pattern})"
    return name, pattern, field.replace("<>", name)


def _kind_of(values: Sequence[str]) -> tuple[str, str, str]:
    return next(
        (name, into, field)
        for name, every, into, field in _KINDS
        if all(re.fullmatch(every, value) for value in values)
    )
