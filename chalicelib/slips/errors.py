"""Every exception of SLIPS.

SlipsError                    what SLIPS found and can name
├── ConfigError               slips.yml
├── RegistrationError         a decorator of app.py
├── NotificationError         a message that should name an object
├── RouteError                an object that slips.yml does not mention
├── ParseError                a record (also a ValueError)
├── RetryLater                a function whose destination takes nothing now
├── EventsFailed              some of the events that a function has
├── EventFailed               one of them, of which only a text is known
├── UnknownEvent              an event in EventsFailed that the function does not have
├── ReadError                 an object
│   ├── ObjectMissing
│   ├── ObjectChanged
│   ├── ObjectArchived
│   ├── AccessDenied
│   ├── CorruptObject
│   ├── LimitExceeded
│   ├── OutOfRange
│   └── Unavailable
│       └── OutOfTime
├── ProcessError              what the engine could not do with an object
│   ├── Crashed
│   ├── UnknownFunction
│   ├── SetupFailed
│   ├── LaneClosed
│   ├── TooMany
│   └── Unbalanced
├── BadRequest                a request to the REST API
├── NotFound                  an id
├── StoreError                a stream or a table
│   ├── BooksUnwritten
│   ├── IndexMissing
│   ├── IndexBuilding
│   └── StoreRefused
├── ItemUnreadable            an item of the ledger
├── DeploymentError           what a command asked of AWS
└── InvocationFailed          a function under `slips run`
Killed                        a BaseException: the test kit ends a process with it
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from .wording import plural

MOST_AFTER: Final = 12 * 3600
"""Seconds that `RetryLater` may ask for."""


class Where(NamedTuple):
    """The place of a fault, as far as it is known: a `file` (slips.yml, app.py) or the `key` of an object
    (`s3://bucket/key`), and the `position` in it: a path in the file, or the ordinal of the record."""

    file: str = ""
    key: str = ""
    position: str = ""


class SlipsError(Exception):
    """Something SLIPS found and can name. Its text says what was found, where, and what to do; `where` is the place."""

    def __init__(self, *message: object, where: Where = Where()) -> None:  # noqa: B008 - immutable
        super().__init__(*message)
        self.where = where


class ConfigError(SlipsError):
    """A configuration file has faults; `faults` has one line for each of them. The file is slips.yml unless
    `where` names another."""

    def __init__(self, faults: Sequence[str], *, where: Where = Where(file="slips.yml")) -> None:  # noqa: B008
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults), where=where)


class RegistrationError(SlipsError):
    """A decorator of app.py was given something it cannot take."""


class NotificationError(SlipsError):
    """A message is not an S3 notification in any of the shapes AWS sends."""


class RouteError(SlipsError):
    """No routing rule or no bucket mapping of slips.yml matches the object."""


class ParseError(SlipsError, ValueError):
    """The record is not of the format it was read as. Raise it in a parser of your own to say so."""


class RetryLater(SlipsError):
    """A destination takes nothing now: raise it in a function, a batch function or `on_flush`. Nothing has failed: the
    function gets no more events of the object, all that it has not taken waits, and comes again by itself. No event
    reaches the function in this process for `after` seconds; None: for seconds at first, then for longer."""

    def __init__(self, why: str = "the destination takes nothing now", after: float | None = None) -> None:
        if after is not None and not (isinstance(after, int | float) and 0 <= after <= MOST_AFTER):
            raise ValueError(f"RetryLater: after is a number of seconds from 0 to {MOST_AFTER}, not {after!r}")
        super().__init__(why)
        self.after = None if after is None else float(after)


class EventFailed(SlipsError):
    """An event failed; the text says why."""


class EventsFailed(SlipsError):
    """Some events failed, and the others of the function did not: raise it in a batch function, in `on_flush`, or
    wherever a function sends what it holds. `failed` maps each `meta` to an exception or a text, or is pairs of them.

    Exactly these events go to the ErrorTable, each with its own cause; with `RetryLater` as the cause, an event waits.
    They may be of several objects, and of earlier calls, as long as they came since the last `on_flush`.
    """

    def __init__(self, failed: Mapping[Any, BaseException | str] | Iterable[tuple[Any, BaseException | str]]) -> None:
        pairs = failed.items() if isinstance(failed, Mapping) else failed
        self.failed: dict[Any, BaseException] = {meta: _cause(cause) for meta, cause in pairs}
        super().__init__(f"{plural(len(self.failed), 'event')} failed")


def _cause(cause: BaseException | str) -> BaseException:
    if not isinstance(cause, BaseException | str):
        raise TypeError(f"EventsFailed maps each meta to an exception or a text, not to {cause!r:.100}")
    return EventFailed(cause) if isinstance(cause, str) else cause


class UnknownEvent(SlipsError):
    """`EventsFailed` names an event that the function has not taken since the last `on_flush`."""


class ReadError(SlipsError):
    """The object could not be read to its end; what was read before is delivered."""


class ObjectMissing(ReadError):
    """The object is gone: deleted, or never there in this version."""


class ObjectChanged(ReadError):
    """The object was overwritten while it was read; its new version has a notification of its own."""


class ObjectArchived(ReadError):
    """The object cannot be read until somebody restores it from its archive."""


class AccessDenied(ReadError):
    """The function's role may not read the object."""


