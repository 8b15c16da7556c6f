"""How routes answer: JSON of our own structs, and `{"Code", "Message"}` for what went wrong."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from chalice.app import BadRequestError, ChaliceViewError, NotFoundError, Response

from ..errors import BadRequest, NotFound, StoreError

log = logging.getLogger("slips")

HEADERS = {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}

Route = TypeVar("Route", bound=Callable[..., Any])


class ServiceUnavailableError(ChaliceViewError):
    """A table or stream does not answer; the request may be sent again."""

    STATUS_CODE = 503


def answering(route: Callable[..., Any]) -> Callable[..., Response]:
    """The route with its value as JSON and its errors as API errors."""

    @functools.wraps(route)
    def answer(*args: str, **named: str) -> Response:
        try:
            return as_json(route(*args, **named))
        except BadRequest as fault:
            raise BadRequestError(str(fault)) from fault
        except NotFound as fault:
            raise NotFoundError(str(fault)) from fault
        except StoreError as fault:
            # The text may name tables and streams: it is for the log, not for whoever asks.
            log.error("%s", fault)
            raise ServiceUnavailableError("a table or stream does not answer; try again") from fault

    return answer


def as_json(value: Any, status: int = 200) -> Response:
    """The value as a JSON answer."""
    return Response(body=msgspec.json.encode(value).decode(), headers=dict(HEADERS), status_code=status)
