"""The user's functions, as the decorators of app.py registered them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import msgspec

from ..errors import RegistrationError
from ..model.meta import Meta

if TYPE_CHECKING:
    from .outbox import Outbox

Where = Callable[[Meta, Any], object]

MAX_BATCH = 10_000
"""Events alive at once: beyond that the garbage collector costs more than fewer calls gain."""


@dataclass(frozen=True, kw_only=True)
class Function:
    """A decorated function and the events that it takes: those of `format` ("*": all) whose tag matches the glob `tag`
    (empty: any), whose record holds one of `needles` (none: any), and for which `where` is true."""

    name: str
    call: Callable[..., Any]
    format: str = "*"
    tag: str = ""
    needles: tuple[bytes, ...] = ()
    where: Where | None = None
    batch: int | None = None
    type: type[msgspec.Struct] | None = None

    def takes_format(self, name: str) -> bool:
        """Whether events of that format may be for this function."""
        return self.format in ("*", name)

    def takes_tag(self, tag: str) -> bool:
        """Whether an event of that tag is for this function."""
        return not self.tag or fnmatchcase(tag, self.tag)


@dataclass(frozen=True, kw_only=True)
class FlushHook:
    """A function that is called before each checkpoint, and the names of those whose events it sends; none: of all."""

    call: Callable[[], Any]
    of: tuple[str, ...] = ()
    outbox: Outbox | None = None
    """What the call empties, where that is an outbox."""


@dataclass
class Functions:
    """All that app.py registered, in order."""

    events: list[Function] = field(default_factory=list)
    setup: list[Callable[[Any], Any]] = field(default_factory=list)
    flush: list[FlushHook] = field(default_factory=list)
    result: list[Callable[[], Any]] = field(default_factory=list)

    def add(self, function: Function) -> None:
        """Register an event function. Raises RegistrationError where another has its name: drain finds a function by
        name."""
        for known in self.events:
            if known.name == function.name and inspect.unwrap(known.call) is not inspect.unwrap(function.call):
                raise RegistrationError(
                    f'two functions are named "{function.name}"; rename one: drain finds a function by its name'
                )
        self.events.append(function)

    def names_of(self, functions: Iterable[Callable[..., Any]]) -> tuple[str, ...]:
        """Return the names by which these functions are registered. Raises RegistrationError for any other value."""
        names = []
        for function in functions:
            registered = (each.name for each in self.events if inspect.unwrap(each.call) is inspect.unwrap(function))
            name = next(registered, None)
            if name is None:
                raise RegistrationError(
                    f"on_flush: of=[…] lists functions that on_format or on_tag decorates, and {_name(function)} is "
                    "not one; decorate it above"
                )
            names.append(name)
        return tuple(dict.fromkeys(names))

    def reset(self) -> None:
        """Forget what an invocation left behind that ended in the middle: its work comes again."""
        for hook in self.flush:
            if hook.outbox is not None:
                hook.outbox.reset()

    def of_format(self, name: str, only: Sequence[str] = ()) -> list[Function]:
        """Return the functions that may take events of a format; `only` narrows to those names."""
        return [known for known in self.events if known.takes_format(name) and (not only or known.name in only)]


def check_call(function: Callable[..., Any], decorator: str, *parameters: str) -> None:
    """Raise RegistrationError, saying what to write, unless the function can be called with these parameters."""
    if not callable(function):
        raise RegistrationError(f"{decorator} decorates a function, not {function!r}")
    if inspect.iscoroutinefunction(function):
        raise RegistrationError(
            f"{decorator}: {_name(function)} is async; write a plain function: def {_name(function)}(…)"
        )
    try:
        inspect.signature(function).bind(*parameters)
    except TypeError as fault:
        signature = f"def {_name(function)}({', '.join(parameters)}):"
        raise RegistrationError(
            f"{decorator}: {_name(function)} must take {_describe(parameters)}: write `{signature}`"
        ) from fault


def check_batch(batch: int | None, decorator: str) -> None:
    """Raise RegistrationError unless `batch` is None or a sensible number of events."""
    if batch is not None and (isinstance(batch, bool) or not isinstance(batch, int) or not 1 <= batch <= MAX_BATCH):
        raise RegistrationError(f"{decorator}: batch is a number of events from 1 to {MAX_BATCH}, not {batch!r}")


def check_type(struct: Any, decorator: str) -> None:
    """Raise RegistrationError unless `struct` is None or a subclass of msgspec.Struct."""
    if struct is not None and not (isinstance(struct, type) and issubclass(struct, msgspec.Struct)):
        raise RegistrationError(f"{decorator}: type is a subclass of msgspec.Struct, not {struct!r}")


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", repr(function))


def _describe(parameters: Sequence[str]) -> str:
    match len(parameters):
        case 0:
            return "no argument"
        case 1:
            return f"one argument ({parameters[0]})"
        case many:
            return f"{many} arguments ({', '.join(parameters)})"
