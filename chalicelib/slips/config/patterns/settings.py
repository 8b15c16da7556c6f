"""A pattern format, as slips.yml declares it."""

from __future__ import annotations

import msgspec

INDENTED = "indented"
"""The value of `multiline` that lets lines which begin with white space continue a record."""
ABSENT = ("", "-")


class PatternTime(msgspec.Struct, frozen=True, kw_only=True):
    """Where the time is: the first of the `fields` (names, or templates like `<date> <clock>`) that holds one.

    `patterns` are those of `strptime`; without any, all shapes that SLIPS knows are read. `zone` (`Europe/Berlin`,
    `+02:00`; empty: UTC) is that of a time which names none.
    """

    fields: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    zone: str = ""


class PatternFormat(msgspec.Struct, frozen=True, kw_only=True):
    """A format of lines (`lines`, of which the first that fits is taken) or of rows (`columns`: name and type of each;
    with `header`, the first row names them, and `columns` are those with a type)."""

    name: str
    lines: tuple[str, ...] = ()
    multiline: tuple[str, ...] = ()
    """The patterns of how a record of several lines begins, or `INDENTED` alone; empty: each line is a record."""
    columns: tuple[tuple[str, str], ...] = ()
    separator: str = ","
    quotes: bool = True
    header: bool = False
    absent: tuple[str, ...] = ABSENT
    """Values that mean that there is none."""
    comment: str = ""
    """What a line begins with that is not a record; empty: there are no such lines."""
    time: PatternTime = PatternTime()
    tag: str
