"""What documents are grouped by: the partition key of a Kinesis stream, the group of a message of SQS or SNS."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from ..errors import ENDS, EventFailed, RegistrationError
from ..model.meta import Meta
from .base import Encoded

Key = str | Callable[[Meta, Any], str] | None
"""A field of the documents, or f(meta, document); None: `meta.event_id`, so that each event is a group of its own."""


class KeyForm(NamedTuple):
    """What a destination takes as a key."""

    argument: str
    """Of the sink's class, by which the user chooses the key."""
    pattern: re.Pattern[str]
    description: str


PARTITION_KEY: Final = KeyForm(
    "partition_key", re.compile(r"[^\ud800-\udfff]{1,256}"), "text of 1 to 256 characters of Unicode"
)
"""Kinesis (API Reference, PutRecordsRequestEntry)."""
GROUP_ID: Final = KeyForm(
    "group_id", re.compile(r"[!-~]{1,128}"), "text of 1 to 128 letters, digits and punctuation of ASCII, without spaces"
)
"""SQS (API Reference, SendMessageBatchRequestEntry) and SNS (PublishBatchRequestEntry)."""


def check_key(sink: str, form: KeyForm, key: Key) -> None:
    """Raise RegistrationError for what cannot be a key's choice."""
    if key is not None and not callable(key) and not (isinstance(key, str) and key):
        raise RegistrationError(
            f"{sink}: {form.argument} is a field of the documents, or f(meta, document), not {key!r:.200}"
        )


def add_keys(
    entries: Sequence[Encoded], failed: dict[Meta, BaseException | str], form: KeyForm, key: Key
) -> list[Encoded]:
    """Return the entries with their keys. One that has none, or one that the destination does not take, goes into
    `failed`."""
    keyed = []
    for entry in entries:
        try:
            keyed.append(entry._replace(key=_key_of(entry, form, key)))
        except ENDS:
            raise
        except BaseException as fault:  # noqa: BLE001 - see errors.ENDS: `key` is the user's
            failed[entry.meta] = fault
    return keyed


def _key_of(entry: Encoded, form: KeyForm, key: Key) -> str:
    if key is None:
        return entry.id
    value = key(entry.meta, entry.body) if callable(key) else _field(entry.body, form, key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not (isinstance(value, str) and form.pattern.fullmatch(value)):
        raise EventFailed(f"{form.argument}: {value!r:.200} is not {form.description}")
    return value


def _field(body: Any, form: KeyForm, name: str) -> Any:
    if not isinstance(body, Mapping) or name not in body:
        raise EventFailed(f"{form.argument}: the document has no field {name!r}")
    return body[name]
