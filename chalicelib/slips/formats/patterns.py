"""Regular expressions of whole lines, compiled when the first line needs them."""

from __future__ import annotations

import re
from functools import cached_property

from ..errors import ParseError

QUOTED = r'"([^"\\]*+(?>\\.[^"\\]*+)*+)"'
"""A value in quotes, as a group; a backslash takes the next character with it."""

# Compiling every pattern of this package at import would cost a cold start some 150 ms.


class Pattern:
    """The shape of a line, and what such a line is called.

    >>> Pattern("greeting", r"hello (\\w+)").match("hello world")[1]
    'world'
    """

    def __init__(self, what: str, pattern: str, flags: re.RegexFlag = re.ASCII) -> None:
        self._what = what
        self._pattern = pattern
        self._flags = flags

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """Return the compiled expression."""
        return re.compile(self._pattern, self._flags)

    def find(self, line: str) -> re.Match[str] | None:
        """Return the match of the whole line, None where it has another shape."""
        return self.regex.fullmatch(line)

    def match(self, line: str) -> re.Match[str]:
        """Return the match of the whole line. Raises ParseError where it has another shape."""
        match = self.regex.fullmatch(line)
        if match is None:
            raise ParseError(f"not a valid {self._what}: {abbreviate(line)}")
        return match


def abbreviate(line: str) -> str:
    """Return the beginning of a line, for a message."""
    return repr(line if len(line) <= 80 else f"{line[:77]}...")
