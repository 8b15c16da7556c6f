"""JSON responses: our own structs, and `{"Code", "Message"}` for errors."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

import msgspec
from chalice.app import BadRequestError, ChaliceViewError, NotFoundError, Response

from ..errors import BadRequest, IndexBuilding, IndexMissing, NotFound, StoreError
from ..model import escape_surrogates

log = logging.getLogger("slips")

HEADERS = {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    # Without CORS, no page of another origin gets an answer, not even as an image.
    "Cross-Origin-Resource-Policy": "same-origin",
}


class ServiceUnavailableError(ChaliceViewError):
    """A table or stream does not answer; the request can be sent again."""

    STATUS_CODE = 503


class IndexMissingError(ChaliceViewError):
    """A table was not made by this SLIPS. Not a 503: the same request fails again until somebody provisions the
    table."""

    STATUS_CODE = 409


class InternalServerError(ChaliceViewError):
    """A fault of SLIPS itself."""

    STATUS_CODE = 500


def json_route(route: Callable[..., Any]) -> Callable[..., Response]:
    """Wrap a route: its value becomes JSON, its errors become API errors."""

    @functools.wraps(route)
    def respond(*args: str, **named: str) -> Response:
        try:
            value = route(*args, **named)
            return value if isinstance(value, Response) else json_response(value)
        except BadRequest as fault:
            return _error_response(BadRequestError(str(fault)))
        except NotFound as fault:
            return _error_response(NotFoundError(str(fault)))
        except ChaliceViewError as fault:
            return _error_response(fault)
        except IndexMissing as fault:
            log.error("%s", fault)
            text = f'a table has no index "{fault.index}", without which nothing can be listed; run `slips provision`'
            return _error_response(IndexMissingError(text))
        except IndexBuilding as fault:
            log.error("%s", fault)
            text = f'DynamoDB is still building the index "{fault.index}" of a table; try again in some minutes'
            return _error_response(ServiceUnavailableError(text))
        except StoreError as fault:
            # The text may name tables and streams: it is for the log, not for the caller.
            log.error("%s", fault)
            return _error_response(ServiceUnavailableError("a table or stream does not answer; try again"))
        # Chalice would respond with the traceback if app.debug is set.
        except Exception:
            log.exception("the API failed")
            return _error_response(InternalServerError("the API failed; the log of its function says why"))

    return respond


def json_response(value: Any, status: int = 200) -> Response:
    """Make a JSON response of a value."""
    return Response(body=msgspec.json.encode(value).decode(), headers=dict(HEADERS), status_code=status)


def _error_response(fault: ChaliceViewError) -> Response:
    return json_response({"Code": type(fault).__name__, "Message": escape_surrogates(str(fault))}, fault.STATUS_CODE)
