"""Formats of the user's own, from a decorated function."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .base import Decoded, Format, ObjectInfo
from .general.plain import USUAL_TIMES
from .json_format import Interpreter

ParseFunction = Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class CustomFormat(Format):
    """A format made of a function: `f(record) -> event`, `-> (meta, event)`, or an iterator of them.

    The record arrives as text, as bytes where the parameter is annotated so, or as an object after a link of the chain
    that decodes. `meta` is a dict with any of `tag`, `timestamp` (seconds, UTC) and `message`.
    """

    function: ParseFunction
    accepts_objects: bool = True

    def parser(self, about: ObjectInfo) -> CustomParser:
        return CustomParser(self, about)


class CustomParser(Interpreter):
    """A parser that calls the user's function with each record."""

    is_stateless = False

    def __init__(self, declared: CustomFormat, about: ObjectInfo) -> None:
        super().__init__(declared, about)
        function = declared.function
        self._function = function
        self.repairs_text = not wants_bytes(function)
        self.decode = (lambda record: function(record.decode())) if self.repairs_text else function

    def interpret(self, value: Any) -> Decoded:
        """Call the function with an object that an earlier link decoded."""
        decoded: Decoded = self._function(value)
        return decoded


def custom_format(name: str, function: ParseFunction, source: str) -> CustomFormat:
    """Return the format made of the function, with its docstring as the description."""
    return CustomFormat(
        name=name,
        tag=name,
        time=USUAL_TIMES,
        description=(inspect.getdoc(function) or name).splitlines()[0],
        document="app.py",
        example=b"",
        framing=source,
        function=function,
    )


def wants_bytes(function: ParseFunction) -> bool:
    """Tell whether the first parameter is annotated `bytes`."""
    first = next(iter(inspect.signature(function).parameters.values()), None)
    return first is not None and first.annotation in (bytes, "bytes")
