"""Format chains of slips.yml: `g-suite-login`, `[s3-lines, json, g-suite-login]`, `[s3-json:items, g-suite-login]`."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from .field import Field
from .problems import quote
from .scalars import read_text
from .settings import Mapping
from .suggestions import suggest

_ALLOWED = "write the name of a format, or a list that ends with one"
_FRAMING_PREFIX = "s3-"


def read_chain(field: Field) -> tuple[str, ...]:
    """Read the names of a chain. Whether such formats exist is checked later, since app.py may register some."""
    if not isinstance(field.value, list):
        return (_read_name(field),)
    items = field.items(_ALLOWED)
    if not items:
        field.fault("found an empty list", _ALLOWED)
    return tuple(_read_name(item) for item in items)


def find_unknown_formats(mappings: Collection[Mapping], formats: Collection[str]) -> list[str]:
    """Return a fault for each element of a chain that is not in `formats`, with or without `s3-`."""
    return [fault for mapping in mappings for fault in _find_unknown(mapping, formats)]


def _find_unknown(mapping: Mapping, formats: Collection[str]) -> Iterator[str]:
    is_single = len(mapping.chain) == 1
    for at, element in enumerate(mapping.chain):
        name = element.partition(":")[0]
        if name and name not in formats and _FRAMING_PREFIX + name not in formats:
            path = f"{mapping.path}.format" + ("" if is_single else f"[{at}]")
            advice = suggest(name, formats, "`slips formats` lists them all")
            yield f"{path}: unknown format {quote(name)}; {advice}"


def _read_name(field: Field) -> str:
    """Read a name with its argument; empty after a fault."""
    element = read_text(field, allowed=_ALLOWED)
    name = element.partition(":")[0]
    if "," in name:
        field.fault(f"found {quote(element)}, several names in one text", f"write a list, [{element.strip('[] ')}]")
        return ""
    if field.value in (None, "") or (element and (not name or name != name.strip())):
        field.reject(_ALLOWED)
        return ""
    return element
