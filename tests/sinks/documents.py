"""Documents for sinks to send, and what a sink says of them."""

from __future__ import annotations

from typing import Any

from slips import EventsFailed
from slips.sinks import Document, Sink
from slips.testing import make_meta


def documents(*bodies: Any) -> list[Document]:
    """Return documents of these bodies, of the records 1, 2, …"""
    return [Document(make_meta({"n": number}, position=number), body) for number, body in enumerate(bodies, 1)]


def failures(sink: Sink, batch: list[Document]) -> dict[int, BaseException]:
    """Send a batch; return what failed, by the number of its record."""
    try:
        sink.send(batch)
    except EventsFailed as fault:
        return {meta.position: cause for meta, cause in fault.failed.items()}
    return {}


def pairs(*bodies: Any) -> list[tuple[Any, Any]]:
    """Return the same as an outbox gets it."""
    return [(document.meta, document.body) for document in documents(*bodies)]
