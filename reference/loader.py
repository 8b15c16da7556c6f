"""What the loader of slips.yml says of its keys: which there are, and what each takes.

It is asked as a user would, with values that nothing takes: `unknown key; allowed: …` names the keys of a section, and
what a key says of another value is what it takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import yaml

from slips.config import load
from slips.errors import ConfigError

_NOBODYS = "x y z"
"""No key, and like none."""
_UNKNOWN = re.compile(r"unknown key; allowed: (.*)")
OWN_NAMES = {
    "handler.args": "NAME",
    "bucket_mapping": "BUCKET",
    "buckets": "BUCKET",
    "formats": "NAME",
    "tags": "KEY",
    "timezones": "NAME",
}
"""Sections whose keys the user chooses."""
_LISTS = ("backend.sns_topics", "routing", "bucket_mapping.BUCKET", "handler.policy")
_ELSEWHERE = ("formats.NAME", "handler.policy[]")
"""What another page describes: docs/patterns.md, and IAM."""
_NAMES = {"BUCKET": "logs", "NAME": "IST", "KEY": "team"}


class Key(NamedTuple):
    """A key: its path, such as `routing[].dest`, and what the loader says that it takes; of a section nothing."""

    path: str
    takes: str


def find_keys() -> list[Key]:
    """Return all keys, those of a section behind it."""
    return list(_below(""))


def _below(section: str) -> Iterator[Key]:
    for name in _names(section):
        path = f"{section}.{name}" if section else name
        own = f"{path}.{OWN_NAMES[path]}" if path in OWN_NAMES else ""
        if own:
            yield Key(path, "")
            path = own
        if path in _LISTS:
            yield Key(path, "")
            path += "[]"
        children = [] if path in _ELSEWHERE else list(_below(path))
        yield Key(path, "" if children else _advice(path))
        yield from children


def _names(section: str) -> list[str]:
    path = f"{section}.{_NOBODYS}" if section else _NOBODYS
    for fault in faults_of(document_with(path, 1)):
        if match := _UNKNOWN.search(fault):
            return match[1].split(", ")
    return []


def _advice(path: str) -> str:
    """Return what the loader says to write."""
    for value in ({_NOBODYS: [[]]}, [[]]):
        for fault in faults_of(document_with(path, value)):
            place, _, text = fault.partition(": found ")
            if text and place.endswith(_real(path.rpartition(".")[2])):
                return text.partition("; ")[2]
    return ""


def document_with(path: str, value: object) -> dict[str, Any]:
    """Return the smallest slips.yml with a value at that path."""
    whole: dict[str, Any] = {"stack_name": "slips", "bucket_mapping": {"logs": [{"format": "json"}]}}
    node: Any = whole
    *parents, last = path.split(".")
    for part in parents:
        name, is_list = part.removesuffix("[]"), part.endswith("[]")
        node[_real(name)] = [{}] if is_list else {}
        node = node[_real(name)][0] if is_list else node[_real(name)]
    node[_real(last.removesuffix("[]"))] = [value] if last.endswith("[]") else value
    return whole


def _real(name: str) -> str:
    return _NAMES.get(name, name).replace("[]", "[0]")


def faults_of(document: dict[str, Any]) -> list[str]:
    """Return what the loader says of a document."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "slips.yml")
        file.write_text(yaml.safe_dump(document, sort_keys=False))
        try:
            load(file)
        except ConfigError as error:
            return list(error.faults)
    return []
