"""The quick reader of Windows events gives what an XML parser gives, or nothing."""

from __future__ import annotations

from slips.formats.microsoft.usual_event import read_usual_event
from tests.each_case import each_case

SYSTEM = (
    '<System><Provider Name="P" Guid="{1}"/><EventID Qualifiers="0">7</EventID><Level>4</Level>'
    '<TimeCreated SystemTime="2026-03-01T09:15:02Z"/><Correlation/></System>'
)


def test_an_ordinary_event_is_read_as_text() -> None:
    data = "<EventData><Data Name='A'>x y</Data>\n<Data Name=\"B\"/></EventData>"
    text = f"<Event xmlns='w'>\n  {SYSTEM}\n  {data}</Event>\n"
    assert read_usual_event(text) == {
        "System": {
            "Provider": {"Name": "P", "Guid": "{1}"},
            "EventID": {"Qualifiers": "0", "#text": "7"},
            "Level": "4",
            "TimeCreated": {"SystemTime": "2026-03-01T09:15:02Z"},
            "Correlation": "",
        },
        "EventData": {"A": "x y", "B": ""},
    }


@each_case(
    "data",
    [
        '<Data Name="A">&amp;</Data>', '<Data Name="A">1</Data><Data Name="A">2</Data>', "<Data>1</Data>",
        '<Data Name="">1</Data>', '<Data Name="A"><![CDATA[x]]></Data>', '<Data Name="A">1</Data>text',
        'text<Data Name="A">1</Data>', '<Data Name="A\'>1</Data>', '<Data Name="A" Type="x">1</Data>', "",
        '<Data Name="A"><B>1</B></Data>', '<Data Name="A">\x01</Data>', '<Data Name="A">a\rb</Data>',
        '<Data Name="A">1</Date>', '<Data Name="A">1</Data><Binary>00</Binary>',
    ],
)  # fmt: skip
def test_data_that_needs_a_parser_is_left_to_it(data: str) -> None:
    assert read_usual_event(f"<Event>{SYSTEM}<EventData>{data}</EventData></Event>") is None


@each_case(
    "system",
    [
        "<System><A>1</A><A>2</A></System>", "<System><A x='1' x='2'/></System>", "<System>text<A>1</A></System>",
        "<System><A>1</B></System>", '<System><A xmlns="x">1</A></System>', "<System><Data Name='A'>1</Data></System>",
        "<System><A>1</A>text</System>", "<System><!-- --><A>1</A></System>",
    ],
)  # fmt: skip
def test_a_system_section_that_needs_a_parser_is_left_to_it(system: str) -> None:
    assert read_usual_event(f"<Event>{system}<EventData><Data Name='A'>1</Data></EventData></Event>") is None


def test_an_event_without_data_is_ordinary_and_what_is_around_one_is_not() -> None:
    assert read_usual_event(f"<Event>{SYSTEM}</Event>") is not None
    assert read_usual_event(f"<Events><Event>{SYSTEM}</Event></Events>") is None
    assert read_usual_event(f"<Event a='1'>{SYSTEM}</Event>") is None
    assert read_usual_event(f"<Event>{SYSTEM}<UserData><A/></UserData></Event>") is None
