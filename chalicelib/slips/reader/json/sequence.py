"""A run of JSON values, cut without decoding them: the elements of an array, or documents one after another.

Whole blocks are cut at once. A block ends where the text between two values (`_mark`, as in `},{"eventVersion"`) stands
for the last time, and msgspec reads it as a list of raw values. If it can, the cut was between two values: one inside a
string or a nested value leaves a block unbalanced. Where it cannot, values are cut one by one.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec

from ..batches import SAMPLE, Group, Overlong
from ..window import Feed
from .values import BROKEN, SPACE, Balance, value_end

BLOCK = 128 * 1024
"""Bytes cut at once: with more, half of the speed is lost to the processor's cache."""
RESTARTS = 1000
"""Places tried behind a broken value; text made of nothing else could hold millions."""

_raw = msgspec.json.Decoder(msgspec.Raw)
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_SPACES = re.compile(rb"[ \t\r\n]*+")
_KEYED = re.compile(rb'\{[ \t\r\n]*+"[^"\\]++"')
_DELIMITED = b'{["'
"""How a value begins that has an end of its own; numbers and names end where something else begins."""
_SCALAR = re.compile(rb"[^,\[\]{}\"\n\x1e]++")


class Run(ABC):
    """Values one after another in a feed. Records above `limit` bytes are passed over without holding them."""

    what: str
    """What a value is called in messages."""
    between: re.Pattern[bytes]
    """What may stand before a value."""
    onward: re.Pattern[bytes]
    """From the end of a value on: group 1 is what separates it from the next one, whose head follows."""
    followers: bytes
    """What may stand after a value."""
    ends_with_object: bool
    """Whether a number may be the last thing in the object."""

    def __init__(self, feed: Feed, limit: int) -> None:
        self.feed = feed
        self._limit = limit
        self._mark = b""
        self._value_part = self._gap = 0
        self._one_by_one_until = 0

    def char(self) -> bytes:
        """The first byte of the next value, or what stands in its place; empty at the end of the object."""
        feed = self.feed
        while True:
            feed.at = _end(self.between.match(feed.data, feed.at))
            if feed.at < len(feed.data) or not feed.more():
                return feed.data[feed.at : feed.at + 1]

    def many(self) -> Group | None:
        """A block of values, the first of which `char` has come to; None where they must be cut one by one."""
        feed = self.feed
        if not self._mark or feed.offset < self._one_by_one_until:
            return None
        at = feed.data.rfind(self._mark, feed.at, feed.at + BLOCK)
        if at + self._value_part <= feed.at:
            return None
        block = feed.data[feed.at : at + self._value_part]
        try:
            values = self.cut(block)
        except (msgspec.DecodeError, RecursionError):
            values = None
        if values is None:
            self._one_by_one_until = feed.offset + len(block)
            return None
        feed.at += len(block) + self._gap
        return Group(block, values)

    @abstractmethod
    def cut(self, block: bytes) -> Sequence[bytes | msgspec.Raw] | None:
        """The values of a block, None where it must not be cut as a whole. Raises DecodeError where it is no block."""

    def one(self) -> Group | Overlong:
        """The value that `char` has come to; a broken one as it stands, for the parser to refuse. Raises ReadError
        where it is cut off, or broken so that what follows cannot be told from it."""
        feed = self.feed
        if feed.data[feed.at] not in _DELIMITED:
            return self._scalar()
        while True:
            view = memoryview(feed.data)[feed.at :]
            end = value_end(view)
            if end >= 0:
                return self._take(feed.at + end)
            if end == BROKEN:
                return self._broken()
            if len(view) > self._limit:
                return self._overlong()
            if not feed.more():
                break
        # An escape that is no character makes msgspec wait for its other half, also at the end of a whole value.
        if not feed.failed and self._by_brackets(len(feed.data)):
            return self._broken()
        raise feed.corrupt(f"{self.what} is cut off: it begins")

    def _take(self, end: int) -> Group:
        """The value that stands before `data[end]`, and perhaps white space behind it."""
        feed = self.feed
        record = feed.data[feed.at : end].rstrip(SPACE)
        self._learn(feed.at + len(record))
        feed.at = end
        return Group(record, [record])

    def _learn(self, end: int) -> None:
        """See what leads from this value to the next; many others will be separated by the same."""
        data = self.feed.data
        found = self.onward.match(data, end)
        if found:
            self._value_part = 1 if data[end - 1] in b'}]"' else 0
            self._mark, self._gap = data[end - self._value_part : found.end()], len(found[1])

    def _scalar(self) -> Group | Overlong:
        """A number or name, or whatever stands in its place: what is no JSON is for the parser to refuse."""
        feed = self.feed
        while True:
            end = _end(_SCALAR.match(feed.data, feed.at))
            if end == 0:
                return self._broken()
            if end < len(feed.data):
                return self._take(end)
            if end - feed.at > self._limit:
                return self._overlong()
            if not feed.more():
                break
        if feed.failed or not self.ends_with_object:
            raise feed.corrupt(f"{self.what} is cut off: it begins")
        return self._take(len(feed.data))

    def _broken(self) -> Group | Overlong:
        """A broken value, up to where its brackets close, or else to where a whole one begins after it.

        Both are looked for in exactly `limit` bytes, so that the borders of chunks make no difference.
        """
        feed = self.feed
        goes_on = feed.hold(self._limit + 1)
        until = feed.at + self._limit if goes_on else len(feed.data)
        end = self._by_brackets(until)
        if not end or not self._can_follow(end, until):
            end = self._by_the_next(until)
        if end and not (feed.failed and end == len(feed.data)):
            return self._take(end)
        if goes_on:
            return self._overlong()
        raise feed.corrupt(f"{self.what} is broken, so that no other can be told from it: it begins")

    def _by_brackets(self, until: int) -> int:
        """Where the value ends by its brackets and quotes, 0 if nowhere before `data[until]`."""
        feed = self.feed
        if feed.data[feed.at] not in _DELIMITED:
            return 0
        balance = Balance()
        end = balance.follow(feed.data, feed.at, until)
        return end if balance.ended else 0

    def _by_the_next(self, until: int) -> int:
        """Where the value must end because a whole one follows, 0 if nowhere before `data[until]`."""
        data = self.feed.data
        for restart in self.restarts(until):
            for found in islice(restart.finditer(data, self.feed.at + 1, until), RESTARTS):
                start = found.end(1)
                end = value_end(memoryview(data)[start:until])
                if end >= 0 and self._can_follow(start + end, until):
                    return found.start()
        return 0

    @abstractmethod
    def restarts(self, until: int) -> Iterator[re.Pattern[bytes]]:
        """Where a value may begin behind the broken one that the feed stands at, the likelier first: group 1 is what
        separates them. Nothing from `until` on is looked at."""

    def _can_follow(self, at: int, until: int) -> bool:
        """Whether what stands at `data[at]`, white space aside, can follow a value; at the end of the object, yes."""
        data = self.feed.data
        at = _end(_SPACES.match(data, at, until + 1))
        return data[at] in self.followers if at < min(until + 1, len(data)) else until == len(data)

    def _overlong(self) -> Overlong:
        feed = self.feed
        sample = feed.data[feed.at : feed.at + SAMPLE]
        pass_over(feed, f"{self.what} is longer than limits.max_line_bytes, and broken or cut off")
        return Overlong(sample)


