"""PostgreSQL's csvlog and MySQL's audit log."""

from __future__ import annotations

import pytest

from slips.errors import ParseError
from slips.formats.base import ObjectInfo
from slips.formats.host.postgresql import COLUMNS
from slips.formats.registry import get
from tests.each_case import each_case

from ..reading import one, read
from ..whole import times_of

START = b'2026-03-01 09:15:02.481 CET,"app","shop",4711,"192.0.2.41:52814",69a40456.1267,3,"SELECT",'
REST = b'2026-03-01 09:15:00 CET,4/17,0,ERROR,42P01,"relation ""carts""\ndoes not exist",,,,,,"select 1",15,,"psql"'


def test_a_row_of_an_early_release_has_its_numbers_and_its_zone() -> None:
    row = one("postgresql-csvlog", START + REST)
    assert (row["process_id"], row["session_line_num"], row["query_pos"]) == (4711, 3, 15)
    assert row["message"] == 'relation "carts"\ndoes not exist'
    assert list(row.event) == list(COLUMNS[:23])
    assert (row.tag, row.time) == ("postgresql.csvlog", "2026-03-01T08:15:02.481000+00:00")


def test_a_row_of_the_latest_release_and_of_one_to_come() -> None:
    row = one("postgresql-csvlog", START + REST + b',"client backend",,6173,new')
    assert (row["backend_type"], row["leader_pid"], row["query_id"], row["extra"]) == (
        "client backend",
        "",
        6173,
        ["new"],
    )


@each_case("broken", [b"", START, START + REST + b',"open', b"now" + START[27:] + REST])
def test_a_broken_row_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("postgresql-csvlog", broken)


@each_case(
    "record",
    [
        b'{"timestamp":"2026-03-01 09:15:02","id":3,"class":"connection"}',
        b'{"audit_record":{"name":"Connect","timestamp":"2026-03-01T09:15:02 UTC"}}',
        b"<AUDIT_RECORD><TIMESTAMP>2026-03-01T09:15:02 UTC</TIMESTAMP><NAME>Connect</NAME></AUDIT_RECORD>",
        b'<AUDIT_RECORD TIMESTAMP="2026-03-01T09:15:02 UTC" NAME="Connect" CONNECTION_ID="17"/>',
    ],
)
def test_mysql_audits_in_json_and_xml(record: bytes) -> None:
    reading = one("mysql-audit", record)
    assert (reading.tag, reading.time) == ("mysql.audit", "2026-03-01T09:15:02.000000+00:00")


def test_an_xml_record_has_its_children_or_attributes_as_fields() -> None:
    new = one("mysql-audit", b"<AUDIT_RECORD><NAME>Quit</NAME><STATUS>0</STATUS><HOST/></AUDIT_RECORD>")
    old = one("mysql-audit", b'<AUDIT_RECORD NAME="Quit" STATUS="0" HOST=""/>')
    assert new.event == old.event == {"NAME": "Quit", "STATUS": 0, "HOST": ""}


@each_case(
    "broken",
    [
        b"",
        b"{",
        b"<AUDIT_RECORD>",
        b"<AUDIT/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><AUDIT_RECORD/>',
        b"<AUDIT_RECORD/>text",
        b"</AUDIT_RECORD>",
        b"<AUDIT_RECORD><TIMESTAMP>now</TIMESTAMP></AUDIT_RECORD>",
    ],
)
def test_what_is_not_an_audit_record_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("mysql-audit", broken)


def test_csv_rows_that_a_chain_decoded_are_accepted_too() -> None:
    parser = get("mysql-audit").parser(ObjectInfo())
    assert parser.interpret({"timestamp": "x"}) == {"timestamp": "x"}  # type: ignore[attr-defined]


@each_case(
    "content",
    [
        (
            b'<?xml version="1.0" encoding="UTF-8"?>\n<AUDIT>\n <AUDIT_RECORD>\n'
            b"  <TIMESTAMP>2026-03-01T12:00:00 UTC</TIMESTAMP>\n"
            b' </AUDIT_RECORD>\n <AUDIT_RECORD\n  TIMESTAMP="2026-03-01T12:00:00 UTC"/>\n</AUDIT>\n'
        ),
        (
            b'<?xml version="1.0"?><AUDIT><AUDIT_RECORD TIMESTAMP="2026-03-01T12:00:00 UTC"/>'
            b"<AUDIT_RECORD><TIMESTAMP>2026-03-01T12:00:00 UTC</TIMESTAMP></AUDIT_RECORD></AUDIT>"
        ),
        (
            b'[\n  {\n   "timestamp": "2026-03-01 12:00:00",\n   "account": {\n "user": "" }\n  },\n'
            b'  {\n   "timestamp": "2026-03-01 12:00:00"\n  }\n]\n'
        ),
        b'[\n{"timestamp":"2026-03-01 12:00:00"},\n{"timestamp":"2026-03-01 12:00:00"}\n]',
        b'[{"timestamp":"2026-03-01 12:00:00"},{"timestamp":"2026-03-01 12:00:00"}]',
    ],
)
def test_a_whole_mysql_audit_file_is_read_in_any_of_its_layouts(content: bytes) -> None:
    assert times_of("mysql-audit", content) == [1772366400.0, 1772366400.0]
