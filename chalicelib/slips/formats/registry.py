"""The one registry of formats. A module of this package that registers something is found automatically.

A cold start pays for the modules of the formats that it reads, not for all sixty. `index.py` says which module
registers which name; `make docs` writes it. A name that the index lacks is looked for in all modules, so a new format
works before the index is written again.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from ..errors import RegistrationError
from .index import MODULES

if TYPE_CHECKING:
    from .base import Format

_formats: dict[str, Format] = {}
_modules: dict[str, str] = {}
"""The module that registered each format, seen from this package."""


def register(*declared: Format) -> None:
    """Add formats. Raises RegistrationError where a name is taken."""
    for format in declared:
        if format.name in _formats:
            raise RegistrationError(f'the format "{format.name}" exists already; choose another name')
        _formats[format.name] = format
        _modules[format.name] = _registering_module()


def _registering_module() -> str:
    """Name the module of this package that is being imported."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_code.co_name != "<module>":
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", "")).removeprefix(f"{__package__}.")


def get(name: str) -> Format:
    """Return the format of that name. Raises RegistrationError, with the nearest names, where there is none."""
    if name not in _formats and name in MODULES:
        import_module(f"{__package__}.{MODULES[name]}")
    if name not in _formats:
        _load()
    if name not in _formats:
        raise unknown(name)
    return _formats[name]


def unknown(name: str, own: Iterable[str] = ()) -> RegistrationError:
    """Return the error that says that there is no format of that name, neither here nor among the user's `own`."""
    return RegistrationError(f'there is no format "{name}"{suggestion(name, own)}')


def is_taken(name: str) -> bool:
    """Return whether a format of that name is registered or in the index. Imports nothing: app.py asks for each format
    of its own, at every cold start."""
    return name in _formats or name in MODULES


def is_known(name: str) -> bool:
    """Return whether there is a format of that name. Imports all of them where the index does not have it."""
    if is_taken(name):
        return True
    _load()
    return name in _formats


def suggestion(name: str, own: Iterable[str] = ()) -> str:
    """Return `; did you mean …?` for a name that is near to a known one, else where to see them all."""
    from difflib import get_close_matches

    near = get_close_matches(name, [*own, *(format.name for format in all_formats())], n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else "; `slips formats` lists them all"


def all_formats() -> list[Format]:
    """Return every format, sorted by name."""
    _load()
    return [_formats[name] for name in sorted(_formats)]


def modules() -> dict[str, str]:
    """Return the module that registers each format, by the format's name, for the index: `aws.cloudtrail`."""
    _load()
    return dict(sorted(_modules.items()))


class Names(Collection[str]):
    """A view of the names of all formats and of `own`; asking for one does not import the others."""

    def __init__(self, own: Collection[str] = ()) -> None:
        self._own = own

    def __contains__(self, name: object) -> bool:
        return name in self._own or (isinstance(name, str) and is_known(name))

    def __iter__(self) -> Iterator[str]:
        return iter({*self._own, *(format.name for format in all_formats())})

    def __len__(self) -> int:
        return sum(1 for _ in self)


def names(own: Collection[str] = ()) -> Names:
    """Return every format's name, and those of the user's own."""
    return Names(own)


@cache
def _load() -> None:
    import pkgutil

    package = import_module(__package__)
    for module in pkgutil.walk_packages(package.__path__, f"{__package__}."):
        import_module(module.name)
