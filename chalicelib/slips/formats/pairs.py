"""Names and values of ordinary lines, at the speed of `split`. Any other line gives None, and its format reads it with
care: the result must be the same."""

from __future__ import annotations

import re

from .fields import Event

_MOST_KEPT, _LONGEST_KEPT = 4096, 64


class NameCheck:
    """A check that names have a shape, which looks at each name once.

    >>> NameCheck(r"[a-z]+").accepts({"srcip": "192.0.2.1"})
    True
    """

    def __init__(self, shape: str) -> None:
        self._shape = shape
        self._known: set[str] = set()

    def accepts(self, event: Event) -> bool:
        """Tell whether all names of an event have the shape."""
        return self._known.issuperset(event) or all(map(self._learn, event))

    def _learn(self, name: str) -> bool:
        if re.fullmatch(self._shape, name, re.ASCII) is None:
            return False
        if len(name) <= _LONGEST_KEPT and len(self._known) < _MOST_KEPT:  # Lines of an attacker must not fill memory.
            self._known.add(name)
        return True


def has_plain_spaces(text: str) -> bool:
    """Tell whether a text has no other whitespace than spaces, and no NUL."""
    if not text.isascii():
        return text.isprintable()
    return not ("\t" in text or "\n" in text or "\r" in text or "\v" in text or "\f" in text or _has_separator(text))


def _has_separator(text: str) -> bool:
    return "\0" in text or "\x1c" in text or "\x1d" in text or "\x1e" in text or "\x1f" in text


def spaced_pairs(text: str, *, lone_names: bool = False) -> Event | None:
    """Return the pairs of `a=1 b="x y" c=`, with `lone_names` also of `a=1 b`: None where a name comes twice, a word is
    no pair, a value holds a quote, or where there is other whitespace than spaces outside of quotes."""
    bare, quoted = text, []
    if '"' in text:
        outside = text.split('"')
        quoted = outside[1::2]
        bare = '"'.join(outside[::2])  # A single quote stands for each quoted value.
        count = len(quoted)
        if len(outside) == 2 * count or bare.count('="') != count or f"{bare} ".count('" ') != count:
            return None
    if not has_plain_spaces(bare):
        return None
    words, values = bare.split(), iter(quoted)
    try:
        pairs = [word.partition("=")[::2] for word in words] if lone_names else [word.split("=", 1) for word in words]
        event: Event = {name: value if value != '"' else next(values) for name, value in pairs}
    except ValueError:
        return None
    return event if len(event) == len(words) and "" not in event and next(values, None) is None else None


def delimited_pairs(text: str, between: str, equals: str) -> Event | None:
    """Return the pairs of `a=1^b=2` for the delimiters given, which are no spaces: None where a name comes twice or is
    empty, a part is no pair, or whitespace would have to be taken off."""
    if " " in text and (f" {between}" in text or f"{between} " in text or f" {equals}" in text or f"{equals} " in text):
        return None
    if not has_plain_spaces(text.replace(between, equals)):
        return None
    parts = text.split(between)
    try:
        event: Event = dict([part.split(equals, 1) for part in parts])
    except ValueError:
        return None
    return event if len(event) == len(parts) and "" not in event and text[:1] != " " != text[-1:] else None


def quoted_pairs(text: str, between: str, equals: str) -> Event | None:
    """Return the pairs of `a="1" b="2"`, with `between` as `" ` and `equals` as `="`: None where a name comes twice or
    a value holds a quote or a backslash."""
    parts = text[:-1].split(between)
    if text[-1:] != '"' or "\\" in text or text.count('"') != 2 * len(parts):
        return None
    try:
        event: Event = dict([part.split(equals, 1) for part in parts])
    except ValueError:
        return None
    return event if len(event) == len(parts) else None
