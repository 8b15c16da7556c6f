"""MySQL's audit log: MySQL Enterprise, Percona and their compatible plug-ins."""

from __future__ import annotations

from ...errors import ParseError
from ..base import About, Decoded
from ..fields import Event
from ..json_format import JsonFormat, JsonParser
from ..registry import register
from ..values import with_numbers

_NUMBERS = ("CONNECTION_ID", "SERVER_ID", "STATUS", "STATUS_CODE")


class MySqlAuditFormat(JsonFormat):
    """JSON objects, or XML elements by `[s3-xml:AUDIT_RECORD, mysql-audit]`."""

    def parser(self, about: About) -> JsonParser:
        return MySqlAuditParser(self, about)


class MySqlAuditParser(JsonParser):
    """Tells XML by its first character."""

    def __init__(self, declared: JsonFormat, about: About) -> None:
        super().__init__(declared, about)
        self.takes(self._either)

    def _either(self, record: bytes) -> Decoded:
        return element(record) if record.lstrip()[:1] == b"<" else self.json(record)


def element(record: bytes) -> Event:
    """The fields of an AUDIT_RECORD element: its children (new style) or its attributes (old style). Raises
    ParseError."""
    from xml.etree import ElementTree  # Costs 5 ms at import; most deployments never see this format.

    if b"<!" in record:  # No audit record holds a declaration, but an attack by entities begins with one.
        raise ParseError("no AUDIT_RECORD element: it holds a declaration")
    try:
        root = ElementTree.fromstring(record)  # noqa: S314 - see above
    except (ElementTree.ParseError, LookupError) as fault:
        raise ParseError(f"no AUDIT_RECORD element: {fault}") from fault
    if root.tag != "AUDIT_RECORD":
        raise ParseError(f"an AUDIT_RECORD element was expected, not {root.tag[:40]!r}")
    return with_numbers({**root.attrib, **{child.tag: (child.text or "") for child in root}}, _NUMBERS)


register(
    MySqlAuditFormat(
        name="mysql-audit",
        tag="mysql.audit",
        time=("timestamp", "audit_record.timestamp"),
        signs=(
            "class, event, timestamp, connection_id, account|connection_data|login|general_data|table_access_data|id",
            (
                "audit_record.name, audit_record.record, audit_record.timestamp, "
                "audit_record.user|audit_record.status|audit_record.host|audit_record.connection_id|audit_record.version"
            ),
            "NAME, RECORD_ID|RECORD, TIMESTAMP, CONNECTION_ID|SERVER_ID|STATUS",
        ),
        description="MySQL's audit log, JSON or XML (old and new style)",
        document="MySQL Enterprise Audit: Audit Log File Formats; Percona Server: Audit Log Plugin",
        example=b'{"timestamp":"2026-03-01 09:15:02","id":3,"class":"connection","event":"connect","connection_id":17,'
        b'"account":{"user":"app","host":"192.0.2.41"},"connection_data":{"connection_type":"ssl","status":0,"db":"shop"}}',
    )
)
