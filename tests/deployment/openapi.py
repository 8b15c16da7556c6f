"""The REST API as moto takes it.

`chalice deploy` sends API Gateway a Swagger 2 document without a description. AWS takes it; moto's ImportRestApi and
PutRestApi take only OpenAPI 3, and need a description. This WSGI middleware translates the document on its way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Amazon API Gateway REST API Reference: ImportRestApi, and PutRestApi.
_IMPORTS = re.compile(r"POST /restapis|PUT /restapis/[^/]+")


class OpenApi3:
    """Rewrites the documents of API Gateway's two import requests; all else passes."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if _IMPORTS.fullmatch(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"):
            document = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
            body = json.dumps(openapi(document)).encode()
            environ["wsgi.input"] = BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))
        return self._app(environ, start_response)


def openapi(swagger: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI 3 document that says what the Swagger 2 document says, as far as Chalice writes such."""
    extensions = {name: value for name, value in swagger.items() if name.startswith("x-")}
    return {
        "openapi": "3.0.1",
        "info": {"description": swagger["info"]["title"], **swagger["info"]},
        "paths": {
            path: {method: _operation(operation) for method, operation in methods.items()}
            for path, methods in swagger["paths"].items()
        },
        "components": {
            "schemas": swagger.get("definitions", {}),
            "securitySchemes": swagger.get("securityDefinitions", {}),
        },
        **extensions,
    }


def _operation(swagger: dict[str, Any]) -> dict[str, Any]:
    operation = {name: value for name, value in swagger.items() if name not in ("consumes", "produces")}
    if "parameters" in swagger:
        operation["parameters"] = [_parameter(parameter) for parameter in swagger["parameters"]]
    operation["responses"] = {
        status: {"description": response["description"], "content": {kind: {} for kind in swagger["produces"]}}
        for status, response in swagger["responses"].items()
    }
    return operation


def _parameter(swagger: dict[str, Any]) -> dict[str, Any]:
    named = {name: value for name, value in swagger.items() if name != "type"}
    return {**named, "schema": {"type": swagger["type"]}}
