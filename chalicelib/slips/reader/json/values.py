"""Finds where a JSON value ends, without building it."""

from __future__ import annotations

import re

import msgspec

TRUNCATED, BROKEN = -1, -2

SPACE = b" \t\r\n"
_value = msgspec.json.Decoder(msgspec.Raw)
_error_place = re.compile(r"(trailing characters)? \(byte (\d+)\)").search


def value_end(view: bytes | memoryview) -> int:
    """Return where in `view`, which begins with a value, the first byte after it and after white space is; `len(view)`
    if nothing follows. TRUNCATED if the value does not end in `view`, BROKEN if it is not JSON, or too deep to tell."""
    try:
        _value.decode(view)
    except RecursionError:
        return BROKEN
    except msgspec.DecodeError as fault:
        # msgspec stops at the end of the value and says where that is: a scan at its full speed.
        place = _error_place(str(fault))
        if place is None:
            return TRUNCATED if "truncated" in str(fault) else BROKEN
        if place[1]:
            return int(place[2]) - 1
        # A number that is cut off after its sign, dot or exponent is called invalid, after the last byte.
        return TRUNCATED if int(place[2]) >= len(view) else BROKEN
    return len(view)


_STRING = re.compile(rb'(?>(?s:[^"\\]++|\\.))*+')
_TO_STRUCTURE = re.compile(rb'(?>[^"\[\]{}]++|"(?>(?s:[^"\\]++|\\.))*+")*+["\[\]{}]')
_QUOTE = ord('"')
_CLOSING = {ord("["): ord("]"), ord("{"): ord("}")}
_DEEPEST = 100_000
"""Open brackets at most: no event nests as deep, and hostile text could hold a bracket a byte."""


class BracketMatcher:
    """A scan for the end of an object, array or string that may be broken, deep, or longer than memory. It looks at
    brackets and strings only."""

    def __init__(self) -> None:
        self.ended = False
        """Whether the end is found."""
        self.unmatched = False
        """Whether the end cannot be found: a bracket closes one of another kind, or it is too deep."""
        self._open = bytearray()
        self._in_string = False

    def follow(self, data: bytes, at: int, end: int) -> int:
        """Scan `data[at:end]` and return where it stopped: the end of the value if `ended`, else the place to
        continue at."""
        while at < end and not self.ended and not self.unmatched:
            if self._in_string:
                at = match_end(_STRING.match(data, at, end), at)
                if at == end or data[at] != _QUOTE:
                    return at  # A lone backslash at the end: what it escapes is still to come.
                self._in_string = False
                self.ended = not self._open
                at += 1
            else:
                # The very first byte opens the value; later strings, if whole, are skipped with the rest.
                at = at + 1 if not self._open else match_end(_TO_STRUCTURE.match(data, at, end), end + 1)
                if at > end:
                    return end
                self._add(data[at - 1])
        return at

    def _add(self, char: int) -> None:
        if char == _QUOTE:
            self._in_string = True
        elif char in _CLOSING and len(self._open) < _DEEPEST:
            self._open.append(_CLOSING[char])
        elif self._open and self._open[-1] == char:
            self._open.pop()
            self.ended = not self._open
        else:
            self.unmatched = True


def match_end(match: re.Match[bytes] | None, default: int = 0) -> int:
    """Return the end of a match, `default` without one."""
    return match.end() if match else default
