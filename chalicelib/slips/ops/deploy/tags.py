"""The tags of what SLIPS creates, in the forms that AWS's services ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...config import Config

OWNER_TAG = "slips:stack"
"""The tag of what SLIPS creates: the name of its stack."""


def owned_tags(config: Config) -> dict[str, str]:
    """The tags of slips.yml, and the one by which SLIPS knows its own."""
    return {OWNER_TAG: config.stack_name, **config.tags}


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """The tags as CloudFormation and most services write them."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def tag_property(config: Config) -> dict[str, Any]:
    """The property of a resource of the template that holds the tags of slips.yml; nothing where there are none."""
    return {"Tags": tag_list(config.tags)} if config.tags else {}


def missing_tags(actual: Mapping[str, str], expected: Mapping[str, str]) -> dict[str, str]:
    """The expected tags that are missing or have another value. Other tags are somebody else's."""
    return {key: value for key, value in expected.items() if actual.get(key) != value}


def describe_tags(tags: Mapping[str, str]) -> str:
    """The tags in a line."""
    return ", ".join(f"{key}={value}" for key, value in sorted(tags.items()))
