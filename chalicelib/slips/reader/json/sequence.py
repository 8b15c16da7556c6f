"""A sequence of JSON values, cut without decoding them: the elements of an array, or documents one after another.

Whole blocks are cut at once. A block ends where the text between two values (`_separator`, such as `},{"eventVersion"`)
occurs last, and msgspec reads it as a list of raw values. If it can, the cut was between two values: one inside a
string or a nested value leaves a block unbalanced. If it cannot, values are cut one by one.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec

from ..batches import SAMPLE, Group, TooLong
from ..window import BOM, Window
from .values import BROKEN, SPACE, TRUNCATED, BracketMatcher, match_end, value_end

BLOCK = 128 * 1024
"""Bytes cut at once: more would cost half of the speed, by the processor's cache."""
MOST_MATCHED, MOST_TRIED = 2, 100
"""Times all bytes read that may be scanned so. Of text that is broken all the way, each value might be scanned to its
end: then the end of a broken value counts as unknown."""
RESTARTS = 1000
"""Places tried after a broken value; text made of nothing else could hold millions."""

_raw = msgspec.json.Decoder(msgspec.Raw)
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_SPACES = re.compile(rb"[ \t\r\n]*+")
_KEYED = re.compile(rb'\{[ \t\r\n]*+"[^"\\]++"')
_DELIMITED = b'{["'
"""The first byte of a value that has an end of its own; numbers and names end where something else begins."""
_SCALAR = re.compile(rb"[^,\[\]{}\"\n\x1e]++")


