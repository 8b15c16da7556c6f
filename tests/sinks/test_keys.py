"""Keys that a user chooses, and those that a destination does not take."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from slips.errors import Killed, RegistrationError
from slips.sinks.base import encode_all
from slips.sinks.keys import GROUP_ID, PARTITION_KEY, Key, KeyForm, add_keys, check_key

from .documents import documents


def keys(form: KeyForm, key: Key, *bodies: Any) -> list[str]:
    """The keys of the documents, or why they have none."""
    failed: dict[Any, BaseException | str] = {}
    entries = encode_all(documents(*bodies), failed, most_bytes=10_000)
    found = {entry.meta.position: entry.key for entry in add_keys(entries, failed, form, key)}
    return [found[n] for n in sorted(found)] + [f"{type(fault).__name__}: {fault}" for fault in failed.values()]


def test_without_a_choice_the_key_is_the_id_of_the_event() -> None:
    assert keys(GROUP_ID, None, 1, 2) == [document.meta.event_id for document in documents(1, 2)]


def test_a_field_or_a_function_gives_the_key() -> None:
    assert keys(PARTITION_KEY, "user", {"user": "ada"}, {"user": 7}) == ["ada", "7"]
    assert keys(PARTITION_KEY, lambda meta, body: f"{meta.position}-{body['a']}", {"a": 1}) == ["1-1"]


def fail(meta: Any, body: Any) -> str:
    raise asyncio.CancelledError("no key")


@pytest.mark.parametrize(
    ("form", "key", "body", "expected"),
    [
        (PARTITION_KEY, "user", {}, "EventFailed: partition_key: the document has no field 'user'"),
        (PARTITION_KEY, "user", "user", "EventFailed: partition_key: the document has no field 'user'"),
        (PARTITION_KEY, "user", {"user": ""}, "'' is not text of 1 to 256 characters"),
        (PARTITION_KEY, "user", {"user": "x" * 257}, "is not text of 1 to 256 characters"),
        (PARTITION_KEY, "user", {"user": None}, "None is not text"),
        (PARTITION_KEY, "user", {"user": True}, "True is not text"),
        (PARTITION_KEY, lambda meta, body: "\ud800", {}, "is not text of 1 to 256 characters of Unicode"),
        (GROUP_ID, "user", {"user": "a b"}, "'a b' is not text of 1 to 128 letters, digits and punctuation of ASCII"),
        (GROUP_ID, "user", {"user": "ü"}, "is not text of 1 to 128 letters"),
        (GROUP_ID, "user", {"user": "x" * 129}, "is not text of 1 to 128 letters"),
        (GROUP_ID, "user", {"user": "x\n"}, "is not text of 1 to 128 letters"),
        (GROUP_ID, fail, {}, "CancelledError: no key"),
    ],
)  # fmt: skip
def test_an_event_without_a_key_fails_alone(form: KeyForm, key: Key, body: Any, expected: str) -> None:
    [text] = keys(form, key, body)
    assert expected in text


@pytest.mark.parametrize(("form", "most"), [(PARTITION_KEY, "ü\n" * 128), (GROUP_ID, "!~aZ09_-" * 16)])
def test_the_longest_key_is_taken(form: KeyForm, most: str) -> None:
    assert keys(form, "user", {"user": most}) == [most]


def test_the_end_of_the_process_passes_through() -> None:
    def end(meta: Any, body: Any) -> str:
        raise Killed

    with pytest.raises(Killed):
        keys(GROUP_ID, end, 1)


@pytest.mark.parametrize("key", ["", 7, ["user"]])
def test_what_chooses_no_key_is_said_at_once(key: Any) -> None:
    with pytest.raises(RegistrationError, match=r"Sqs: group_id is a field of the documents, or f\(meta, document\)"):
        check_key("Sqs", GROUP_ID, key)
