"""The one registry of formats. A module of this package that registers something is found by itself."""

from __future__ import annotations

import pkgutil
from difflib import get_close_matches
from functools import cache
from importlib import import_module

from ..errors import RegistrationError
from .base import Format

_formats: dict[str, Format] = {}


def register(*made: Format) -> None:
    """Add formats. Raises RegistrationError where a name is taken."""
    for declared in made:
        if declared.name in _formats:
            raise RegistrationError(f'the format "{declared.name}" exists already; choose another name')
        _formats[declared.name] = declared


def get(name: str) -> Format:
    """The format of that name. Raises RegistrationError, with the nearest names, where there is none."""
    _load()
    try:
        return _formats[name]
    except KeyError:
        raise RegistrationError(f'there is no format "{name}"{suggestion(name)}') from None


def suggestion(name: str) -> str:
    """`; did you mean …?` for a name that is near to a known one, else where to see them all."""
    near = get_close_matches(name, _formats, n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else "; `slips formats` lists them all"


def all_formats() -> list[Format]:
    """Every format, by name."""
    _load()
    return [_formats[name] for name in sorted(_formats)]


def names() -> frozenset[str]:
    """Every format's name."""
    _load()
    return frozenset(_formats)


@cache
def _load() -> None:
    package = import_module(__package__)
    for module in pkgutil.walk_packages(package.__path__, f"{__package__}."):
        import_module(module.name)
