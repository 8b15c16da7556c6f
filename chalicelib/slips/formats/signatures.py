"""How a format is recognized from an event: what `Format.signatures` declares, and how much of it an event shows.

A sign is a line of conditions with commas between:

    eventVersion, awsRegion, eventName|eventType, eventSource=*.amazonaws.com, !insightDetails

`path` is a field that such events usually have, `a|b` one of them; the more of these there are, the surer. `path=glob`
(any letter case, `|` between several) must hold, `!path` must be missing and `!path=glob` must not hold.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

from .fields import Event, lookup

_DOUBT = 0.6
"""The share of the doubt that remains for each field that is present; a value that fits leaves its square."""
_ORDINARY_DOUBT = 0.85
"""The same for a field that any application may write."""
_ORDINARY = frozenset((
    "time", "timestamp", "@timestamp", "date", "datetime", "ts", "event_time", "eventTime", "created_at", "level",
    "severity", "message", "msg", "type", "event", "id", "name", "action", "status", "source", "host", "hostname",
    "user", "username", "service", "version", "account", "detail",
))  # fmt: skip


class Condition(NamedTuple):
    """A condition of a sign; `globs` is empty where any value will do."""

    paths: tuple[str, ...]
    heads: tuple[tuple[str, str], ...]
    """For each path, the key that it may be and the key that it begins with, in lower case."""
    globs: tuple[str, ...]
    is_absent: bool
    text: str
    """The condition as it was written."""

    def doubt(self, names_itself: bool) -> float:
        """Return the share of the doubt that remains where it holds."""
        if self.globs:
            return _DOUBT * _DOUBT
        return _ORDINARY_DOUBT if names_itself and _ORDINARY.issuperset(self.paths) else _DOUBT

    def holds(self, event: Event, keys: frozenset[str]) -> bool:
        """Tell whether the event, with these `keys` in lower case, meets the condition."""
        for path, (whole, head) in zip(self.paths, self.heads, strict=True):
            if (whole in keys or head in keys) and self._fits(event, path, is_key=whole in keys):
                return not self.is_absent
        return self.is_absent

    def _fits(self, event: Event, path: str, *, is_key: bool) -> bool:
        if not self.globs and is_key:
            return True
        value = lookup(event, path)
        return value is not None if not self.globs else _is_like(value, self.globs)


class Match(NamedTuple):
    """A verdict: how sure an event is of a format, 0 to 1, and the conditions that say so."""

    strength: float
    shown: tuple[str, ...]


NOTHING = Match(0.0, ())


def match(signatures: tuple[str, ...], specificity: float, event: Event, *, names_itself: bool = True) -> Match:
    """Return how well the best of the signatures fits an event. `specificity` says how much it means that the record
    could be parsed at all; without signatures that is the whole answer. A record that `names_itself`, as JSON does,
    shows little by a name that any application may use; other names are the parser's."""
    if not signatures:
        return Match(specificity, ())
    keys = frozenset(str(key).casefold() for key in event)
    matches = (_match(sign, specificity, event, keys, names_itself) for sign in signatures)
    return max(matches, key=lambda fit: fit.strength)


def _match(sign: str, specificity: float, event: Event, keys: frozenset[str], names_itself: bool) -> Match:
    usual, strict = conditions(sign)
    if not all(condition.holds(event, keys) for condition in strict):
        return NOTHING
    met = [condition for condition in usual if condition.holds(event, keys)]
    share = len(met) / len(usual) if usual else 1.0
    fitting = [condition for condition in strict if not condition.is_absent]
    doubt = (1.0 - specificity) * prod(condition.doubt(names_itself) for condition in (*fitting, *met))
    return Match(share * share * (1.0 - doubt), tuple(condition.text for condition in (*fitting, *met)))


@lru_cache(maxsize=1024)
def conditions(sign: str) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
    """Return the conditions of a sign: those that usually hold, and those that must."""
    parsed = [_condition(text.strip()) for text in sign.split(",")]
    strict = tuple(condition for condition in parsed if condition.globs or condition.is_absent)
    return tuple(condition for condition in parsed if condition not in strict), strict


def _condition(text: str) -> Condition:
    names, equals, globs = text.removeprefix("!").partition("=")
    paths = tuple(names.split("|"))
    heads = tuple((path.casefold(), path.casefold().partition(".")[0]) for path in paths)
    folded = tuple(glob.casefold() for glob in globs.split("|")) if equals else ()
    return Condition(paths, heads, folded, text.startswith("!"), text)


def _is_like(value: Any, globs: tuple[str, ...]) -> bool:
    if value is None or isinstance(value, dict | list):
        return False
    text = str(value).casefold()
    return any(fnmatchcase(text, glob) for glob in globs)
