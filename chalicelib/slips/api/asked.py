"""What a request asks, read as its route declares it. Every fault is a BadRequest that names the parameter."""

from __future__ import annotations

import json
from typing import Any, Protocol

from ..errors import BadRequest
from .parameters import Parameter, Route, known

BODY_BYTES = 256 * 1024


class Query(Protocol):
    """Chalice's query parameters: names with their lists of values."""

    def getlist(self, name: str) -> list[str]: ...
    def keys(self) -> Any: ...


def asked(route: Route, query: Query | None, raw_body: str | bytes) -> dict[str, Any]:
    """What the query and the body say. A body is read only where the route takes one."""
    found = of_query(query, route.query)
    return found | of_body(raw_body, route.body) if route.body else found


def of_query(params: Query | None, declared: tuple[Parameter, ...]) -> dict[str, Any]:
    """The query parameters, each at most once and of a known name. Empty ones count as not given."""
    by_name = {each.name: each for each in declared}
    found: dict[str, Any] = {}
    for name, values in _lists(params):
        parameter = known(name, by_name, "parameter")
        if len(values) > 1:
            raise BadRequest(f"{name}: given {len(values)} times; once is enough")
        if values[0]:
            found[name] = parameter.kind.of_text(name, values[0])
    return _complete(found, declared)


def _lists(params: Query | None) -> list[tuple[str, list[str]]]:
    return [] if params is None else [(name, params.getlist(name)) for name in params.keys()]  # noqa: SIM118


def of_body(raw: str | bytes, declared: tuple[Parameter, ...]) -> dict[str, Any]:
    """The JSON object of a body, empty where there is none."""
    by_name = {each.name: each for each in declared}
    given = _object(raw)
    found = {name: known(name, by_name, "field").kind.of_json(name, value) for name, value in given.items()}
    return _complete(found, declared)


def _object(raw: str | bytes) -> dict[str, Any]:
    if len(raw) > BODY_BYTES:
        raise BadRequest(f"the body is longer than {BODY_BYTES} bytes")
    if not raw.strip():
        return {}
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as fault:
        raise BadRequest(f"the body is no JSON: {fault}") from None
    if not isinstance(found, dict):
        raise BadRequest("the body must be a JSON object")
    return found


def _complete(found: dict[str, Any], declared: tuple[Parameter, ...]) -> dict[str, Any]:
    for each in declared:
        if each.required and each.name not in found:
            raise BadRequest(f"{each.name}: missing: {each.about}")
    return found
