"""Faults, warnings and notes of slips.yml, collected to be reported all at once."""

from __future__ import annotations

import re
from typing import Final

BROKEN: Final = object()
"""Replaces a value whose fault is already reported, so that it is not also reported as missing or of a wrong type."""

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_.-]+")


class Problems:
    """The faults (the file is rejected), the warnings (it is accepted) and the notes (there is nothing to do), each a
    line that begins with a path."""

    __slots__ = ("faults", "notes", "warnings")

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.warnings: list[str] = []
        self.notes: list[str] = []

    def fault(self, path: str, problem: str, allowed: str) -> None:
        """Add a fault: what was found at the path, and what to write instead."""
        self.faults.append(f"{path or 'top level'}: {problem}; {allowed}")

    def warn(self, path: str, problem: str) -> None:
        """Add a warning."""
        self.warnings.append(f"{path or 'top level'}: {problem}")

    def note(self, path: str, text: str) -> None:
        """Add a note."""
        self.notes.append(f"{path or 'top level'}: {text}")


def child_path(path: str, key: str) -> str:
    """Return the path of a key of the mapping at `path`: `routing`, `limits.max_attempts`, `handler.args["a b"]`."""
    if not _PLAIN_KEY.fullmatch(key):
        return f"{path}[{quote(key)}]"
    return f"{path}.{key}" if path else key


def quote(text: str, width: int = 80) -> str:
    """Put text in quotes, cut to `width` characters, and always on one line."""
    cut = text if len(text) <= width else text[: width - 1] + "…"
    if not cut.isprintable():
        cut = cut.encode("unicode_escape").decode("ascii")
    return '"' + cut.replace('"', '\\"') + '"'


def describe_value(value: object) -> str:
    """Describe a value of slips.yml in a fault: `the text "a"`, `the number 5`, `a list`."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case int() if value.bit_length() > 64:
            # Python refuses to print integers of more than 4,300 digits.
            return f"a number of {value.bit_length()} bits"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the text {quote(value)}"
        case list():
            return "a list"
        case dict():
            return "a mapping"
        case bytes():
            return "binary data"
    return f"the date {value}"
