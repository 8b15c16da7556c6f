"""What was found wrong in slips.yml, collected so that all of it is told at once."""

from __future__ import annotations

import re
from typing import Final

BROKEN: Final = object()
"""Stands for a value whose fault is told already, so that nobody reports it again as missing or of a wrong type."""

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_.-]+")


class Problems:
    """The faults (the file is not taken) and the warnings (it is), each a line that begins with a path."""

    __slots__ = ("faults", "warnings")

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.warnings: list[str] = []

    def fault(self, path: str, problem: str, allowed: str) -> None:
        """Keep a fault: what was found at the path, and what to write."""
        self.faults.append(f"{path or 'top level'}: {problem}; {allowed}")

    def warn(self, path: str, problem: str) -> None:
        """Keep a warning."""
        self.warnings.append(f"{path or 'top level'}: {problem}")


def below(path: str, key: str) -> str:
    """The path of a key of the mapping at `path`: `routing`, `limits.max_attempts`, `handler.args["a b"]`."""
    if not _PLAIN_KEY.fullmatch(key):
        return f"{path}[{quoted(key)}]"
    return f"{path}.{key}" if path else key


def quoted(text: str, width: int = 80) -> str:
    """The text in quotes, cut to `width` characters, and never more than one line."""
    cut = text if len(text) <= width else text[: width - 1] + "…"
    if not cut.isprintable():
        cut = cut.encode("unicode_escape").decode("ascii")
    return '"' + cut.replace('"', '\\"') + '"'


def describe_value(value: object) -> str:
    """A value of slips.yml as a fault names it: `the text "a"`, `the number 5`, `a list`."""
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
            return f"the text {quoted(value)}"
        case list():
            return "a list"
        case dict():
            return "a mapping"
        case bytes():
            return "binary data"
    return f"the date {value}"
