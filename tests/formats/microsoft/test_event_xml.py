"""The XML of Windows events: what becomes of its elements, and what is refused."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import pytest

from slips.errors import ParseError
from slips.formats.microsoft.event_xml import DEEPEST
from slips.formats.microsoft.event_xml import events as read_events
from tests.each_case import each_case


def events(record: bytes) -> list[dict[str, Any]]:
    """Return the events of a record as a list."""
    found = read_events(record)
    return [found] if isinstance(found, dict) else found


SYSTEM = '<System><Provider Name="Service"/><EventID>7036</EventID><Computer>dc-1</Computer></System>'


def event(inner: str = "", system: str = SYSTEM) -> bytes:
    return f'<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event">{system}{inner}</Event>'.encode()


def test_attributes_become_fields_and_the_numbers_of_the_schema_numbers() -> None:
    system = (
        "<System><Provider Name='Security' Guid='{54849625}'/><EventID>4624</EventID><Version>2</Version>"
        "<Keywords>0x8020000000000000</Keywords><TimeCreated SystemTime='2026-03-01T12:00:00Z'/>"
        "<EventRecordID>7120</EventRecordID><Correlation/><Execution ProcessID='4' ThreadID='92'/></System>"
    )
    assert events(event(system=system)) == [
        {
            "System": {
                "Provider": {"Name": "Security", "Guid": "{54849625}"},
                "EventID": 4624,
                "Version": 2,
                "Keywords": "0x8020000000000000",
                "TimeCreated": {"SystemTime": "2026-03-01T12:00:00Z"},
                "EventRecordID": 7120,
                "Correlation": "",
                "Execution": {"ProcessID": 4, "ThreadID": 92},
            }
        }
    ]


def test_qualifiers_are_next_to_the_number_of_a_classic_event() -> None:
    (parsed,) = events(event(system='<System><EventID Qualifiers="16384">7036</EventID></System>'))
    assert parsed["System"] == {"EventID": 7036, "Qualifiers": 16384}


def test_named_data_become_fields_and_data_without_a_name_a_list() -> None:
    (named,) = events(event('<EventData>\n <Data Name="User">liz</Data>\n <Data Name="Empty"/>\n</EventData>'))
    (bare,) = events(event("<EventData><Data>a</Data><Data> b\n</Data><Binary>00</Binary></EventData>"))
    assert named["EventData"] == {"User": "liz", "Empty": ""}
    assert bare["EventData"] == {"Data": ["a", " b\n"], "Binary": "00"}


def test_a_name_that_comes_again_gives_a_list_of_all_its_values() -> None:
    data = "".join(f'<Data Name="x">{value}</Data>' for value in "123")
    (parsed,) = events(event(f"<EventData>{data}</EventData>"))
    assert parsed["EventData"] == {"x": ["1", "2", "3"]}


def test_user_data_and_rendering_keep_their_elements() -> None:
    (parsed,) = events(
        event(
            '<UserData><LogFileCleared xmlns="x" xmlns:p="y"><SubjectUserName>liz</SubjectUserName></LogFileCleared>'
            '</UserData><RenderingInfo Culture="en-US"><Message>Cleared &amp; &lt;gone&gt;</Message></RenderingInfo>'
        )
    )
    assert parsed["UserData"] == {"LogFileCleared": {"SubjectUserName": "liz"}}
    assert parsed["RenderingInfo"] == {"Culture": "en-US", "Message": "Cleared & <gone>"}


def test_text_of_an_element_with_attributes_is_kept() -> None:
    (parsed,) = events(event('<UserData><Error Code="5"> denied </Error></UserData>'))
    assert parsed["UserData"] == {"Error": {"Code": "5", "#text": "denied"}}


@each_case(
    "around",
    [
        b"%s",
        b'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\r\n<Events>\r\n%s\r\n</Events>\r\n',
        b"\xef\xbb\xbf<Events>%s</Events>",
        b'<Events xmlns="x">%s',  # the first and the last of a document that was cut at each <Event>
        b"%s\n</Events>",
        b'Record 1\n<?xml version="1.0" encoding="utf-8"?>\n%s\n',  # evtx_dump
        b"Record 7\r\n%s",
    ],
)
def test_what_wevtutil_writes_around_an_event_is_not_part_of_it(around: bytes) -> None:
    assert [parsed["System"]["EventID"] for parsed in events(around % event())] == [7036]


@each_case(
    "written",
    ["\0", "\x01", "\x1b[31m", "\x0b", "\ufffe", "&#0;", "&#x1;", "&#x0B;", "&#31;", "&#x1F;", "&#xFFFE;", "&#65535;"],
)
def test_a_character_that_xml_forbids_is_replaced(written: str) -> None:
    (parsed,) = events(event(f"<EventData><Data Name='a'>x{written}y&#9;&#x20;</Data></EventData>"))
    value = parsed["EventData"]["a"]
    assert (value[:2], value[-3:]) == ("x\ufffd", "y\t ")


def test_a_prefix_of_the_namespace_is_not_part_of_a_name() -> None:
    text = event(
        "<EventData><Data Name='a:b'>c:d</Data></EventData>", '<System><EventID Qualifiers="0">1</EventID></System>'
    )
    prefixed = text.replace(b"</", b"</ns0:").replace(b"<", b"<ns0:").replace(b"<ns0:/ns0:", b"</ns0:")
    prefixed = prefixed.replace(b" xmlns=", b" xmlns:ns0=")
    assert events(prefixed) == events(text) != []


def test_several_events_in_one_record_are_as_many() -> None:
    assert len(events(b"<Events>" + event() * 3 + b"</Events>")) == 3


@each_case("rest", [b'<?xml version="1.0"?><Events>', b"</Events>"])
def test_the_rest_of_a_document_without_its_events_has_none(rest: bytes) -> None:
    assert events(rest) == []


BOMB = '<!DOCTYPE Event [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@each_case(
    "broken",
    [
        event()[:-1],
        event()[:60],
        b"<Event>",
        b"<Event/>",
        b"<Event>text</Event>",
        b"<Event><System>text</System></Event>",
        b"<Other><System/></Other>",
        event() + b"rest",
        b"<Event><System><a></System></a></Event>",
        event("<EventData><Data>&unknown;</Data></EventData>"),
        event("<EventData>&#xD800;</EventData>"),
        event("<EventData>&#1;</EventData"),
        BOMB.encode() + event("<EventData><Data>&b;</Data></EventData>"),
        b'<!DOCTYPE Event SYSTEM "file:///etc/passwd">' + event(),
        b"</Events><Events>" + event(),
        b"<Event>" * DEEPEST + b"</Event>" * DEEPEST,
    ],
    ids=range(16),
)
def test_what_is_not_an_event_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        events(broken)


def test_what_is_not_utf_8_is_refused() -> None:
    with pytest.raises(UnicodeDecodeError):
        events(event().replace(b"dc-1", b"\xff"))


@each_case("hostile", [b"<a>", b'<a b="c"/>', b"<?xml ", b"<Events ", b"&lt;", b" "])
def test_a_megabyte_of_hostile_text_costs_less_than_a_second(hostile: bytes) -> None:
    began = time.process_time()
    with suppress(ParseError):
        events(hostile * (1_000_000 // len(hostile)))
    assert time.process_time() - began < 1.0
