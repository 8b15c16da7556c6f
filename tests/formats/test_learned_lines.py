"""Lines that are like others before are read by one expression, with the same result as before."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slips.errors import ParseError
from slips.formats.general import plain
from slips.formats.host import linux
from slips.formats.learned_lines import MOST_ALIKE, MOST_SHAPES, LearnedLines
from slips.formats.microsoft import event_xml
from slips.formats.network import cef, checkpoint, fortigate, juniper, leef
from slips.formats.pair_grammar import PairGrammar
from slips.formats.registry import get
from slips.formats.values import merge_pairs, with_numbers
from tests.each_case import each_case

Read = Callable[[str], Any]
READERS = {
    "leef": leef._LINES, "cef": cef._LINES, "auditd": linux._LINES, "fortigate": fortigate._LINES,
    "logfmt": plain._LINES, "checkpoint": checkpoint._LINES, "juniper-srx": juniper._LINES,
    "windows-event-xml": event_xml._EVENTS,
}  # fmt: skip
MEANINGFUL = [
    *" \t\"'=\\|^;:,()[]\n\0\x1d0a-+.é\u00a0\u0663", "  ", "= ", " =", ' x=1 y="2" ', "7" * 25, "\\=", "\\\\=",
]  # fmt: skip


class Counted:
    """A reader of pairs with care, which counts its lines."""

    def __init__(self) -> None:
        self.lines = 0

    def __call__(self, line: str) -> Any:
        self.lines += 1
        if not line:
            raise ParseError("nothing")
        pairs = merge_pairs([tuple(word.split("=", 1)) for word in line.split(" ")])  # type: ignore[misc]
        return with_numbers(pairs, frozenset(("n",)))


GRAMMAR = PairGrammar(name=r'[^\s="]+', word=r"[!-<>-~]*+", numbers=frozenset(("n",)))


def outcome(read: Read, line: str) -> tuple[str, str]:
    try:
        event = read(line)
    except ParseError as fault:
        return "ParseError", str(fault)
    return type(event).__name__, repr(event)


def taught(name: str) -> tuple[LearnedLines, str]:
    """Return a reader that has learned from the format's example, and that line."""
    line = get(name).example.decode()
    reader = LearnedLines(READERS[name].read_carefully, READERS[name].grammar, first_lesson=1)
    reader.read(line)
    return reader, line


@each_case("name", READERS)
def test_a_line_like_one_before_is_not_read_with_care(name: str) -> None:
    reader, line = taught(name)
    expected = reader.read_carefully(line)
    reader.read_carefully = lambda line: pytest.fail(f"read with care: {line}")
    assert repr(reader.read(line)) == repr(expected)


@each_case("change", [("<14>1", "1"), ("] session created 192.0.2.41/52814", "]"), ("srx-1 RT_FLOW", "- -")])
def test_a_column_may_be_absent(change: tuple[str, str]) -> None:
    line = get("juniper-srx").example.decode().replace(*change)
    reader = LearnedLines(juniper._LINES.read_carefully, juniper._LINES.grammar, first_lesson=1)
    expected = reader.read(line)
    reader.read_carefully = lambda line: pytest.fail(f"read with care: {line}")
    assert repr(reader.read(line)) == repr(expected)


@given(
    st.sampled_from(sorted(READERS)),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 2), st.sampled_from(MEANINGFUL)), min_size=1, max_size=3),
)
def test_each_result_is_that_of_reading_with_care(name: str, changes: list[tuple[int, int, str]]) -> None:
    reader, line = taught(name)
    for at, length, text in changes:
        at %= len(line) + 1
        line = line[:at] + text + line[at + length :]
    for _ in range(2):  # As a line to learn from, and as one that was learned.
        assert outcome(reader.read, line) == outcome(reader.read_carefully, line)


@each_case("name", READERS)
def test_a_header_before_a_learned_line_is_read(name: str) -> None:
    reader, line = taught(name)
    line = f"<134>Mar  1 09:15:09 relay-7 {line[line.find('CEF:') :] if name == 'cef' else line}"
    assert outcome(reader.read, line) == outcome(reader.read_carefully, line)


