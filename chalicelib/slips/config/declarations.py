"""What slips.yml may hold, as data: the loader reads by it, and `slips.schema.json` is made of it.

A section declares its keys, each with a sentence for the reader (Markdown, for the schema and the reference page) and
the kind of its value. What depends on several keys at once, or on more than a value's form, is checked where the
section is read.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec


class Kind(msgspec.Struct, frozen=True):
    """A kind of value. A key may be left empty, unless its kind says that it is required."""


class Anything(Kind, frozen=True):
    """Any value, as in the arguments of the user's functions."""


class Removed(Kind, frozen=True):
    """A key that is known and may not be set."""


class Flag(Kind, frozen=True):
    """True or false."""


class Size(Kind, frozen=True):
    """A number of bytes, with or without a unit."""


class Scalar(Kind, frozen=True):
    """Text, a number, true or false."""


class Text(Kind, frozen=True):
    """Text. `pattern` takes the whole of it; `most` is its longest, in characters."""

    pattern: str = ""
    most: int | None = None
    required: bool = False


class Whole(Kind, frozen=True):
    """A whole number between the bounds, both included. `why` says what they come from; `or_off`: `off` is 0."""

    low: int
    high: int | None = None
    why: str = ""
    or_off: bool = False
    required: bool = False


class Number(Kind, frozen=True):
    """A number, fractions allowed, between the bounds, both included."""

    low: float
    high: float
    or_off: bool = False


class Word(Kind, frozen=True):
    """One of these words. `or_off`: one of them is `off`, which YAML 1.1 reads as false."""

    words: tuple[str, ...]
    required: bool = False
    or_off: bool = False


class Arn(Kind, frozen=True):
    """The ARN of a kind of resource: its name in messages, its service, and the patterns of its parts."""

    words: str
    service: str
    region: str
    resource: str
    example: str
    account: str
    required: bool = False


class Items(Kind, frozen=True):
    """A list of values of one kind."""

    item: Kind
    least: int = 0
    most: int | None = None


class Entries(Kind, frozen=True):
    """A mapping whose keys the user chooses; `name` takes each of them."""

    value: Kind
    name: Text = Text()
    least: int = 0
    most: int | None = None
    required: bool = False


class Keys(Kind, frozen=True):
    """A mapping with these keys alone, each with a sentence about it. A required key makes the mapping required, unless
    it is `optional`. `defaults` has an attribute for each key whose default is worth telling."""

    keys: dict[str, tuple[str, Kind]]
    optional: bool = False
    defaults: Any = None
    one_of: tuple[tuple[str, ...], ...] = ()
    """Groups of keys of which exactly one is set."""
    any_of: tuple[tuple[str, ...], ...] = ()
    """Groups of keys of which one is set, or several."""
    together: tuple[tuple[str, ...], ...] = ()
    """Groups of keys of which all are set, or none."""
    excludes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """A key, and those that have no meaning with it."""


class Either(Kind, frozen=True):
    """A value of one of several kinds, such as a text or a list of texts."""

    kinds: tuple[Kind, ...]
    optional: bool = False
    """Whether it may be left empty."""


K = TypeVar("K", bound=Kind)

ANYTHING = Anything()


def text_or_list(text: Kind, *, least: int = 1, most: int | None = None, optional: bool = False) -> Either:
    """Declare one value, or a list of such values."""
    return Either((text, Items(text, least, most)), optional)


def pick(declared: Kind, kind: type[K]) -> K:
    """Return the declaration itself, or the one of that kind among several."""
    for each in declared.kinds if isinstance(declared, Either) else (declared,):
        if isinstance(each, kind):
            return each
    raise TypeError(f"{declared} is read as {kind.__name__}")
