"""The outcome of what a test delivered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..engine.frames import skip_framework
from ..errors import RetryLater
from ..model import Books, Failure
from ..model.meta import Meta


@dataclass
class Outcome:
    """An outcome: events by function, error items, books, and the results of `on_result`, of all invocations together.
    `events` holds every call, including repeated ones, and each event as it was then. `waiting` is what waits to be
    tried again by itself, as after `RetryLater`: that is not an error, if app.py has the function `retry`."""

    events: dict[str, list[tuple[Meta, Any]]]
    errors: list[Failure]
    books: Books
    results: list[Any]
    report: dict[str, Any] = field(default_factory=dict)
    """The result of the last invocation."""
    raised: list[BaseException] = field(default_factory=list)
    """The exceptions of your functions, with their tracebacks."""
    waiting: list[Failure] = field(default_factory=list)
    invocations: int = 1
    changed: dict[tuple[str, str], int] = field(default_factory=dict)
    """Where one function changed an event that another got after it: the names of the two, and the first such record's
    position."""

    @property
    def delivered(self) -> dict[str, int]:
        """The events that each function took without failing."""
        return {name: books.delivered for name, books in self.books.processors.items()}

    def check(self) -> None:
        """Raise the first exception of your functions, with the traceback of your own code, or else AssertionError for
        other failures, and for events that a function changed before another got them."""
        __tracebackhide__ = True  # pytest then shows the line of the test, and that of the function.
        failed = [each for each in self.raised if self.errors or not isinstance(each, RetryLater)]
        if failed:
            raise failed[0].with_traceback(skip_framework(failed[0].__traceback__))
        if self.errors:
            raise AssertionError("\n".join(_describe(failure) for failure in self.errors))
        for (changed_by, name), position in self.changed.items():
            raise AssertionError(
                f"{name} got the event at {position} as {changed_by} had changed it: the functions of a format share "
                f"the event. Copy it in {changed_by} before you change it"
            )


def _describe(failure: Failure) -> str:
    where = failure.processor or failure.format
    at = failure.positions or f"{failure.resume_from}-"
    summary = f"{failure.stage} of {where} failed at {at}: {failure.error_type}: {failure.error_message}"
    return (
        f"{summary}\nrecord: {failure.sample}\n{failure.traceback}"
        if failure.sample
        else f"{summary}\n{failure.traceback}"
    )
