"""`s3-xml:Event`: elements cut out of XML by their tags alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, repeat

import pytest

from slips.config.settings import MIB
from slips.errors import CorruptObject, ReadError
from slips.model.positions import Positions
from slips.reader.batches import SAMPLE
from slips.reader.framing import RecordFilter
from slips.reader.xml_elements import LONGEST_PREFIX, LONGEST_TAG

from .reading import Counted, Read, broken_off, cut, peak, read

CHUNKED = pytest.mark.parametrize("sizes", [(), (1,), (2, 5)], ids=str)
HEAD = b'<?xml version="1.0" encoding="utf-8"?>\n'
EVENTS = (b"<Event>1</Event>", b"<Event a='2'>\n <Data>two</Data>\n</Event>", b"<Event/>")


def events(*between: bytes, name: str = "Event", sizes: Sequence[int] = (), limit: int = 1 << 20) -> Read:
    """Read the elements of a document of these pieces."""
    text = HEAD + b"<Events>" + b"".join(between) + b"</Events>\n"
    return read("s3-xml", text, argument=name, sizes=sizes, max_line_bytes=limit)


@CHUNKED
def test_every_element_of_the_name_is_a_record_as_it_is(sizes: Sequence[int]) -> None:
    result = events(b"\n", EVENTS[0], b"\n text ", EVENTS[1], EVENTS[2], b"<Other>3</Other>", sizes=sizes)
    assert result.records == list(enumerate(EVENTS, 1))
    assert result.error is None


@CHUNKED
@pytest.mark.parametrize(
    "element",
    [
        *(
            b"<Event ></Event >",
            b"<Event\n\ta = '1'\n>x</Event\n>",
            b"<Event  />",
            b'<Event a=""/>',
            b"<Event></Event>",
        ),
        *(b'<Event a=">">x</Event>', b"<Event a='/>'>x</Event>", b"<Event a=\"'>\" b='\"'/>", b'<Event a="<Event>"/>'),
        *(b"<e:Event xmlns:e='urn:x'>x</e:Event>", b"<e-1.x:Event/>", "<é:Event>日</é:Event>".encode()),
        *(b"<Event><Event>in</Event><Event/></Event>", b"<Event><x:Event><Event/></x:Event></Event>"),
        *(
            b"<Event><!-- </Event> --></Event>",
            b"<Event><![CDATA[</Event>]]></Event>",
            b"<Event><?x </Event>?></Event>",
        ),
        *(b"<Event>]]&gt; ]] > --> ?></Event>", b"<Event>&amp;&e;&#60;</Event>", b"<Event>\xff\0</Event>"),
        *(b"<Event><Events/><EventData>x</EventData><event/></Event>",),
        *(b"<Event><x:Event>in</x:Event></Event>", b"<Event>an Event > x:Event </Event>", b"<Event>x:Event ></Event >"),
        b"<Event><" + b"x" * LONGEST_PREFIX + b":Event>in</" + b"x" * LONGEST_PREFIX + b":Event></Event>",
        b"<Event><MyEvent>x</MyEvent></Event>",
    ],
)
def test_an_element_is_cut_at_its_own_tags(element: bytes, sizes: Sequence[int]) -> None:
    plain = b"<Event>plain</Event>"
    result = events(plain, element, plain, element, sizes=sizes)
    assert result.bodies == [plain, element] * 2
    assert result.error is None


@CHUNKED
@pytest.mark.parametrize("name", [b"x:Event", b"x" * (LONGEST_PREFIX + 1) + b":Event", b"Event "], ids=len)
def test_the_first_tag_that_closes_ends_an_element(name: bytes, sizes: Sequence[int]) -> None:
    element = b"<Event>x</" + name + b">"
    assert events(EVENTS[0], element, b"</Event>", EVENTS[1], sizes=sizes).bodies == [EVENTS[0], element, EVENTS[1]]


@CHUNKED
@pytest.mark.parametrize(
    "other",
    [
        *(b"<Events/>", b"<EventData>x</EventData>", b"<event/>", b"<Event.x/>", b"<Event-x/>", b"<Event:x/>"),
        *(b"<MyEvent/>", b"<!-- <Event> -->", b"<![CDATA[<Event>]]>", b"<?x <Event>?>", b'<x a="&lt;Event>"/>'),
        *(b"</Event>", b"< Event>", b"<!-- -- - > -->", b"<![CDATA[ ]] > ]]]>", b"<!-->-->"),
    ],
)
def test_what_only_looks_like_an_element_of_the_name_is_not_one(other: bytes, sizes: Sequence[int]) -> None:
    result = events(other, EVENTS[0], other, EVENTS[1], sizes=sizes)
    assert result.bodies == [EVENTS[0], EVENTS[1]]
    assert result.error is None


@CHUNKED
@pytest.mark.parametrize(
    "doctype",
    [
        *(b"<!DOCTYPE Events>", b"<!DOCTYPE Events SYSTEM 'a>b'>", b'<!DOCTYPE Events PUBLIC "a" "b">'),
        b"<!DOCTYPE Events [<!ENTITY x '<Event/>'>]>",
        b'<!DOCTYPE Events [<!ENTITY x "]><Event>"><!-- \' ]> <Event> --><!ELEMENT Event ANY>] >',
    ],
)
def test_a_document_type_holds_no_elements(doctype: bytes, sizes: Sequence[int]) -> None:
    result = read("s3-xml", HEAD + doctype + EVENTS[0], argument="Event", sizes=sizes)
    assert result.bodies == [EVENTS[0]]
    assert result.error is None


def test_entities_are_never_expanded() -> None:
    bomb = b'<!DOCTYPE e [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    assert read("s3-xml", bomb + b"<e>&c;</e>", argument="e").bodies == [b"<e>&c;</e>"]


@CHUNKED
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"\n  ", b"\xef\xbb\xbf\r\n", HEAD, b"<!-- x -->"])
def test_an_object_may_begin_with_a_mark_or_white_space(start: bytes, sizes: Sequence[int]) -> None:
    result = read("s3-xml", start + EVENTS[0] + b"\n" + EVENTS[2], argument="Event", sizes=sizes)
    assert result.bodies == [EVENTS[0], EVENTS[2]]


@pytest.mark.parametrize("text", [b"", b" \n\t", b"\xef\xbb\xbf", HEAD, b"<Events/>"])
def test_an_object_without_elements_has_no_records(text: bytes) -> None:
    result = read("s3-xml", text, argument="Event")
    assert result.count == 0
    assert result.error is None


def test_documents_may_follow_each_other() -> None:
    text = (HEAD + b"<Events>" + EVENTS[0] + b"</Events>\n") * 3
    assert read("s3-xml", text, argument="Event").bodies == [EVENTS[0]] * 3


@pytest.mark.parametrize(
    ("name", "element", "others"),
    [
        ("a.b", b"<a.b>1</a.b>", b"<aXb>2</aXb><a-b>3</a-b>"),
        ("a-b", b"<a-b>1</a-b>", b"<ab>2</ab><a-b-c/>"),
        ("日誌", "<日誌>1</日誌>".encode(), "<日>2</日>".encode()),
        ("_1", b"<_1/>", b"<_11/>"),
    ],
)
def test_names_are_taken_letter_by_letter(name: str, element: bytes, others: bytes) -> None:
    assert events(others, element, others, name=name).bodies == [element]


@CHUNKED
def test_evtx_dump_writes_a_label_before_each_document(sizes: Sequence[int]) -> None:
    text = b"".join(b"Record %d\r\n%s%s\n" % (number, HEAD, element) for number, element in enumerate(EVENTS, 7))
    result = read("s3-xml", text, argument="Event", sizes=sizes)
    assert (result.bodies, result.error) == (list(EVENTS), None)


# What is not XML, and what is cut off.


@pytest.mark.parametrize("name", ["", "e:Event", "Event>", "a b", "(", "<Event"])
def test_an_invalid_name_is_an_error_that_says_what_is_needed(name: str) -> None:
    result = events(EVENTS[0], name=name)
    assert result.records == []
    assert f's3-xml needs the name of an element, as in s3-xml:Event, not "{name}"' in str(result.error)


@CHUNKED
@pytest.mark.parametrize(
    "text",
    [
        b"text <Event/>",
        b"Record <Event/>",
        b"Record 7",
        b"Record 7 x<Event/>",
        b'{"Event":1}',
        b" \n&lt;",
        b"\xff\xfe<\0E\0",
    ],
)
def test_an_object_that_does_not_begin_with_a_tag_is_not_xml(text: bytes, sizes: Sequence[int]) -> None:
    result = read("s3-xml", text, argument="Event", sizes=sizes)
    assert result.records == []
    assert isinstance(result.error, CorruptObject)
    assert "the object is not XML: no tag at inflated byte" in str(result.error)


@CHUNKED
@pytest.mark.parametrize(
    "rest", [b"<Event>", b"<Event a='1'", b"<Event>x</Event", b"<Event><Event></Event>", b"<Event>\n<Data>"]
)
def test_an_element_that_is_cut_off_is_corrupt_after_those_before_it(rest: bytes, sizes: Sequence[int]) -> None:
    text = b"<Events>" + EVENTS[0] + EVENTS[1]
    result = read("s3-xml", text + rest, argument="Event", sizes=sizes)
    assert result.bodies == [EVENTS[0], EVENTS[1]]
    assert isinstance(result.error, CorruptObject)
    assert "is cut off" in str(result.error)


def test_the_error_says_where_the_element_begins_that_is_cut_off() -> None:
    text = b"<Events>" + EVENTS[0] + b"\n"
    error = str(read("s3-xml", text + b"<Event>\n<Data>x</Data>", argument="Event").error)
    assert error == f"an element <Event> is cut off: it begins at inflated byte {len(text)}"


@CHUNKED
@pytest.mark.parametrize("rest", [b"<!-- <Event/> --", b"<![CDATA[ ]]", b"<?x ?"])
def test_a_comment_section_or_instruction_that_is_cut_off_is_corrupt(rest: bytes, sizes: Sequence[int]) -> None:
    result = read("s3-xml", b"<Events>" + EVENTS[0] + rest, argument="Event", sizes=sizes)
    assert result.bodies == [EVENTS[0]]
    assert "an XML comment, CDATA section or instruction is cut off" in str(result.error)


def test_a_tag_that_never_ends_is_corrupt_and_not_waited_for() -> None:
    chunks = Counted(repeat(b"x" * 1000, 10_000))
    result = read("s3-xml", chain([b"<Events>" + EVENTS[0] + b"<Event a='"], chunks), argument="Event")
    assert result.bodies == [EVENTS[0]]
    assert "a tag near <Event> is cut off" in str(result.error)
    assert chunks.pulled < 3 * LONGEST_TAG // 1000


@CHUNKED
def test_the_error_that_ended_the_bytes_is_raised(sizes: Sequence[int]) -> None:
    fault = ReadError("connection reset")
    for rest in (b"", b"<Event>", b"<Event a", b"<!-- ", b"text"):
        text = b"<Events>" + EVENTS[0] + rest
        result = read("s3-xml", chain(cut(text, sizes), broken_off(b"", fault)), argument="Event")
        assert result.bodies == [EVENTS[0]]
        assert result.error is fault


# The limit.


@CHUNKED
@pytest.mark.parametrize(
    "inner", [b"x" * 80, b"<Data>1</Data>" * 6, b"<Event>1</Event>" * 5, b"<!-- " + b"x" * 80 + b"-->"]
)
def test_an_element_above_the_limit_is_a_fault_and_those_after_it_are_read(inner: bytes, sizes: Sequence[int]) -> None:
    long = b"<Event>" + inner + b"</Event>"
    result = events(EVENTS[0], long, EVENTS[2], EVENTS[0], sizes=sizes, limit=60)
    assert result.records == [(1, EVENTS[0]), (3, EVENTS[2]), (4, EVENTS[0])]
    assert result.faults == [2]
    assert long.startswith(result.samples[0][:60])
    assert result.error is None


@CHUNKED
def test_an_element_of_exactly_the_limit_is_read(sizes: Sequence[int]) -> None:
    exact = b"<Event>" + b"x" * 45 + b"</Event>"
    assert events(exact, EVENTS[0], sizes=sizes, limit=60).bodies == [exact, EVENTS[0]]


@pytest.mark.parametrize("sizes", [(), (100,), (3000,)], ids=str)
def test_the_sample_is_how_the_element_begins(sizes: Sequence[int]) -> None:
    long = b"<Event>" + b"".join(b"%d," % n for n in range(1000)) + b"</Event>"
    assert events(EVENTS[0], long, sizes=sizes, limit=2000).samples == [long[:SAMPLE]]


@pytest.mark.parametrize(
    ("opens", "piece", "ends", "records"),
    [
        (b"<r><e/><e>", b"x" * MIB, b"</e><e/></r>", 3),
        (b"<r><e/><!-- ", b"x-" * (MIB // 2), b"--><e/></r>", 2),
        (b"<r><e/>", b"text" * (MIB // 4), b"<e/></r>", 2),
        (b"<r><e/>", (b"<x>" + b"y" * 1000 + b"</x>") * 1000, b"<e/></r>", 2),
    ],
    ids=["element", "comment", "text", "other elements"],
)
def test_an_object_is_never_held_in_memory(opens: bytes, piece: bytes, ends: bytes, records: int) -> None:
    count, held = peak("s3-xml", chain([opens], repeat(piece, 30), [ends]), argument="e")
    assert count == records
    assert held < 8 * MIB


# Which elements match.


@CHUNKED
def test_elements_are_resumed_replayed_and_searched_like_lines(sizes: Sequence[int]) -> None:
    text = b"<r>" + b"\n".join(EVENTS) + b"</r>"
    for record_filter, expected in (
        (RecordFilter(resume_from=3), [(3, EVENTS[2])]),
        (RecordFilter(only=Positions.parse("1-2")), [(1, EVENTS[0]), (2, EVENTS[1])]),
        (RecordFilter(needles=(b"two",)), [(2, EVENTS[1])]),
        (RecordFilter(needles=(b"<r>", b"</Event>\n<Event")), []),
    ):
        assert read("s3-xml", text, argument="Event", sizes=sizes, record_filter=record_filter).records == expected


def test_nothing_is_read_far_after_the_last_position_requested() -> None:
    chunks = Counted(chain([b"<r>"], repeat(b"<e>1</e>\n" * 30_000, 50)))
    result = read("s3-xml", chunks, argument="e", record_filter=RecordFilter(only=Positions.parse("5")))
    assert result.records == [(5, b"<e>1</e>")]
    assert chunks.pulled <= 4
