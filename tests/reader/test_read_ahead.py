"""Reading ahead in a thread."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest

from slips.reader.read_ahead import ahead


def reading_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "slips-read-ahead"]


def test_items_come_in_order() -> None:
    assert list(ahead(iter(range(1000)), depth=2)) == list(range(1000))


def test_a_fault_comes_after_the_items_before_it() -> None:
    def failing() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("third")

    got = []
    with pytest.raises(ValueError, match="third"):
        got.extend(iter_into(ahead(failing()), got))
    assert got == [1, 2]


def iter_into(items: Iterator[int], got: list[int]) -> list[int]:
    for item in items:
        got.append(item)
    return []


def test_it_never_runs_further_ahead_than_its_depth() -> None:
    made: list[int] = []

    def counted() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            yield number

    items = ahead(counted(), depth=3)
    for taken in range(1, 50):
        next(items)
        assert len(made) <= taken + 3 + 1
    items.close()


def test_closing_ends_the_thread_and_the_source() -> None:
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    items = ahead(endless())
    next(items)
    items.close()
    assert closed.is_set()
    assert reading_threads() == []


def test_the_thread_gets_its_turn_in_time_while_it_works() -> None:
    """And what the interpreter did before, it does again afterwards, also where nobody read to the end."""
    before = sys.getswitchinterval()
    for to_the_end in (True, False):
        chunks = ahead(iter([b"a", b"b"]))
        next(chunks)
        assert sys.getswitchinterval() <= 0.001
        if to_the_end:
            assert list(chunks) == [b"b"]
        chunks.close()
        assert sys.getswitchinterval() == before
