"""Formats that slips.yml declares as patterns: what they read, and what they refuse."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slips.errors import ParseError
from slips.formats.base import Format, ObjectInfo, Parser, events_of
from slips.formats.chain import compile_chain
from slips.formats.line_format import LineFormat
from slips.formats.pattern_format import pattern_format
from slips.formats.patterns import QUOTED, Pattern
from slips.formats.table_format import TableFormat, split_at_commas
from slips.reader import FRAMER_NAMES, FRAMERS
from slips.reader.framing import FramingOptions, RecordFilter
from tests.config.patterns.test_line import TIMES as WRITTEN_TIMES
from tests.config.written import load_text, with_keys
from tests.each_case import each_case

from .reading import LANDED

GATEWAY = '%{time:at} %{ip:client}:%{int:port} %{word:method} %{notspace:path} %{int:status} "%{quoted:agent}"'
ACCESS = '2026-03-01 09:15:02 192.0.2.10:4711 GET /a?b=c 200 "curl/8.5.0"'
LOG = "%{time:at} %{word:level} [%{text:thread}] %{rest:message}"


def declared(**keys: object) -> Format:
    """Return the format that slips.yml declares with these keys."""
    loaded = load_text(with_keys(bucket_mapping={"logs": [{"format": "mine"}]}, formats={"mine": keys}))
    return pattern_format(loaded.formats["mine"])


def parser(**keys: object) -> Parser:
    return declared(**keys).parser(ObjectInfo(event_time=LANDED))


def read_all(content: str, **keys: object) -> list[dict[str, Any]]:
    """Return the events of an object, cut as the format says."""
    known = declared(**keys)
    chain = compile_chain(["mine"], FRAMER_NAMES, lambda name: known)
    reader = chain.parser(ObjectInfo(event_time=LANDED))
    options = FramingOptions(argument=chain.argument)
    return [
        event
        for batch in FRAMERS[chain.framing]([content.encode()], RecordFilter(), options)
        for record in batch.records
        for _, event in events_of(reader.read(record))
    ]


def time_of(event: dict[str, Any], **keys: object) -> str | None:
    seconds = parser(**keys).time(event)
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


# Lines.


def test_a_line_gives_its_fields_with_their_types_its_time_and_its_tag() -> None:
    reader = parser(line=GATEWAY, tag="acme.gateway.<method>")
    event = reader.read(ACCESS.encode())
    assert event == {
        "at": "2026-03-01 09:15:02", "client": "192.0.2.10", "port": 4711, "method": "GET", "path": "/a?b=c",
        "status": 200, "agent": "curl/8.5.0",
    }  # fmt: skip
    assert (reader.tag(event), reader.time(event)) == ("acme.gateway.GET", 1772356502.0)


def test_the_tag_is_the_name_where_none_is_written() -> None:
    assert parser(line=LOG).tag({}) == "mine"


@each_case(
    "line, text, expected",
    [
        ("%{int:n}", "+7", 7),
        ("%{float:n}", "7", 7.0),
        ("%{bool:n}", "TRUE", True),
        ("%{bool:n}", "false", False),
        ('"%{quoted:n}"', r'"a \"b\" \\"', 'a "b" \\'),
        ('"%{quoted:n}"', '"-"', None),
        ("%{text:n}|", "|", None),
        ("%{text:n}", "a b \t\r", "a b"),
        ("%{text:n}", "- ", None),
        ("%{notspace:n} x", "- x", None),
        ("%{json:n}", '{"a": [1]}', {"a": [1]}),
        ("%{int:n}", "-", None),
        ("%{float:n},x", ",x", None),
        ("%{time:n}", "-", None),
        ("%{ip:n}", "-", None),
        ("x %{rest:n}", "x a\n b\n", "a\n b"),
    ],
)
def test_each_type_gives_its_value(line: str, text: str, expected: object) -> None:
    assert parser(line=line).read(text.encode()) == {"n": expected}


def test_the_absent_values_are_those_of_slips_yml() -> None:
    keys = {"line": "%{int:a},%{text:b},%{text:c}", "absent": ["null", "n/a"]}
    assert parser(**keys).read(b"null,n/a,-") == {"a": None, "b": None, "c": "-"}
    assert parser(line="%{text:a},%{text:b}", absent="x").read(b"x,") == {"a": None, "b": ""}
    with pytest.raises(ParseError):
        parser(**keys).read(b"-,a,b")


@each_case(
    "line, expected",
    [
        ("x", "%{time:at} was expected at character 1: 'x'"),
        (ACCESS.replace("200", "ok"), "%{int:status} was expected at character 48: 'ok \"curl/8.5.0\"'"),
        (ACCESS.replace("4711 ", "4711"), '" " was expected at character 36: \'GET /a?b=c 200 "curl/8.5.0"\''),
        (f"{ACCESS} more", "nothing more was expected at character 65: 'more'"),
        ("2026-03-01 09:15:02", "\" \" was expected at character 20: ''"),
    ],
)
def test_a_line_of_another_shape_is_refused_with_the_place(line: str, expected: str) -> None:
    with pytest.raises(ParseError) as raised:
        parser(line=GATEWAY).read(line.encode())
    assert str(raised.value) == f"not a valid mine line: {expected}"


def test_of_several_lines_the_first_that_fits_is_taken() -> None:
    reader = parser(line=["login %{word:user} from %{ip:ip}", "login %{word:user}", "%{int:n} %{word}"])
    assert reader.read(b"login ada from 192.0.2.1") == {"user": "ada", "ip": "192.0.2.1"}
    assert reader.read(b"login ada") == {"user": "ada"}
    assert reader.read(b"5 x") == {"n": 5}
    with pytest.raises(ParseError, match=r"%\{ip:ip\} was expected at character 16"):
        reader.read(b"login ada from home")


def test_json_that_is_broken_is_refused() -> None:
    with pytest.raises(ParseError):
        parser(line="%{int:a} %{json:b}").read(b"1 {")


def test_lines_that_are_comments_are_no_events() -> None:
    assert read_all("# Version 1\n5\n# end\n", line="%{int:a}", comment="#") == [{"a": 5}]
    assert read_all("# x,y\n5,a\n", columns={"a": "int", "b": None}, comment="#") == [{"a": 5, "b": "a"}]


@given(st.text(st.sampled_from("'\"\\{}n\n%é\u2028"), min_size=1, max_size=9).filter(lambda name: "{" not in name))
def test_names_and_values_from_slips_yml_are_no_code(text: str) -> None:
    name = text.replace("}", "x").replace("%", "x").replace("\n", "x").replace("\u2028", "x")
    reader = parser(columns={name: "text", f"{name}2": "int"}, absent=[text], time=name, tag=f"a.<{name}>")
    assert reader.read(b"x,5") == {name: "x", f"{name}2": 5}


# Records of several lines.

TRACES = (
    "end of another\n"
    "2026-03-01 09:15:02,123 ERROR [main] it broke\n"
    "java.lang.X: no\n"
    "\tat a.b(C.java)\n"
    "\n"
    "2026-03-01 09:15:03,001 INFO  [pool 1] fine\n"
)
TRACE = {
    "at": "2026-03-01 09:15:02,123", "level": "ERROR", "thread": "main",
    "message": "it broke\njava.lang.X: no\n\tat a.b(C.java)",
}  # fmt: skip


def test_lines_that_do_not_begin_as_line_does_continue_the_record() -> None:
    content = TRACES.partition("\n")[2]
    first, second = read_all(content, line=LOG, multiline=True)
    assert first == TRACE
    assert (second["thread"], second["message"]) == ("pool 1", "fine")


def test_the_end_of_a_record_that_began_in_another_object_is_refused_by_itself() -> None:
    with pytest.raises(ParseError, match=r"%\{time:at\} was expected at character 1: 'end of another'"):
        read_all(TRACES, line=LOG, multiline=True)


@pytest.mark.parametrize(
    ("multiline", "line"),
    [
        ("indented", "%{word:level} %{rest:message}"),
        ("%{word} ", "%{word:level} %{rest:message}"),
        (["INFO", "ERROR"], "%{word:level} %{rest:message}"),
    ],
)
def test_a_record_begins_as_multiline_says(multiline: object, line: str) -> None:
    assert read_all("ERROR no\n  at x\n\nINFO yes\n", line=line, multiline=multiline) == [
        {"level": "ERROR", "message": "no\n  at x"}, {"level": "INFO", "message": "yes"}
    ]  # fmt: skip


def test_text_that_tells_how_a_record_begins_may_be_of_any_alphabet() -> None:
    content = "aäé 1\n b\naäé 2\n"
    events = read_all(content, line="%{text:a}é %{rest:b}", multiline="%{text}é")
    assert events == [{"a": "aä", "b": "1\n b"}, {"a": "aä", "b": "2"}]


def test_a_record_begins_with_a_time_of_the_pattern() -> None:
    time = {"pattern": "%d.%m.%Y %H:%M:%S"}
    content = "01.03.2026 09:15:02 a\n2026-03-01 b\n02.03.2026 09:15:02 c\n"
    for multiline in (True, "%{time} "):
        events = read_all(content, line="%{time:at} %{rest:text}", multiline=multiline, time=time)
        assert [event["text"] for event in events] == ["a\n2026-03-01 b", "c"]


# Rows.


def test_a_row_gives_its_columns_with_their_types() -> None:
    columns = {"at": "time", "who": None, "door": "int", "weight": "float", "ok": "bool", "ip": "ip"}
    reader = parser(columns=columns, separator=";", tag="doors.<door>")
    event = reader.read(b'2026-03-01T09:15:02Z;"ada; b";7;1.5;true;192.0.2.1')
    assert event == {
        "at": "2026-03-01T09:15:02Z", "who": "ada; b", "door": 7, "weight": 1.5, "ok": True, "ip": "192.0.2.1",
    }  # fmt: skip
    assert (reader.tag(event), reader.time(event)) == ("doors.7", 1772356502.0)
    assert reader.read(b"-;;-;;-;") == dict.fromkeys(columns)
    assert reader.read(b"x;y;-7;1e3;FALSE;::1")["door"] == -7  # type: ignore[call-overload, index]


@each_case(
    "row, fault",
    [
        (b"a,b", "3 cells were expected, not 2"),
        (b"a,5,1.5,b", "3 cells were expected, not 4"),
        (b"a,b,1.5", "n is not of type int: 'b'"),
        (b"a, 5,1.5", "n is not of type int: ' 5'"),
        (b"a,%s,1.5" % (b"9" * 40), "n is not of type int: '9999"),
        (b"a,1_0,1.5", "n is not of type int: '1_0'"),
        ("a,٣,1.5".encode(), "n is not of type int: '٣'"),
        (b"a,5,nan", "x is not of type float: 'nan'"),
        (b'a,5,"1', "not a CSV row"),
    ],
)
def test_a_row_of_another_shape_is_refused_and_never_shifted(row: bytes, fault: str) -> None:
    with pytest.raises(ParseError, match=f"^{fault}"):
        parser(columns={"a": None, "n": "int", "x": "float"}).read(row)


@pytest.mark.parametrize(
    ("separator", "row", "framing"),
    [
        (",", 'a,"b,\nc"', "s3-csv"),
        ("|", 'a|"b,\nc"', "s3-csv:|"),
        ("tab", 'a\t"b', "s3-lines"),
        ("space", 'a   "b', "s3-lines"),
    ],
)
def test_rows_are_cut_at_line_ends_outside_of_quotes(separator: str, row: str, framing: str) -> None:
    keys = {"columns": {"x": None, "y": None}, "separator": separator}
    assert declared(**keys).framing == framing
    assert [event["x"] for event in read_all(f"{row}\n{row}\n", **keys)] == ["a", "a"]


def test_quotes_may_be_of_no_meaning() -> None:
    assert read_all('a;"b\n', columns={"x": None, "y": None}, separator=";", quotes=False) == [{"x": "a", "y": '"b'}]


def test_a_header_names_the_columns_and_those_with_a_type_have_it() -> None:
    keys = {"header": True, "columns": {"door": "int", "missing": "int"}, "time": "when", "tag": "a.<who>"}
    assert read_all("when,who,door\n1772356502,ada,7\nwhen,who,door\n1772356503,-,-\n", **keys) == [
        {"when": "1772356502", "who": "ada", "door": 7}, {"when": "1772356503", "who": None, "door": None}
    ]  # fmt: skip
    with pytest.raises(ParseError, match="door is not of type int: 'x'"):
        read_all("when,door\n1,x\n", **keys)


# Times.

BERLIN, TOKYO = "Europe/Berlin", "Asia/Tokyo"
TIMES: tuple[tuple[dict[str, Any] | str, str, str | None], ...] = (
    ("t", "2026-03-01 09:15:02,5", "2026-03-01T09:15:02.500000+00:00"),
    ("t", "Mar  1 09:15:02", "2026-03-01T09:15:02+00:00"),
    ("t", "01/Mar/2026:10:15:02 +0100", "2026-03-01T09:15:02+00:00"),
    ("t", "12/13/2024 4:34:03 PM", "2024-12-13T16:34:03+00:00"),
    ("t", "1772356502", "2026-03-01T09:15:02+00:00"),
    ({"field": "t", "zone": "Europe/Berlin"}, "2026-03-01 10:15:02", "2026-03-01T09:15:02+00:00"),
    ({"field": "t", "zone": "Europe/Berlin"}, "2026-07-01 11:15:02", "2026-07-01T09:15:02+00:00"),
    ({"field": "t", "zone": "Europe/Berlin"}, "Mar  1 10:15:02", "2026-03-01T09:15:02+00:00"),
    ({"field": "t", "zone": "America/New_York"}, "12/13/2024 4:34:03 PM", "2024-12-13T21:34:03+00:00"),
    ({"field": "t", "zone": "Europe/Berlin"}, "2026-03-01T09:15:02Z", "2026-03-01T09:15:02+00:00"),
    ({"field": "t", "zone": "Europe/Berlin"}, "2026-03-01 09:15:02.5+00:00", "2026-03-01T09:15:02.500000+00:00"),
    ({"field": "t", "zone": "Europe/Berlin"}, "Sun Mar  1 09:15:02 UTC 2026", "2026-03-01T09:15:02+00:00"),
    ({"field": "t", "zone": "Europe/Berlin"}, "2026-03-01T9:15:02", "2026-03-01T08:15:02+00:00"),
    ({"field": "t", "zone": "Europe/Berlin"}, "1772356502123", "2026-03-01T09:15:02.123000+00:00"),
    ({"field": "t", "zone": "Europe/Berlin"}, "1772356502.25", "2026-03-01T09:15:02.250000+00:00"),
    ({"field": "t", "zone": "+05:30"}, "2026-03-01 14:45:02", "2026-03-01T09:15:02+00:00"),
    ({"field": "t", "pattern": "%d.%m.%Y %H:%M"}, "01.03.2026 9:15", "2026-03-01T09:15:00+00:00"),
    ({"field": "t", "pattern": "%d.%m.%Y %H:%M", "zone": BERLIN}, "1.7.2026 9:15", "2026-07-01T07:15:00+00:00"),
    ({"field": "t", "pattern": "%F %T %z", "zone": TOKYO}, "2026-03-01 09:15:02 -0800", "2026-03-01T17:15:02+00:00"),
    ({"field": "t", "pattern": "%F %T %Z", "zone": TOKYO}, "2026-03-01 09:15:02 EST", "2026-03-01T14:15:02+00:00"),
    ({"field": "t", "pattern": "%b %e %T"}, "Dec 31 23:59:59", "2025-12-31T23:59:59+00:00"),
    ({"field": "t", "pattern": "%m/%d/%y %I:%M %p"}, "03/01/26 12:15 AM", "2026-03-01T00:15:00+00:00"),
    ({"field": "t", "pattern": "%m/%d/%y %I:%M %p"}, "03/01/99 12:15 pm", "1999-03-01T12:15:00+00:00"),
    ({"field": "t", "pattern": "%Y-%j"}, "2026-060", "2026-03-01T00:00:00+00:00"),
    ({"field": "t", "pattern": "%s.%f", "zone": "Asia/Tokyo"}, "1772356502.25", "2026-03-01T09:15:02.250000+00:00"),
    ({"field": "t", "pattern": ["%Y%m%d", "%d.%m.%Y"]}, "01.03.2026", "2026-03-01T00:00:00+00:00"),
    ({"field": ["u", "t"]}, "2026-03-01", "2026-03-01T00:00:00+00:00"),
    ("t", "", None),
)  # fmt: skip


@each_case("keys, text, expected", TIMES)
def test_a_time_is_read_by_its_pattern_and_in_its_zone(
    keys: dict[str, Any] | str, text: str, expected: str | None
) -> None:
    assert time_of({"t": text, "u": None}, columns={"t": None, "u": None}, time=keys) == expected


@each_case("text", WRITTEN_TIMES)
def test_every_time_that_a_line_takes_is_read(text: str) -> None:
    reader = parser(line="[%{time:at}]")
    seconds = reader.time(reader.read(f"[{text}]".encode()))  # type: ignore[arg-type]
    assert seconds in (1772323200.0, 1772352900.0) or int(seconds or 0) in (1772356502, 1772352902)


def test_a_time_of_two_fields_is_joined() -> None:
    time = {"field": "<day> <clock>", "zone": "-01:00"}
    event = {"day": "2026-03-01", "clock": "08:15:02"}
    assert time_of(event, columns={"day": None, "clock": None}, time=time) == "2026-03-01T09:15:02+00:00"


def test_a_field_that_holds_no_time_gives_way_to_the_next() -> None:
    keys: dict[str, Any] = {"columns": {"t": None, "u": None}, "time": {"field": ["t", "u"]}}
    assert time_of({"t": "N/A", "u": "2026-03-01"}, **keys) == "2026-03-01T00:00:00+00:00"
    with pytest.raises(ParseError, match="not a time: 'N/A'"):
        time_of({"t": "N/A", "u": "-"}, **keys)
    assert time_of({"t": None}, **keys) is None


@each_case(
    "pattern, text",
    [("%d.%m.%Y", "31.02.2026"), ("%Y-%j", "2026-000"), ("%F %I %p", "2026-03-01 13 PM"), ("%F", "x"),
     ("%b %d %Y", "Foo 1 2026"), ("%F %Z", "2026-03-01 XYZ")],
)  # fmt: skip
def test_what_is_no_time_is_refused(pattern: str, text: str) -> None:
    with pytest.raises(ParseError):
        time_of({"t": text}, columns={"t": None}, time={"field": "t", "pattern": pattern})


def test_without_a_field_of_type_time_there_is_none() -> None:
    assert time_of({"a": 5}, line="%{int:a}") is None


def test_the_hour_that_comes_twice_is_the_first() -> None:
    keys: dict[str, Any] = {"columns": {"t": "time"}, "time": {"zone": "Europe/Berlin"}}
    assert time_of({"t": "2026-10-25 02:30:00"}, **keys) == "2026-10-25T00:30:00+00:00"


# Hostile and fast.


@given(st.binary(max_size=200) | st.text(' -:.",;|[]09aT\n', max_size=60).map(str.encode))
def test_any_bytes_give_events_or_a_parse_error(record: bytes) -> None:
    for reader in READERS:
        try:
            events = list(events_of(reader.read(record)))
        except ParseError:
            continue
        for _, event in events:
            reader.tag(event)
            with suppress(ParseError):
                reader.time(event)


READERS = tuple(
    parser(**keys)
    for keys in (
        {"line": GATEWAY, "time": {"zone": "Europe/Berlin"}},
        {"line": [LOG, "%{text:a} - %{json:b}"], "multiline": "%{time} "},
        {"columns": {"at": "time", "n": "int", "x": "float"}, "time": {"pattern": "%d.%m.%Y", "zone": "Asia/Tokyo"}},
        {"header": True, "columns": {"n": "int"}, "time": "at", "separator": ";"},
    )
)
"""Of each sort."""

_HAND = Pattern("line", rf"(\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d) (\S+):(\d+) (\w+) (\S+) (\d+|-) {QUOTED}")


def _by_hand(line: str) -> dict[str, Any]:
    at, client, port, method, path, status, agent = _HAND.match(line).groups()
    return {
        "at": at, "client": None if client == "-" else client, "port": int(port), "method": method, "path": path,
        "status": None if status == "-" else int(status), "agent": None if agent == "-" else agent,
    }  # fmt: skip


COMMON: dict[str, Any] = {"name": "hand", "tag": "hand", "time": (), "description": "", "document": "", "example": b""}
COLUMNS = ("at", "who", "door", "state", "bytes")
PAIRS: tuple[tuple[Format, Format, bytes], ...] = (
    (declared(line=GATEWAY), LineFormat(**COMMON, parse=_by_hand), ACCESS.encode()),
    (
        declared(columns={"at": "time", "who": None, "door": "int", "state": None, "bytes": "int"}),
        TableFormat(
            **COMMON, split=split_at_commas, columns=COLUMNS, absent=("", "-"), numbers=("door", "bytes")
        ),
        b"2026-03-01T09:15:02Z,ada@example.com,7,granted,4711",
    ),
)  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS, ids=["line", "row"])
def test_a_pattern_gives_what_a_hand_written_format_gives(pair: tuple[Format, Format, bytes]) -> None:
    ours, theirs = (known.parser(ObjectInfo()).read(pair[2]) for known in pair[:2])
    assert ours == theirs


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS, ids=["line", "row"])
def test_a_pattern_is_about_as_fast_as_a_hand_written_format(pair: tuple[Format, Format, bytes]) -> None:
    decoders = [known.parser(ObjectInfo()).decode for known in pair[:2]]
    ratio = min(_ratio(decoders, pair[2]) for _ in range(5))
    assert ratio < 1.2


def _ratio(decoders: Sequence[Callable[[bytes], object]], record: bytes) -> float:
    """Return how many times as long the first takes, both in turns."""
    best = [float("inf"), float("inf")]
    for _ in range(15):
        for at, decode in enumerate(decoders):
            begun = time.process_time()
            for _ in range(5000):
                decode(record)
            best[at] = min(best[at], time.process_time() - begun)
    return best[0] / best[1]
