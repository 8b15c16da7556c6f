"""Archives of several documents: each has a header and a state of its own, wherever reading begins."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from slips import Meta, Slips
from slips.config import Mapping
from slips.model import work_item
from slips.testing import SlipsTester


def pack_zip(*contents: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"{number}.csv", content)
    return file.getvalue()


def pack_gzip(*contents: bytes) -> bytes:
    return b"".join(map(gzip.compress, contents))


PACKS = pytest.mark.parametrize("pack", [pack_zip, pack_gzip])
Pack = Callable[..., bytes]


def deliver(tester: SlipsTester, content: bytes, *chain: str, **work: Any) -> Any:
    ref = tester.objects.put("logs", "x", content)
    mapping = Mapping(bucket="logs", prefix="x", chain=chain)
    return tester.items([msgspec.structs.replace(work_item(ref, "s"), **work)], mapping)


@PACKS
def test_members_with_columns_in_another_order(slips: Slips, pack: Pack) -> None:
    events: list[Any] = []
    slips.on_format("csv")(lambda meta, event: events.append((meta.position, event)))
    outcome = deliver(SlipsTester(slips), pack(b"a,b\n1,2", b"b,a\n3,4"), "s3-csv", "csv")
    outcome.check()
    assert events == [(2, {"a": "1", "b": "2"}), (4, {"b": "3", "a": "4"})]
    assert (outcome.books.records, outcome.books.headers, outcome.books.events) == (4, 2, 2)


@PACKS
def test_an_event_of_a_later_member_is_drained_under_its_own_header(slips: Slips, pack: Pack) -> None:
    events: list[Any] = []
    slips.on_format("csv")(lambda meta, event: events.append((meta.position, event)))
    content = pack(b"a,b\n1,2\n", b"b,a\n3,4\n5,6\n", b"a,b\n7,8\n")
    for positions in ("5", "5,7"):
        deliver(SlipsTester(slips), content, "s3-csv", "csv", positions=positions).check()
    assert events == [(5, {"b": "5", "a": "6"})] * 2 + [(7, {"a": "7", "b": "8"})]


@PACKS
@pytest.mark.parametrize("resume_from", range(1, 8))
def test_it_is_resumed_anywhere(slips: Slips, pack: Pack, resume_from: int) -> None:
    events: list[Any] = []
    slips.on_format("csv")(lambda meta, event: events.append((meta.position, event)))
    content = pack(b"a,b\n1,2\n", b"b,a\n3,4\n5,6\n", b"a,b\n7,8\n")
    deliver(SlipsTester(slips), content, "s3-csv", "csv", resume_from=resume_from)
    whole = [(2, {"a": "1", "b": "2"}), (4, {"b": "3", "a": "4"}), (5, {"b": "5", "a": "6"}), (7, {"a": "7", "b": "8"})]
    assert events == [event for event in whole if event[0] >= resume_from]


@PACKS
def test_a_search_does_not_hide_a_header(slips: Slips, pack: Pack) -> None:
    events: list[Any] = []
    slips.on_format("csv", contains="5")(lambda meta, event: events.append((meta.position, event)))
    content = pack(b"a,b\n1,2\n", b"b,a\n3,4\n5,6\n")
    deliver(SlipsTester(slips), content, "s3-csv", "csv").check()
    assert events == [(5, {"b": "5", "a": "6"})]


LINE = b"2026-03-01T09:15:0%d.0Z stdout %s %s\n"


def test_a_line_that_is_open_at_the_end_of_a_member_is_not_joined_with_the_next(slips: Slips) -> None:
    events: list[Any] = []
    slips.on_format("cri")(lambda meta, event: events.append((meta.position, event["message"])))
    content = pack_zip(LINE % (1, b"F", b"a") + LINE % (2, b"P", b"b"), LINE % (3, b"F", b"c") + LINE % (4, b"P", b"d"))
    deliver(SlipsTester(slips), content, "s3-lines", "cri").check()
    assert events == [(1, "a"), (2, "b"), (3, "c"), (4, "d")]


@pytest.mark.parametrize(("resume_from", "messages"), [(1, "abcd"), (2, "bcd"), (3, "bcd"), (4, "d"), (5, "d")])
def test_what_was_open_is_delivered_once_wherever_it_is_resumed(
    slips: Slips, resume_from: int, messages: str
) -> None:  # fmt: skip
    events: list[str] = []
    slips.on_format("cri")(lambda meta, event: events.append(event["message"]))
    first = LINE % (1, b"F", b"a") + LINE % (2, b"P", b"b")
    second = LINE % (3, b"F", b"c") + LINE % (4, b"P", b"d")
    deliver(SlipsTester(slips), pack_zip(first, second), "s3-lines", "cri", resume_from=resume_from)
    assert "".join(events) == messages


def test_directives_of_a_member_end_with_it(slips: Slips) -> None:
    events: list[Any] = []
    slips.on_format("zeek")(lambda meta, event: events.append(event))
    zeek = b"#separator \\x09\n#fields\tts\tuid\n1.0\tC1\n"
    outcome = deliver(SlipsTester(slips), pack_zip(zeek, b"2.0\tC2\n"), "s3-lines", "zeek")
    assert [event["uid"] for event in events] == ["C1"]
    assert [(failure.stage, failure.positions) for failure in outcome.errors] == [("parse", "4")]


def test_an_event_that_fails_in_a_member_is_named_by_its_position(slips: Slips) -> None:
    @slips.on_format("csv")
    def function(meta: Meta, event: Any) -> None:
        if event["n"] == "2":
            raise ValueError("two")

    [failure] = deliver(SlipsTester(slips), pack_zip(b"n,x\n1,a\n", b"x,n\nb,2\n"), "s3-csv", "csv").errors
    assert (failure.stage, failure.positions) == ("process", "4")


def test_a_parquet_file_is_named_where_its_chain_reads_lines(slips: Slips) -> None:
    slips.on_format("csv")(lambda meta, event: None)
    [failure] = deliver(SlipsTester(slips), b"PAR1" + bytes(100), "s3-csv", "csv").errors
    assert (failure.stage, failure.error_type) == ("read", "CorruptObject")
    assert "begin its format chain in slips.yml with s3-parquet" in failure.error_message


def test_a_format_of_the_user_reads_what_slips_does_not(slips: Slips) -> None:
    @slips.format("archive", source="s3-text")
    def archive(record: bytes) -> dict[str, int]:
        return {"size": len(record)}

    events: list[Any] = []
    slips.on_format("archive")(lambda meta, event: events.append(event))
    for content in (b"7z\xbc\xaf\x27\x1c\0\4", b"PAR1" + bytes(4), b"\xff\xfea\0"):
        deliver(SlipsTester(slips), gzip.compress(content), "s3-text", "archive").check()
    assert events == [{"size": 8}, {"size": 8}, {"size": 4}]


@pytest.mark.parametrize(("work", "seen"), [({}, [{"a": 1}]), ({"positions": "2"}, [])], ids=["whole", "drained"])
def test_what_waited_at_the_end_and_cannot_be_parsed_costs_its_record_alone(
    slips: Slips, work: dict[str, Any], seen: list[Any]
) -> None:
    events: list[Any] = []
    slips.on_format("json")(lambda meta, event: events.append(event))
    content = b'2026-03-01T09:15:02Z stdout F {"a":1}\n2026-03-01T09:15:03Z stdout P {"b":\n'
    outcome = deliver(SlipsTester(slips), content, "s3-lines", "cri", "json", **work)
    assert events == seen
    assert (outcome.books.unparsable, outcome.books.imbalance()) == (1, "")
    assert [(error.stage, error.positions) for error in outcome.errors] == [("parse", "2")]
