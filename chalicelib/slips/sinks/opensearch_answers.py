"""What OpenSearch and Elasticsearch answer to a bulk request, of it and of each document in it (both: "Bulk API").

The answer to a request of which documents were refused is 200, with `errors: true`.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import msgspec

from ..wording import plural
from .http_answers import Answer, Judge, shorten

Kind = Literal["done", "later", "unclear", "refused"]
"""`unclear`: the destination failed at the document, and does not say whether it will again."""
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


def read_verdicts(body: str, count: int) -> list[Verdict]:
    """Read what became of each of so many documents. Raises ValueError where the answer does not say."""
    items = _ANSWERS.decode(body).items  # Raises msgspec's errors, which are ValueErrors.
    results = [result for item in items for result in item.values()]
    if len(results) != count:
        raise ValueError(f"it tells of {plural(len(results), 'document')}, not of the {count} that it got")
    return [_judge(result) for result in results]


def _judge(result: _Result) -> Verdict:
    kind, text = _name(result.error)
    text = shorten(text)
    if result.status in (200, 201):
        return Verdict("done")
    if result.status == 409 and kind == THERE:
        # An attempt before has put it there; its id is the event's, so it is the same event.
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


class BulkJudge(Judge):
    """Says what the answer to a bulk request means, of which no document was taken."""

    def is_later(self, answer: Answer) -> bool:
        """See `Judge.is_later`."""
        return super().is_later(answer) or is_busy(answer.status, *describe_refusal(answer.text))

    def read_words(self, text: str) -> str:
        """See `Judge.read_words`."""
        return describe_refusal(text)[1]


def describe_refusal(body: str) -> tuple[str, str]:
    """Return the error's type, where an answer has one, and its text: that of the error, of AWS's message, or of
    whatever it is; a page in HTML as it is."""
    try:
        refusal = _REFUSALS.decode(body)
    except ValueError:
        kind, text = "", body
    else:
        kind, text = _name(refusal.error)
        text = text or refusal.message or refusal.amazons or ""
    # AWS's message about a wrong signature goes on with the signed headers, the session's token among them.
    return kind, text if text.lstrip()[:1] == "<" else text.strip().partition("\n\n")[0]


def _name(error: _Error | str | None) -> tuple[str, str]:
    """The type of an error, and its text with the innermost cause, which names the value that a field cannot take."""
    if error is None or isinstance(error, str):
        return "", error or ""
    texts = [f"{error.type}: {error.reason or ''}".strip(": ")]
    cause = error.caused_by
    while cause is not None:
        if (reason := cause.reason or "") not in texts[-1]:
            texts[1:] = [reason]
        cause = cause.caused_by
    return error.type, ": ".join(texts)
