"""What OpenSearch and Elasticsearch answer to a bulk request, of it and of each document in it (both: "Bulk API").

The answer to a request of which documents were refused is 200, with `errors: true`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Final, Literal, NamedTuple

import msgspec

from ..errors import MOST_AFTER

Kind = Literal["done", "later", "unclear", "refused"]
"""`unclear`: the destination failed at the document, and does not say whether it will again."""
MOST_CHARACTERS: Final = 300
"""Of a destination's own words."""
MOST_PAGE_BYTES: Final = 4096
"""Of an answer that is not JSON, such as a proxy's page, in which words are looked for."""
BUSY: Final = frozenset({429, 502, 503, 504})
BUSY_TYPES: Final = frozenset(
    {
        "circuit_breaking_exception",
        "cluster_block_exception",
        "es_rejected_execution_exception",
        "rejected_execution_exception",
    }
)
"""Whatever the status: of some of these it differs between versions. An index is blocked while a disk is full."""
BLOCKED: Final = "blocked by: ["
"""What Amazon OpenSearch Service says as a security_exception, while a domain has too little room."""
THERE: Final = "version_conflict_engine_exception"
"""Status 409."""
EXPIRED: Final = ("The security token included in the request is expired", "Signature expired", "Signature not yet")
"""Of Amazon's services: credentials that are renewed by themselves, or a clock that is wrong."""


class Verdict(NamedTuple):
    """What became of a document, and the destination's own words."""

    kind: Kind
    text: str = ""


class _Error(msgspec.Struct):
    type: str = ""
    reason: str | None = None
    caused_by: _Error | None = None


class _Result(msgspec.Struct):
    status: int
    error: _Error | str | None = None


class _Answer(msgspec.Struct):
    items: list[dict[str, _Result]]


class _Refusal(msgspec.Struct):
    error: _Error | str | None = None
    message: str | None = None
    amazons: str | None = msgspec.field(name="Message", default=None)


_ANSWERS: Final = msgspec.json.Decoder(_Answer)
_REFUSALS: Final = msgspec.json.Decoder(_Refusal)


def read_verdicts(body: bytes, count: int) -> list[Verdict]:
    """Read what became of each of so many documents. Raises ValueError where the answer does not say."""
    items = _ANSWERS.decode(body).items  # Raises msgspec's errors, which are ValueErrors.
    results = [result for item in items for result in item.values()]
    if len(results) != count:
        raise ValueError(f"it tells of {len(results)} documents, and {count} were sent")
    return [_judge(result) for result in results]


def _judge(result: _Result) -> Verdict:
    kind, text = _name(result.error)
    # What an attempt before has put there has the event's id, so it is the same event.
    if result.status in (200, 201) or kind == THERE:
        return Verdict("done")
    if is_busy(result.status, kind, text):
        return Verdict("later", text or f"status {result.status}")
    is_clear = 400 <= result.status < 500
    return Verdict("refused" if is_clear else "unclear", _advise(result.status, kind, text))


def _advise(status: int, kind: str, text: str) -> str:
    if kind == "index_not_found_exception":
        return f"{text}: create the index, or allow it in action.auto_create_index"
    if status in (401, 403):
        return f"{text}: allow create_index and indices:data/write/bulk on the index to the user or role"
    return text or f"status {status}"


def is_busy(status: int, kind: str, text: str) -> bool:
    """Whether the destination takes this later, by itself."""
    # What is refused with another status may quote a document, and a document may hold these words.
    is_held = status == 403 and (BLOCKED in text or text.startswith(EXPIRED))
    return status in BUSY or kind in BUSY_TYPES or is_held


def describe_refusal(body: bytes) -> tuple[str, str]:
    """Return the error's type, where an answer has one, and its text: that of the error, of AWS's message, or the
    first words of whatever it is."""
    try:
        refusal = _REFUSALS.decode(body)
    except ValueError:
        text = body[:MOST_PAGE_BYTES].decode(errors="replace")
        is_page = text.lstrip()[:1] == "<"
        return "", shorten(re.sub(r"(?s)<(style|script).*?</\1>|<[^>]*>", " ", text) if is_page else text)
    kind, text = _name(refusal.error)
    return kind, text or shorten(refusal.message or refusal.amazons or "")


def shorten(text: str) -> str:
    """Return the first paragraph on one line, bounded. AWS's message about a wrong signature goes on with the signed
    headers, the session's token among them."""
    return " ".join(text.strip().partition("\n\n")[0].split())[:MOST_CHARACTERS]


def _name(error: _Error | str | None) -> tuple[str, str]:
    """The type of an error, and its text with the innermost cause, which names the value that a field cannot take."""
    if error is None or isinstance(error, str):
        return "", shorten(error or "")
    texts = [f"{error.type}: {error.reason or ''}".strip(": ")]
    cause = error.caused_by
    while cause is not None:
        if (reason := cause.reason or "") not in texts[-1]:
            texts[1:] = [reason]
        cause = cause.caused_by
    return error.type, shorten(": ".join(texts))


def read_retry_after(headers: Mapping[str, str], now: Callable[[], float] = time.time) -> float | None:
    """Read `Retry-After` (RFC 9110): seconds from now, within what RetryLater takes; None where there is none."""
    text = headers.get("Retry-After", "").strip()
    try:
        seconds = float(text) if text.isdecimal() else parsedate_to_datetime(text).timestamp() - now()
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), MOST_AFTER)
