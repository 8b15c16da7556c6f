"""Messages of GELF 1.1 (Graylog, "GELF Format", "GELF Payload Specification")."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from .base import Document, encode

MOST_VALUE_BYTES: Final = 32_766
"""Of the value of a field: Lucene's limit of a term, beyond which Graylog accepts a message, and cannot store it."""
_REFUSED: Final = re.compile(r"[^\w.-]", re.ASCII)
"""What the name of a field may not hold."""
_INTEGERS: Final = range(-(2**63), 2**63)
"""That OpenSearch stores as a number."""
DEEPEST: Final = 20
"""Fields within fields that get names of their own; what is deeper is JSON."""
EMPTY: Final = "-"
"""short_message may not be empty."""


def make_message(document: Document, host: str, level: int) -> dict[str, Any]:
    """Return the message of a document. Fields of fields have dotted names; lists are JSON; None is left out. Raises
    EventFailed for what JSON cannot hold, ParseError for a record that cannot be read again."""
    meta, body = document
    message: dict[str, Any] = {
        "version": "1.1",
        "host": host.strip() or EMPTY,
        "short_message": meta.message.strip() or EMPTY,
        "timestamp": round(meta.timestamp, 6),
        "level": level,
        "_event_id": document.id,
    }
    if isinstance(body, Mapping):
        for name, value in _flatten(body):
            message[_mend(name, message)] = value
    else:
        message["full_message"] = body if isinstance(body, str) else encode(body).decode()
    message.setdefault("_tag", meta.tag)
    return message


def _flatten(body: Mapping[Any, Any]) -> Iterator[tuple[str, str | int | float]]:
    waiting = [(str(name), value, 1) for name, value in body.items()]
    waiting.reverse()
    while waiting:
        name, value, depth = waiting.pop()
        if isinstance(value, Mapping) and value and depth < DEEPEST:
            waiting += [(f"{name}.{inner}", each, depth + 1) for inner, each in reversed([*value.items()])]
        elif value is not None:
            yield name, _to_value(value)


def _to_value(value: Any) -> str | int | float:
    """GELF knows texts and numbers alone."""
    is_flag = isinstance(value, bool)
    if isinstance(value, int) and not is_flag and value in _INTEGERS:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, str):
        text = value
    else:
        text = str(value) if isinstance(value, int | float) and not is_flag else encode(value).decode()
    data = text.encode()
    return text if len(data) <= MOST_VALUE_BYTES else data[:MOST_VALUE_BYTES].decode("utf-8", "ignore")


def _mend(name: str, message: Mapping[str, Any]) -> str:
    """Return a name that GELF takes, and that the message does not have: `_id` is Graylog's own."""
    field = "_" + _REFUSED.sub("_", name)
    while field in message or field in ("_", "_id"):
        field += "_"
    return field
