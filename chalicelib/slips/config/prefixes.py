"""Prefixes of slips.yml. A segment `*` is any one segment of a path, as in `AWSLogs/*/vpcflowlogs/`. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final

from .settings import Mapping

MOST_NOTIFICATIONS: Final = 100
"""Of a bucket (AWS General Reference, "Amazon Simple Storage Service endpoints and quotas")."""
_WILD: Final = re.compile(r"(?<![^/])\*(?![^/])")


def match_prefix(prefix: str, key: str) -> int:
    """Return how many characters of the key the prefix takes; -1 if the key does not begin with it. A key may be
    another prefix: then all keys that begin with that one begin with `prefix`, too."""
    if key.startswith(prefix):
        return len(prefix)
    match = _pattern(prefix).match(key) if "*" in prefix else None
    return match.end() if match else -1


@cache
def _pattern(prefix: str) -> re.Pattern[str]:
    return re.compile("/".join("[^/]++" if each == "*" else re.escape(each) for each in prefix.split("/")))


def count_wild(prefix: str) -> int:
    """Return how many segments are `*`."""
    return len(_WILD.findall(prefix))


def has_literal_star(prefix: str) -> bool:
    """Return whether the prefix has a `*` in a longer segment, where it is a character like any other."""
    return prefix.count("*") > count_wild(prefix)


def literal_head(prefix: str) -> str:
    """Return what comes before the first segment `*`."""
    return _WILD.split(prefix, maxsplit=1)[0]


def may_overlap(prefix: str, other: str) -> bool:
    """Return whether a key can begin with both."""
    shorter, longer = sorted((prefix.split("/"), other.split("/")), key=len)
    last = len(shorter) - 1
    folders = zip(shorter[:last], longer[:last], strict=True)
    if any(one != another and "*" not in (one, another) for one, another in folders):
        return False
    beginning, segment = shorter[last], longer[last]
    if "*" in (beginning, segment) or segment.startswith(beginning):
        return True
    return len(shorter) == len(longer) and beginning.startswith(segment)


def outermost(prefixes: Iterable[str]) -> list[str]:
    """Return the prefixes that no other one of them covers, in order."""
    outer: list[str] = []
    for prefix in sorted(set(prefixes)):
        if not outer or not prefix.startswith(outer[-1]):
            outer.append(prefix)
    wild = [prefix for prefix in outer if count_wild(prefix)]
    return [each for each in outer if not any(each != other and match_prefix(other, each) >= 0 for other in wild)]


def literal_heads(mappings: Iterable[Mapping], bucket: str) -> list[str]:
    """Return what a bucket has to notify of: the mapped prefixes up to their first `*`, disjoint, as S3 wants them."""
    return outermost(literal_head(mapping.prefix) for mapping in mappings if mapping.bucket == bucket)


def shorten(prefixes: Iterable[str], most: int = MOST_NOTIFICATIONS) -> list[str]:
    """Return at most so many disjoint prefixes that cover these; where they are too many, all are cut to fewer
    folders."""
    disjoint = outermost(prefixes)
    depth = max((prefix.count("/") for prefix in disjoint), default=0)
    while len(disjoint) > most:
        disjoint = outermost(_cut(prefix, depth) for prefix in disjoint)
        depth -= 1
    return disjoint


def _cut(prefix: str, depth: int) -> str:
    parts = prefix.split("/", depth)
    return "/".join([*parts[:depth], ""]) if len(parts) > depth else prefix


@lru_cache(maxsize=64)
def notified_prefixes(mappings: tuple[Mapping, ...], bucket: str) -> tuple[str, ...]:
    """Return the prefixes of which a bucket notifies: as narrow as S3 allows, which knows no `*`, no overlaps, and no
    more than MOST_NOTIFICATIONS."""
    return tuple(shorten(literal_heads(mappings, bucket)))
