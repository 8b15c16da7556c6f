"""How routes answer: JSON of our own structs, and `{"Code", "Message"}` for what went wrong."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

import msgspec
from chalice.app import BadRequestError, ChaliceViewError, NotFoundError, Response

from ..errors import BadRequest, NotFound, StoreError
from ..model import escape_surrogates

log = logging.getLogger("slips")

HEADERS = {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


class ServiceUnavailableError(ChaliceViewError):
    """A table or stream does not answer; the request may be sent again."""

    STATUS_CODE = 503


class InternalServerError(ChaliceViewError):
    """A fault of SLIPS itself."""

    STATUS_CODE = 500


def answering(route: Callable[..., Any]) -> Callable[..., Response]:
    """The route with its value as JSON and its errors as API errors."""

    @functools.wraps(route)
    def answer(*args: str, **named: str) -> Response:
        try:
            made = route(*args, **named)
            return made if isinstance(made, Response) else as_json(made)
        except BadRequest as fault:
            return _failed(BadRequestError(str(fault)))
        except NotFound as fault:
            return _failed(NotFoundError(str(fault)))
        except ChaliceViewError as fault:
            return _failed(fault)
        except StoreError as fault:
            # The text may name tables and streams: it is for the log, not for whoever asks.
            log.error("%s", fault)
            return _failed(ServiceUnavailableError("a table or stream does not answer; try again"))
        # Not left to Chalice, which answers the traceback where app.debug is set.
        except Exception:
            log.exception("the API failed")
            return _failed(InternalServerError("the API failed; the log of its function says why"))

    return answer


def as_json(value: Any, status: int = 200) -> Response:
    """The value as a JSON answer."""
    return Response(body=msgspec.json.encode(value).decode(), headers=dict(HEADERS), status_code=status)


def _failed(fault: ChaliceViewError) -> Response:
    return as_json({"Code": type(fault).__name__, "Message": escape_surrogates(str(fault))}, fault.STATUS_CODE)
