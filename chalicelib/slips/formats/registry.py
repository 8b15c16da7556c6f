"""The one registry of formats. A module of this package that registers something is found by itself.

A cold start pays for the modules of the formats that it reads, not for all sixty: a module is imported when a format is
asked for whose name stands in its source, in double quotes; and none is to learn that there is a format of a name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import RegistrationError

if TYPE_CHECKING:
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
    if _imported(name):
        return _formats[name]
    raise unknown(name)


def unknown(name: str) -> RegistrationError:
    """The error that says that there is no format of that name."""
    return RegistrationError(f'there is no format "{name}"{suggestion(name)}')


def is_known(name: str) -> bool:
    """Whether there is a format of that name. Imports no module whose source shows that there is."""
    shown = (f'\n        name="{name}",\n'.encode(), f'@line_format(\n    "{name}",\n'.encode())
    return name in _formats or any(each in source for source in sources().values() for each in shown) or _imported(name)


def _imported(name: str) -> bool:
    """Whether there is a format of that name, now that the modules which may hold it are imported."""
    if name not in _formats:
        needle = f'"{name}"'.encode()
        for module, source in sources().items():
            if needle in source:
                import_module(module)
    return name in _formats


def suggestion(name: str) -> str:
    """`; did you mean …?` for a name that is near to a known one, else where to see them all."""
    from difflib import get_close_matches

    near = get_close_matches(name, [known.name for known in all_formats()], n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else "; `slips formats` lists them all"


def all_formats() -> list[Format]:
    """Every format, by name."""
    _load()
    return [_formats[name] for name in sorted(_formats)]


class Names(Collection[str]):
    """The names of all formats and those of `own`; asking for one does not import the others."""

    def __init__(self, own: Collection[str] = ()) -> None:
        self._own = own

    def __contains__(self, name: object) -> bool:
        return name in self._own or (isinstance(name, str) and is_known(name))

    def __iter__(self) -> Iterator[str]:
        return iter({*self._own, *(known.name for known in all_formats())})

    def __len__(self) -> int:
        return sum(1 for _ in self)


def names(own: Collection[str] = ()) -> Names:
    """Every format's name, and those of the user's own."""
    return Names(own)


@cache
def _load() -> None:
    import pkgutil

    package = import_module(__package__)
    for module in pkgutil.walk_packages(package.__path__, f"{__package__}."):
        import_module(module.name)


@cache
def sources() -> dict[str, bytes]:
    """The modules of this package and their sources."""
    folder = Path(__file__).parent
    return {
        ".".join((__package__, *path.relative_to(folder).with_suffix("").parts)): path.read_bytes()
        for path in folder.rglob("*.py")
        if path.name != "__init__.py"
    }
