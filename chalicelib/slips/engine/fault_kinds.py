"""What a fault says of its cause: whether it passes by itself, whether credentials were refused, and at which stage.

A user's function may raise anything, of any library: an exception is known by its class, by the name of its class, or
by the HTTP status that it holds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from socket import gaierror
from typing import Final, Literal

import msgspec

from ..aws.retry import is_transient
from ..errors import LaneClosed, ObjectChanged, ObjectMissing, ParseError, RetryLater, TooMany, Unavailable
from ..model import Stage

UNAUTHORIZED: Final = (401, 403)
"""RFC 9110: the credentials are missing or not valid, or are not enough. Many services say 403 to an old token."""
LATER: Final = (429, 502, 503, 504)
"""RFC 6585 and RFC 9110: too many requests, a bad gateway, unavailable, a gateway's timeout."""
OURS: Final = (RetryLater, Unavailable, LaneClosed)
BUILT_IN: Final = (ConnectionError, TimeoutError, gaierror)
NAMES: Final = frozenset(
    {
        "ClientConnectionError",
        "ConnectError",
        "ConnectionError",
        "ConnectionTimeout",
        "MaxRetryError",
        "NetworkError",
        "ProtocolError",
        "RemoteProtocolError",
        "ServerTimeoutError",
        "Timeout",
        "TimeoutError",
        "TimeoutException",
    }
)
"""What the clients of requests, urllib3, httpx, aiohttp, redis, Elasticsearch and OpenSearch call a connection that is
not there, or too slow."""
MOST_CHARACTERS: Final = 200
"""Of a message, that tell one cause from another."""
_SPECIAL: Final = re.compile(r"""'[^']*'|"[^"]*"|\b[0-9a-fA-F-]*[0-9][0-9a-zA-Z._:-]*""")
_DEEPEST: Final = 10
"""Exceptions that are followed from cause to cause."""


def passes_by_itself(fault: BaseException) -> bool:
    """Whether the same work may succeed later, with nobody doing anything: a service is throttled, does not answer, or
    says that it takes nothing now."""
    fault = fault.cause if isinstance(fault, TooMany) else fault
    return any(_is_passing(each) for each in _causes(fault))


def _is_passing(fault: BaseException) -> bool:
    if isinstance(fault, (*OURS, *BUILT_IN)) or any(kind.__name__ in NAMES for kind in type(fault).__mro__):
        return True
    return is_transient(fault) or _says(fault, LATER)


def ended_state(fault: BaseException) -> Literal["", "gone", "superseded"]:
    """Return the state of what nobody can do any more, and nobody has to: the object is gone, or was rewritten, and its
    newer version has a notification of its own. Empty for any other fault."""
    if isinstance(fault, ObjectChanged):
        return "superseded"
    return "gone" if isinstance(fault, ObjectMissing) else ""


def generalize(message: str) -> str:
    """Return the message without what differs from event to event: quoted texts and numbers."""
    return _SPECIAL.sub("…", message)[:MOST_CHARACTERS]


def says_unauthorized(fault: BaseException) -> bool:
    """Whether a destination refused credentials, in this exception or in one behind it."""
    return any(_says(each, UNAUTHORIZED) for each in _causes(fault, with_context=True))


def stage_of(fault: BaseException) -> Stage:
    """Return the stage of what a function raised. It may meet a broken record, too: `meta.timestamp` is lazy."""
    return "parse" if isinstance(fault, ParseError | msgspec.ValidationError) else "process"


def _causes(fault: BaseException, *, with_context: bool = False) -> Iterator[BaseException]:
    """The exception and those that it was raised from. `with_context`: also those that were being handled when it was
    raised, of which it need not be a consequence."""
    current: BaseException | None = fault
    for _ in range(_DEEPEST):
        if current is None:
            return
        yield current
        reason = _read(current, "reason")  # urllib hides a socket's error there.
        current = current.__cause__ or (reason if isinstance(reason, BaseException) else None) or (
            current.__context__ if with_context else None
        )  # fmt: skip


def _says(fault: BaseException, statuses: Collection[int]) -> bool:
    """Whether the exception holds one of these HTTP statuses, where the HTTP clients of Python have it: `status`,
    `status_code`, `code`, or those of its `response`."""
    return any(_has_status(holder, statuses) for holder in (fault, _read(fault, "response")))


def _has_status(holder: object, statuses: Collection[int]) -> bool:
    found = (_read(holder, name) for name in ("status", "status_code", "code"))
    return any(isinstance(status, int) and status in statuses for status in found)


def _read(holder: object, name: str) -> object:
    try:
        return getattr(holder, name, None)
    # A property of a user's exception may raise anything; the failure that is recorded here is another.
    except Exception:  # noqa: BLE001
        return None
