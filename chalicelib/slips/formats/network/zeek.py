"""Zeek (Bro): tab-separated logs under their header, and JSON."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ...errors import ParseError
from ..base import Decoded, ObjectInfo
from ..fields import Event, tag_part
from ..json_format import JsonFormat, JsonParser
from ..patterns import abbreviate
from ..registry import register

Convert = Callable[[str], Any]

_ESCAPED = re.compile(r"(?:\\x[0-9A-Fa-f]{2})+|\\\\")

# JSON names its stream only where a policy adds `_path`; else a field that the stream alone has tells it. The first one
# that an event has counts.
_STREAMS = {
    "conn_state": "conn", "trans_id": "dns", "qtype": "dns", "trans_depth": "http", "note": "notice",
    "seen_bytes": "files", "certificate.subject": "x509", "fingerprint": "x509", "next_protocol": "ssl",
    "cipher": "ssl", "established": "ssl", "assigned_addr": "dhcp", "msg_types": "dhcp", "auth_attempts": "ssh",
    "hassh": "ssh", "helo": "smtp", "rcptto": "smtp", "data_channel.passive": "ftp", "reply_code": "ftp",
    "request_type": "kerberos", "domainname": "ntlm", "server_nb_computer_name": "ntlm", "security_protocol": "rdp",
    "share_type": "smb_mapping", "endpoint": "dce_rpc", "community": "snmp", "call_id": "sip",
    "tunnel_type": "tunnel", "software_type": "software", "stratum": "ntp", "is_exe": "pe",
    "percent_lost": "capture_loss", "pkts_proc": "stats", "seen.indicator": "intel", "peer": "weird",
}  # fmt: skip


def _tag(event: Event) -> str:
    """zeek.<_path>"""
    path = tag_part(event, "_path")
    return f"zeek.{next((_STREAMS[name] for name in _STREAMS if name in event), path) if path == 'unknown' else path}"


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

    def interpret(self, value: Any) -> Decoded:
        """Return the event of a decoded value; the writer for Kafka puts it under the name of its stream."""
        if isinstance(value, dict) and len(value) == 1:
            ((path, inner),) = value.items()
            if isinstance(inner, dict):
                return super().interpret({"_path": path, **inner})
        return super().interpret(value)

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
    return _ESCAPED.sub(_unescape_bytes, text) if "\\" in text else text


def _unescape_bytes(match: re.Match[str]) -> str:
    """Return a backslash, which is written as two, or the text of bytes: UTF-8, or a character for each."""
    if match[0] == "\\\\":
        return "\\"
    text = bytes.fromhex(match[0].replace("\\x", ""))
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


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
        tag=_tag,
        time=("ts", "_write_ts"),
        framing="s3-lines",
        signatures=(
            "ts, uid, id.orig_h, id.resp_h, proto|_path",
            "ts, _path=*, uid|host|node|name|fuid|msg|peer|id.orig_h",
        ),
        specificity=0.1,
        description="Zeek logs: TSV under #fields, or JSON, also without `_path` and as for Kafka; every log stream",
        variants=(
            "TSV under `#fields` with any separator, typed by `#types`",
            "escapes, sets, `(empty)` and `-`",
            "another header later in the file",
            "JSON, also without `_path`, with ISO times, and under its stream's name (Kafka)",
        ),
        refused=("rows before `#fields`, and of another number of cells",),
        document="Zeek manual: Log Formats; ASCII writer",
        example=b'{"_path":"conn","ts":1772356502.481290,"uid":"CqZPq31QkDtmPGWnKk","id.orig_h":"192.0.2.41",'
        b'"id.orig_p":52814,"id.resp_h":"198.51.100.7","id.resp_p":443,"proto":"tcp","service":"ssl"}',
    )
)
