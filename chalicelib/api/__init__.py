"""The REST API, as a Chalice Blueprint.

GET /errors · GET, DELETE /errors/{id} · POST /drain · GET /drain/{id} · GET /objects · GET /health
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint

from ..errors import BadRequest
from . import asked, errors
from .access import Access, from_ssm
from .answers import answering
from .health import health

if TYPE_CHECKING:
    from ..slips import Slips

DRAIN_SECONDS = 24.0
"""API Gateway hangs up after 29 s; the last chunk and the answer need the rest."""

_DRAIN_FIELDS: dict[str, Callable[[Any], bool]] = {
    "ids": asked.is_texts,
    "fingerprint": asked.is_text,
    "bucket": asked.is_text,
    "prefix": asked.is_text,
    "format": asked.is_text,
    "cursor": asked.is_text,
    "limit": asked.is_count,
    "dry_run": asked.is_flag,
}


def blueprint(slips: Slips, client: Callable[[str], Any]) -> Blueprint:
    """All routes over the parts of `slips`; `client` gives AWS clients."""
    api = Blueprint(__name__)
    access = Access(slips.config, from_ssm(slips.config, client))

    def route(path: str, method: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a route behind the access check. Any content type: `curl -d` sends a form's."""

        def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
            answer = answering(view)

            def checked(*args: str, **named: str) -> Any:
                access.check(api.current_request.headers)
                return answer(*args, **named)

            checked.__name__ = view.__name__
            register = api.route(
                path, methods=[method], authorizer=access.authorizer, content_types=["application/json", "*/*"]
            )
            register(checked)
            return checked

        return decorate

    @route("/errors", "GET")
    def list_errors() -> Any:
        return errors.listing(slips.quarantine, api.current_request.query_params)

    @route("/errors/{error_id}", "GET")
    def show_error(error_id: str) -> Any:
        return errors.detail(slips.quarantine, error_id)

    @route("/errors/{error_id}", "DELETE")
    def discard_error(error_id: str) -> Any:
        return errors.discard(slips.quarantine, error_id)

    @route("/drain", "POST")
    def drain_errors() -> Any:
        from ..drain import DrainRequest, drain

        asked_for = asked.body(api.current_request.raw_body, _DRAIN_FIELDS)
        request = DrainRequest(**{**asked_for, "ids": tuple(asked_for.get("ids", ()))})
        return drain(request, slips.quarantine, slips.lanes, slips.config, time.time() + DRAIN_SECONDS)

    @route("/drain/{drain_id}", "GET")
    def show_drain(drain_id: str) -> Any:
        from ..drain import outcome

        return outcome(drain_id, slips.quarantine, slips.ledger)

    @route("/objects", "GET")
    def show_object() -> Any:
        found = asked.query(api.current_request.query_params, ("bucket", "key"))
        for name in ("bucket", "key"):
            if name not in found:
                raise BadRequest(f"{name}: missing; ask /objects?bucket=BUCKET&key=KEY")
        return {"objects": slips.ledger.of_object(found["bucket"], found["key"])}

    @route("/health", "GET")
    def show_health() -> Any:
        return health(slips.config, client)

    return api
