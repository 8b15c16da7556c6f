"""Rules and mappings of slips.yml that can never match."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .prefixes import literal_head, match_prefix
from .problems import quote
from .settings import Config, Mapping, Rule

_WILD = re.compile(r"[*?\[]")


def find_shadowed(config: Config) -> list[str]:
    """Return a warning for each routing rule and each mapping that no object can ever reach."""
    return [*_shadowed_rules(config.routing), *_shadowed_mappings(config.mappings), *_contradictions(config)]


def _shadowed_rules(rules: tuple[Rule, ...]) -> Iterator[str]:
    for at, rule in enumerate(rules):
        first = next((earlier for earlier in rules[:at] if _covers(earlier, rule)), None)
        if first is not None:
            yield (
                f"{rule.path}: never matches, because {first.path} matches all of its objects first; "
                f"move it before {first.path}, or remove it"
            )


def _covers(earlier: Rule, later: Rule) -> bool:
    """Return whether `earlier` certainly matches every object that `later` can match."""
    return (
        earlier.bucket in ("", later.bucket)
        and match_prefix(earlier.prefix, later.prefix) >= 0
        and later.suffix.endswith(earlier.suffix)
        and earlier.event in ("", "*", later.event)
        and (earlier.match in ("", later.match) or _is_prefix(earlier.match, later.prefix))
    )


def _is_prefix(match: str, prefix: str) -> bool:
    """Return whether the glob adds nothing to the prefix, as `logs/*` to `logs/waf/`."""
    return match == f"{_head(match)}*" and prefix.startswith(_head(match))


def _shadowed_mappings(mappings: tuple[Mapping, ...]) -> Iterator[str]:
    paths: dict[tuple[str, str, str, str], str] = {}
    for mapping in mappings:
        conditions = (mapping.bucket, mapping.prefix, mapping.suffix, mapping.match)
        first = paths.setdefault(conditions, mapping.path)
        if first != mapping.path:
            yield (
                f"{mapping.path}: never matches, because {first} has the same prefix, suffix and match; "
                f"remove one of the two"
            )


def _contradictions(config: Config) -> Iterator[str]:
    entries: tuple[Rule | Mapping, ...] = (*config.routing, *config.mappings)
    for entry in entries:
        if entry.match and not _are_compatible(entry.match, literal_head(entry.prefix)):
            yield (
                f"{entry.path}: never matches, because no key begins with the prefix {quote(entry.prefix)} "
                f"and matches {quote(entry.match)}; remove one of the two"
            )


def _are_compatible(match: str, prefix: str) -> bool:
    """Return whether a key that matches the glob can begin with the prefix."""
    head = _head(match)
    return head.startswith(prefix) or (head != match and prefix.startswith(head))


def _head(match: str) -> str:
    """Return the part of the glob before its first wildcard."""
    return _WILD.split(match, maxsplit=1)[0]