class Elements(Run):
    """The elements of an array, from behind its `[`."""

    what = "an element of the JSON array"
    between = re.compile(rb"[ \t\r\n,]*+")
    onward = re.compile(rb'([ \t\r\n]*+,[ \t\r\n]*+)(?:\{[ \t\r\n]*+"[^"\\]*+"|[\[{"]|)')
    followers = b",]"
    ends_with_object = False

    def groups(self) -> Iterator[Group | Overlong]:
        """All elements; the feed stands behind the `]` then. Raises ReadError where the array does not end."""
        while (char := self.char()) != b"]":
            if not char:
                raise self.feed.corrupt("the JSON array is cut off")
            yield self.many() or self.one()
        self.feed.at += 1

    def cut(self, block: bytes) -> Sequence[msgspec.Raw]:
        return _raws.decode(b"[" + block + b"]")

    def restarts(self, until: int) -> Iterator[re.Pattern[bytes]]:
        separator = rb"([ \t\r\n]*+,[ \t\r\n]*+)"
        # What begins with the same key is another event, not an object inside of the broken one.
        if alike := _KEYED.match(self.feed.data, self.feed.at, until):
            yield re.compile(separator + re.escape(alike[0]))
        yield re.compile(separator + rb'\{[ \t\r\n]*+"')


class Documents(Run):
    """JSON documents one after another, whatever white space, commas or record separators (RFC 7464) lie between."""

    what = "a JSON document"
    between = re.compile(rb"[ \t\r\n,\x1e]*+")
    onward = re.compile(rb'([ \t\r\n]*+)(?:\{[ \t\r\n]*+"[^"\\]*+"|[\[{])')
    followers = b'{["\x1e,'
    ends_with_object = True

    def groups(self) -> Iterator[Group | Overlong]:
        """All documents, up to the end of the object."""
        while self.char():
            yield self.many() or self.one()
        self.feed.end()

    def cut(self, block: bytes) -> list[bytes] | None:
        values = [bytes(value) for value in _raw.decode_lines(block)]
        return values if all(value[0] in _DELIMITED for value in values) else None

    def restarts(self, until: int) -> Iterator[re.Pattern[bytes]]:  # noqa: ARG002
        yield re.compile(rb"(?:(?<=\n)|(?<=[}\]])[ \t]*+)(\x1e?)(?=[{\[])")


def pass_over(feed: Feed, otherwise: str) -> None:
    """Go to the end of a value of any length, holding none of it. Raises ReadError where it has none."""
    start = feed.offset
    balance = Balance() if feed.data[feed.at] in _DELIMITED else None
    while True:
        end = len(feed.data)
        if balance is None:
            feed.at = _end(_SCALAR.match(feed.data, feed.at), feed.at)
        else:
            feed.at = balance.follow(feed.data, feed.at, end)
        done = feed.at < end if balance is None else balance.ended
        if done and feed.offset > start:
            return
        if done or (balance and balance.lost) or not feed.more():
            raise feed.corrupt(f"{otherwise}: up to")


def _end(found: re.Match[bytes] | None, otherwise: int = 0) -> int:
    return found.end() if found else otherwise
