"""Fluentd's file format."""

from __future__ import annotations

import pytest

from slips.errors import ParseError
from slips.formats.base import ObjectInfo, events_of
from slips.formats.chain import compile_chain
from slips.formats.registry import get
from tests.each_case import each_case

from ..reading import one, read


@each_case("time", [b"2026-03-01T09:15:02+00:00", b"2026-03-01 10:15:02 +0100", b"1772356502"])
def test_time_and_tag_are_the_first_columns_and_the_event_is_the_json(time: bytes) -> None:
    line = one("fluentd-json", time + b'\tweb.access\t{"path":"/a\\tb"}')
    assert (line.event, line.tag, line.time) == ({"path": "/a\tb"}, "web.access", "2026-03-01T09:15:02.000000+00:00")


@each_case(
    "broken",
    [b"", b'2026-03-01T09:15:02Z\t{"a":1}', b"soon\tt\t{}", b"1772356502\tt\t[]", b"1772356502\tt\t{", b"\xff\tt\t{}"],
)
def test_what_is_not_a_fluentd_line_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("fluentd-json", broken)


def test_an_array_is_refused_by_name() -> None:
    with pytest.raises(ParseError, match="JSON object"):
        read("fluentd-json", b"1772356502\tt\t[]")


def test_as_an_envelope_it_gives_its_time_to_an_event_without_one() -> None:
    parser = compile_chain(["s3-lines", "fluentd-json", "g-suite-login"], frozenset({"s3-lines"})).parser(ObjectInfo())
    ((overrides, event),) = events_of(parser.read(b'1772356502\tt\t{"actor":"a"}'))
    assert (overrides["timestamp"], event) == (1772356502, {"actor": "a"})


def test_lines_of_one_second_and_of_others_have_their_own_times() -> None:
    parser = get("fluentd-json").parser(ObjectInfo())
    same = b"2026-03-01T09:15:02Z"
    times: list[float | str] = []
    for stamp in (same, same, b"never", same, b"2026-03-01T09:15:03Z"):
        try:
            [(overrides, _)] = parser.read(stamp + b'\ta\t{"n":1}')  # type: ignore[union-attr,misc]
        except ParseError:
            times.append("refused")
        else:
            times.append(overrides["timestamp"])
    assert times == [1772356502.0, 1772356502.0, "refused", 1772356502.0, 1772356503.0]


@each_case(
    "second",
    [b"2026-03-01T09:15:02+00:00\t\xe9\t{}", b"2026-03-01T09:15:02+00:00\tweb\t[]", b"yesterday\tweb\t{}", b"web\t{}"],
)
def test_a_line_is_looked_at_although_the_one_before_was_good(second: bytes) -> None:
    parser = get("fluentd-json").parser(ObjectInfo())
    assert parser.decode(b'2026-03-01T09:15:02+00:00\tweb\t{"a":1}') == {"a": 1}
    with pytest.raises(ValueError, match=r"expected|codec|time"):
        parser.decode(second)
