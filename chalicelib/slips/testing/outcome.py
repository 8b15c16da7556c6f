"""The outcome of what a test delivered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..engine.frames import skip_framework
from ..model import Books, Failure
from ..model.meta import Meta


@dataclass
class Outcome:
    """An outcome: events by function, error items, books, and the results of `on_result`, of all invocations together.
    `events` holds every call, including repeated ones."""

    events: dict[str, list[tuple[Meta, Any]]]
    errors: list[Failure]
    books: Books
    results: list[Any]
    report: dict[str, Any] = field(default_factory=dict)
    """The result of the last invocation."""
    raised: list[BaseException] = field(default_factory=list)
    """The exceptions of your functions, with their tracebacks."""
    invocations: int = 1

    @property
    def delivered(self) -> dict[str, int]:
        """The events that each function took without failing."""
        return {name: books.delivered for name, books in self.books.processors.items()}

    def check(self) -> None:
        """Raise the first exception of your functions, with the traceback of your own code, or else AssertionError for
        other failures."""
        __tracebackhide__ = True  # pytest then shows the line of the test, and that of the function.
        if self.raised:
            raise self.raised[0].with_traceback(skip_framework(self.raised[0].__traceback__))
        if self.errors:
            raise AssertionError("\n".join(_describe(failure) for failure in self.errors))


def _describe(failure: Failure) -> str:
    where = failure.processor or failure.format
    at = failure.positions or f"{failure.resume_from}-"
    summary = f"{failure.stage} of {where} failed at {at}: {failure.error_type}: {failure.error_message}"
    return (
        f"{summary}\nrecord: {failure.sample}\n{failure.traceback}"
        if failure.sample
        else f"{summary}\n{failure.traceback}"
    )
