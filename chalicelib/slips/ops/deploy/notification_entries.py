"""The entries of a bucket's notifications: what S3 tells which topic, below which prefix."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import quote_plus, unquote_plus

CREATED: Final = "s3:ObjectCreated:*"
RESTORED: Final = "s3:ObjectRestore:Completed"
"""Amazon S3 User Guide, "Supported event types for SQS, SNS, and Lambda"."""
_ESCAPE: Final = re.compile("%[0-9a-fA-F]{2}")
_KINDS: Final = ("TopicConfigurations", "QueueConfigurations", "LambdaFunctionConfigurations")


def count_entries(configuration: dict[str, Any]) -> int:
    """Count the entries for whomever: S3 takes a hundred together."""
    return sum(len(configuration.get(kind, ())) for kind in _KINDS)


def new_entry(stack: str, topic: str, prefix: str) -> dict[str, Any]:
    """Make the entry that SLIPS adds for a prefix."""
    entry: dict[str, Any] = {"Id": entry_id(stack, prefix), "TopicArn": topic, "Events": [CREATED]}
    if prefix:
        entry["Filter"] = {"Key": {"FilterRules": [{"Name": "prefix", "Value": encode_filter(prefix)}]}}
    return entry


def entry_id(stack: str, prefix: str) -> str:
    """The id of that entry."""
    return f"{stack}-{prefix or 'all'}"[:255]


def is_ours(entry: Any, stack: str, topic: str) -> bool:
    """Whether SLIPS has added the entry."""
    ids = {entry_id(stack, prefix_of(entry)), entry_id(stack, _filter_value(entry))}
    return entry["TopicArn"] == topic and entry.get("Id") in ids


def prefix_of(entry: Any) -> str:
    """Below which prefix the entry notifies; of one whose filter is not encoded, which no key matches, the prefix that
    somebody meant."""
    return unquote_plus(_filter_value(entry))


def encode_filter(text: str) -> str:
    """Encode a prefix, suffix or key as S3 compares them: `year=2026/` is `year%3D2026/`, a space is `+`, and only what
    the User Guide calls safe characters stays (Amazon S3 User Guide, "Configuring event notifications using object key
    name filtering" and "Naming Amazon S3 objects")."""
    return quote_plus(text, safe="/!*'()").replace("~", "%7E")


def is_in_filter(key: str, value: str) -> bool:
    """Whether S3 takes the key for one that begins with the value of a filter: no key does if that is not encoded."""
    return encode_filter(key).startswith(_ESCAPE.sub(lambda each: each[0].upper(), value))


def covers(entry: Any, prefix: str, topic: str) -> bool:
    """Whether the entry notifies the topic of all new objects below the prefix."""
    return (
        entry["TopicArn"] == topic
        and CREATED in entry["Events"]
        and "suffix" not in _filters(entry)
        and is_in_filter(prefix, _filter_value(entry))
    )


def tells_others_of_restores(configuration: dict[str, Any], stack: str, topic: str) -> bool:
    """Whether an entry that is not ours tells anybody of restored objects: S3 refuses two for the same objects."""
    entries = [(kind, entry) for kind in _KINDS for entry in configuration.get(kind, [])]
    return any(
        event.startswith("s3:ObjectRestore:")
        for kind, entry in entries
        if not (kind == _KINDS[0] and is_ours(entry, stack, topic))
        for event in entry["Events"]
    )


def add_restores(entry: Any) -> Any:
    """Return the entry with an event for restored objects, too."""
    return entry if RESTORED in entry["Events"] else {**entry, "Events": [*entry["Events"], RESTORED]}


def _filter_value(entry: Any) -> str:
    return _filters(entry).get("prefix", "")


def _filters(entry: Any) -> dict[str, str]:
    rules = entry.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    return {rule["Name"].lower(): rule["Value"] for rule in rules}