class ValueSequence(ABC):
    """Values one after another in a window. Those above `limit` bytes are skipped without holding them."""

    what: str
    """What messages call a value."""
    between: re.Pattern[bytes]
    """What may precede a value."""
    onward: re.Pattern[bytes]
    """From the end of a value on: group 1 is what separates it from the next one, whose head follows."""
    followers: bytes
    """What may follow a value."""
    ends_with_object: bool
    """Whether a number may be the last thing in the object."""

    def __init__(self, window: Window, limit: int) -> None:
        self.window = window
        self._limit = limit
        self._separator = b""
        self._value_part = self._gap = 0
        """Bytes of the separator that are part of the value before it, and bytes of it between two values."""
        self._one_by_one_until = 0
        self._matched = self._tried = 0
        """Bytes that were scanned for the ends of broken values: by brackets, and for a value behind them."""
        self._absent_until = 0
        """Up to where the separator is known to be absent."""

    def next_char(self) -> bytes:
        """Advance to the next value, or what is in its place, and return its first byte; empty at the object's end."""
        window = self.window
        while True:
            window.at = match_end(self.between.match(window.data, window.at))
            waiting = window.data[window.at : window.at + len(BOM)]
            if (waiting and not _is_begun_bom(waiting)) or not window.extend():
                return waiting[:1]

    def take_block(self) -> Group | None:
        """Take a block of values from the present one on; return None where they must be cut one by one."""
        window = self.window
        if not self._separator or window.offset < max(self._one_by_one_until, self._absent_until):
            return None
        end = min(window.at + BLOCK, len(window.data))
        at = window.data.rfind(self._separator, window.at, end)
        if at + self._value_part <= window.at:  # Nor will it be found from the next value on, in what was searched.
            self._absent_until = window.offset + max(0, end - window.at - len(self._separator))
            return None
        block = window.data[window.at : at + self._value_part]
        try:
            values = self.decode_block(block)
        except (msgspec.DecodeError, RecursionError):
            values = None
        if values is None:
            self._one_by_one_until = window.offset + len(block)
            return None
        window.at += len(block) + self._gap
        return Group(block, values)

    @abstractmethod
    def decode_block(self, block: bytes) -> Sequence[bytes | msgspec.Raw] | None:
        """Return the values of a block, None if it must not be cut as a whole. Raises DecodeError if it is not one."""

    def take_one(self) -> Group | TooLong:
        """Take the present value; a broken one as it is, for the parser to refuse.

        Raises ReadError where it is cut off, or broken so that its end cannot be found.
        """
        window = self.window
        if window.data[window.at] not in _DELIMITED:
            return self._take_scalar()
        while True:
            view = memoryview(window.data)[window.at :]
            end = value_end(view)
            if end >= 0:
                return self._take_until(window.at + end)
            if end == BROKEN:
                return self._take_broken()
            if len(view) > self._limit:
                return self._skip_too_long()
            if not window.extend():
                break
        # An invalid escape makes msgspec wait for its other half, even at the end of a whole value.
        if not window.failed and self._end_by_brackets(len(window.data)):
            return self._take_broken()
        raise window.corrupt_error(f"{self.what} is cut off: it begins")

    @property
    def _arrived(self) -> int:
        """How many bytes were read up to what is looked at, whatever the borders of chunks."""
        return self.window.offset + min(len(self.window.data) - self.window.at, self._limit + 1)

    def _take_until(self, end: int) -> Group:
        """Take the value before `data[end]`, and white space after it."""
        window = self.window
        record = window.data[window.at : end].rstrip(SPACE)
        self._learn_separator(window.at + len(record))
        window.at = end
        return Group(record, [record])

    def _learn_separator(self, end: int) -> None:
        """Note what leads from this value to the next; most others will be separated by the same."""
        data = self.window.data
        onward = self.onward.match(data, end)
        if onward:
            self._value_part = 1 if data[end - 1] in b'}]"' else 0
            separator, self._gap = data[end - self._value_part : onward.end()], len(onward[1])
            if separator != self._separator:
                self._separator, self._absent_until = separator, 0

    def _take_scalar(self) -> Group | TooLong:
        """Take a number or name, or whatever is in its place: the parser refuses what is not JSON."""
        window = self.window
        while True:
            end = match_end(_SCALAR.match(window.data, window.at))
            if end == 0:
                return self._take_broken()
            if end < len(window.data):
                return self._take_until(end)
            if end - window.at > self._limit:
                return self._skip_too_long()
            if not window.extend():
                break
        if window.failed or not self.ends_with_object:
            raise window.corrupt_error(f"{self.what} is cut off: it begins")
        return self._take_until(len(window.data))

    def _take_broken(self) -> Group | TooLong:
        """Take a broken value, up to where its brackets close, or else to where a whole value begins after it.

        Both are searched in exactly `limit` bytes, so that the borders of chunks make no difference.
        """
        window = self.window
        goes_on = window.ensure(self._limit + 1)
        until = window.at + self._limit if goes_on else len(window.data)
        end = self._end_by_brackets(until)
        if not end or not self._can_follow(end, until):
            end = self._end_by_next(until)
        if end and not (window.failed and end == len(window.data)):
            return self._take_until(end)
        if goes_on:
            return self._skip_too_long()
        raise window.corrupt_error(f"{self.what} is broken, and its end cannot be found: it begins")

    def _end_by_brackets(self, until: int) -> int:
        """Return where the value ends by its brackets and quotes, 0 if not before `data[until]`."""
        window = self.window
        if window.data[window.at] not in _DELIMITED:
            return 0
        matcher = BracketMatcher()
        room = MOST_MATCHED * self._arrived - self._matched
        end = matcher.follow(window.data, window.at, min(until, window.at + room))
        self._matched += end - window.at
        return end if matcher.ended else 0

    def _end_by_next(self, until: int) -> int:
        """Return where the value must end because a whole one follows, 0 if not before `data[until]`."""
        data = self.window.data
        for restart in self.restarts(until):
            for candidate in islice(restart.finditer(data, self.window.at + 1, until), RESTARTS):
                start = candidate.end(1)
                if self._tried > MOST_TRIED * self._arrived:
                    return 0
                end = value_end(memoryview(data)[start:until])
                self._tried += end if end >= 0 else until - start if end == TRUNCATED else 0
                if end >= 0 and self._can_follow(start + end, until):
                    return candidate.start()
        return 0

    @abstractmethod
    def restarts(self, until: int) -> Iterator[re.Pattern[bytes]]:
        """Yield patterns of how a value may begin after the present, broken one, the likeliest first: group 1 is what
        separates them. Nothing from `until` on is examined."""

    def _can_follow(self, at: int, until: int) -> bool:
        """Tell whether what is at `data[at]`, white space aside, can follow a value; the end of the object can."""
        data = self.window.data
        at = match_end(_SPACES.match(data, at, until + 1))
        return data[at] in self.followers if at < min(until + 1, len(data)) else until == len(data)

    def _skip_too_long(self) -> TooLong:
        window = self.window
        sample = window.data[window.at : window.at + SAMPLE]
        skip_value(window, f"{self.what} is longer than limits.max_line_bytes, and broken or cut off")
        return TooLong(sample)


