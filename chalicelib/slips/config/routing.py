"""The lane of an object and its format chain, by the rules of slips.yml. Pure functions."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import cache
from typing import Literal

import msgspec

from ..errors import RouteError
from ..model import ObjectRef
from .prefixes import count_wild, match_prefix, may_overlap, notified_prefixes
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
    matching = tuple(rule for rule in config.routing if matches(rule, ref) and _is_of_event(rule, ref))
    if not matching:
        raise RouteError(
            f"no rule of `routing` matches s3://{ref.bucket}/{ref.key}; "
            "add one to slips.yml (`dest: drop` to ignore it)"
        )
    return Route(lane=matching[0].dest, rule=matching[0], shadowed=matching[1:])


def find_mapping(config: Config, ref: ObjectRef) -> Mapping:
    """Find the mapping whose prefix takes most of the key; of equal ones, that with fewer `*` wins, then one with a
    suffix or match, then the first.

    Raises RouteError if none matches: only objects that a mapping names are ever read.
    """
    matching = [mapping for mapping in config.mappings if mapping.bucket == ref.bucket and matches(mapping, ref)]
    if not matching:
        raise RouteError(
            f"no mapping of `bucket_mapping` matches s3://{ref.bucket}/{ref.key}; "
            f"add its prefix to `bucket_mapping.{ref.bucket}` in slips.yml"
        )
    if len(matching) == 1:
        return matching[0]
    return max(
        matching,
        key=lambda mapping: (
            match_prefix(mapping.prefix, ref.key), -count_wild(mapping.prefix), bool(mapping.suffix or mapping.match),
        ),
    )  # fmt: skip


def find_destination(config: Config, ref: ObjectRef) -> Destination:
    """Find where the object goes. Raises RouteError if no rule or no mapping matches it, unless only S3 could not leave
    it out: then it is dropped."""
    try:
        lane = route(config, ref).lane
        if lane != "drop":
            find_mapping(config, ref)
    except RouteError:
        if not is_beyond_mapping(config, ref):
            raise
        return "drop"
    return lane


def is_beyond_mapping(config: Config, ref: ObjectRef) -> bool:
    """Return whether the object is below no mapped prefix, and its bucket notifies of it all the same, since the
    prefixes of notifications are wider: they have no `*`, and there are at most a hundred."""
    prefixes = (mapping.prefix for mapping in config.mappings if mapping.bucket == ref.bucket)
    return ref.key.startswith(notified_prefixes(config.mappings, ref.bucket)) and all(
        match_prefix(prefix, ref.key) < 0 for prefix in prefixes
    )


def find_reader(config: Config, bucket: str, prefix: str) -> Mapping | None:
    """Find a mapping by which an object below the prefix may be read; None where there is none, or where a rule drops
    all objects below it."""
    if _drops_all(config, bucket, prefix):
        return None
    mapped = (mapping for mapping in config.mappings if mapping.bucket == bucket)
    return next((mapping for mapping in mapped if may_overlap(mapping.prefix, prefix)), None)


def _drops_all(config: Config, bucket: str, prefix: str) -> bool:
    for rule in config.routing:
        if rule.bucket in ("", bucket) and may_overlap(rule.prefix, prefix):
            is_narrow = rule.suffix or rule.match or rule.event or match_prefix(rule.prefix, prefix) < 0
            if rule.dest != "drop" or not is_narrow:
                return rule.dest == "drop"
    return False


def matches(rule: Rule | Mapping, ref: ObjectRef) -> bool:
    """Return whether the object meets every condition of the rule; an empty condition is always met."""
    return (
        rule.bucket in ("", ref.bucket)
        and (ref.key.startswith(rule.prefix) or ("*" in rule.prefix and match_prefix(rule.prefix, ref.key) >= 0))
        and ref.key.endswith(rule.suffix)
        and (not rule.match or _glob(rule.match).match(ref.key) is not None)
    )


def _is_of_event(rule: Rule, ref: ObjectRef) -> bool:
    return not rule.event or _glob(rule.event).match(ref.event_name) is not None


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    """Compile the glob for a whole text. It is case-sensitive, and `*` matches `/` too."""
    return re.compile(translate(pattern))
