"""What became of what a test gave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..engine.frames import skip_framework
from ..model import Books, Failure
from ..model.meta import Meta


@dataclass
class Outcome:
    """Events by function, error items, books, and what `on_result` returned; of all invocations together, where a fault
    made several. `events` holds every call, also those that were repeated."""

    events: dict[str, list[tuple[Meta, Any]]]
    errors: list[Failure]
    books: Books
    results: list[Any]
    report: dict[str, Any] = field(default_factory=dict)
    """What the last invocation answered."""
    raised: list[BaseException] = field(default_factory=list)
    """The exceptions of your functions themselves, with their tracebacks."""
    invocations: int = 1

    @property
    def delivered(self) -> dict[str, int]:
        """How many events each function took without failing."""
        return {name: books.delivered for name, books in self.books.processors.items()}

    def check(self) -> None:
        """Raise what a function of yours raised first, with the traceback of your own code; else AssertionError for
        what failed otherwise. Nothing where nothing failed."""
        __tracebackhide__ = True  # pytest then shows the line of the test, and that of the function.
        if self.raised:
            raise self.raised[0].with_traceback(skip_framework(self.raised[0].__traceback__))
        if self.errors:
            raise AssertionError("\n".join(_told(failure) for failure in self.errors))


def _told(failure: Failure) -> str:
    where = failure.processor or failure.format
    at = failure.positions or f"{failure.resume_from}-"
    told = f"{failure.stage} of {where} failed at {at}: {failure.error_type}: {failure.error_message}"
    return (
        f"{told}\nrecord: {failure.sample}\n{failure.traceback}" if failure.sample else f"{told}\n{failure.traceback}"
    )
