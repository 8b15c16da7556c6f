"""Reading ahead in a thread."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from itertools import permutations

import pytest

from slips.reader.read_ahead import SWITCH, read_ahead


def reading_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "slips-read-ahead"]


def test_items_come_in_order() -> None:
    assert list(read_ahead(iter(range(1000)), depth=2)) == list(range(1000))


def test_a_fault_comes_after_the_items_before_it() -> None:
    def failing() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("third")

    got = []
    with pytest.raises(ValueError, match="third"):
        got.extend(iter_into(read_ahead(failing()), got))
    assert got == [1, 2]


def iter_into(items: Iterator[int], got: list[int]) -> list[int]:
    for item in items:
        got.append(item)
    return []


def test_it_never_runs_further_ahead_than_its_depth() -> None:
    produced: list[int] = []

    def produce() -> Iterator[int]:
        for number in range(100):
            produced.append(number)
            yield number

    items = read_ahead(produce(), depth=3)
    for count in range(1, 50):
        next(items)
        assert len(produced) <= count + 3 + 1
    items.close()


def test_closing_ends_the_thread_and_the_source() -> None:
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    items = read_ahead(endless())
    next(items)
    items.close()
    assert closed.is_set()
    assert reading_threads() == []


# The switch interval of the interpreter.


@pytest.fixture
def usual() -> Iterator[float]:
    """The interval before anyone reads ahead."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.005)
    yield sys.getswitchinterval()
    sys.setswitchinterval(before)


@pytest.mark.parametrize("to_the_end", [True, False])
def test_the_switch_interval_is_short_while_the_thread_works(usual: float, to_the_end: bool) -> None:
    chunks = read_ahead(iter([b"a", b"b"]))
    next(chunks)
    assert sys.getswitchinterval() == pytest.approx(SWITCH)
    if to_the_end:
        assert list(chunks) == [b"b"]
    chunks.close()
    assert sys.getswitchinterval() == usual


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_overlapping_readers_restore_the_switch_interval_once_the_last_one_ends(
    usual: float, order: tuple[int, ...]
) -> None:
    readers = [read_ahead(iter([b"a", b"b"])) for _ in order]
    for reader in readers:
        next(reader)
    for ending in order[:-1]:
        readers[ending].close()
        assert sys.getswitchinterval() == pytest.approx(SWITCH)
    assert list(readers[order[-1]]) == [b"b"]
    assert sys.getswitchinterval() == usual


def test_a_reader_that_fails_leaves_the_switch_interval_to_the_others(usual: float) -> None:
    def failing() -> Iterator[bytes]:
        yield b"a"
        raise ValueError

    other, reader = read_ahead(iter([b"a", b"b"])), read_ahead(failing())
    next(reader)
    next(other)
    with pytest.raises(ValueError):  # noqa: PT011 - it has no text
        next(reader)
    assert sys.getswitchinterval() == pytest.approx(SWITCH)
    other.close()
    assert sys.getswitchinterval() == usual


def test_a_thread_that_cannot_start_leaves_the_switch_interval_as_it_was(
    usual: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="can't start"):
            next(read_ahead(iter([b"a"])))
    assert sys.getswitchinterval() == usual
    reader = read_ahead(iter([b"a"]))
    next(reader)
    assert sys.getswitchinterval() == pytest.approx(SWITCH)
    reader.close()
    assert sys.getswitchinterval() == usual


def test_readers_that_begin_at_once_restore_the_switch_interval(usual: float, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = read_ahead(iter([b"a"])), read_ahead(iter([b"a"]))
    threads: list[threading.Thread] = []
    get_interval = sys.getswitchinterval

    def begin_second_and_get_interval() -> float:
        if not threads:
            threads.append(threading.Thread(target=next, args=(second,)))
            threads[0].start()
            threads[0].join(0.1)  # It must wait for the first one, which is here.
        return get_interval()

    with monkeypatch.context() as patch:
        patch.setattr(sys, "getswitchinterval", begin_second_and_get_interval)
        next(first)
        threads[0].join()
    first.close()
    second.close()
    assert sys.getswitchinterval() == usual
