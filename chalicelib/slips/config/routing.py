"""The lane of an object and its format chain, by the rules of slips.yml. Pure functions."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import cache
from typing import Literal

import msgspec

from ..errors import RouteError
from ..model import ObjectRef
from .settings import Config, Mapping, Rule

Destination = Literal["fast", "slow", "drop"]


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """The destination of an object. `rule` is None if slips.yml has no `routing`: then all objects take the fast lane.
    `shadowed` are the later rules that match the object too."""

    lane: Destination
    rule: Rule | None = None
    shadowed: tuple[Rule, ...] = ()


def route(config: Config, ref: ObjectRef) -> Route:
    """Find the first rule that matches the object. Raises RouteError if there are rules and none matches."""
    if not config.routing:
        return Route(lane="fast")
    matching = tuple(rule for rule in config.routing if matches(rule, ref))
    if not matching:
        raise RouteError(
            f"no rule of `routing` matches s3://{ref.bucket}/{ref.key}; "
            "add one to slips.yml (`dest: drop` to ignore it)"
        )
    return Route(lane=matching[0].dest, rule=matching[0], shadowed=matching[1:])


def find_mapping(config: Config, ref: ObjectRef) -> Mapping:
    """Find the mapping with the longest prefix; of equal prefixes, one with a suffix or match wins, then the first.

    Raises RouteError if none matches: only objects that a mapping names are ever read.
    """
    matching = [mapping for mapping in config.mappings if mapping.bucket == ref.bucket and matches(mapping, ref)]
    if not matching:
        raise RouteError(
            f"no mapping of `bucket_mapping` matches s3://{ref.bucket}/{ref.key}; "
            f"add its prefix to `bucket_mapping.{ref.bucket}` in slips.yml"
        )
    return max(matching, key=lambda mapping: (len(mapping.prefix), bool(mapping.suffix or mapping.match)))


def find_destination(config: Config, ref: ObjectRef) -> Destination:
    """Find where the object goes. Raises RouteError if no rule or no mapping matches it."""
    lane = route(config, ref).lane
    if lane != "drop":
        find_mapping(config, ref)
    return lane


def matches(rule: Rule | Mapping, ref: ObjectRef) -> bool:
    """Return whether the object meets every condition of the rule; an empty condition is always met."""
    return (
        rule.bucket in ("", ref.bucket)
        and ref.key.startswith(rule.prefix)
        and ref.key.endswith(rule.suffix)
        and (not rule.match or _glob(rule.match).match(ref.key) is not None)
    )


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    """Compile the glob for a whole key. It is case-sensitive, and `*` matches `/` too."""
    return re.compile(translate(pattern))
