"""A sink for tests: it keeps what it is sent, and has the faults that a test asks for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from typing import Any, ClassVar, Literal

import msgspec

from ..errors import EventFailed, EventsFailed, RetryLater, SlipsError
from ..sinks.base import Document, Sink, encode

Selector = int | tuple[str, Any] | Callable[[Document], object]
"""Which documents: those of the record of that number, those with that value in a field, or those for which f(document)
is true."""


class SinkRecorder(Sink):
    """A sink that keeps what it is sent, as a destination would read it: from JSON. It may be used by several threads.

    later_after  the number of documents that it takes; then it says `RetryLater`, until `recover()` is called
    fails        which documents it refuses for good, and with which text or exception: `{3: "too old"}` the one of
                 record 3, `{("user", "ada"): …}` those with this value in a field, `{f: …}` those where f(document) is
                 true
    slow         seconds that each call takes; `sleep` spends them
    """

    kind: ClassVar[str] = "recorder"

    def __init__(
        self, destination: str = "test", *, later_after: int | None = None,
        fails: Mapping[Selector, str | BaseException] | None = None, slow: float = 0.0,
        sleep: Callable[[float], object] = time.sleep, size: int = 500, concurrency: int | Literal["adaptive"] = 1,
    ) -> None:  # fmt: skip
        _check(later_after, fails or {}, slow)
        self.destination = destination
        self.size = size
        self.concurrency = concurrency
        self._room = later_after
        self._fails = dict(fails or {})
        self._slow = slow
        self._sleep = sleep
        self._lock = Lock()
        self._documents: list[Document] = []
        self._calls: list[int] = []

    @property
    def documents(self) -> list[Document]:
        """What it has taken, in the order of the calls."""
        with self._lock:
            return self._documents.copy()

    @property
    def bodies(self) -> list[Any]:
        """The bodies of what it has taken."""
        return [document.body for document in self.documents]

    @property
    def calls(self) -> list[int]:
        """How many documents each call of `send` held, also those that it did not take."""
        with self._lock:
            return self._calls.copy()

    def recover(self) -> None:
        """Take everything from now on, but for what `fails`."""
        with self._lock:
            self._room = None

    def send(self, documents: Sequence[Document]) -> None:
        """See `Sink.send`."""
        if self._slow:
            self._sleep(self._slow)
        with self._lock:
            self._calls.append(len(documents))
            failed = [(document.meta, cause) for document in documents if (cause := self._take(document)) is not None]
        if failed and all(isinstance(cause, RetryLater) for _, cause in failed) and len(failed) == len(documents):
            raise failed[0][1]
        if failed:
            raise EventsFailed(failed)

    def _take(self, document: Document) -> BaseException | None:
        """Keep a document, or return why not."""
        if self._room is not None and self._room <= 0:
            return RetryLater(f"{self.destination} takes nothing now: later_after is reached")
        for selector, cause in self._fails.items():
            if _matches(selector, document):
                return EventFailed(cause) if isinstance(cause, str) else cause
        try:
            body = msgspec.json.decode(encode(document.body))
        except EventFailed as fault:
            return fault
        self._documents.append(Document(document.meta, body))
        if self._room is not None:
            self._room -= 1
        return None


def record_sinks(sinks: Mapping[str, Sink]) -> dict[str, SinkRecorder]:
    """Let the sinks of SLIPS itself send to recorders, so that a test of an app.py reaches no destination. Sinks of the
    user's own, and the functions of Buffers, are under test themselves. Returns the recorders by function."""
    recorders: dict[int, SinkRecorder] = {}
    by_function = {}
    for function, sink in sinks.items():
        if _is_of_slips(sink):
            recorder = recorders.setdefault(id(sink), SinkRecorder(sink.destination))
            vars(sink)["send"] = recorder.send
            by_function[function] = recorder
    return by_function


def send_again(sinks: Iterable[Sink]) -> None:
    """Undo `record_sinks`."""
    for sink in sinks:
        vars(sink).pop("send", None)


def _is_of_slips(sink: Sink) -> bool:
    module = type(sink).__module__
    return module.startswith("slips.sinks.") and module != "slips.sinks.buffer"


def _matches(selector: Selector, document: Document) -> bool:
    if isinstance(selector, int):
        return document.meta.position == selector
    if isinstance(selector, tuple):
        field, value = selector
        return isinstance(document.body, Mapping) and field in document.body and document.body[field] == value
    return bool(selector(document))


def _check(later_after: Any, fails: Any, slow: Any) -> None:
    """Raise SlipsError for a fault that would never happen: a test in which nothing goes wrong would pass."""
    if later_after is not None and not (_is_number(later_after, int) and later_after >= 0):
        raise SlipsError(f"later_after: {later_after!r} is not a number of documents")
    if not (_is_number(slow, int | float) and slow >= 0):
        raise SlipsError(f"slow: {slow!r} is not a number of seconds")
    if not isinstance(fails, Mapping):
        raise SlipsError(f"fails: {fails!r} is not a dict of which documents fail, and why")
    for selector, cause in fails.items():
        is_pair = isinstance(selector, tuple) and len(selector) == 2 and isinstance(selector[0], str)
        if not (is_pair or callable(selector) or (_is_number(selector, int) and selector >= 1)):
            raise SlipsError(f"fails: {selector!r} is not the number of a record, (field, value), or f(document)")
        if not isinstance(cause, str | BaseException):
            raise SlipsError(f"fails: {selector!r} fails with a text or an exception, not with {cause!r}")


def _is_number(value: Any, kinds: Any) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)
