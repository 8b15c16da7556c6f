"""What a pattern format of slips.yml may hold, as data."""

from __future__ import annotations

from ..declarations import Either, Entries, Flag, Keys, Text, text_or_list
from .types import CELL_TYPES

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
SEPARATORS = {"tab": "\t", "space": " ", "\\t": "\t"}
MOST_COLUMNS = 256
"""As of rows under a header: each costs some code."""
MOST_ABSENT = 20
LONGEST = 1000
"""Characters of a pattern, a tag or a value."""

_TEXT = Text(most=LONGEST)
_TEXTS = text_or_list(Text(most=LONGEST, required=True), optional=True)
_SEPARATOR = (
    "|".join(name.replace("\\", r"\\") for name in SEPARATORS) + r"|[\x01-\x09\x0b\x0c\x0e-\x21\x23-\x2f:-@\[-`{-\x7f]"
)
_TIME = Keys(
    {
        "field": ("The field that holds the time, or several joined, like <date> <clock>.", _TEXTS),
        "pattern": ("How the time is written, as of strptime: %d.%m.%Y %H:%M:%S.", _TEXTS),
        "zone": ("The zone of times without one: Europe/Berlin, +02:00. Left out: UTC.", Text()),
    }
)
FORMAT = Keys(
    {
        "line": ("A record as a pattern, like '%{time:at} %{int:status} %{rest:message}'; a list: any.", _TEXTS),
        "multiline": (
            "Whether a record has several lines: true (it begins with the time), indented, or how it begins.",
            Either((Flag(), *_TEXTS.kinds), optional=True),
        ),
        "columns": (
            "The columns of a record, each with its type, like {at: time, user: text, door: int}.",
            Entries(Text(rf"{'|'.join(CELL_TYPES)}"), least=1, most=MOST_COLUMNS),
        ),
        "header": ("Whether the first record names the columns.", Flag()),
        "separator": ("What separates columns: one character, tab or space. Left out: a comma.", Text(_SEPARATOR)),
        "quotes": ("Whether a column may be in quotes.", Flag()),
        "absent": (
            'The values that mean that there is none, like ["-", "NULL"].',
            text_or_list(_TEXT, most=MOST_ABSENT, optional=True),
        ),
        "comment": ("What a line begins with that is not a record.", _TEXT),
        "time": ("Where the time is, and how it is written.", Either((_TIME, _TEXT), optional=True)),
        "tag": ("meta.tag, like acme.gateway.<method>. Left out: the name of the format.", _TEXT),
    },
    any_of=(("line", "columns", "header"),),
    excludes=(
        ("line", ("columns", "header", "separator", "quotes")),
        ("columns", ("multiline",)),
        ("header", ("multiline",)),
    ),
)
FORMATS = Entries(FORMAT, Text(NAME))