def test_every_so_many_lines_one_is_learned_from_and_ever_fewer() -> None:
    careful = Counted()
    reader = LearnedLines(careful, GRAMMAR, first_lesson=4)
    for _ in range(10):
        assert reader.read("a=x b=y") == {"a": "x", "b": "y"}
    assert careful.lines == 4
    for _ in range(20):
        reader.read("a=x c=y")
    assert careful.lines == 4 + 8  # The second lesson takes twice as many.


def test_a_value_of_another_kind_than_before_widens_the_shape() -> None:
    careful = Counted()
    reader = LearnedLines(careful, GRAMMAR, first_lesson=1)
    for line, event in [("n=1 m=2", {"n": 1, "m": "2"}), ("n=x m=2", {"n": "x", "m": "2"})]:
        for _ in range(3):
            assert reader.read(line) == event
    careful.lines = 0
    assert reader.read("n=7 m=3") == {"n": 7, "m": "3"}
    assert reader.read("n=1.5 m=") == {"n": 1.5, "m": ""}
    assert careful.lines == 0
    assert sum(map(len, reader._shapes.values())) == 1


def test_a_line_that_is_refused_teaches_nothing() -> None:
    reader = LearnedLines(Counted(), PairGrammar(name="a", word="b", numbers=frozenset()), first_lesson=1)
    for _ in range(3):
        with pytest.raises(ParseError, match="nothing"):
            reader.read("")
    assert reader._shapes == {}


@each_case("line", ["a=1 a=2", "a=1  b=2", 'a="1" b=2', "a=é b=2", "a=1 b", f"a={'x' * 9000} b=2"])
def test_a_line_in_which_something_else_has_a_meaning_teaches_nothing(line: str) -> None:
    def careful(line: str) -> Any:
        return {"line": line} if "a=1 a" not in line else {"a": ["1", "2"]}

    reader = LearnedLines(careful, GRAMMAR, first_lesson=1)
    for _ in range(4):
        reader.read(line)
    assert reader._shapes == {}


def test_what_the_careful_reader_makes_of_a_line_counts() -> None:
    reader = LearnedLines(lambda line: {"a": line}, GRAMMAR, first_lesson=1)
    for text in "123":
        assert reader.read(f"a={text}") == {"a": f"a={text}"}
    assert reader._shapes == {}


def test_few_shapes_are_kept() -> None:
    reader = LearnedLines(Counted(), GRAMMAR, first_lesson=1)
    for at in range(2000):
        reader.read(f"name{at}=1 b=2")
    assert len(reader._shapes[2]) == MOST_ALIKE
    for count in range(1, 200):
        line = " ".join(f"n{at}=1" for at in range(count))
        for _ in range(4):
            reader.read(line)
    assert sum(map(len, reader._shapes.values())) == MOST_SHAPES
    assert len(reader._until_lesson) < 256


@each_case("name", ["'", "\\", "{}", "c0", "x':__import__('os')", "é\u2028", ".*", "(", "[a", "%s", "#"])
def test_a_name_is_text_whatever_it_holds(name: str) -> None:
    careful = Counted()
    reader = LearnedLines(careful, GRAMMAR, first_lesson=1)
    for _ in range(3):
        assert reader.read(f"{name}=1 n=2") == {name: "1", "n": 2}
    assert careful.lines == 1


@each_case("name", READERS)
def test_a_learned_shape_takes_linear_time(name: str) -> None:
    reader, line = taught(name)
    took = []
    at = line.rindex("=") if "=" in line else line.rindex('"') - 1
    for size in (20_000, 80_000):
        begun = time.process_time()
        for filling in ("a b ", "\\\\ ", "x", " ", " ="):
            outcome(reader.read, f"{line[:at]}{filling * (size // len(filling))}\0{line[at:]}")
        took.append(time.process_time() - begun)
    assert took[1] < 16 * took[0] + 0.1
