"""JSON formats, as declarations: name, tag, where the time is, what is derived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec
import orjson

from ..errors import ParseError
from .base import Decoded, DocumentOpener, Format, ObjectInfo, Parser, events_of
from .fields import Event, lookup
from .json_repair import repair_json
from .variants import JSON_DOCUMENTS

MOST_AROUND = 8
"""Members of an object around the array of its events (`{"Records": […]}`). An event with more is not searched."""

Derive = Callable[[Event], None]
"""Adds the fields that a format makes, in place."""


@dataclass(frozen=True, kw_only=True)
class JsonFormat(Format):
    """A format whose records are JSON objects.

    `records_key` is the key or path, or several, under which a document holds its events (`Records`,
    `response.authlogs`), in any letter case; `derive` adds fields to an event. Registering one is all a vendor's JSON
    needs:

        register(JsonFormat(name="okta", tag="okta.system_log", time="published", ...))
    """

    framing: str = "s3-json"
    specificity: float = 0.0
    records_key: str | tuple[str, ...] = ()
    derive: Derive | None = None
    accepts_objects: bool = True

    @property
    def array_keys(self) -> tuple[str, ...]:
        """Return the keys of `records_key`, as a tuple."""
        return (self.records_key,) if isinstance(self.records_key, str) else self.records_key

    @property
    def shared_variants(self) -> tuple[str, ...]:
        if not self.framing.startswith("s3-json"):  # Its class says what it reads in place of documents.
            return ()
        if not self.array_keys:
            return (JSON_DOCUMENTS,)
        *others, last = (f"`{key}`" for key in self.array_keys)
        keys = f"{', '.join(others)} or {last}" if others else last
        return (f"{JSON_DOCUMENTS}, also with an array of events under {keys}",)

    def parser(self, about: ObjectInfo) -> Interpreter:
        return JsonParser(self, about)


class Interpreter(Parser):
    """A parser that also takes records which an earlier stage of the chain has decoded to objects."""

    def __init__(
        self, declared: Format, about: ObjectInfo, *, derive: Derive | None = None, array_keys: tuple[str, ...] = ()
    ) -> None:
        super().__init__(declared, about)
        self._derive = derive
        self._array_keys = array_keys
        self._names_around = _names_around(array_keys)

    def interpret(self, value: Any) -> Decoded:
        """Return the events of a decoded value: an object is one, unless it holds an array of several; a list is
        many, of which each may hold an array again, as pages do that were gathered."""
        if isinstance(value, dict):
            inner = self._array_of(value)
            if inner is None:
                return self.derive_fields(value)
            value = inner
        return [
            (overrides, event) if overrides else event
            for item in objects(value)
            for overrides, event in events_of(self.interpret(item))
        ]

    def derive_fields(self, event: Event) -> Event:
        """Return the event with the fields that the format adds."""
        if self._derive is not None:
            try:
                self._derive(event)
            except (
                RecursionError
            ) as fault:  # Where a value that becomes text is nested more deeply than Python can write.
                raise ParseError("nested too deeply") from fault
        return event

    def _array_of(self, value: Event) -> list[Event] | None:
        if len(value) <= MOST_AROUND and not self._names_around.isdisjoint(value):
            for path in self._array_keys:
                inner = lookup(value, path)
                if isinstance(inner, list) and (isinstance(inner[0], dict) if inner else not self._has_time(value)):
                    return inner
        return None

    def _has_time(self, value: Event) -> bool:
        """Tell whether an object with an empty array is an event: a page without events has no time."""
        try:
            return self.time(value) is not None
        except ParseError:
            return True


class JsonParser(Interpreter):
    """A parser of JSON. Where nothing is derived and no array key expected, `decode` *is* msgspec's decoder; see
    `loads`."""

    def __init__(self, declared: JsonFormat, about: ObjectInfo) -> None:
        array_keys = about.array_keys or declared.array_keys
        super().__init__(declared, about, derive=declared.derive, array_keys=array_keys)
        own = type(self).interpret is not Interpreter.interpret
        self.is_event_json = declared.derive is None and not own
        self.opens_arrays = bool(array_keys)
        if not self.is_event_json:
            self.decode = lambda record: self.interpret(decode_json(record))
        else:
            self.decode = decode_json
            if array_keys:
                self.decode = self._make_decode()
                self.opener = DocumentOpener(
                    decode_json, tuple(self._names_around), self._names_around.isdisjoint, MOST_AROUND, self.interpret
                )  # fmt: skip
        self.decode_carefully = lambda record: self.interpret(loads(record))

    def _make_decode(self) -> Callable[[bytes], Decoded]:
        interpret, is_disjoint = self.interpret, self._names_around.isdisjoint

        def decode(record: bytes) -> Decoded:
            value: Any = decode_json(record)
            # Most events are more than an envelope can be, or have other names: they are spared a call.
            is_event = value.__class__ is dict and (len(value) > MOST_AROUND or is_disjoint(value))
            return value if is_event else interpret(value)

        return decode

    def use_decoder(self, decode: Callable[[bytes], Decoded]) -> None:
        """Use this function, which passes JSON on to `json` and reads what else the format holds."""
        self.decode, self.decode_carefully, self.is_event_json, self.opener = decode, None, False, None

    def json(self, record: bytes) -> Decoded:
        """Return the events of a record that is JSON."""
        return self.interpret(loads(record))


decode_json = msgspec.json.Decoder().decode


@lru_cache(maxsize=256)  # Each object asks.
def _names_around(array_keys: tuple[str, ...]) -> frozenset[str]:
    """Return the names, in the letter cases that exporters make of them, one of which an object has that holds an array
    under one of these keys: to look for all of them costs a tenth of the look at a path."""
    return frozenset(
        spelled
        for path in array_keys
        for name in (path, path.partition(".")[0])
        for spelled in (name, name.lower(), name.upper(), name[:1].upper() + name[1:], name[:1].lower() + name[1:])
    )


def loads(record: bytes | str) -> Any:
    """Return the value of JSON text. msgspec is the fastest here, and keeps integers of any length. Of what it refuses,
    what is not JSON in a way that many programs are is repaired; orjson takes the rest, or says better why not. Raises
    ValueError."""
    try:
        return decode_json(record)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        pass
    try:
        return decode_json(repair_json(record))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return orjson.loads(record)


def objects(value: Any) -> list[Event]:
    """Return the value as a list of JSON objects. Raises ParseError where it is something else."""
    if not isinstance(value, list):
        raise ParseError(f"a JSON object was expected, not {_kind(value)}")
    for number, event in enumerate(value):
        if not isinstance(event, dict):
            raise ParseError(f"element {number}: a JSON object was expected, not {_kind(event)}")
    return value


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "an array", str: "a string", type(None): "null", bool: "a boolean"}
    return names.get(type(value), "a number")
