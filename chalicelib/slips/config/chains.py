"""Format chains of slips.yml: `g-suite-login`, `[s3-lines, json, g-suite-login]`, `[s3-json:items, g-suite-login]`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from .declarations import Text, text_or_list
from .field import Field
from .problems import quote
from .scalars import read_text
from .settings import Config, Mapping
from .suggestions import suggest

_ALLOWED = "write the name of a format, or a list that ends with one"
_FRAMING_PREFIX = "s3-"
ELEMENT = Text(r"[^,:\s](?:[^,:]*[^,:\s])?(?::[\s\S]*)?", required=True)
"""The name of a format or framing, and after a colon the argument of a framing."""
CHAIN = text_or_list(ELEMENT)


def read_chain(field: Field) -> tuple[str, ...]:
    """Read the names of a chain. Whether such formats exist is checked later, since app.py may register some."""
    if not isinstance(field.value, list):
        return (_read_name(field),)
    items = field.items(_ALLOWED)
    if not items:
        field.fault("found an empty list", _ALLOWED)
    return tuple(_read_name(item) for item in items)


def find_unknown_formats(config: Config, formats: Collection[str]) -> list[str]:
    """Return a fault for each element of a chain that is in neither `formats`, with or without `s3-`, nor a pattern
    format."""
    return [fault for mapping in config.mappings for fault in _find_unknown(mapping, formats, config.formats)]


def _find_unknown(mapping: Mapping, formats: Collection[str], patterns: Collection[str]) -> Iterator[str]:
    is_single = len(mapping.chain) == 1
    for at, element in enumerate(mapping.chain):
        name = element.partition(":")[0]
        if name and name not in patterns and name not in formats and _FRAMING_PREFIX + name not in formats:
            path = f"{mapping.path}.format" + ("" if is_single else f"[{at}]")
            advice = suggest(name, {*formats, *patterns}, "`slips formats` lists them all")
            yield f"{path}: unknown format {quote(name)}; {advice}"


def find_taken_names(config: Config, is_taken: Callable[[str], bool]) -> list[str]:
    """Return a fault for each pattern format whose name another format has, with or without `s3-`."""
    return [
        f"formats.{name}: a format of that name exists already; choose another name"
        for name in config.formats
        if is_taken(name) or is_taken(_FRAMING_PREFIX + name)
    ]


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
