"""The JSON Schema of slips.yml, made of the declarations that the loader reads by. Editors complete and check with it.

It accepts every file that the loader accepts. What no schema can say stays with the loader: names that are unique, ARNs
of one region, patterns that can be compiled, formats that app.py defines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from .arns import arn_pattern
from .chains import ELEMENT
from .declarations import (
    Anything,
    Arn,
    Either,
    Entries,
    Flag,
    Items,
    Keys,
    Kind,
    Number,
    Removed,
    Scalar,
    Size,
    Text,
    Whole,
    Word,
)
from .patterns.keys import FORMATS
from .scalars import SIZE
from .schema import CONFIG

Schema = dict[str, Any]

_DIALECT = "http://json-schema.org/draft-07/schema#"
"""The one that the editors' YAML extensions know best."""
_ABOUT = "What SLIPS reads, and where it goes: slips.yml. `slips check` reports the faults that no schema can."


def json_schema(formats: Collection[str]) -> Schema:
    """Return the schema. `formats` are the names that editors propose in a chain; it may have others, of app.py."""
    return {
        "$schema": _DIALECT,
        "title": "slips.yml",
        "description": _ABOUT,
        **_Writer(formats).keys(CONFIG, formats=FORMATS),
    }


class _Writer:
    """Writes the schema of each kind."""

    def __init__(self, formats: Collection[str]) -> None:
        self._formats = sorted(formats)

    def keys(self, kind: Keys, **replaced: Kind) -> Schema:
        """Return the schema of a mapping with these keys; `replaced` are declared elsewhere."""
        properties: Schema = {}
        for name, (about, declared) in kind.keys.items():
            # Editors show a description as it is: backticks would stand in it.
            properties[name] = {"description": about.replace("`", ""), **self.kind(replaced.get(name, declared))}
            default = getattr(kind.defaults, name, None)
            if isinstance(default, int | float | str) and default != "":
                properties[name]["default"] = default
        required = [name for name, (_, declared) in kind.keys.items() if _is_required(declared)]
        asks = required or kind.one_of or kind.any_of
        rules = list(_rules(kind))
        return {
            "type": "object" if asks and not kind.optional else ["object", "null"],
            "properties": properties,
            "additionalProperties": False,
            **({"required": required} if required else {}),
            **({"allOf": rules} if rules else {}),
        }

    def kind(self, kind: Kind) -> Schema:
        """Return the schema of a value."""
        match kind:
            case Anything():
                return {}
            case Removed():
                return {"type": "null"}
            case Flag():
                return {"type": ["boolean", "null"]}
            case Scalar():
                return {"type": ["boolean", "number", "string"]}
            case Size():
                return {"type": ["integer", "string", "null"], "minimum": 1, "pattern": _whole(SIZE)}
            case Text():
                return self._text(kind)
            case Arn():
                return _text_schema(_whole(arn_pattern(kind), empty=not kind.required), required=kind.required)
            case Word():
                more = [*([False] if kind.or_off else []), *([] if kind.required else [None])]
                return {"enum": [*kind.words, *more]}
            case Whole() | Number():
                return _number(kind)
            case Keys():
                return self.keys(kind)
            case Entries():
                return self._entries(kind)
            case Items():
                return {"type": ["array", "null"], "items": self.kind(kind.item), **_sizes(kind, "Items")}
            case Either():
                return {"anyOf": [*map(self._within, kind.kinds), *([{"type": "null"}] if kind.optional else [])]}
        raise TypeError(f"no schema is written for {type(kind).__name__}")

    def _within(self, kind: Kind) -> Schema:
        """Return the schema of one of several kinds: whether it may be null is said once, of all."""
        schema = self.kind(kind)
        if isinstance(schema.get("type"), list) and "null" in schema["type"] and isinstance(kind, Items | Keys | Flag):
            schema["type"] = next(iter(set(schema["type"]) - {"null"}))
        return schema

    def _text(self, kind: Text) -> Schema:
        schema = _text_schema(_whole(kind.pattern, empty=not kind.required) if kind.pattern else "", kind.required)
        if kind.most is not None:
            schema["maxLength"] = kind.most
        return {"anyOf": [{"enum": self._formats}, schema]} if kind is ELEMENT else schema

    def _entries(self, kind: Entries) -> Schema:
        name = {key: value for key, value in self._text(kind.name).items() if key in ("pattern", "maxLength")}
        return {
            "type": "object" if kind.required else ["object", "null"],
            "additionalProperties": self.kind(kind.value),
            **({"propertyNames": name} if name else {}),
            **_sizes(kind, "Properties"),
        }


def _is_required(kind: Kind) -> bool:
    if isinstance(kind, Either):
        return not kind.optional
    return bool(getattr(kind, "required", False))


def _rules(kind: Keys) -> Iterator[Schema]:
    for group in kind.one_of:
        yield {"oneOf": [_set(key) for key in group]}
    for group in kind.any_of:
        yield {"anyOf": [_set(key) for key in group]}
    for group in kind.together:
        yield {
            "anyOf": [{"allOf": [_filled(key) for key in group]}, {"not": {"anyOf": [_filled(key) for key in group]}}]
        }
    for key, others in kind.excludes:
        yield {"if": _set(key), "then": {"not": {"anyOf": [_set(other) for other in others]}}}


def _set(key: str) -> Schema:
    return {"required": [key], "properties": {key: {"not": {"type": "null"}}}}


def _filled(key: str) -> Schema:
    """Return the schema of a mapping in which the list at the key holds something."""
    return {"required": [key], "properties": {key: {"minItems": 1, "type": "array"}}}


def _number(kind: Whole | Number) -> Schema:
    name = "integer" if isinstance(kind, Whole) else "number"
    null = [] if getattr(kind, "required", False) else ["null"]
    schema: Schema = {"type": [name, *null] if null else name, "minimum": kind.low}
    if kind.high is not None:
        schema["maximum"] = kind.high
    return {"anyOf": [schema, {"enum": ["off", False]}]} if kind.or_off else schema


def _text_schema(pattern: str, required: bool) -> Schema:
    schema: Schema = {"type": "string" if required else ["string", "null"]}
    if pattern:
        schema["pattern"] = pattern
    elif required:
        schema["minLength"] = 1
    return schema


def _sizes(kind: Items | Entries, of: str) -> Schema:
    return {
        **({f"min{of}": kind.least} if kind.least else {}),
        **({f"max{of}": kind.most} if kind.most is not None else {}),
    }


def _whole(pattern: str, *, empty: bool = False) -> str:
    """Return the pattern for the whole of a text, which may be empty."""
    return f"^(?:{pattern})?$" if empty else f"^(?:{pattern})$"
