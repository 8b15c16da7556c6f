"""How a secret may be written: as it is, escaped by Python, JSON or HTML, quoted in a URL, in base64.

A spelling has a part for each character: the character itself, or a regular expression of all its escapes. So whatever
escapes some characters and leaves others (each library has its own list) is covered without a list of libraries.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from itertools import groupby

from .secret_parts import NUMBER

UNMISTAKABLE_NUMBER = 8
"""Digits of a number that is found also within a longer one."""
_LEAST_BASE64 = 4
"""Characters of base64 that identify a secret."""
_PLAIN = re.compile(r"[A-Za-z0-9_.-]+")
"""What neither JSON, Python, HTML nor a URL ever escapes."""
_LETTERS = {"\0": "0", "\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r"}
_ENTITIES = {'"': "quot", "&": "amp", "'": "apos", "<": "lt", ">": "gt"}
_DEEPEST = 8
_BACKSLASHES = rf"\\{{1,{_DEEPEST}}}"
"""One that escapes, and twice as many each time that the text is escaped again: a repr of JSON in a line of JSON."""
_ESCAPE_BEGUN = re.compile(
    r"(?>\\++(?>U[0-9a-fA-F]{0,8}|u[0-9a-fA-F]{0,4}|x[0-9a-fA-F]{0,2})?+|%(?>25)?+[0-9a-fA-F]{0,2}|&#?+\w{0,5})++"
)


class Spelling:
    """A spelling of a secret. A part of one character stands for itself, any other is a regular expression. `context`
    is a regular expression of what must surround it."""

    def __init__(self, parts: Sequence[str], context: str = "") -> None:
        self.parts = tuple(parts)
        self.context = context

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Compiled only when its anchor was found: hundreds of spellings would cost a cold start a second."""
        return re.compile("".join(map(_to_regex, self.parts)) + self.context)

    @cached_property
    def anchor(self) -> str:
        """The longest text that every occurrence holds."""
        runs = ("".join(run) for is_text, run in groupby(self.parts, lambda part: len(part) == 1) if is_text)
        return max(runs, key=len, default="")

    def is_begun(self, text: str, start: int, end: int) -> bool:
        """Whether the text from `start` to `end`, where it was cut off, is its beginning."""
        at = start
        escape: int | None = None
        for part in self.parts:
            if at == end:
                return True
            match = _compile(part).match(text, at, end)
            if match is None:
                # Cut off within an escape; or within the one before, of which the first character was taken for itself.
                cut_escapes = (at if len(part) > 1 else None, escape)
                return any(at is not None and _ESCAPE_BEGUN.fullmatch(text, at, end) for at in cut_escapes)
            escape = at if len(part) > 1 else None
            at = match.end()
        return False


def spell(text: str) -> Iterator[Spelling]:
    """Yield the spellings of a text: one for all escapes, and those in base64."""
    if NUMBER.fullmatch(text) and sum(map(str.isdigit, text)) < UNMISTAKABLE_NUMBER:
        yield Spelling(text, _no_part_of_a_longer_number(text))
    else:
        yield Spelling(tuple(_parts(text)))
    yield from _spell_base64(text)


def _spell_base64(text: str) -> Iterator[Spelling]:
    """The text within the base64 of a longer one: at each of the three offsets, the characters that depend on nothing
    but the text. What is encoded is often JSON, so it may be escaped."""
    for form in dict.fromkeys((text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])):
        data = form.encode("utf-8", "surrogatepass")
        for offset in range(3):
            # Each character holds six bits.
            first, end = -(-8 * offset // 6), 8 * (offset + len(data)) // 6
            encoded = b64encode(bytes(offset) + data).decode()[first:end]
            if len(encoded) >= _LEAST_BASE64:
                yield Spelling([_base64_character(char) for char in encoded])


def _no_part_of_a_longer_number(number: str) -> str:
    text = re.escape(number)
    before = rf"(?<![0-9]{text})(?<![0-9]\.{text})"
    # The digits of an escape are no part of the number: `%20123456`.
    escapes = "|".join(rf"(?<={escape}{text})" for escape in ("%[0-9A-Fa-f]{2}", r"\\x..", r"\\u....", r"\\U.{8}"))
    return rf"(?:{before}|{escapes})(?![0-9]|\.[0-9])"


def _parts(text: str) -> Iterator[str]:
    """A part for each character, and one for a run of backslashes with the character after it, which may be escaped by
    backslashes itself. It is atomic, since how the run is divided between them changes nothing."""
    for backslashes, char in re.findall(r"(\\*)([^\\]|$)", text, re.DOTALL):
        if backslashes:
            yield f"(?>{_backslashes(len(backslashes))}{_to_regex(_part(char)) if char else ''})"
        elif char:
            yield _part(char)


def _backslashes(count: int) -> str:
    escapes = "|".join(f"(?:{escape}){{{count}}}" for escape in _escapes("\\"))
    return rf"(?:\\{{{count},{_DEEPEST * count}}}|{escapes})"


@cache
def _part(char: str) -> str:
    if _PLAIN.fullmatch(char):
        return char
    # Some put a backslash before any punctuation.
    itself = (rf"\\{{0,{_DEEPEST}}}" if char.isascii() else "") + re.escape(char)
    return f"(?:{'|'.join((*_escapes(char), itself))})"


def _escapes(char: str) -> Iterator[str]:
    """The escapes of a character, as regular expressions."""
    code, data = ord(char), char.encode("utf-8", "surrogatepass")
    units = char.encode("utf-16-be", "surrogatepass")
    yield "".join(f"%(?:25)?(?i:{byte:02x})" for byte in data)
    yield "".join(rf"{_BACKSLASHES}u(?i:{units[at : at + 2].hex()})" for at in range(0, len(units), 2))
    yield "".join(rf"{_BACKSLASHES}x(?i:{byte:02x})" for byte in data)
    yield rf"{_BACKSLASHES}U(?i:{code:08x})"
    yield rf"&\#(?:0*{code}|(?i:x0*{code:x}));"
    if 128 <= code < 256:
        yield rf"{_BACKSLASHES}x(?i:{code:02x})"
    if char in _LETTERS:
        yield rf"{_BACKSLASHES}{_LETTERS[char]}"
    if char in _ENTITIES:
        yield f"&{_ENTITIES[char]};"
    if char == " ":
        yield r"\+"


@cache
def _base64_character(char: str) -> str:
    """A character of either alphabet: that of URLs has other ones for two of them."""
    return {"+": f"(?:-|{_part('+')})", "/": f"(?:_|{_part('/')})"}.get(char, char)


def _to_regex(part: str) -> str:
    return re.escape(part) if len(part) == 1 else part


@cache
def _compile(part: str) -> re.Pattern[str]:
    return re.compile(_to_regex(part))
