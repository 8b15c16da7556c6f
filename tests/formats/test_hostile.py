"""What holds for every format, whatever it is given: events or ParseError, and no line that costs time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from slips.errors import ParseError
from slips.formats.base import Decoded, Format, ObjectInfo, Parser, events_of
from slips.formats.registry import all_formats
from tests.each_case import each_case

from .reading import LANDED

FORMATS = all_formats()
ABOUT = ObjectInfo(event_time=LANDED)

INSERTED = (
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"9" * 5000, b"-1", b"1e400", b"NaN", b"null",
    b"[" * 3000, b'{"a":' * 500, b'"', b'\\"', b"\\u0000", b'"\\ud800"', b"\r", b"\n", b"\t", b"\\",
    b"|", b"=", b",", b"-", b"::", b"<", b"%", "\u0663\u2028\U0001f600".encode(),
)  # fmt: skip
VALUES = (
    b"null",
    b"[]",
    b"{}",
    b'""',
    b'"-"',
    b"true",
    b"1e308",
    b'[{"a":1},2]',
    b'{"a":{"b":[]}}',
    b'"' + b"7" * 50 + b'"',
)
_JSON_VALUE = re.compile(rb'(?<=":)(?:"(?:[^"\\]|\\.)*"|[^,}\]\["{]+)')
_DIGITS = re.compile(rb"\d+")

Mutation = Callable[[bytes], bytes]
SHARE = st.floats(0, 1)


def at(text: bytes, share: float) -> int:
    """Return the position in a text where this share of it ends."""
    return int(len(text) * share)


def truncate(share: float) -> Mutation:
    return lambda text: text[: at(text, share)]


def drop(first: float, second: float) -> Mutation:
    return lambda text: text[: at(text, min(first, second))] + text[at(text, max(first, second)) :]


def double(first: float, second: float) -> Mutation:
    return lambda text: text[: at(text, max(first, second))] + text[at(text, min(first, second)) :]


def swap(share: float) -> Mutation:
    return lambda text: text[at(text, share) :] + text[: at(text, share)]


def insert(share: float, what: bytes) -> Mutation:
    return lambda text: text[: at(text, share)] + what + text[at(text, share) :]


def replace(pattern: re.Pattern[bytes], share: float, what: bytes) -> Mutation:
    """Replace one match of the pattern."""

    def mutate(text: bytes) -> bytes:
        matches = list(pattern.finditer(text))
        if not matches:
            return text
        match = matches[min(int(len(matches) * share), len(matches) - 1)]
        return text[: match.start()] + what + text[match.end() :]

    return mutate


MUTATIONS = st.one_of(
    st.builds(truncate, SHARE),
    st.builds(drop, SHARE, SHARE),
    st.builds(double, SHARE, SHARE),
    st.builds(swap, SHARE),
    st.builds(insert, SHARE, st.sampled_from(INSERTED)),
    st.builds(replace, st.just(_JSON_VALUE), SHARE, st.sampled_from(VALUES)),
    st.builds(replace, st.just(_DIGITS), SHARE, st.sampled_from((*INSERTED, b"0", b"99", b"10000000000000000000000"))),
)


def check_records(known: Format, records: Iterable[bytes]) -> None:
    """Check that records give events or ParseError, and each event a tag, a message, and a time or ParseError."""
    parser = known.parser(ABOUT)
    for record in records:
        try:
            _ask(parser, parser.read(record))
        except ParseError:
            pass
        except Exception as fault:
            pytest.fail(f"{known.name}: {type(fault).__name__}: {fault}: {record[:500]!r}")
    with suppress(ParseError):
        _ask(parser, parser.finish())


def _ask(parser: Parser, decoded: Decoded) -> None:
    for _, event in events_of(decoded):
        parser.tag(event)
        parser.message(event)
        parser.time(event)


few_and_many = pytest.mark.parametrize("count", [20, pytest.param(400, marks=pytest.mark.slow)], ids=["few", "many"])
"""Examples that hypothesis tries, of every format each."""


@few_and_many
def test_any_bytes_give_events_or_a_parse_error(count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(st.lists(st.binary(max_size=200), min_size=1, max_size=3))
    @example([b""])
    @example([b"#Date: ", b"#Fields: ", b"#Fields:", b"#fields\t", b"#separator ", b"#types\t"])
    @example([b"[" * 100_000])
    @example([b'{"a":' * 100_000])
    @example([b"\xff" * 1000])
    @example([b"9" * 100_000])
    def check(records: list[bytes]) -> None:
        for known in FORMATS:
            check_records(known, records)

    check()


@few_and_many
def test_an_example_that_was_tampered_with_gives_events_or_a_parse_error(count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(st.lists(MUTATIONS, min_size=1, max_size=3))
    def check(mutations: list[Mutation]) -> None:
        for known in FORMATS:
            record = known.example
            for mutate in mutations:
                record = mutate(record)
            check_records(known, [known.example, record, known.example])

    check()


REPEATED = (
    b" ", b'"', b"=", b"[", b"]", b"1", b"a", b"A", b",", b"|", b"\\", b":", b"/", b"(", b"{", b"<", b"-", b".", b"\t",
    b"\n", b" a=", b'\\"', b'" ', b"a ", b"[a] ", b", a: ", b'a="', b"1.", b"a,b|",
)  # fmt: skip
SMALL, LARGE, LINE = 8_000, 250_000, 1_000_000
"""Bytes. What costs the square of its length shows in the small line already, and only then are the others measured."""
SUSPICIOUS, ENOUGH = 0.008, 1.0
"""Seconds of this process: a small line above the first is looked at; a line of a megabyte may take the other."""


@pytest.mark.parametrize("cuts", [2, pytest.param(8, marks=pytest.mark.slow)])
@each_case("known", FORMATS, ids=lambda known: known.name)
def test_no_hostile_line_costs_more_than_its_length(known: Format, cuts: int) -> None:
    """The hostile part begins at each of the cuts of the example, and at its beginning."""
    parser = known.parser(ABOUT)
    for number in range(cuts + 1):
        cut = len(known.example) * number // cuts
        for repeated in REPEATED:
            for end in (b"", known.example[cut:] or b"!"):
                parts = (known.example[:cut], repeated, end)
                if (
                    cost(parser, *parts, SMALL) > SUSPICIOUS
                    and min(cost(parser, *parts, SMALL) for _ in "12") > SUSPICIOUS
                ):
                    large = cost(parser, *parts, LARGE)
                    assert large < ENOUGH, f"{known.name}: {large:.1f} s: {parts}"
                    line = min(cost(parser, *parts, LINE) for _ in "12")
                    assert line < ENOUGH or line / large < 8, f"{known.name}: {line:.1f} s after {large:.1f} s: {parts}"


def cost(parser: Parser, before: bytes, repeated: bytes, after: bytes, size: int) -> float:
    """Return the seconds of CPU that a line of this size takes."""
    record = before + repeated * (size // len(repeated)) + after
    began = time.process_time()
    with suppress(ParseError):
        _ask(parser, parser.read(record))
    return time.process_time() - began
