"""Finds the arrays in a JSON document that hold its events, by their keys, while the document streams past."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

from ..window import Window
from .sequence import skip_value
from .values import BROKEN, value_end

KeyTree: TypeAlias = "dict[bytes, KeyTree]"
"""Keys in lower case, each with the keys to look for in its value; ITSELF among those means that the value, an array,
holds events."""
ITSELF = b'"'
"""What cannot be a key."""

_SPACES = re.compile(rb"[ \t\r\n,]*+")
_KEY = re.compile(rb'"((?>(?s:[^"\\]++|\\.))*+)"[ \t\r\n]*+:')


def key_tree(array_keys: Iterable[str]) -> KeyTree:
    """Return `Records` and `detail.findings` as keys to look for; a key with dots is also looked for as it is."""
    tree: KeyTree = {}
    for array_key in array_keys:
        key = array_key.encode().lower()
        tree.setdefault(key, {})[ITSELF] = {}
        inner = tree
        for part in key.split(b"."):
            inner = inner.setdefault(part, {})
        inner[ITSELF] = {}
    return tree


def array_pattern(array_keys: Iterable[str]) -> re.Pattern[bytes]:
    """Return the pattern that every document matches which holds an array under one of these keys."""
    last_parts = {part for key in array_keys for part in (key, key.rpartition(".")[2])}
    alternatives = b"|".join(re.escape(part.encode()) for part in sorted(last_parts))
    return re.compile(rb'"(?:' + alternatives + rb')"[ \t\r\n]*+:[ \t\r\n]*+\[', re.IGNORECASE)


class _Unparsable(Exception):
    """The rest of the document cannot be parsed."""


class ArraySeeker:
    """A scan through the members of the object at the start of `window`.

    The window does not advance before the first array, so that the document can still be taken as a whole.
    """

    def __init__(self, window: Window, keys: KeyTree, limit: int) -> None:
        self._window = window
        self._limit = limit
        self._open = [keys]
        self._ahead = 1
        self._in_events = False

    def seek(self) -> bool:
        """Advance the window past the `[` of the next array. Returns False after the last one: the window is after the
        document then, or, if no array came (also in a broken document), before it.

        Raises ReadError for a document that is broken or cut off after an array.
        """
        try:
            while self._open:
                if self._member():
                    if not self._in_events and self._ahead > self._limit:
                        return False
                    self._in_events = True
                    self._advance()
                    return True
        except _Unparsable:
            if self._in_events:
                self._advance()
                raise self._window.corrupt_error("the JSON document is broken or cut off after its events") from None
            return False
        if self._in_events:
            self._advance()
        return False

    def _advance(self) -> None:
        self._window.at += self._ahead
        self._ahead = 0

    def _member(self) -> bool:
        """Scan past a member, into it, or out of an object; return True where it is an array of events."""
        char = self._next_char()
        if char == b"}":
            self._open.pop()
            self._ahead += 1
            return False
        inner = self._open[-1].get(self._key())
        char = self._next_char()
        if inner is not None and char == b"[" and ITSELF in inner:
            self._ahead += 1
            return True
        if inner is not None and char == b"{" and len(inner) > (ITSELF in inner):
            self._ahead += 1
            self._open.append(inner)
        else:
            self._skip_value()
        return False

    def _next_char(self) -> bytes:
        while True:
            window = self._window
            spaces = _SPACES.match(window.data, window.at + self._ahead)
            if spaces and spaces.end() < len(window.data):
                self._ahead = spaces.end() - window.at
                return window.data[spaces.end() : spaces.end() + 1]
            self._extend()

    def _key(self) -> bytes:
        while True:
            window = self._window
            start = window.at + self._ahead
            key = _KEY.match(window.data, start)
            if key:
                self._ahead = key.end() - window.at
                return key[1].lower()
            if window.data[start : start + 1] != b'"':
                raise _Unparsable
            self._extend()

    def _skip_value(self) -> None:
        while True:
            window = self._window
            start = window.at + self._ahead
            # After the events at most the limit is examined, so that the borders of chunks make no difference.
            view = memoryview(window.data)[start : start + self._limit + 1 if self._in_events else None]
            end = value_end(view)
            if 0 <= end < len(view):
                self._ahead += end
                return
            if end == BROKEN:
                raise _Unparsable
            if self._in_events and len(view) > self._limit:
                self._advance()
                skip_value(window, "a value after the events of the JSON document is broken or cut off")
                return
            self._extend()

    def _extend(self) -> None:
        if self._in_events:
            self._advance()
        elif len(self._window.data) - self._window.at > self._limit:
            raise _Unparsable
        if not self._window.extend():
            raise _Unparsable
