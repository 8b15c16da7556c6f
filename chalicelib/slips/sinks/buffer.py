"""Batches for a function of one's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

from ..model.meta import Meta
from .base import Document, Sink


class Buffer(Sink):
    """What a function returns, in batches for another one of yours, which sends them:

        def index(batch):  # [(meta, row), …]
            client.bulk([row for _, row in batch])

        @slips.on_format("g-suite-login", to=Buffer(index, size=1000))
        def slim(meta, event):
            return {"user": event["actor"]["email"]}

    A batch holds rows of several objects, and all rows of an event, even where those are more than `size`. It is
    emptied whatever happens: where `index` raises, the halves of the batch are sent again until the bad row is alone,
    and only its event goes to the ErrorTable. `EventsFailed` names the bad rows at once; `RetryLater` has all of them
    wait. With `concurrency`, `index` is called in threads.
    """

    kind: ClassVar[str] = "buffer"

    def __init__(
        self, send: Callable[[list[tuple[Meta, Any]]], object], *, size: int = 500,
        concurrency: int | Literal["adaptive"] = 1,
    ) -> None:  # fmt: skip
        if not callable(send):
            raise TypeError(f"Buffer takes the function that sends a batch, not {send!r:.100}")
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise ValueError(f"Buffer: size is a number of rows from 1 on, not {size!r}")
        self._send = send
        self.destination = getattr(send, "__name__", type(send).__name__)
        self.size = size
        self.most_bytes = 64 * 1024 * 1024
        self.concurrency = concurrency

    def send(self, documents: Sequence[Document]) -> None:
        """Call the function."""
        self._send([(meta, body) for meta, body in documents])
