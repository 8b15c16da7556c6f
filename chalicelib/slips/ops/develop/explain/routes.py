"""The rule and mapping of slips.yml that match an object."""

from __future__ import annotations

import msgspec

from ....config import Config, Mapping, Rule, routing
from ....errors import RouteError
from ....model import ObjectRef


class RouteReport(msgspec.Struct, kw_only=True):
    """The route of an object. If no rule matches, `lane` is empty; if no mapping does, `mapping` is None; `faults`
    says so. `rule` is None if slips.yml has no `routing`."""

    lane: str = ""
    is_beyond_mapping: bool = False
    """Whether it is dropped since S3 only could not leave it out: its notifications have no `*`."""
    rule: Rule | None = None
    shadowed_rules: tuple[Rule, ...] = ()
    mapping: Mapping | None = None
    shadowed_mappings: tuple[Mapping, ...] = ()
    faults: tuple[str, ...] = ()


def route_object(config: Config, ref: ObjectRef) -> RouteReport:
    """Find the first rule that matches, the mapping with the longest prefix, and those that they shadow."""
    result = RouteReport()
    try:
        route = routing.route(config, ref)
        result.lane, result.rule, result.shadowed_rules = route.lane, route.rule, route.shadowed
    except RouteError as fault:
        result.faults += (str(fault),)
    try:
        result.mapping = routing.find_mapping(config, ref)
        others = [each for each in config.mappings if each.bucket == ref.bucket and each is not result.mapping]
        result.shadowed_mappings = tuple(each for each in others if routing.matches(each, ref))
    except RouteError as fault:
        if routing.is_beyond_mapping(config, ref):
            result.lane, result.faults, result.is_beyond_mapping = "drop", (), True
        elif result.lane != "drop":
            result.faults += (str(fault),)
    return result


def describe_rule(rule: Rule | Mapping) -> str:
    """Describe what a rule or mapping matches, as in slips.yml."""
    names = ("bucket", "prefix", "suffix", "match", "event")
    named = {name: value for name in names if (value := getattr(rule, name, ""))}
    return ", ".join(f"{name}: {value}" for name, value in named.items()) or "anything"
