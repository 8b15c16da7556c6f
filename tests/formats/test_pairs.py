"""The quick way of names and values says nothing of lines that need a closer look."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from slips.formats.pairs import NameCheck, delimited_pairs, has_plain_spaces, quoted_pairs, spaced_pairs
from tests.each_case import each_case

WORD = st.text("abcdefghij0123456789._-=é", max_size=8)
NAME = st.text("abcdefghij", min_size=1, max_size=5)


@given(st.dictionaries(NAME, WORD, max_size=6), st.dictionaries(NAME, st.text("ab =;^'", max_size=6), max_size=4))
def test_spaced_pairs_are_read_back_or_not_at_all(bare: dict[str, str], quoted: dict[str, str]) -> None:
    event = {**{name: f"v{value}" for name, value in bare.items()}, **quoted}
    words = [f'{name}="{value}"' if name in quoted else f"{name}={value}" for name, value in event.items()]
    assert spaced_pairs(" ".join(words)) == event


@each_case(
    "text",
    [
        'a="1', 'a="1" b', 'a="1"b=2', 'a=x"1"', 'a="x"y" b="z"', "a=1 a=2", "a=1\tb=2", "a", "a=1\u00a0b=2",
        'a="" =""', "=1", 'a=" k=x"y', 'a="x b="y" c=z"',
    ],
)  # fmt: skip
def test_a_line_that_needs_a_closer_look_has_no_spaced_pairs(text: str) -> None:
    assert spaced_pairs(text) is None


def test_a_name_alone_is_a_pair_only_where_the_format_allows_it() -> None:
    assert spaced_pairs('a b="x y"', lone_names=True) == {"a": "", "b": "x y"}
    assert spaced_pairs('a b="x y"') is None


@each_case("text", ["a=1^a=2", "a^b=2", "=1^b=2", "a=1 ^b=2", "a=1^ b=2", "a =1", "a= 1", " a=1", "a=1 ", "a=1\n^b=2"])
def test_a_line_that_needs_a_closer_look_has_no_delimited_pairs(text: str) -> None:
    assert delimited_pairs(text, "^", "=") is None
    assert delimited_pairs("a=1^b=x y", "^", "=") == {"a": "1", "b": "x y"}


@each_case("text", ['a="1" a="2"', 'a="1', 'a="1" b=2"', 'a="x"y" b="2"', r'a="\"" b="2"', 'a="1"  b'])
def test_a_line_that_needs_a_closer_look_has_no_quoted_pairs(text: str) -> None:
    assert quoted_pairs(text, '" ', '="') is None
    assert quoted_pairs('a="1" b="x y"', '" ', '="') == {"a": "1", "b": "x y"}


@each_case("space", ["\t", "\n", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x1f", "\0", "\u00a0", "\u2003"])
def test_other_whitespace_is_noticed(space: str) -> None:
    assert not has_plain_spaces(f"a{space}b")
    assert has_plain_spaces("a b é")


def test_names_are_looked_at_once_and_few_are_kept() -> None:
    check = NameCheck(r"[a-z]+")
    assert check.accepts({"a": 1})
    assert not check.accepts({"a": 1, "b1": 2})
    for at in range(5000):
        assert check.accepts({"".join(chr(97 + int(digit)) for digit in f"{at}"): 1})
    assert check.accepts({"z" * 1000: 1})
    assert len(check._known) == 4096
