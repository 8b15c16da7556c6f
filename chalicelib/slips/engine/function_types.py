"""What type checkers know of the functions that decorators take. Imported for type checking alone.

`EventFunction` and the like bind a type variable, so that a function keeps its own type. No bound may name the struct
of `type=`, though: there a protocol with two signatures checks the one and remembers the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ParamSpec, Protocol, TypeVar, overload

import msgspec

from ..model.meta import Meta

ParsedEvent = Mapping[str, Any]
ParsedRecord = (
    ParsedEvent | tuple[dict[str, Any], ParsedEvent] | Iterable[ParsedEvent | tuple[dict[str, Any], ParsedEvent]] | None
)
"""What a parser returns: an event, `(meta, event)`, several of these, or None for a header or a comment."""

StructT = TypeVar("StructT", bound=msgspec.Struct)
StructWhere = Callable[[Meta, StructT], object]
EventFunction = TypeVar("EventFunction", bound=Callable[[Meta, Any], object])
BatchFunction = TypeVar("BatchFunction", bound=Callable[[list[tuple[Meta, Any]]], object])
SetupFunction = TypeVar("SetupFunction", bound=Callable[[Any], object])
HookFunction = TypeVar("HookFunction", bound=Callable[[], object])
ParserFunction = TypeVar(
    "ParserFunction",
    bound=Callable[[str], ParsedRecord] | Callable[[bytes], ParsedRecord] | Callable[[dict[str, Any]], ParsedRecord],
)

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")
_Result_co = TypeVar("_Result_co", covariant=True)
_Struct = TypeVar("_Struct")
_Struct_co = TypeVar("_Struct_co", covariant=True)
_Struct_contra = TypeVar("_Struct_contra", contravariant=True)


class StructFunction(Protocol[_Struct_contra, _Parameters, _Result_co]):
    """A function of `(meta, struct)`, whatever its parameters are named."""

    @overload
    def __call__(self, meta: Meta, event: _Struct_contra, /) -> object: ...
    @overload
    def __call__(self, *args: _Parameters.args, **kwargs: _Parameters.kwargs) -> _Result_co: ...


class StructBatchFunction(Protocol[_Struct, _Parameters, _Result_co]):
    """A function of a list of `(meta, struct)`."""

    @overload
    def __call__(self, batch: list[tuple[Meta, _Struct]], /) -> object: ...
    @overload
    def __call__(self, *args: _Parameters.args, **kwargs: _Parameters.kwargs) -> _Result_co: ...


class StructDecorator(Protocol[_Struct_co]):
    """What `on_format(…, type=Struct)` returns."""

    def __call__(
        self, function: StructFunction[_Struct_co, _Parameters, _Result], /
    ) -> Callable[_Parameters, _Result]: ...


class StructBatchDecorator(Protocol[_Struct]):
    """What `on_format(…, type=Struct, batch=N)` returns."""

    def __call__(
        self, function: StructBatchFunction[_Struct, _Parameters, _Result], /
    ) -> Callable[_Parameters, _Result]: ...
