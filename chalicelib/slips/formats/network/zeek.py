"""Zeek (Bro): tab-separated logs under their header, and JSON."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ...errors import ParseError
from ..base import Decoded, ObjectInfo
from ..fields import Event
from ..json_format import JsonFormat, JsonParser
from ..patterns import abbreviate
from ..registry import register

Convert = Callable[[str], Any]

_ESCAPED = re.compile(r"\\x([0-9A-Fa-f]{2})")


class ZeekFormat(JsonFormat):
    """A format of Zeek's TSV or JSON lines."""

    def parser(self, about: ObjectInfo) -> JsonParser:
        return ZeekParser(self, about)


class ZeekParser(JsonParser):
    """A parser that remembers the directives (`#fields`, `#types`, `#path`, `#separator`, …); a file may repeat
    them."""

    header_prefix = b"#"

    def __init__(self, declared: JsonFormat, about: ObjectInfo) -> None:
        super().__init__(declared, about)
        self._directives = {"separator": "\t", "set_separator": ",", "empty_field": "(empty)", "unset_field": "-"}
        self._fields: list[str] = []
        self._converters: list[Convert] = []
        self.use_decoder(self._decode_line)

    def _decode_line(self, record: bytes) -> Decoded:
        if record.lstrip()[:1] == b"{":
            return self.json(record)
        line = record.decode().rstrip("\r\n")
        if not line.startswith("#"):
            return self._row(line)
        self._direct(line)
        return None

    def _direct(self, line: str) -> None:
        name, _, value = line[1:].partition(" " if line.startswith("#separator") else self._directives["separator"])
        separator = self._directives["separator"]
        if name == "separator":
            self._directives["separator"] = _unescape(value) or "\t"
        elif name == "fields":
            self._fields, self._converters = value.split(separator), []
        elif name == "types":
            self._converters = [self._converter(kind) for kind in value.split(separator)]
        elif name in ("set_separator", "empty_field", "unset_field", "path"):
            self._directives[name] = _unescape(value)

    def _row(self, line: str) -> Event:
        if not self._fields:
            raise ParseError("a row came before the #fields that name its columns")
        cells = line.split(self._directives["separator"])
        if len(cells) != len(self._fields):
            raise ParseError(f"{len(self._fields)} cells were expected, not {len(cells)}")
        converters = self._converters or [_unescape] * len(cells)
        if len(converters) != len(cells):
            raise ParseError(f"#types names {len(converters)} columns, #fields {len(cells)}")
        unset = self._directives["unset_field"]
        event: Event = {
            name: None if cell == unset else convert(cell)
            for name, convert, cell in zip(self._fields, converters, cells, strict=True)
        }
        if "path" in self._directives:
            event.setdefault("_path", self._directives["path"])
        return event

    def _converter(self, kind: str) -> Convert:
        container, bracket, inner = kind.partition("[")
        if bracket and container in ("set", "vector", "table"):
            element = _SIMPLE.get(inner.rstrip("]"), _unescape)
            return lambda cell: self._elements(cell, element)
        simple = _SIMPLE.get(kind, _unescape)
        empty = self._directives["empty_field"]
        return lambda cell: "" if cell == empty else simple(cell)

    def _elements(self, cell: str, element: Convert) -> list[Any]:
        directives = self._directives
        if cell == directives["empty_field"]:
            return []
        unset = directives["unset_field"]
        return [None if part == unset else element(part) for part in cell.split(directives["set_separator"])]


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "\\" in text else text


def _boolean(cell: str) -> bool:
    if cell not in ("T", "F"):
        raise ParseError(f"not a boolean: {abbreviate(cell)}")
    return cell == "T"


_SIMPLE: dict[str, Convert] = {
    "time": float, "interval": float, "double": float, "count": int, "int": int, "port": int, "bool": _boolean,
}  # fmt: skip


register(
    ZeekFormat(
        name="zeek",
        tag="zeek.<_path>",
        time="ts",
        framing="s3-lines",
        signatures=(
            "ts, uid, id.orig_h, id.resp_h, proto|_path",
            "ts, _path=*, uid|host|node|name|fuid|msg|peer|id.orig_h",
        ),
        specificity=0.1,
        description="Zeek logs: TSV under #fields, or JSON; every log stream",
        document="Zeek manual: Log Formats; ASCII writer",
        example=b'{"_path":"conn","ts":1772356502.481290,"uid":"CqZPq31QkDtmPGWnKk","id.orig_h":"192.0.2.41",'
        b'"id.orig_p":52814,"id.resp_h":"198.51.100.7","id.resp_p":443,"proto":"tcp","service":"ssl"}',
    )
)
