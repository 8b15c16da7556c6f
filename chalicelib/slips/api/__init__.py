"""The REST API and the console, as a Chalice Blueprint.

declared  what a route takes: parameters, their kinds, and how they are checked
routes    all routes, declared: docs/openapi.yml is made from them
asked     what a request asks, read as its route declares it
access    who may ask
answers   JSON, and what went wrong
views     what the routes do
errors, stats, health, console    the longer of them
shapes    the structs they answer
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint, CORSConfig, Response

from .access import Access, from_ssm
from .asked import asked
from .parameters import Route
from .responses import answering
from .routes import ROUTES
from .views import views

if TYPE_CHECKING:
    from ..runtime import Runtime


def blueprint(runtime: Runtime, client: Callable[[str], Any]) -> Blueprint:
    """All routes over the parts of a runtime; `client` gives AWS clients."""
    api = Blueprint(__name__)
    access = Access(runtime.config, from_ssm(runtime.config, client))
    known = views(runtime, client)
    origin = runtime.config.api_cors
    cors = CORSConfig(allow_origin=origin, allow_headers=["Authorization"], max_age=600) if origin else None

    def checked(route: Route) -> Callable[..., Response]:
        @answering
        def view(**in_path: str) -> Any:
            request = api.current_request
            access.check(request.headers)
            return known[route.name](asked(route, request.query_params, request.raw_body), **in_path)

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
