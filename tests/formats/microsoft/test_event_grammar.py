"""Events of Windows whose tags came before are read by one expression, with the same result as by an XML parser."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slips.errors import ParseError
from slips.formats.learned_lines import LearnedLines
from slips.formats.microsoft.event_xml import _EVENTS
from tests.each_case import each_case

SYSTEM = (
    "<System><Provider Name='P' Guid='{1}'/><EventID>7</EventID><Task>0</Task><Opcode/><Keywords>0x80</Keywords>"
    '<Execution ProcessID="4" ThreadID="8"/><Channel>System</Channel></System>'
)
LEARNED = {
    "data": f"<Event xmlns='w'>{SYSTEM}<EventData><Data Name='A'>x y</Data><Data Name=\"B\"/></EventData></Event>",
    "spaces": f"<Event>\n  {SYSTEM}\n  <EventData>\n<Data Name='A'>1\n2</Data>\t</EventData>\n</Event>\n",
    "qualifiers": "<Event><System><EventID Qualifiers='16384'>7036</EventID><Level>4</Level></System></Event>",
    "user data": f"<Event>{SYSTEM}<UserData><E xmlns='y' z='1'><a b='2'>text</a><c>3</c></E></UserData></Event>",
    "one value": f"<Event>{SYSTEM}<EventData><Data>alone</Data><Binary>00</Binary></EventData></Event>",
}
MEANINGFUL = [
    *"<>&'\"/=! \n\t\r\0\x1d0aé\u00a0\ufffe", "]]>", "&amp;", "<x/>", "<!---->", "<![CDATA[x]]>", " a='b'", "xmlns",
    "</", "7" * 25, "</System>", "<Data Name='A'>", "<EventID>", " Name=''", "-1",
]  # fmt: skip


def outcome(reader: LearnedLines, text: str, *, with_care: bool = False) -> str:
    try:
        return repr((reader.read_carefully if with_care else reader.read)(text))
    except ParseError as fault:
        return f"ParseError: {fault}"


def learn(text: str) -> LearnedLines:
    reader = LearnedLines(_EVENTS.read_carefully, _EVENTS.grammar, first_lesson=1)
    outcome(reader, text)
    return reader


@each_case("name", LEARNED)
def test_an_event_like_one_before_is_not_read_with_care(name: str) -> None:
    reader = learn(LEARNED[name])
    expected = outcome(reader, LEARNED[name], with_care=True)
    reader.read_carefully = lambda text: pytest.fail(f"read with care: {text}")
    assert outcome(reader, LEARNED[name]) == expected


@given(
    st.sampled_from(sorted(LEARNED)),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 2), st.sampled_from(MEANINGFUL)), min_size=1, max_size=3),
)
def test_each_result_is_that_of_reading_with_care(name: str, changes: list[tuple[int, int, str]]) -> None:
    text = LEARNED[name]
    reader = learn(text)
    for at, length, part in changes:
        at %= len(text) + 1
        text = text[:at] + part + text[at + length :]
    for _ in range(2):  # As an event to learn from, and as one that was learned.
        assert outcome(reader, text) == outcome(reader, text, with_care=True)


@each_case(
    "inner",
    [
        "<A>1</A><A>2</A>", "<A>&amp;</A>", "<A>]]&gt;</A>", "<A x='&lt;'/>", "<A>1</A>text", "<A>1</A><!-- -->",
        "<x:A/>", "<Data Name=''>1</Data>", "<Data Name='A' B='1'/>", "<Data Name='A'><B>1</B></Data>",
        "<EventID>x</EventID>", "<Execution A='x'/>", "<EventID Qualifiers='1'/>", "<EventID A='1'>2</EventID>",
        "<A x='1'>two words</A>", "<a>" * 9 + "</a>" * 9, "<A>\ufffe</A>", "<A xmlns='&amp;'>1</A>",
    ],
)  # fmt: skip
def test_an_event_in_which_something_else_has_a_meaning_teaches_nothing(inner: str) -> None:
    assert learn(f"<Event><System><B>1</B>{inner}</System></Event>")._shapes == {}


@each_case("text", ["<Event><System><B>1</B></System></Event>" * 2, "<Events/>", " <Event><System/></Event>"])
def test_what_is_more_or_less_than_an_event_teaches_nothing(text: str) -> None:
    assert learn(text)._shapes == {}


@each_case("changed", ["two words", "", " ", " 7", "\u00a0"])
def test_text_beside_attributes_is_without_the_space_around(changed: str) -> None:
    text = "<Event><System><A x='1'>word</A><B>1</B></System></Event>"
    reader = learn(text)
    assert len(reader._shapes) == 1
    text = text.replace("word", changed)
    assert outcome(reader, text) == outcome(reader, text, with_care=True)
