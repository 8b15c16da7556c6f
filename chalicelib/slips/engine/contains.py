"""`contains`: from what a user looks for to the bytes that a record must hold.

Bytes are compared as they are. Text is compared as UTF-8 and, since JSON may write the same text in several ways, in
every spelling that a common encoder gives it:

    "  and \\ and control characters   as they are (a piece of raw JSON), or escaped (inside a JSON string): controls as
                                     \\u001b or \\u001B (Jackson, .NET), \\b and \\f also as \\u0008 (Go)
    /                                 as it is, or as \\/ (PHP, old Java)
    <  >  &                           as they are, or as \\u003c … (Go), with ' and = (Gson), with ' + ` " (.NET)
    U+2028 and U+2029                with those (Go, Gson)
    beyond ASCII                      as it is, or as \\u00e9, \\u00E9 (surrogate pairs beyond \\uffff)

An encoder does the same throughout a text, so spellings are not mixed. No common encoder escapes ASCII letters or
digits (`\\u0041`): a record that spells a letter like this is not found. Letter case counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from ..errors import RegistrationError

Contains = str | bytes | Sequence[str | bytes]

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def _escape(char: str, digits: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at] << 8 | units[at + 1]:{digits}}" for at in range(0, len(units), 2))


def _quotes(digits: str, short: str) -> dict[str, str]:
    """The escapes that JSON demands; `short` are the controls that have a letter."""
    controls = {chr(code): _escape(chr(code), digits) for code in range(32)}
    return {'"': '\\"', "\\": "\\\\", **controls, **{char: _SHORT[char] for char in short}}


_QUOTES: tuple[dict[str, str], ...] = (
    {},
    *(_quotes(digits, short) for digits in ("04x", "04X") for short in ("\n\r\t\b\f", "\n\r\t")),
)
_SLASHES: tuple[dict[str, str], ...] = ({}, {"/": "\\/"})


def needles(contains: Contains | None, decorator: str) -> tuple[bytes, ...]:
    """Return the byte strings of which a record must hold one; none for None. Raises RegistrationError for anything but
    text, bytes, or a list of them, none of them empty."""
    if contains is None:
        return ()
    unique: dict[bytes, None] = {}
    for part in (contains,) if isinstance(contains, str | bytes) else tuple(contains):
        if not isinstance(part, str | bytes) or not part:
            raise RegistrationError(f"{decorator}: contains takes text or bytes that are not empty, not {part!r}")
        unique.update(dict.fromkeys((part,) if isinstance(part, bytes) else spellings(part)))
    if not unique:
        raise RegistrationError(f"{decorator}: contains takes text, bytes, or a list of them; the list is empty")
    return tuple(unique)


def spellings(text: str) -> Iterator[bytes]:
    """Spell the text as encoders do, as it is first."""
    for quotes, slashes, markup, digits in product(_QUOTES, _SLASHES, _markup(), ("", "04x", "04X")):
        escapes = {**quotes, **slashes, **markup}
        spelling = "".join(escapes.get(char) or _escape_non_ascii(char, digits) for char in text)
        yield spelling.encode("utf-8", "surrogatepass")


def _markup() -> tuple[dict[str, str], ...]:
    """The characters that encoders escape for the sake of HTML: Go, Gson, .NET."""
    sets = (("", ""), ("<>&\u2028\u2029", "04x"), ("<>&'=\u2028\u2029", "04x"), ("<>&'+`\"", "04X"))
    return tuple({char: _escape(char, digits) for char in chars} for chars, digits in sets)


def _escape_non_ascii(char: str, digits: str) -> str:
    plain = char.isascii() and char != "\x7f"  # Python escapes DEL along with what is not ASCII.
    return char if plain or not digits else _escape(char, digits)
