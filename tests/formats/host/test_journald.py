"""systemd's journal."""

from __future__ import annotations

import time
from contextlib import nullcontext, suppress

import pytest

from slips.errors import ParseError
from slips.formats.base import Event, ObjectInfo, events_of
from slips.formats.host import journald
from slips.formats.registry import get
from tests.each_case import each_case

from ..reading import read


def entry(message: bytes, number: int, *, with_length: bool = False) -> bytes:
    head = b"__CURSOR=s=1;i=%d\n__REALTIME_TIMESTAMP=1772356502481290\n" % number
    value = b"MESSAGE\n" + len(message).to_bytes(8, "little") + message if with_length else b"MESSAGE=" + message
    return head + value + b"\n_PID=7\n\n"


def whole(content: bytes) -> list[Event]:
    """Return the events of lines, without carriage returns at their ends, and what waits for another one."""
    parser = get("journald").parser(ObjectInfo())
    decoded = []
    for line in content.split(b"\n"):
        with nullcontext() if line else suppress(ParseError):  # A blank line between entries is no event.
            decoded.append(parser.read(line.rstrip(b"\r")))
    return [event for each in (*decoded, parser.finish()) for _, event in events_of(each)]


def test_the_export_format_gives_an_event_for_each_entry() -> None:
    lines = entry(b"hello=1", 1) + entry(b"two\nlines\n__CURSOR=x\n", 2, with_length=True) + entry(b"last", 3)
    events = whole(lines)
    assert [event["__CURSOR"] for event in events] == ["s=1;i=1", "s=1;i=2", "s=1;i=3"]
    assert [event["MESSAGE"] for event in events] == ["hello=1", "two\nlines\n__CURSOR=x\n", "last"]
    assert {event["_PID"] for event in events} == {"7"}


def test_a_field_that_comes_again_gives_a_list() -> None:
    assert [event["A"] for event in whole(b"__CURSOR=1\nA=1\nA=2\nA=3\n\n")] == [["1", "2", "3"]]


def test_a_value_whose_lines_have_lost_their_carriage_returns_ends_where_it_did() -> None:
    events = whole(entry(b"a\r\nb\r\nc", 1, with_length=True) + entry(b"last", 2))
    assert [(event["MESSAGE"], event["_PID"]) for event in events] == [("a\nb\nc", "7"), ("last", "7")]


def test_an_entry_that_the_object_cuts_off_is_delivered_as_far_as_it_goes() -> None:
    length = (100).to_bytes(8, "little")
    assert whole(b"__CURSOR=1\nMESSAGE\n" + length + b"cut\noff") == [{"__CURSOR": "1", "MESSAGE": "cut\noff"}]
    assert whole(b"__CURSOR=1\nMESSAGE") == [{"__CURSOR": "1", "MESSAGE": ""}]
    assert get("journald").parser(ObjectInfo()).header_records > 10**12


@each_case("value", [(2).to_bytes(8, "little") + b"xyz", (1).to_bytes(8, "little") + b"xyz"])
def test_a_value_that_is_longer_than_it_says_is_refused_and_the_next_entry_read(value: bytes) -> None:
    parser = get("journald").parser(ObjectInfo())
    parser.read(b"__CURSOR=1")
    parser.read(b"MESSAGE")
    with pytest.raises(ParseError, match="longer than its length"):
        parser.read(value)
    parser.read(b"__CURSOR=2")
    assert [event for _, event in events_of(parser.finish())] == [{"__CURSOR": "2"}]


def test_the_time_of_a_value_is_linear_in_its_lines() -> None:
    def seconds(count: int) -> float:
        parser = get("journald").parser(ObjectInfo())
        begun = time.process_time()
        for line in (b"__CURSOR=1", b"MESSAGE", (1 << 40).to_bytes(8, "little"), *[b"__CURSOR=1"] * count):
            parser.read(line)
        return time.process_time() - begun

    assert min(seconds(40_000) for _ in range(3)) < 12 * min(seconds(10_000) for _ in range(3))


def test_an_entry_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journald, "MAX_ENTRY", 100)
    with pytest.raises(ParseError, match="more than 100 bytes"):
        read("journald", b"__CURSOR=1", b"A=" + b"x" * 100)


@each_case("broken", [b"up", b"a b=1", b"=1", b'{"a"'])
def test_what_is_not_an_entry_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("journald", broken)
