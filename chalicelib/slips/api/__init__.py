"""The REST API and the console, as a Chalice Blueprint.

routes      all routes: docs/openapi.yml is made from them
requests    the structs that they take
parameters  a request read into its struct
access      who may ask
responses   JSON, and what went wrong
views       what the routes do
errors, stats, health, console    the longer of them
schemas     the structs that they answer
openapi     docs/openapi.yml
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
from chalice.app import Blueprint, CORSConfig, Response

from .access import ApiAccess, from_ssm
from .parameters import Query, read_body, read_query
from .responses import answering
from .routes import ROUTES, ApiRoute
from .views import views

if TYPE_CHECKING:
    from ..runtime import Runtime


def blueprint(runtime: Runtime, client: Callable[[str], Any]) -> Blueprint:
    """All routes over the parts of a runtime; `client` gives AWS clients."""
    api = Blueprint(__name__)
    access = ApiAccess(runtime.config, from_ssm(runtime.config, client))
    known = views(runtime, client)
    origin = runtime.config.api_cors
    cors = CORSConfig(allow_origin=origin, allow_headers=["Authorization"], max_age=600) if origin else None

    def checked(route: ApiRoute) -> Callable[..., Response]:
        @answering
        def view(**in_path: str) -> Any:
            request = api.current_request
            access.check(request.headers)
            return known[route.name](read_request(route, request.query_params, request.raw_body), **in_path)

        return view

    def open_to_all() -> Callable[..., Response]:
        @answering
        def view(**in_path: str) -> Response:
            from . import console

            # API Gateway puts the stage before it, or what a domain maps to it.
            return (
                console.asset(*in_path.values())
                if in_path
                else console.page(api.current_request.context.get("path", "/"))
            )

        return view

    for route in ROUTES:
        made = open_to_all() if route.public else checked(route)
        made.__name__ = route.name
        api.route(
            route.path,
            methods=[route.method],
            authorizer=None if route.public else access.authorizer,
            # Any content type: `curl -d` sends a form's.
            content_types=["application/json", "*/*"],
            cors=None if route.public else cors,
        )(made)
    return api


def read_request(route: ApiRoute, query: Query | None, raw_body: str | bytes) -> msgspec.Struct:
    """Read what a request asks. Where a route takes a body, its query must be empty. Raises BadRequest."""
    if not route.body:
        return read_query(query, route.request())
    from .requests import NoQuery

    read_query(query, NoQuery)
    return read_body(raw_body, route.request())