class Elements(ValueSequence):
    """The elements of an array, from after its `[`."""

    what = "an element of the JSON array"
    between = re.compile(rb"[ \t\r\n,]*+")
    onward = re.compile(rb'([ \t\r\n]*+,[ \t\r\n]*+)(?:\{[ \t\r\n]*+"[^"\\]*+"|[\[{"]|)')
    followers = b",]"
    ends_with_object = False

    def groups(self) -> Iterator[Group | TooLong]:
        """Yield all elements, and advance past the `]`. Raises ReadError where the array does not end."""
        while (char := self.next_char()) != b"]":
            if not char:
                raise self.window.corrupt_error("the JSON array is cut off")
            yield self.take_block() or self.take_one()
        self.window.at += 1

    def decode_block(self, block: bytes) -> Sequence[msgspec.Raw]:
        return _raws.decode(b"[" + block + b"]")

    def restarts(self, until: int) -> Iterator[re.Pattern[bytes]]:
        separator = rb"([ \t\r\n]*+,[ \t\r\n]*+)"
        # What begins with the same key is another event, not an object inside the broken one.
        if same_key := _KEYED.match(self.window.data, self.window.at, until):
            yield re.compile(separator + re.escape(same_key[0]))
        yield re.compile(separator + rb'\{[ \t\r\n]*+"')


class Documents(ValueSequence):
    """JSON documents one after another, with any white space, commas, record separators (RFC 7464), NULs or
    byte order marks between them."""

    what = "a JSON document"
    between = re.compile(rb"(?>[ \t\r\n,\x1e\0]++|\xef\xbb\xbf)*+")
    onward = re.compile(rb'([ \t\r\n]*+)(?:\{[ \t\r\n]*+"[^"\\]*+"|[\[{])')
    followers = b'{["\x1e,\0\xef'
    ends_with_object = True

    def groups(self) -> Iterator[Group | TooLong]:
        """Yield all documents, up to the end of the object."""
        while self.next_char():
            yield self.take_block() or self.take_one()
        self.window.raise_fault()

    def decode_block(self, block: bytes) -> list[bytes] | None:
        values = [bytes(value) for value in _raw.decode_lines(block)]
        return values if all(value[0] in _DELIMITED for value in values) else None

    def restarts(self, until: int) -> Iterator[re.Pattern[bytes]]:  # noqa: ARG002
        yield re.compile(rb"(?:(?<=\n)|(?<=[}\]])[ \t]*+)(\x1e?)(?=[{\[])")


def _is_begun_bom(waiting: bytes) -> bool:
    """Tell whether these last bytes of a chunk are the first ones of a byte order mark."""
    return len(waiting) < len(BOM) and BOM.startswith(waiting)


def skip_value(window: Window, problem: str) -> None:
    """Advance past a value of any length, holding none of it. Raises ReadError with `problem` where it has no end."""
    start = window.offset
    matcher = BracketMatcher() if window.data[window.at] in _DELIMITED else None
    while True:
        end = len(window.data)
        if matcher is None:
            window.at = match_end(_SCALAR.match(window.data, window.at), window.at)
        else:
            window.at = matcher.follow(window.data, window.at, end)
        done = window.at < end if matcher is None else matcher.ended
        if done and window.offset > start:
            return
        if done or (matcher and matcher.unmatched) or not window.extend():
            raise window.corrupt_error(f"{problem}: up to")
