"""The entries of a bucket's notifications: what S3 tells which receiver (a topic, a queue or a function), below which
prefix."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote_plus, unquote_plus

CREATED: Final = "s3:ObjectCreated:*"
RESTORED: Final = "s3:ObjectRestore:Completed"
"""Amazon S3 User Guide, "Supported event types for SQS, SNS, and Lambda"."""
_ESCAPE: Final = re.compile("%[0-9a-fA-F]{2}")
_LISTS: Final = {
    "TopicArn": "TopicConfigurations",
    "QueueArn": "QueueConfigurations",
    "LambdaFunctionArn": "LambdaFunctionConfigurations",
}
"""By the key that names the receiver: the list that holds the entry (Amazon S3 API, NotificationConfiguration)."""
_KEYS: Final = {"sns": "TopicArn", "sqs": "QueueArn", "lambda": "LambdaFunctionArn"}
"""By service: the key that names the receiver."""


def list_entries(configuration: dict[str, Any]) -> list[dict[str, Any]]:
    """List the entries for all receivers; EventBridge has none."""
    return [entry for name in _LISTS.values() for entry in configuration.get(name, ())]


def replace_entries(configuration: dict[str, Any], entries: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the configuration with these entries in place of its own."""
    changed = {name: value for name, value in configuration.items() if name not in _LISTS.values()}
    for entry in entries:
        changed.setdefault(_LISTS[_receiver_key(entry)], []).append(entry)
    return changed


def receiver_of(entry: Any) -> str:
    """The ARN of whom the entry notifies."""
    return str(entry[_receiver_key(entry)])


def redirect(entry: Any, receiver: str) -> dict[str, Any]:
    """Return the entry with another receiver."""
    rest = {name: value for name, value in entry.items() if name not in _LISTS}
    return {**rest, _KEYS[receiver.split(":")[2]]: receiver}


def _receiver_key(entry: Any) -> str:
    return next(key for key in _LISTS if key in entry)


def new_entry(stack: str, receiver: str, prefix: str) -> dict[str, Any]:
    """Make the entry that SLIPS adds for a prefix."""
    entry = redirect({"Id": entry_id(stack, prefix), "Events": [CREATED]}, receiver)
    if prefix:
        entry["Filter"] = {"Key": {"FilterRules": [{"Name": "prefix", "Value": encode_filter(prefix)}]}}
    return entry


def entry_id(stack: str, prefix: str) -> str:
    """The id of that entry."""
    return f"{stack}-{prefix or 'all'}"[:255]


def is_ours(entry: Any, stack: str, receiver: str) -> bool:
    """Whether SLIPS has added the entry."""
    ids = {entry_id(stack, prefix_of(entry)), entry_id(stack, _filter_value(entry))}
    return receiver_of(entry) == receiver and entry.get("Id") in ids


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


def covers(entry: Any, prefix: str, receivers: Iterable[str]) -> bool:
    """Whether the entry notifies one of the receivers of all new objects below the prefix."""
    return (
        receiver_of(entry) in receivers
        and CREATED in entry["Events"]
        and "suffix" not in _filters(entry)
        and is_in_filter(prefix, _filter_value(entry))
    )


def tells_others_of_restores(entries: Iterable[Any], stack: str, receiver: str) -> bool:
    """Whether an entry that is not ours tells anybody of restored objects: S3 refuses two for the same objects."""
    return any(
        event.startswith("s3:ObjectRestore:")
        for entry in entries
        if not is_ours(entry, stack, receiver)
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
