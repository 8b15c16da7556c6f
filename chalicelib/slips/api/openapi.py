"""docs/openapi.yml, generated from the routes (`routes.py`) and the structs of their responses (`schemas.py`):

python -m slips.api.openapi
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from ..model import WorkItem
from ..quarantine.selection import LONGEST
from . import schemas
from .errors import INTERNAL
from .parameters import BODY_BYTES, Schema, fields_schema
from .routes import ROUTES, ApiRoute

FILE: Final = Path("docs/openapi.yml")
REF: Final = "#/components/schemas/{name}"
JSON: Final = "application/json"
WITH_ABSENCES: Final = (WorkItem.__name__,)
"""Structs whose JSON omits fields that have their default value."""

_ABOUT: Final = f"""\
What failed, and what was processed. A wrong parameter is a 400 whose Message begins with its name; every error is an
object with `Code` and `Message`. A body has at most {BODY_BYTES} bytes, a text {LONGEST}. See docs/api.md for access.
"""
_FAILURES: Final = {
    "400": "A parameter is wrong; the Message begins with its name.",
    "401": "With `api.auth: token`: the token is missing or wrong.",
    "403": "With `api.auth: iam`: the signature is missing or not allowed. Without credentials: not from this machine.",
    "404": "Nothing has this name or id.",
    "409": "A table has no index, so nothing can be listed; `slips provision` adds it. Sending the request again does "
    "not help.",
    "503": "A table or stream does not answer, or SSM does not, which holds the hash of the token; try again later.",
}

Document = dict[str, Any]


def describe_api() -> Document:
    """Describe the API in OpenAPI 3.1."""
    paths: Document = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _describe_operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "SLIPS", "version": "1", "description": _ABOUT, "license": _describe_license()},
        "servers": [{"url": "http://127.0.0.1:8000", "description": "`slips run`; deployed, the URL of the API"}],
        "security": [{"token": []}, {"iam": []}, {}],
        "paths": paths,
        "components": {"schemas": _describe_schemas(), "securitySchemes": _describe_security()},
    }


def _describe_license() -> Document:
    return {"name": "Apache-2.0", "identifier": "Apache-2.0"}


def _describe_security() -> Document:
    return {
        "token": {"type": "http", "scheme": "bearer", "description": "`api.auth: token`"},
        "iam": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`api.auth: iam`: AWS Signature Version 4, service `execute-api`",
        },
    }


def _describe_operation(route: ApiRoute) -> Document:
    operation: Document = {
        "operationId": route.name,
        "summary": route.about.partition(":")[0],
        "description": route.about,
    }
    if route.public:
        operation["security"] = []
    fields, required = fields_schema(route.request())
    parameters = [_path_parameter(name) for name in route.in_path]
    if route.body:
        operation["requestBody"] = {
            "required": bool(required),
            "content": {JSON: {"schema": _object_schema(fields, required)}},
        }
    else:
        parameters += [_query_parameter(name, field, is_required=name in required) for name, field in fields.items()]
    if parameters:
        operation["parameters"] = parameters
    return operation | {"responses": {"200": _describe_success(route)} | _describe_failures(route)}


def _path_parameter(name: str) -> Document:
    # With an empty value or a slash, it is another route.
    schema = {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[^/]+$"}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameter(name: str, field: Schema, *, is_required: bool) -> Document:
    schema = {key: value for key, value in field.items() if key != "description"}
    described = {"name": name, "in": "query", "description": field.get("description", ""), "schema": schema}
    # An empty value counts as left out.
    return described | ({"required": True} if is_required else {"allowEmptyValue": True})


def _object_schema(fields: dict[str, Schema], required: list[str]) -> Document:
    return {"type": "object", "properties": fields, "required": required, "additionalProperties": False}


def _describe_success(route: ApiRoute) -> Document:
    if route.media:
        return {"description": "The file.", "content": {media: {"schema": {"type": "string"}} for media in route.media}}
    return {"description": "Success.", "content": {JSON: {"schema": _ref(route.answer)}}}


def _describe_failures(route: ApiRoute) -> Document:
    statuses = ["400", "401", "403", "503"] if not route.public else []
    if route.can_be_missing:
        statuses.append("404")
    if route.lists:
        statuses.append("409")
    content = {JSON: {"schema": _ref("Failed")}}
    return {status: {"description": _FAILURES[status], "content": content} for status in sorted(statuses)}


def _describe_schemas() -> Document:
    """Return the schemas of the responses by name, and those of the structs within them."""
    groups = {**schemas.ANY_OF, **schemas.ALL_OF, "Failed": (schemas.Failed,)}
    structs = dict.fromkeys(struct for group in groups.values() for struct in group)
    _, components = msgspec.json.schema_components(structs, ref_template=REF)
    for name, schema in components.items():
        _adapt_to_responses(name, schema)
    for name, group in groups.items():
        if len(group) > 1:
            how = "allOf" if name in schemas.ALL_OF else "anyOf"
            components[name] = {how: [_ref(struct.__name__) for struct in group]}
    return dict(sorted(components.items()))


def _adapt_to_responses(name: str, schema: Document) -> None:
    """Remove internal fields from a schema, and require all others: they are always present."""
    if "description" in schema:
        schema["description"] = _summarize(schema["description"])
    properties = schema.get("properties", {})
    for internal in INTERNAL:
        properties.pop(internal, None)
    for field in properties.values():
        field.pop("default", None)
    if name not in WITH_ABSENCES:
        schema["required"] = list(properties)


def _summarize(docstring: str) -> str:
    """Join a docstring into one paragraph, without the sentences about internal fields."""
    sentences = re.split(r"(?<=\.) +", " ".join(docstring.split()))
    return " ".join(line for line in sentences if not any(f"`{internal}`" in line for internal in INTERNAL))


def _ref(name: str) -> Document:
    return {"$ref": REF.format(name=name)}


class _Dumper(yaml.SafeDumper):
    """A dumper without anchors: repeated values are written out, which is easier to read."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the base class's signature
        return True


def to_yaml() -> str:
    """Write the description as YAML."""
    document = yaml.dump(describe_api(), Dumper=_Dumper, sort_keys=False, width=110, allow_unicode=True)
    return f"# Generated from slips/api/routes.py by `make docs`; a test compares them.\n{document}"


if __name__ == "__main__":
    FILE.write_text(to_yaml())
    print(FILE)
