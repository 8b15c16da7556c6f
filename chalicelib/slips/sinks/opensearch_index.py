"""Names of indices, made of a template: `{format}-{time:%Y.%m.%d}` (OpenSearch, "Create index": index naming
restrictions; Elasticsearch, "Create index API": they are the same)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from string import Formatter
from typing import Final

from ..errors import EventFailed, ParseError
from ..model.meta import Meta

MOST_BYTES: Final = 255
FIELDS: Final = ("format", "tag", "bucket", "time")
_ILLEGAL: Final = re.compile(r'[\\/*?"<>|\s,#:\x00-\x1f]')
_NOT_FIRST: Final = "._-+"
"""An index must not begin with a dash, an underscore or a plus. One that begins with a dot is hidden, or the cluster's
own: what a log says, such as a tag, must not choose one of those."""


class IndexName:
    """A template of names. Raises ValueError for one that cannot be used."""

    def __init__(self, template: str) -> None:
        try:
            parts = list(Formatter().parse(template))
        except ValueError as fault:
            raise ValueError(f"index={template!r}: {fault}") from None
        self.fields = frozenset(field for _, field, _, _ in parts if field is not None)
        for literal, field, spec, conversion in parts:
            if _ILLEGAL.search(literal):
                raise ValueError(f'index={template!r}: the name of an index holds no spaces and none of \\/*?"<>|,#:')
            if field is not None:
                _check_field(template, field, spec or "", conversion)
        if not template or (parts[0][0] and template[0] in "_-+"):
            raise ValueError(f"index={template!r}: the name of an index begins with a letter or a digit")
        self._parts = [(literal, field, spec or "") for literal, field, spec, _ in parts]
        self._begins_with_field = not parts[0][0]

    def name(self, meta: Meta) -> str:
        """Return the index of an event: in lower case, with a dash for each character that is not allowed. Raises
        ParseError where the record cannot be read again, and EventFailed where it makes no name."""
        text = "".join(literal + _read(field, spec, meta) for literal, field, spec in self._parts)
        name = _clean(text)
        name = name.lstrip(_NOT_FIRST) if self._begins_with_field else name
        if not 0 < (size := len(name.encode())) <= MOST_BYTES:
            raise EventFailed(f"the name of its index has {size} bytes, and OpenSearch takes 1 to {MOST_BYTES}")
        return name


@lru_cache(maxsize=1024)
def _clean(text: str) -> str:
    return _ILLEGAL.sub("-", text.encode(errors="replace").decode().lower())


def _read(field: str | None, spec: str, meta: Meta) -> str:
    return _READERS[field](meta, spec) if field else ""


def _read_time(meta: Meta, spec: str) -> str:
    try:
        return meta.datetime.strftime(spec)
    except ParseError:
        raise
    except (ValueError, OverflowError, OSError) as fault:
        raise EventFailed(f"its time makes no name of an index: {fault}") from fault


_READERS: Final[dict[str, Callable[[Meta, str], str]]] = {
    "format": lambda meta, _: meta.format,
    "tag": lambda meta, _: meta.tag,
    "bucket": lambda meta, _: meta.source.bucket,
    "time": _read_time,
}


def _check_field(template: str, field: str, spec: str, conversion: str | None) -> None:
    if field not in FIELDS or conversion:
        raise ValueError(f"index={template!r}: {{{field}}} is not one of {', '.join(f'{{{name}}}' for name in FIELDS)}")
    if field != "time" and spec:
        raise ValueError(f"index={template!r}: write {{{field}}}, without {spec!r}")
    if field == "time" and ("{" in spec or "%" not in spec or not datetime(2026, 1, 2, tzinfo=UTC).strftime(spec)):
        raise ValueError(f"index={template!r}: write the form of the time, such as {{time:%Y.%m.%d}}")
