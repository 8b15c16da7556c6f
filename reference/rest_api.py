"""The page of the REST API, from docs/openapi.yml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from .markdown import escape, table

OPENAPI = Path(__file__).resolve().parent.parent / "docs" / "openapi.yml"
_HEAD = """\
# REST API

`make docs` writes this page from [openapi.yml](../openapi.yml), which it writes from what the routes declare.
[api.md](../api.md) shows how to call the API, who may, and how to page and drain.
"""
_METHODS = ("get", "post", "put", "delete")
_EVERYWHERE = ("400", "401", "403", "409", "503")
"""Statuses whose meaning is the same for all routes."""

Schema = Mapping[str, Any]


def write_page() -> str:
    """Return the page."""
    document = yaml.safe_load(OPENAPI.read_text())
    lines = [_HEAD]
    statuses: dict[str, str] = {}
    for path, operations in document["paths"].items():
        for method in _METHODS:
            if operation := operations.get(method):
                lines += _operation(f"{method.upper()} {path}", operation)
                statuses |= {code: each["description"] for code, each in operation["responses"].items()}
    lines += ["## Statuses of all routes", ""]
    lines += table(("status", "meaning"), ((code, statuses[code]) for code in _EVERYWHERE))
    lines += ["## What the answers hold", ""]
    for name, schema in document["components"]["schemas"].items():
        lines += _schema(name, schema)
    return "\n".join(lines)


def _operation(title: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"## {title}", "", escape(operation["summary"]), "")
    rows = [_parameter(each) for each in operation.get("parameters", [])]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    rows += [_field(name, schema, "body") for name, schema in body.get("properties", {}).items()]
    if rows:
        yield from table(("parameter", "in", "takes", "meaning"), rows)
    answers = {code: each for code, each in operation["responses"].items() if code not in _EVERYWHERE}
    for code, answer in answers.items():
        schema = next((each["schema"] for each in answer.get("content", {}).values()), {})
        yield f"- **{code}**: {_type(schema)}" if code == "200" else f"- **{code}**: {answer['description']}"
    yield ""


def _parameter(parameter: Mapping[str, Any]) -> tuple[str, ...]:
    text = escape(parameter.get("description", ""))
    return f"`{parameter['name']}`", parameter["in"], _type(parameter["schema"]), text


def _field(name: str, schema: Schema, where: str) -> tuple[str, ...]:
    return f"`{name}`", where, _type(schema), escape(schema.get("description", ""))


def _schema(name: str, schema: Schema) -> Iterator[str]:
    yield from (f"### {name}", "")
    if text := schema.get("description"):
        yield from (escape(text), "")
    if properties := schema.get("properties"):
        rows = ((f"`{key}`", _type(value), escape(value.get("description", ""))) for key, value in properties.items())
        yield from table(("field", "type", "meaning"), rows)
    else:
        yield from (_type(schema), "")


def _type(schema: Schema) -> str:
    """Describe what a value may be."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(map(_type, schema[key])))
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}{_bounds(schema, 'Items')}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"object of {_type(schema['additionalProperties'])}"
    words = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    name = "a time" if schema.get("format") == "date-time" else words.get(str(kind), str(kind))
    return name + _bounds(schema, "imum")


def _bounds(schema: Schema, suffix: str) -> str:
    low, high = (schema.get(f"{end}{suffix}") for end in ("min", "max"))
    if low is not None and high is not None:
        return f", {low:,} to {high:,}"
    return f", at most {high:,}" if high is not None else f", at least {low:,}" if low else ""
