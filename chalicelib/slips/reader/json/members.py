"""The arrays in a JSON document that hold its events, found by their keys while the document streams by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

from ..window import Feed
from .sequence import pass_over
from .values import BROKEN, value_end

Paths: TypeAlias = "dict[bytes, Paths]"
"""Keys, in small letters, each with the keys looked for inside its value; ITSELF among those means its array."""
ITSELF = b'"'
"""What no key can be."""

_SPACES = re.compile(rb"[ \t\r\n,]*+")
_KEY = re.compile(rb'"((?s:[^"\\]++|\\.)*+)"[ \t\r\n]*+:')


def paths(names: Iterable[str]) -> Paths:
    """`Records` and `detail.findings` as keys to look for; a name with dots is looked for as it stands, too."""
    found: Paths = {}
    for name in names:
        whole = name.encode().lower()
        found.setdefault(whole, {})[ITSELF] = {}
        inner = found
        for part in whole.split(b"."):
            inner = inner.setdefault(part, {})
        inner[ITSELF] = {}
    return found


def mentions(names: Iterable[str]) -> re.Pattern[bytes]:
    """What a document holds somewhere if it holds an array of one of these names."""
    last = {part for name in names for part in (name, name.rpartition(".")[2])}
    keys = b"|".join(re.escape(part.encode()) for part in sorted(last))
    return re.compile(rb'"(?:' + keys + rb')"[ \t\r\n]*+:[ \t\r\n]*+\[', re.IGNORECASE)


class _Unclear(Exception):
    """The document cannot be followed any further."""


class Members:
    """Walks through the members of the object that `feed` stands at the start of.

    Until the first array is found the feed stays where it is, so that the document can still be taken as a whole.
    """

    def __init__(self, feed: Feed, wanted: Paths, limit: int) -> None:
        self._feed = feed
        self._limit = limit
        self._open = [wanted]
        self._ahead = 1
        self._found = False

    def seek(self) -> bool:
        """Bring the feed behind the `[` of the next array; False when there is none any more. The feed stands behind
        the document then if there was one, else (also for a document that is broken) before it.

        Raises ReadError for a document that is broken or cut off behind an array.
        """
        try:
            while self._open:
                if self._member():
                    if not self._found and self._ahead > self._limit:
                        return False
                    self._found = True
                    self._settle()
                    return True
        except _Unclear:
            if self._found:
                self._settle()
                raise self._feed.corrupt("the JSON document is broken or cut off behind its events") from None
            return False
        if self._found:
            self._settle()
        return False

    def _settle(self) -> None:
        self._feed.at += self._ahead
        self._ahead = 0

    def _member(self) -> bool:
        """Go past one member, into it, or out of an object; True where it is the array."""
        char = self._char()
        if char == b"}":
            self._open.pop()
            self._ahead += 1
            return False
        wanted = self._open[-1].get(self._key())
        char = self._char()
        if wanted is not None and char == b"[" and ITSELF in wanted:
            self._ahead += 1
            return True
        if wanted is not None and char == b"{" and len(wanted) > (ITSELF in wanted):
            self._ahead += 1
            self._open.append(wanted)
        else:
            self._skip()
        return False

    def _char(self) -> bytes:
        while True:
            feed = self._feed
            spaces = _SPACES.match(feed.data, feed.at + self._ahead)
            if spaces and spaces.end() < len(feed.data):
                self._ahead = spaces.end() - feed.at
                return feed.data[spaces.end() : spaces.end() + 1]
            self._more()

    def _key(self) -> bytes:
        while True:
            feed = self._feed
            start = feed.at + self._ahead
            found = _KEY.match(feed.data, start)
            if found:
                self._ahead = found.end() - feed.at
                return found[1].lower()
            if feed.data[start : start + 1] != b'"':
                raise _Unclear
            self._more()

    def _skip(self) -> None:
        while True:
            feed = self._feed
            start = feed.at + self._ahead
            # Behind the events no more than the limit is looked at, so that the borders of chunks make no difference.
            view = memoryview(feed.data)[start : start + self._limit + 1 if self._found else None]
            end = value_end(view)
            if 0 <= end < len(view):
                self._ahead += end
                return
            if end == BROKEN:
                raise _Unclear
            if self._found and len(view) > self._limit:
                self._settle()
                pass_over(feed, "a value behind the events of the JSON document is broken or cut off")
                return
            self._more()

    def _more(self) -> None:
        if self._found:
            self._settle()
        elif len(self._feed.data) - self._feed.at > self._limit:
            raise _Unclear
        if not self._feed.more():
            raise _Unclear
