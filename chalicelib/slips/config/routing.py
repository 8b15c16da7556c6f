"""Which lane an object takes, and which format chain it holds, as slips.yml says. Pure."""

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
    """Where an object goes. `rule` is None where slips.yml has no `routing`: then all go the fast lane. `shadowed` are
    the later rules that would have taken the object too."""

    lane: Destination
    rule: Rule | None = None
    shadowed: tuple[Rule, ...] = ()


def route(config: Config, ref: ObjectRef) -> Route:
    """The first rule that takes the object. Raises RouteError when there are rules and none does."""
    if not config.routing:
        return Route(lane="fast")
    matching = tuple(rule for rule in config.routing if takes(rule, ref))
    if not matching:
        raise RouteError(
            f"no rule of `routing` takes s3://{ref.bucket}/{ref.key}; add one to slips.yml (`dest: drop` to ignore it)"
        )
    return Route(lane=matching[0].dest, rule=matching[0], shadowed=matching[1:])


def mapping(config: Config, ref: ObjectRef) -> Mapping:
    """The mapping with the longest prefix; of two alike the one that also asks for a suffix or match, then the first.

    Raises RouteError when none takes the object: only what a mapping names is ever read.
    """
    matching = [each for each in config.mappings if each.bucket == ref.bucket and takes(each, ref)]
    if not matching:
        raise RouteError(
            f"no mapping of `bucket_mapping` takes s3://{ref.bucket}/{ref.key}; "
            f"add its prefix to `bucket_mapping.{ref.bucket}` in slips.yml"
        )
    return max(matching, key=lambda each: (len(each.prefix), bool(each.suffix or each.match)))


def destination(config: Config, ref: ObjectRef) -> Destination:
    """Where the object goes. Raises RouteError where no rule takes it, or no mapping says what it holds."""
    lane = route(config, ref).lane
    if lane != "drop":
        mapping(config, ref)
    return lane


def takes(rule: Rule | Mapping, ref: ObjectRef) -> bool:
    """Whether everything the rule asks for is true of the object; what it leaves empty is true of any."""
    return (
        rule.bucket in ("", ref.bucket)
        and ref.key.startswith(rule.prefix)
        and ref.key.endswith(rule.suffix)
        and (not rule.match or _glob(rule.match).match(ref.key) is not None)
    )


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    """The pattern over a whole key, case told apart; `*` spans `/` as well."""
    return re.compile(translate(pattern))
