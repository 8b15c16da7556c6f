"""`contains`: from what a user is looking for to the bytes that a record must hold.

Bytes are compared as they are. Text is compared as UTF-8, and, since JSON may write the same text in more than one way,
in every spelling that an encoder in use gives it:

    "  and \\ and control characters   as they are (a piece of raw JSON), or escaped (inside a JSON string)
    /                                 as it is, or as \\/ (PHP, old Java)
    <  >  &                           as they are, or as \\u003c … (Go), with ' and = (Gson), with ' + " (.NET)
    beyond ASCII                      as it is, or as \\u00e9, \\u00E9 (surrogate pairs beyond \\uffff)

An encoder does the same throughout a text, so the spellings are not mixed. No encoder in use escapes ASCII letters or
digits (`\\u0041`): a record that spells a letter so is not found. Letter case counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from ..errors import RegistrationError

Contains = str | bytes | Sequence[str | bytes]

_CONTROLS = {
    **{chr(code): f"\\u{code:04x}" for code in range(32)},
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\b": "\\b",
    "\f": "\\f",
}
_QUOTES: tuple[dict[str, str], ...] = ({}, {'"': '\\"', "\\": "\\\\", **_CONTROLS})
_SLASHES: tuple[dict[str, str], ...] = ({}, {"/": "\\/"})


def needles(contains: Contains | None, shown: str) -> tuple[bytes, ...]:
    """The byte strings of which a record must hold one; none for None. Raises RegistrationError for anything else than
    text, bytes, or a list of them, none of them empty."""
    if contains is None:
        return ()
    found: dict[bytes, None] = {}
    for part in (contains,) if isinstance(contains, str | bytes) else tuple(contains):
        if not isinstance(part, str | bytes) or not part:
            raise RegistrationError(f"{shown}: contains takes text or bytes that are not empty, not {part!r}")
        found.update(dict.fromkeys((part,) if isinstance(part, bytes) else spellings(part)))
    if not found:
        raise RegistrationError(f"{shown}: contains takes text, bytes, or a list of them; the list is empty")
    return tuple(found)


def spellings(text: str) -> Iterator[bytes]:
    """The text as encoders write it, itself first."""
    for quotes, slashes, markup, beyond in product(_QUOTES, _SLASHES, _markup(), ("", "04x", "04X")):
        written = {**quotes, **slashes, **markup}
        spelled = "".join(written.get(char) or _beyond(char, beyond) for char in text)
        yield spelled.encode("utf-8", "surrogatepass")


def _markup() -> tuple[dict[str, str], ...]:
    """What encoders that care for HTML escape: Go, Gson, .NET."""
    sets = (("", ""), ("<>&", "04x"), ("<>&'=", "04x"), ("<>&'+\"", "04X"))
    return tuple({char: _escape(char, digits) for char in chars} for chars, digits in sets)


def _beyond(char: str, digits: str) -> str:
    plain = char.isascii() and char != "\x7f"  # Python escapes DEL with what is beyond ASCII.
    return char if plain or not digits else _escape(char, digits)


def _escape(char: str, digits: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at] << 8 | units[at + 1]:{digits}}" for at in range(0, len(units), 2))
