"""Read a request into the struct that its route declares, and describe that struct for docs/openapi.yml.

The struct is the only declaration: msgspec checks a request by its types and `Meta`, and generates its JSON schema.
Every fault is a BadRequest that names the parameter, what was found and what is allowed.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

import msgspec

from ..errors import BadRequest

BODY_BYTES = 256 * 1024
_SHOWN = 40
"""Characters of a wrong value in a message."""

Schema = dict[str, Any]
RequestT = TypeVar("RequestT", bound=msgspec.Struct)


class Query(Protocol):
    """A query as Chalice parses it: names with their lists of values."""

    def getlist(self, name: str) -> list[str]: ...
    def keys(self) -> Any: ...


def read_query(query: Query | None, request: type[RequestT]) -> RequestT:
    """Read the query parameters; each may be set once. Empty ones count as left out. Raises BadRequest."""
    lists = {} if query is None else {name: query.getlist(name) for name in query.keys()}  # noqa: SIM118
    values = {}
    for name, texts in lists.items():
        _check_name(name, request, "parameter")
        if len(texts) > 1:
            raise BadRequest(f"{name}: given {len(texts)} times; once is enough")
        if texts[0]:
            values[name] = texts[0]
    return _convert(values, request, strict=False)


def read_body(raw: str | bytes, request: type[RequestT]) -> RequestT:
    """Read the JSON object of a body; an empty body is an empty object. Raises BadRequest."""
    if len(raw) > BODY_BYTES:
        raise BadRequest(f"the body is longer than {BODY_BYTES} bytes")
    try:
        values = msgspec.json.decode(raw) if raw.strip() else {}
        repeated = _find_repeated_key(raw) if values else None
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise BadRequest(f"the body is not JSON: {error}") from None
    if repeated is not None:
        raise BadRequest(f"{repeated[:80]}: given more than once; once is enough")
    if not isinstance(values, dict):
        raise BadRequest("the body must be a JSON object")
    for name in values:
        _check_name(name, request, "field")
    return _convert(values, request, strict=True)


def _find_repeated_key(raw: str | bytes) -> str | None:
    """Return a key that an object of the JSON text has twice, at any depth. Of such a pair one reader takes the first
    value and another the last: what was checked would not be what is done."""
    repeated: list[str] = []

    def look(pairs: list[tuple[str, object]]) -> None:
        counts = Counter(key for key, _ in pairs)
        repeated.extend(key for key, count in counts.items() if count > 1)

    json.loads(raw, object_pairs_hook=look)
    return repeated[0] if repeated else None


def fields_schema(request: type[msgspec.Struct]) -> tuple[dict[str, Schema], list[str]]:
    """Return the JSON schema of each parameter by name, and the names of the required ones."""
    _, components = msgspec.json.schema_components([request])
    schema = components[request.__name__]
    return {name: _plain(field) for name, field in schema["properties"].items()}, schema.get("required", [])


def _plain(field: Schema) -> Schema:
    """Return the schema without its default, and without the null that means "left out"."""
    schema = {name: value for name, value in field.items() if name != "default"}
    alternatives = [option for option in schema.pop("anyOf", []) if option != {"type": "null"}]
    for alternative in alternatives:
        schema = {**alternative, **schema}
    if "enum" in schema:
        schema["enum"] = [word for word in schema["enum"] if word is not None]
        schema["type"] = "string"
    return schema


def _check_name(name: str, request: type[msgspec.Struct], kind: str) -> None:
    if name not in request.__struct_fields__:
        known = ", ".join(request.__struct_fields__)
        raise BadRequest(f"{name[:80]}: no such {kind}; {f'known: {known}' if known else 'the route takes none'}")


def _convert(values: Mapping[str, Any], request: type[RequestT], *, strict: bool) -> RequestT:
    try:
        return msgspec.convert(values, request, strict=strict)
    except msgspec.ValidationError as error:
        raise _explain(error, values, request) from None


def _explain(error: msgspec.ValidationError, values: Mapping[str, Any], request: type[msgspec.Struct]) -> BadRequest:
    """Explain msgspec's error in our words: its message ends with the path, ` - at `$.limit``."""
    fields, required = fields_schema(request)
    for name in required:
        if name not in values:
            return BadRequest(f"{name}: missing: {fields[name].get('description', '')}")
    path = re.search(r"`\$\.(\w+)", str(error))
    if path is None:
        return BadRequest(str(error))
    name = path[1]
    return BadRequest(f"{name}: {_show(values[name])} is not {_describe(fields[name])}")


def _show(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else msgspec.json.encode(value).decode(errors="replace")
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _describe(schema: Schema) -> str:
    """Describe the allowed values of a parameter."""
    if "enum" in schema:
        return f"one of {', '.join(schema['enum'])}"
    match schema["type"]:
        case "integer":
            return f"a number from {schema['minimum']} to {schema['maximum']}"
        case "boolean":
            return "true or false"
        case "array":
            return f"a list of {schema['minItems']} to {schema['maxItems']} texts, none empty"
        case _:
            least = "not empty, " if schema.get("minLength") else ""
            return f"a text ({least}at most {schema['maxLength']} characters)"
