"""What a request asks, checked: every fault is a BadRequest that names the parameter and what it takes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from ..errors import BadRequest

LIMIT = 50
MOST = 500
"""Items a page may hold: beyond it an answer comes near API Gateway's 10 MB."""
BODY_BYTES = 256 * 1024
LONGEST = 2048
"""Bytes of a parameter: the longest that S3 and DynamoDB know are keys of 1,024 and 2,048."""

STATES = ("open", "draining", "parked")
STAGES = ("dispatch", "route", "read", "parse", "process", "crash")


class Query(Protocol):
    """Chalice's query parameters: names with their lists of values."""

    def getlist(self, name: str) -> list[str]: ...
    def keys(self) -> Any: ...


def query(params: Query | None, known: tuple[str, ...]) -> dict[str, str]:
    """The query parameters, each at most once and of a known name. Empty ones count as not given."""
    found: dict[str, str] = {}
    for name, values in _lists(params):
        if name not in known:
            raise BadRequest(f"{name[:80]}: no such parameter; there are {', '.join(known)}")
        if len(values) > 1:
            raise BadRequest(f"{name}: given {len(values)} times; once is enough")
        if len(values[0].encode("utf-8", "surrogatepass")) > LONGEST:
            raise BadRequest(f"{name}: longer than {LONGEST} bytes")
        if values[0]:
            found[name] = values[0]
    return found


def _lists(params: Query | None) -> list[tuple[str, list[str]]]:
    return [] if params is None else [(name, params.getlist(name)) for name in params.keys()]  # noqa: SIM118


def limit(value: str | int | None, most: int = MOST, default: int = LIMIT) -> int:
    """A number of items from 1 to `most`."""
    if value is None:
        return default
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise BadRequest(f"limit: {str(value)[:40]!r} is not a number from 1 to {most}")
    return value


def one_of(found: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    """A parameter that takes one of a few words."""
    value = found.get(name, "")
    if value and value not in allowed:
        raise BadRequest(f"{name}: {value[:40]!r} is none of {', '.join(allowed)}")
    return value


def body(raw: str | bytes, shapes: Mapping[str, Callable[[Any], bool]]) -> dict[str, Any]:
    """The JSON object of a request's body, empty where there is none; each field of a known name and shape."""
    if len(raw) > BODY_BYTES:
        raise BadRequest(f"the body is longer than {BODY_BYTES} bytes")
    if not raw.strip():
        return {}
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as fault:
        raise BadRequest(f"the body is no JSON: {fault}") from None
    if not isinstance(found, dict):
        raise BadRequest("the body must be a JSON object")
    for name, value in found.items():
        if name not in shapes:
            raise BadRequest(f"{name[:80]}: no such field; there are {', '.join(shapes)}")
        if not shapes[name](value):
            raise BadRequest(f"{name}: {msgspec.json.encode(value)[:40].decode(errors='replace')} is not what it takes")
    return found


def is_text(value: Any) -> bool:
    """Text of a bearable length."""
    return isinstance(value, str) and len(value.encode("utf-8", "surrogatepass")) <= LONGEST


def is_texts(value: Any) -> bool:
    """A list of texts."""
    return isinstance(value, list) and len(value) <= MOST and all(is_text(each) and each for each in value)


def is_flag(value: Any) -> bool:
    """true or false."""
    return isinstance(value, bool)


def is_count(value: Any) -> bool:
    """A whole number above 0."""
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
