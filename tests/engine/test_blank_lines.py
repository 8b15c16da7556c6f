"""Blank lines are counted, not parsed: an object of nothing else must not take an exception each."""

from __future__ import annotations

from typing import Any

import pytest

from slips import Slips
from slips.config import Mapping
from slips.engine.loop import Loop
from slips.testing import SlipsTester


def deliver(slips: Slips, content: bytes, *chain: str) -> Any:
    tester = SlipsTester(slips)
    ref = tester.objects.put("logs", "x", content)
    return tester.object(ref, Mapping(bucket="logs", prefix="x", chain=chain))


@pytest.mark.parametrize("blank", [b"", b"\r", b" ", b"\t \r"])
@pytest.mark.parametrize("options", [{}, {"batch": 3}, {"contains": '"n"'}], ids=str)
def test_they_are_counted_wherever_they_are(slips: Slips, blank: bytes, options: Any) -> None:
    seen: list[int] = []

    @slips.on_format("json", **options)
    def function(*args: Any) -> None:
        seen.extend(event["n"] for _, event in (args[0] if "batch" in options else [args]))

    lines = [blank, blank, b'{"n":3}', blank, b'{"n":5}', b"{", *[blank] * 500, b'{"n":507}', blank, b'{"n":509}']
    outcome = deliver(slips, b"\n".join(lines) + b"\n", "s3-lines", "json")
    assert seen == [3, 5, 507, 509]
    books = outcome.books
    if "contains" not in options:
        assert (books.records, books.headers, books.unparsable, books.events) == (509, 504, 1, 4)
        assert [failure.positions for failure in outcome.errors] == ["6"]
    assert books.imbalance() == ""


def test_they_are_counted_up_to_where_too_many_records_fail(slips: Slips) -> None:
    slips.on_format("json")(lambda meta, event: None)
    lines = [b"", b"", *[b"", b"{"] * 150]
    outcome = deliver(slips, b"\n".join(lines) + b"\n", "s3-lines", "json")
    assert outcome.books.imbalance() == ""
    assert (outcome.books.unparsable, outcome.books.headers) == (101, 103)


def test_a_parser_of_the_user_sees_each_of_them(slips: Slips) -> None:
    seen: list[str] = []

    @slips.format("mine")
    def mine(record: str) -> dict[str, str]:
        seen.append(record)
        if not record and len(seen) < 3:
            raise ValueError("not yet")
        return {"text": record}

    slips.on_format("mine")(lambda meta, event: None)
    outcome = deliver(slips, b"\n\n\n\nx\n", "s3-lines", "mine")
    assert (len(seen), outcome.books.events, outcome.books.headers) == (5, 3, 2)


def test_a_format_that_takes_a_blank_line_gets_it(slips: Slips) -> None:
    seen: list[Any] = []
    slips.on_format("s3-lines")(lambda meta, event: seen.append(meta.position))
    deliver(slips, b"\n\nx\n\n", "s3-lines")
    assert seen == [1, 2, 3, 4]


@pytest.mark.parametrize("blank", [b"\n", b"\r\n", b" \n"])
def test_a_hundred_thousand_of_them_are_refused_a_few_times(
    slips: Slips, blank: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[int] = []
    reject = Loop._reject

    def count(self: Loop, position: int, record: bytes, fault: BaseException) -> None:
        refused.append(position)
        reject(self, position, record, fault)

    monkeypatch.setattr(Loop, "_reject", count)
    slips.on_format("json")(lambda meta, event: None)
    assert deliver(slips, blank * 100_000, "s3-lines", "json").books.headers == 100_000
    assert refused == [1]  # The first slice is one record.
