"""Where a JSON value ends, found without building it."""

from __future__ import annotations

import re

import msgspec

TRUNCATED, BROKEN = -1, -2

SPACE = b" \t\r\n"
_value = msgspec.json.Decoder(msgspec.Raw)
_place = re.compile(r"(trailing characters)? \(byte (\d+)\)").search


def value_end(view: bytes | memoryview) -> int:
    """Where in `view`, which begins with a value, the first byte after it and after white space is; `len(view)` when
    nothing follows. TRUNCATED when the value does not end in `view`, BROKEN when it is no JSON, or too deep to say."""
    try:
        _value.decode(view)
    except RecursionError:
        return BROKEN
    except msgspec.DecodeError as fault:
        # msgspec stops at the end of the value and says where that is: a scan at its full speed.
        found = _place(str(fault))
        if found is None:
            return TRUNCATED if "truncated" in str(fault) else BROKEN
        if found[1]:
            return int(found[2]) - 1
        # A number that is cut off after its sign, dot or exponent is called invalid, behind the last byte.
        return TRUNCATED if int(found[2]) >= len(view) else BROKEN
    return len(view)


_STRING = re.compile(rb'(?s:[^"\\]++|\\.)*+')
_TO_STRUCTURE = re.compile(rb'(?:[^"\[\]{}]++|"(?s:[^"\\]++|\\.)*+")*+["\[\]{}]')
_QUOTE = ord('"')
_CLOSING = {ord("["): ord("]"), ord("{"): ord("}")}
_DEEPEST = 100_000
"""Brackets open at once: no event has so many, and hostile text could hold a bracket a byte."""


class Balance:
    """Follows brackets and strings, blind to all else, to the end of an object, array or string that may be broken,
    deep, or longer than memory."""

    def __init__(self) -> None:
        self.ended = False
        """Whether the end was found."""
        self.lost = False
        """Whether there is no end to find: a bracket is closed by one of another kind, or it is too deep."""
        self._open = bytearray()
        self._in_string = False

    def follow(self, data: bytes, at: int, end: int) -> int:
        """Go on through `data[at:end]`; the answer is how far it came: the end of the value where `ended`, else where
        the next call must begin."""
        while at < end and not self.ended and not self.lost:
            if self._in_string:
                at = _end(_STRING.match(data, at, end), at)
                if at == end or data[at] != _QUOTE:
                    return at  # A lone backslash at the end: what it escapes is still to come.
                self._in_string = False
                self.ended = not self._open
                at += 1
            else:
                # The very first byte opens the value; later strings that are whole are passed over with the rest.
                at = at + 1 if not self._open else _end(_TO_STRUCTURE.match(data, at, end), end + 1)
                if at > end:
                    return end
                self._meet(data[at - 1])
        return at

    def _meet(self, part: int) -> None:
        if part == _QUOTE:
            self._in_string = True
        elif part in _CLOSING and len(self._open) < _DEEPEST:
            self._open.append(_CLOSING[part])
        elif self._open and self._open[-1] == part:
            self._open.pop()
            self.ended = not self._open
        else:
            self.lost = True


def _end(found: re.Match[bytes] | None, otherwise: int) -> int:
    return found.end() if found else otherwise
