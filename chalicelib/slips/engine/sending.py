"""Functions whose events, or what is made of them, go to a destination in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import update_wrapper
from itertools import starmap
from typing import Any, Final, Protocol

import msgspec

from ..errors import ENDS, EventsFailed, RegistrationError, message_of
from ..model.meta import Meta
from ..sinks.base import Document
from .functions import FlushHook, Function
from .outbox import MOST_AT_ONCE, Concurrency, Outbox, Pair, Send, is_concurrency

GATHERED: Final = 500
"""Events of an object that are handed over together."""

Events = list[Pair]


class Destination(Protocol):
    """What a function sends to: see `sinks.base.Sink`."""

    size: int
    most_bytes: int
    most_seconds: float
    concurrency: Concurrency

    def send(self, documents: Sequence[Document]) -> None:
        """Send a batch."""
        ...


def send(
    decorator: str, make: Callable[..., Any] | None, function: Function, concurrency: Concurrency,
    sink: Destination | None,
) -> tuple[Function, FlushHook]:  # fmt: skip
    """Return the function with an outbox behind it, and the hook that empties that before each checkpoint. With a
    `sink`, it sends what `make` returns of each event (without `make`: the events); else its batches, in threads.
    Raises RegistrationError for what cannot be."""
    if sink is not None:
        check_sink(sink, decorator)
        if function.batch is not None or concurrency != 1:
            raise RegistrationError(f"{decorator}: with to=, the sink says batch and concurrency: leave them out here")
        call, outbox = _send_to(sink, make)
    else:
        check_concurrency(concurrency, decorator)
        if function.batch is None:
            raise RegistrationError(f"{decorator}: concurrency is for batches: write batch=500, too")
        call, outbox = _send_concurrently(function.call, function.batch, concurrency)
    function = replace(function, call=call, batch=function.batch or GATHERED)
    return function, FlushHook(call=outbox.flush, of=(function.name,), outbox=outbox)


def _send_to(sink: Destination, make: Callable[[Meta, Any], Any] | None) -> tuple[Callable[[Events], None], Outbox]:
    if make is None:
        outbox = _outbox(sink, lambda pairs: sink.send(list(starmap(Document, pairs))))
        return lambda events: outbox.extend(events), outbox
    outbox = _outbox(sink, lambda pairs: sink.send([document for _, document in pairs]))

    def hand_over(events: Events) -> None:
        documents, failed = _make_all(make, events)
        try:
            outbox.extend(documents)
        except EventsFailed as fault:
            failed |= fault.failed
        if failed:
            raise EventsFailed(failed)

    return update_wrapper(hand_over, make), outbox


def _outbox(sink: Destination, send: Send) -> Outbox:
    return Outbox(
        send, size=sink.size, most_bytes=sink.most_bytes, most_seconds=sink.most_seconds, concurrency=sink.concurrency
    )


def _send_concurrently(
    function: Callable[[Events], object], size: int, concurrency: Concurrency
) -> tuple[Callable[[Events], None], Outbox]:
    outbox = Outbox(function, size=size, concurrency=concurrency, joins=False, is_whole=True)
    return update_wrapper(lambda events: outbox.extend(events), function), outbox


def check_concurrency(concurrency: Any, decorator: str) -> None:
    """Raise RegistrationError unless the value is a concurrency."""
    if not is_concurrency(concurrency):
        raise RegistrationError(
            f'{decorator}: concurrency is a number from 1 to {MOST_AT_ONCE}, or "adaptive", not {concurrency!r}'
        )


def check_sink(sink: Any, decorator: str) -> None:
    """Raise RegistrationError unless the value is a sink."""
    if isinstance(sink, type) or not callable(getattr(sink, "send", None)) or not hasattr(sink, "most_bytes"):
        raise RegistrationError(f"{decorator}: to is a sink, such as those of slips.sinks, not {sink!r:.100}")
    check_concurrency(sink.concurrency, f"{decorator}: {type(sink).__name__}")


def _make_all(make: Callable[[Meta, Any], Any], events: Events) -> tuple[Events, dict[Meta, BaseException]]:
    documents: Events = []
    failed: dict[Meta, BaseException] = {}
    for meta, event in events:
        try:
            documents += [(meta, document) for document in _documents(meta, make(meta, event))]
        except ENDS:
            raise
        except BaseException as fault:  # noqa: BLE001 - see errors.ENDS
            failed[meta] = fault
    return documents, failed


def _documents(meta: Meta, value: Any) -> Iterator[Document]:
    """What is to be sent of what a function returned."""
    if value is None:
        return
    if isinstance(value, Mapping | msgspec.Struct):
        yield Document(meta, value)
        return
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise TypeError(f"a function with to= returns a dict, None, or several dicts, not {message_of(value)!r:.100}")
    for number, body in enumerate(value):
        if not isinstance(body, Mapping | msgspec.Struct):
            raise TypeError(f"a function with to= returns dicts, and one of them is {message_of(body)!r:.100}")
        yield Document(meta, body, number)
