"""`formats` of slips.yml: pattern formats, checked when the file is loaded."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from slips.config.patterns.settings import PatternFormat, PatternTime
from tests.each_case import each_case

from ..written import FORMATS, config, faults_of, load_text, with_keys

LINE = "%{time:at} %{int:status} %{rest:message}"
COLUMNS = {"at": "time", "door": "int"}


def written(**keys: object) -> str:
    """Return a file with the pattern format `mine`, which a prefix has."""
    return with_keys(bucket_mapping={"logs": [{"format": "mine"}]}, formats={"mine": keys})


def mine(**keys: object) -> PatternFormat:
    loaded = load_text(written(**keys))
    assert loaded.warnings == ()
    return loaded.formats["mine"]


def faults(**keys: object) -> list[str]:
    return faults_of(written(**keys))


def test_a_line_is_kept_with_its_time_and_tag() -> None:
    assert mine(line=LINE) == PatternFormat(name="mine", tag="mine", lines=(LINE,), time=PatternTime(fields=("at",)))
    assert mine(line=[LINE, "%{text:status2}"], tag="a.<status>").lines == (LINE, "%{text:status2}")


def test_a_line_of_a_block_may_end_with_a_line_end() -> None:
    assert mine(line=f"{LINE}\n").lines == (LINE,)


def test_columns_are_kept_in_order_and_are_text_without_a_type() -> None:
    declared = mine(columns={"at": "time", "who": None}, separator=";")
    assert (declared.columns, declared.separator) == ((("at", "time"), ("who", "text")), ";")
    assert declared.time.fields == ("at",)


@each_case(
    "separator, expected, quotes",
    [(",", ",", True), ("tab", "\t", False), ("\t", "\t", False), ("\\t", "\t", False), ("space", " ", False)],
)
def test_a_separator_has_a_name_where_it_cannot_be_seen(separator: str, expected: str, quotes: bool) -> None:
    declared = mine(columns=COLUMNS, separator=separator)
    assert (declared.separator, declared.quotes) == (expected, quotes)


def test_the_time_has_fields_patterns_and_a_zone() -> None:
    time = {"field": ["<day> <clock>", "at"], "pattern": ["%d.%m.%Y %H:%M", "%s"], "zone": "Europe/Berlin"}
    assert mine(columns={"day": None, "clock": None, "at": None}, time=time).time == PatternTime(
        fields=("<day> <clock>", "at"), patterns=("%d.%m.%Y %H:%M", "%s"), zone="Europe/Berlin"
    )
    assert mine(columns=COLUMNS, time="door").time == PatternTime(fields=("door",))
    assert mine(columns=COLUMNS, time={"zone": "+05:30"}).time == PatternTime(fields=("at",), zone="+05:30")


@each_case(
    "value, expected",
    [
        (None, ()),
        (False, ()),
        (True, ("%{time:at}",)),
        ("indented", ("indented",)),
        ("%{time} ", ("%{time} ",)),
        (["BEGIN", "%%{"], ("BEGIN", "%%{")),
    ],
)
def test_a_record_of_several_lines_begins_as_line_does_or_as_written(value: object, expected: tuple[str, ...]) -> None:
    assert mine(line=LINE, multiline=value).multiline == expected


def test_absent_values_replace_the_usual_ones() -> None:
    assert mine(line=LINE).absent == ("", "-")
    assert mine(line=LINE, absent=["", "null"]).absent == ("", "null")
    assert mine(line=LINE, absent="n/a").absent == ("n/a",)


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({}, ": neither line nor columns; write one of them"),
    ({"line": LINE, "columns": COLUMNS}, ".columns: does not work together with line; remove one of them"),
    ({"line": LINE, "header": True}, ".header: does not work together with line"),
    ({"line": LINE, "separator": ";"}, ".separator: does not work together with line"),
    ({"columns": COLUMNS, "multiline": "%{time}"}, ".multiline: does not work together with columns"),
    ({"header": True, "multiline": "indented"}, ".multiline: does not work together with header"),
    ({"line": 5}, ".line: found the number 5; put it in quotes"),
    ({"line": []}, ".line: found an empty list; write a pattern"),
    ({"line": [LINE, ""]}, '.line[1]: found the text ""; write a pattern'),
    ({"line": "%{int}"}, ".line: found no field with a name; write %{type:name}"),
    ({"line": "%{int:a} %{xyz:b}"}, '.line: unknown type "xyz" at character 10; there are text, '),
    ({"line": [LINE, "%{text:status}"]}, ".line[1]: %{text:status} has another type in an earlier line"),
    ({"line": "x" * 1001 + "%{int:a}"}, ".line: found 1009 characters; write at most 1000"),
    ({"line": "%{int:a}", "multiline": "%{int} "}, ".multiline: line ends without %{rest:…}; write it last"),
    ({"line": "%{int:a} %{rest:b}", "multiline": True}, ".multiline: line has no %{time:…} to show"),
    ({"line": LINE, "multiline": ["%{time} ", "%{x}"]}, '.multiline[1]: unknown type "x" at character 1'),
    ({"columns": {}}, ".columns: found an empty mapping; write a mapping"),
    ({"columns": ["a", "b"]}, ".columns: found a list; write a mapping from the names of the columns"),
    ({"columns": {"a": "number"}}, '.columns.a: unknown type "number"; write float'),
    ({"columns": {"a": "quoted"}}, '.columns.a: unknown type "quoted"; there are text, int,'),
    ({"columns": {f"c{at}": None for at in range(257)}}, ".columns: found 257 columns; write at most 256"),
    ({"columns": COLUMNS, "separator": "::"}, '.separator: found the text "::"; write one character'),
    ({"columns": COLUMNS, "separator": "x"}, '.separator: found the text "x"; write one character'),
    ({"columns": COLUMNS, "separator": "space", "quotes": True}, ".quotes: does not work with separator: space"),
    ({"line": LINE, "absent": []}, ".absent: found an empty list"),
    ({"line": LINE, "absent": [str(at) for at in range(21)]}, ".absent: found 21 values; write at most 20"),
    ({"line": LINE, "time": "when"}, '.time: unknown field "when"; there are at, status, message'),
    ({"line": LINE, "time": {"field": "<at> <statos>"}}, '.time.field: unknown field "statos"; did you mean "status"?'),
    ({"line": "%{int:a}", "time": {"zone": "UTC"}}, ".time: no field has the type time; write field:"),
    ({"line": LINE, "time": {"pattern": "yyyy-MM-dd"}}, '.time.pattern: found no directive in "yyyy-MM-dd"; write'),
    ({"line": LINE, "time": {"pattern": ["%F %T", "%Q"]}}, '.time.pattern[1]: unknown directive "%Q"; there are %Y'),
    ({"line": LINE, "time": {"zone": "Mars"}}, '.time.zone: unknown zone "Mars"; write one like Europe/Berlin'),
    ({"line": LINE, "tag": "a.<nope>"}, '.tag: unknown field "nope"; there are at, status, message'),
    ({"line": LINE, "lines": LINE}, '.lines: unknown key; did you mean "line"?'),
)


@each_case("keys, fault", WRONG)
def test_a_wrong_pattern_is_one_fault_with_its_place(keys: dict[str, Any], fault: str) -> None:
    (line,) = faults(**keys)
    assert line.startswith(f"formats.mine{fault}")


def test_fields_that_a_header_names_may_be_any() -> None:
    declared = mine(header=True, columns={"door": "int"}, time="when", tag="a.<who>")
    assert (declared.header, declared.time.fields) == (True, ("when",))


def test_a_field_of_json_holds_others() -> None:
    assert mine(line="%{int:a} %{json:body}", time="body.time", tag="a.<body.kind>").tag == "a.<body.kind>"


def test_the_name_is_one_that_a_chain_takes() -> None:
    (fault,) = faults_of(with_keys(formats={"a b": {"line": LINE}}))
    assert fault == 'formats["a b"]: "a b" is not the name of a format; write letters, digits and -, like door-badge'


def test_a_format_that_nothing_maps_is_a_warning() -> None:
    assert config(formats={"mine": {"line": LINE}}).warnings == (
        "formats.mine: has no effect, because bucket_mapping does not name it; map it, or remove this",
    )


def test_chains_may_name_it_and_a_misspelled_name_is_suggested() -> None:
    assert faults_of(written(line=LINE), formats=FORMATS) == []
    wrong = yaml.safe_load(written(line=LINE)) | {"bucket_mapping": {"logs": [{"format": ["s3-lines", "mien"]}]}}
    (fault,) = faults_of(yaml.safe_dump(wrong), formats=FORMATS)
    assert fault.endswith('unknown format "mien"; did you mean "mine"?')


@pytest.mark.parametrize("name", ["syslog", "lines"])
def test_the_name_of_another_format_is_taken(name: str) -> None:
    text = with_keys(bucket_mapping={"logs": [{"format": name}]}, formats={name: {"line": LINE}})
    assert faults_of(text, formats=FORMATS) == [
        f"formats.{name}: a format of that name exists already; choose another name"
    ]
