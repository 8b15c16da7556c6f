"""Lines as patterns: what is refused when the file is loaded, and regular expressions that take linear time."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from slips.config.patterns.line import PatternFault, compile_line, parse_line
from slips.config.patterns.types import OTHER_NAMES, TYPES
from tests.each_case import each_case

WRONG = (
    ("", "found no field"),
    ("nothing but text", "found no field; write %{type:name}, like %{int:status}"),
    (
        "%{int:a",
        '"%{" at character 1 does not begin a field; write %{type:name}, like %{int:status}, or %%{ for that text',
    ),
    ("%%{ %{int:a} %{int:b", '"%{" at character 14 does not begin a field'),
    ("a\n%{int:a}", "found several lines; write one"),
    ("x %{INT:a}", 'unknown type "INT" at character 3; write %{int:a}'),
    ("%{GREEDYDATA:a}", 'unknown type "GREEDYDATA" at character 1; write %{rest:a}'),
    ("%{timestamp}", 'unknown type "timestamp" at character 1; write %{time}'),
    ("%{quoetd:a}", 'unknown type "quoetd" at character 1; did you mean "quoted"?'),
    ("%{int:}", '"" at character 1 is not the name of a field'),
    ("%{int:a:b}", '"a:b" at character 1 is not the name of a field'),
    ("%{int:a} %{int:a}", "%{int:a} at character 10 has the name of an earlier field; choose another"),
    ("%{int:a}%{text:b}", "%{int:a} and %{text:b} touch at character 9, so it is not clear where the first ends"),
    ("%{int:a}0", '%{int:a} at character 1 can itself contain "0", which follows it; write %{text:a}'),
    ("%{word}s %{int:b}", '%{word} at character 1 can itself contain "s", which follows it; write %{text}'),
    ("%{ip:a}.%{int:b}", '%{ip:a} at character 1 can itself contain "."'),
    ("%{rest:a} %{int:b}", '%{rest:a} at character 1 takes all that is left, and " " follows; write it last'),
    ("%{json:a}%{int:b}", "%{json:a} at character 1 takes all that is left, and %{int:b} follows"),
    ("%{quoted:a}", '%{quoted:a} at character 1 is not in quotes; write "%{quoted:a}", with the quotes'),
    ("\"%{quoted:a}'", "%{quoted:a} at character 2 is not in quotes"),
    (" ".join(f"%{{int:n{at}}}" for at in range(101)), "found 101 fields; write at most 100"),
)


@each_case("text, fault", WRONG)
def test_what_is_ambiguous_is_refused_with_its_place(text: str, fault: str) -> None:
    with pytest.raises(PatternFault) as raised:
        parse_line(text)
    assert str(raised.value).startswith(fault)


def test_other_names_of_types_lead_to_ours() -> None:
    assert set(OTHER_NAMES.values()) <= set(TYPES)
    assert not set(OTHER_NAMES) & set(TYPES)


def groups(text: str, line: str, *absent: str) -> tuple[str | None, ...] | None:
    pattern = "".join(piece.pattern for piece in compile_line(parse_line(text), absent))
    match = re.fullmatch(pattern, line)
    return match and match.groups()


TAKEN: tuple[tuple[str, str, tuple[str | None, ...] | None], ...] = (
    ("%{text:a} - %{text:b}", "ada - x - y", ("ada", "x - y")),
    ("%{text:a}: %{text:b}", "a:b: c", ("a:b", "c")),
    ("%{text:a} %{text:b}", "a   b c", ("a", "b c")),
    ("%{text:a}|%{text:b}", "|", ("", "")),
    ("%{text:a}→%{text:b}", "aé→b", ("aé", "b")),
    ("%{text:a} → %{text:b}", "a é → b", ("a é", "b")),
    ("%{text:a}|", "a\n|", None),
    ("%{notspace:a}@%{notspace:b}", "a@b@c", ("a", "b@c")),
    ("%{notspace:a}@%{notspace:b}", "@b", None),
    ("%{notspace:a}->%{notspace:b}", "a-b->c", ("a-b", "c")),
    ("%{notspace:a}->%{notspace:b}", "->c", None),
    ("%{notspace:a} - %{text:b}", "a - b", ("a", "b")),
    ("%{word:a} %{word}", "ab_1 x", ("ab_1",)),
    ("%{word:a}", "a-b", None),
    ("%{int:a}", "-12", ("-12",)),
    ("%{int:a}", "1.5", None),
    ("%{int:a}", "٣", None),
    ("%{int:a}", "9" * 40, None),
    ("%{float:a}", "1.5e-3", ("1.5e-3",)),
    ("%{float:a}", ".5", (".5",)),
    ("%{float:a}.", "3.", ("3",)),
    ("%{float:a}ms", "3.5ms", ("3.5",)),
    ("%{bool:a}", "True", ("True",)),
    ("%{bool:a}", "yes", None),
    ("%{ip:a}", "10.0.0.1", ("10.0.0.1",)),
    ("%{ip:a}", "2001:db8::1", ("2001:db8::1",)),
    ("%{ip:a}", "fe80::1%eth0", ("fe80::1%eth0",)),
    ("%{ip:a}", "::ffff:10.0.0.1", ("::ffff:10.0.0.1",)),
    ("%{ip:a}", "example.com", None),
    ("%{ip:a}:%{int:b}", "10.0.0.1:80", ("10.0.0.1", "80")),
    ("%{ip:a}:%{int:b}", "2001:db8::1:80", None),
    ("[%{ip:a}]:%{int:b}", "[2001:db8::1]:80", ("2001:db8::1", "80")),
    ('"%{quoted:a}" %{int:b}', r'"a \" b" 1', (r"a \" b", "1")),
    ("'%{quoted:a}'", "'a\"b'", ('a"b',)),
    ("%{int:a} %{rest:b}", "1 a\nb", ("1", "a\nb")),
    ("%{int:a} %{json:b}", '1 {"a":\n1}', ("1", '{"a":\n1}')),
    ("%{int:a} %{json:b}", "1 a", None),
    ("%%{%{int:a}}", "%{1}", ("1",)),
    ("100% %{int:a}", "100% 1", ("1",)),
    ("(a.b) %{int:a}", "(a.b) 1", ("1",)),
    ("(a.b) %{int:a}", "(axb) 1", None),
    ("%{int:a}", "1 \t\r", ("1",)),
    ("%{int:a};", "1; ", ("1",)),
)


@each_case("text, line, expected", TAKEN)
def test_a_field_takes_its_type_and_ends_where_the_text_after_it_comes(
    text: str, line: str, expected: tuple[str | None, ...] | None
) -> None:
    assert groups(text, line) == expected


TIMES = (
    "2026-03-01", "2026-03-01 09:15:02", "2026-03-01T09:15:02.123456Z", "2026/03/01 9:15:02,123 +0100",
    "2026-03-01T09:15+01:00", "2026-03-01_09:15:02 UTC", "01/Mar/2026:09:15:02 +0000", "1-Mar-2026 09:15:02",
    "Mar  1 09:15:02", "Mar 01 2026 09:15:02.5", "Sun Mar  1 09:15:02 2026", "Sun, 01 Mar 2026 09:15:02 +0000"[5:],
    "Sun Mar 1 09:15:02 UTC 2026", "1772356502", "1772356502123", "1772356502.123",
)  # fmt: skip


@each_case("text", TIMES)
def test_a_time_is_of_a_shape_that_slips_knows(text: str) -> None:
    assert groups("%{time:at} x", f"{text} x") == (text,)
    assert groups("[%{time:at}]", f"[{text}]") == (text,)


@each_case("text", ["", "yesterday", "12ms", "09:15:02", "Foo 1 09:15:02"])
def test_anything_else_is_not_a_time(text: str) -> None:
    assert groups("%{time:at}", text) is None


def test_any_field_may_have_a_value_that_means_that_there_is_none() -> None:
    assert groups("%{int:a},%{ip:b},%{time:c}", "-,,-", "", "-") == (None, None, None)
    assert groups("%{int:a},%{ip:b}", "n/a,-", "-", "n/a") == (None, None)
    assert groups("%{int:a}", "", "-") is None
    assert groups("%{int:a}", "-5", "-") == ("-5",)


def test_pieces_match_one_by_one_as_they_do_together() -> None:
    pieces = compile_line(parse_line("%{text:a} - %{int:b}"), ("-",))
    line, at = "a - b - 5", 0
    for piece in pieces:
        match = re.compile(piece.pattern).match(line, at)
        if match is None:
            break
        at = match.end()
    assert (line[at:], re.fullmatch("".join(piece.pattern for piece in pieces), line)) == ("b - 5", None)


FIELDS = st.sampled_from([f"%{{{kind}}}" for kind in TYPES if kind != "quoted"] + ['"%{quoted}"', "'%{quoted}'"])
LITERALS = st.text(st.sampled_from(' -:|a0,.[]é"+T%{}'), min_size=0, max_size=4)
PATTERNS = st.lists(st.tuples(FIELDS, LITERALS), min_size=1, max_size=8).map(
    lambda pairs: "".join(field + literal for field, literal in pairs)
)
REPEATED = ("-", " ", " -", "- ", "a", "0", ":", "1:", "a:", '"', "\\", '\\"', "T", "é", ".", ",", "|", "0.", "{", "\n")


@given(PATTERNS, st.sampled_from(REPEATED), st.text(st.sampled_from(' -:a0".|'), max_size=6))
def test_no_pattern_that_is_taken_can_be_made_slow(text: str, repeated: str, before: str) -> None:
    try:
        parts = parse_line(text)
    except PatternFault:
        assume(False)
        return
    match_line = re.compile("".join(piece.pattern for piece in compile_line(parts, ("", "-")))).fullmatch
    line = before + repeated * (50_000 // len(repeated)) + "\x00"
    begun = time.process_time()
    match_line(line)
    assert time.process_time() - begun < 0.5  # Quadratic, it would be minutes.