class CorruptObject(ReadError):
    """The bytes are not what their framing says: truncated, damaged, or of another kind."""


class LimitExceeded(ReadError):
    """A value of `limits` in slips.yml was passed."""


class OutOfRange(ReadError):
    """A work item names a record, or an event of one, that the object does not hold."""


class Unavailable(ReadError):
    """S3 does not answer at the moment; SLIPS retries the object automatically."""


class OutOfTime(Unavailable):
    """S3 had not answered when the time of the invocation was over."""


class ProcessError(SlipsError):
    """The engine could not process the object, or not all of it."""


class Crashed(ProcessError):
    """The Lambda process died each time that it worked on this object."""


class UnknownFunction(ProcessError):
    """A drained error is for a function that app.py no longer has."""


class SetupFailed(ProcessError):
    """An `on_setup` function raised, so no event could be delivered."""


class LaneClosed(ProcessError):
    """Work could not be put (back) into its lane."""


class TooMany(ProcessError):
    """More failures in one object than `limits.errors_per_object`; `cause` is the last of them."""

    def __init__(self, limit: int, cause: BaseException, message: str) -> None:
        self.cause = cause
        self.summary = f"limits.errors_per_object ({limit}) reached, the rest of the object waits"
        super().__init__(f"{self.summary}; the last one was {type(cause).__name__}: {message}")


class Unbalanced(ProcessError):
    """Records or events are unaccounted for."""


class BadRequest(SlipsError):
    """A parameter of a request is wrong; the text names it."""


class NotFound(SlipsError):
    """There is no item of that id."""


class StoreError(SlipsError):
    """A stream or table could not be written; nothing was acknowledged, so AWS delivers again."""


class StoreRefused(StoreError):
    """The table will never take this: it is not down, and trying again changes nothing."""


class BooksUnwritten(StoreError):
    """The ledger did not take the books of some works: `works` are their ids, `cause` says why."""

    def __init__(self, works: Iterable[str], cause: BaseException) -> None:
        self.works = frozenset(works)
        super().__init__(f"the books of {len(self.works)} works could not be written: {cause}")


class ItemUnreadable(SlipsError):
    """An item of the ledger does not have a form that this version can read."""


class IndexMissing(StoreError):
    """A table has no index of that name, which listings read: it was not made by this SLIPS."""

    def __init__(self, table: str, index: str) -> None:
        self.index = index
        super().__init__(
            f'table {table}: it has no index "{index}", without which nothing can be listed; run `slips provision`, '
            "which adds it"
        )


class IndexBuilding(StoreError):
    """DynamoDB has not yet put all items into an index, and lists none of them until it has."""

    def __init__(self, table: str, index: str) -> None:
        self.index = index
        super().__init__(
            f'table {table}: DynamoDB is still building its index "{index}", and lists nothing until it is complete; '
            "try again in some minutes"
        )


class DeploymentError(SlipsError):
    """AWS did not do what a command asked of it; the text says why, what exists now, and what to do."""


class InvocationFailed(SlipsError):
    """The handler raised, or returned what is not JSON; the cause is what it raised."""


class ProcessDied(SlipsError):
    """A child process of a lane's function ended again and again; the batch is delivered again."""


class Killed(BaseException):
    """As if the process ended here. Nothing catches it but the test kit."""


ENDS = (KeyboardInterrupt, Killed)
"""What ends the process. Everything else that a user's function or parser raises costs its event: also what is no
Exception, such as SystemExit, asyncio's CancelledError, or the panic of an extension in Rust."""


def message_of(value: object) -> str:
    """Return the text of an exception, or of any other object. One of the user's may fail even at that."""
    try:
        return str(value)
    # Whatever a __str__ of the user's raises, what it is about must be kept: a failure, a log line.
    except Exception as worse:  # noqa: BLE001
        return f"({type(value).__name__}.__str__ raised {type(worse).__name__})"
