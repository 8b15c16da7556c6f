"""MySQL's audit log: MySQL Enterprise, Percona and their compatible plug-ins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...errors import ParseError
from ..base import Decoded, ObjectInfo
from ..fields import Event
from ..json_format import JsonFormat, JsonParser
from ..patterns import abbreviate
from ..registry import register
from ..values import with_numbers

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_NUMBERS = frozenset(("CONNECTION_ID", "SERVER_ID", "STATUS", "STATUS_CODE"))


class MySqlAuditFormat(JsonFormat):
    """A format of JSON objects or XML elements."""

    def parser(self, about: ObjectInfo) -> JsonParser:
        return MySqlAuditParser(self, about)


class MySqlAuditParser(JsonParser):
    """A parser that recognizes XML by its first character. The brackets around all records, `[` or `<AUDIT>`, are
    skipped."""

    def __init__(self, declared: JsonFormat, about: ObjectInfo) -> None:
        super().__init__(declared, about)
        self.use_decoder(self._either)

    def _either(self, record: bytes) -> Decoded:
        text = record.strip().removeprefix(b"\xef\xbb\xbf")
        if text[:1] == b"<":
            return elements(text)
        if text in (b"[", b"]"):
            return None
        # An element of an array that has a line for each, or several.
        return self.json(text.removesuffix(b",") if text[:1] == b"{" else text)


_AROUND = re.compile(rb"(?:<\?xml[^<>]*+>\s*+)?(?><AUDIT>)?+((?s:.*?))(?:</AUDIT>)?")


def elements(record: bytes) -> list[Event] | None:
    """Return the fields of each AUDIT_RECORD element: its children (new style) or its attributes (old style); None for
    only the beginning or the end of the document. Raises ParseError."""
    from xml.etree import ElementTree  # Costs 5 ms at import; most deployments never see this format.

    if b"<!" in record:  # No audit record holds a declaration, but an attack by entities begins with one.
        raise ParseError("not an AUDIT_RECORD element: it holds a declaration")
    around = _AROUND.fullmatch(record)
    inner = around[1] if around else record
    try:
        root = ElementTree.fromstring(b"<AUDIT>%b</AUDIT>" % inner)  # noqa: S314 - see above
    except ElementTree.ParseError as fault:
        raise ParseError(f"not an AUDIT_RECORD element: {fault}") from fault
    stray = [text for text in (root.text, *(child.tail for child in root)) if text and text.strip()]
    if stray:
        raise ParseError(f"text between AUDIT_RECORD elements: {abbreviate(stray[0].strip())}")
    return [_event(child) for child in root] or None


def _event(element: Element) -> Event:
    if element.tag != "AUDIT_RECORD":
        raise ParseError(f"an AUDIT_RECORD element was expected, not {element.tag[:40]!r}")
    return with_numbers({**element.attrib, **{child.tag: (child.text or "") for child in element}}, _NUMBERS)


register(
    MySqlAuditFormat(
        name="mysql-audit",
        tag="mysql.audit",
        time=("timestamp", "audit_record.timestamp"),
        # Records of several lines: XML, and JSON whose array has a line for each bracket.
        framing=r"s3-multiline:^\s*(?:[\[\]{]|<\?xml|</?AUDIT>|<AUDIT_RECORD\b)",
        signatures=(
            "class, event, timestamp, connection_id, account|connection_data|login|general_data|table_access_data|id",
            (
                "audit_record.name, audit_record.record, audit_record.timestamp, "
                "audit_record.user|audit_record.status|audit_record.host|audit_record.connection_id|audit_record.version"
            ),
            "NAME, RECORD_ID|RECORD, TIMESTAMP, CONNECTION_ID|SERVER_ID|STATUS",
        ),
        description="MySQL's audit log, JSON or XML (old and new style)",
        variants=(
            "JSON, a record each, or an array with a line for each",
            "XML, old style (attributes) or new (elements), with `<AUDIT>` around or not",
        ),
        refused=("XML of other elements, and with declarations",),
        document="MySQL Enterprise Audit: Audit Log File Formats; Percona Server: Audit Log Plugin",
        example=b'{"timestamp":"2026-03-01 09:15:02","id":3,"class":"connection","event":"connect","connection_id":17,'
        b'"account":{"user":"app","host":"192.0.2.41"},"connection_data":{"connection_type":"ssl","status":0,"db":"shop"}}',
    )
)
