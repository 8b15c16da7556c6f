"""The REST API and the console, as a Chalice Blueprint.

routes      all routes: docs/openapi.yml is generated from them
requests    the structs of their queries
parameters  reads a request into its struct
access      who may call the API
caller      who called it, for the audit trail
loopback    what a server on this machine refuses: other sites' pages, and requests that two readers read differently
responses   JSON and errors
views       what the routes do
errors, stats, health, console    the longer views
schemas     the structs of their responses
openapi     generates docs/openapi.yml
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
from chalice.app import Blueprint, CORSConfig, Response

from .access import ApiAccess, hash_from_ssm
from .caller import find_caller
from .parameters import Query, read_body, read_query
from .responses import json_route
from .routes import ROUTES, ApiRoute
from .views import build_views

if TYPE_CHECKING:
    from ..runtime import Runtime


def blueprint(runtime: Runtime, client: Callable[[str], Any]) -> Blueprint:
    """Build all routes on the parts of a runtime; `client` returns AWS clients."""
    api = Blueprint(__name__)
    access = ApiAccess(runtime.config, hash_from_ssm(runtime.config, client))
    views = build_views(runtime, client, lambda: find_caller(api.current_request.context, runtime.config.api_auth))
    origin = runtime.config.api_cors
    cors = CORSConfig(allow_origin=origin, allow_headers=["Authorization"], max_age=600) if origin else None

    def checked_view(route: ApiRoute) -> Callable[..., Response]:
        @json_route
        def view(**in_path: str) -> Any:
            request = api.current_request
            access.check(request.headers)
            return views[route.name](read_request(route, request.query_params, request.raw_body), **in_path)

        return view

    def public_view() -> Callable[..., Response]:
        @json_route
        def view(**in_path: str) -> Response:
            from . import console

            # API Gateway puts the stage, or the base path of a domain, before it.
            return (
                console.read_asset(*in_path.values())
                if in_path
                else console.render_page(api.current_request.context.get("path", "/"))
            )

        return view

    for route in ROUTES:
        view = public_view() if route.public else checked_view(route)
        view.__name__ = route.name
        api.route(
            route.path,
            methods=[route.method],
            authorizer=None if route.public else access.authorizer,
            # Any content type: `curl -d` sends that of a form.
            content_types=["application/json", "*/*"],
            cors=None if route.public else cors,
        )(view)
    return api


def read_request(route: ApiRoute, query: Query | None, raw_body: str | bytes) -> msgspec.Struct:
    """Read a request into its struct. If the route takes a body, its query must be empty. Raises BadRequest."""
    if not route.body:
        return read_query(query, route.request())
    from .requests import NoQuery

    read_query(query, NoQuery)
    return read_body(raw_body, route.request())
