"""`ObjectReader`: from an object to the batches of its records, with a thread that reads ahead where it pays."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from threading import current_thread, main_thread

import pytest

from slips.config.settings import Limits
from slips.errors import CorruptObject, LimitExceeded, ObjectMissing, ReadError
from slips.model import ObjectRef
from slips.model.positions import Positions
from slips.reader.framing import Batch, FramingOptions, RecordFilter
from slips.reader.objects import SMALL, ObjectReader

from .reading import Read, cut
from .test_read_ahead import reading_threads

LINES = b"".join(b"line %d\n" % n for n in range(20_000))


class Stored:
    """One object, in chunks of `size`; notes who opened it, what was read in which thread, and that it was closed."""

    def __init__(self, content: bytes, size: int = 50_000, fault: ReadError | None = None) -> None:
        self.opened: list[ObjectRef] = []
        self.threads: set[str] = set()
        self.given = 0
        self.closed = False
        self._content = content
        self._size = size
        self._fault = fault

    def open(self, ref: ObjectRef) -> Iterator[bytes]:
        self.opened.append(ref)
        return self._chunks()

    def _chunks(self) -> Iterator[bytes]:
        try:
            for chunk in cut(self._content, [self._size]):
                self.threads.add(current_thread().name)
                self.given += len(chunk)
                yield chunk
            if self._fault:
                raise self._fault
        finally:
            self.closed = True


def reader(stored: Stored, size: int | None = None, key: str = "a.log", limits: Limits | None = None) -> ObjectReader:
    """A reader of the object, whose notification told this size."""
    return ObjectReader(stored, ObjectRef(bucket="logs", key=key, size=size), limits or Limits())


def flat(batches: Iterator[Batch]) -> Read:
    """All batches, and the error they ended with."""
    found = Read()
    try:
        for batch in batches:
            found.add(batch)
    except ReadError as error:
        found.error = error
    return found


def read(
    object_reader: ObjectReader, record_filter: RecordFilter | None = None, source: str = "s3-lines", argument: str = ""
) -> Read:
    """Read the object to its end."""
    return flat(object_reader.read_batches(source, FramingOptions(argument=argument), record_filter or RecordFilter()))


SIZES = pytest.mark.parametrize("size", [None, 100, 10**9], ids=["unknown", "small", "large"])


@SIZES
def test_an_object_is_inflated_and_cut_to_records(size: int | None) -> None:
    stored = Stored(gzip.compress(LINES))
    found = read(reader(stored, size))
    assert found.bodies == LINES.splitlines()
    assert found.error is None


@SIZES
def test_the_object_asked_for_is_opened_once_and_closed(size: int | None) -> None:
    stored = Stored(LINES)
    assert stored.opened == []
    read(reader(stored, size))
    assert stored.opened == [ObjectRef(bucket="logs", key="a.log", size=size)]
    assert stored.closed


@pytest.mark.parametrize(("key", "content"), [("a.log", gzip.compress(LINES)), ("a.gz", LINES), ("a.zip", LINES)])
def test_the_name_says_nothing_of_the_compression(key: str, content: bytes) -> None:
    assert read(reader(Stored(content), key=key)).bodies == LINES.splitlines()


def test_the_shape_reaches_the_container() -> None:
    assert read(reader(Stored(b'{"items":[1,2]}')), source="s3-json", argument="items").bodies == [b"1", b"2"]


def test_the_limits_reach_inflation_and_container() -> None:
    found = read(reader(Stored(b"short\nlonger than that\nshort\n"), limits=Limits(max_line_bytes=10)))
    assert found.faults == [2]
    found = read(reader(Stored(gzip.compress(LINES)), limits=Limits(max_object_bytes=100)))
    assert isinstance(found.error, LimitExceeded)


def test_what_is_wanted_reaches_the_container() -> None:
    found = read(reader(Stored(LINES)), RecordFilter(resume_from=19_999))
    assert found.bodies == [b"line 19998", b"line 19999"]


# The count of stored bytes.


@SIZES
@pytest.mark.parametrize("content", [LINES, gzip.compress(LINES), b""], ids=["plain", "gzip", "empty"])
def test_all_stored_bytes_are_counted(content: bytes, size: int | None) -> None:
    counted = reader(Stored(content), size)
    assert counted.stored_bytes == 0
    read(counted)
    assert counted.stored_bytes == len(content)


@SIZES
def test_the_stored_bytes_are_counted_as_they_come(size: int | None) -> None:
    stored = Stored(LINES * 20)
    counted = reader(stored, size)
    batches = counted.read_batches("s3-lines", FramingOptions(), RecordFilter())
    next(batches)
    batches.close()
    assert 0 < counted.stored_bytes == stored.given < len(LINES) * 20


def test_the_stored_bytes_before_an_error_are_counted() -> None:
    counted = reader(Stored(LINES, fault=ReadError("reset")))
    read(counted)
    assert counted.stored_bytes == len(LINES)


# The thread.


@pytest.mark.parametrize("size", [None, SMALL + 1], ids=["unknown", "large"])
def test_an_object_is_read_ahead_in_a_thread(size: int | None) -> None:
    stored = Stored(LINES)
    read(reader(stored, size))
    assert stored.threads == {"slips-read-ahead"}
    assert reading_threads() == []


@pytest.mark.parametrize("size", [0, 1, SMALL])
def test_a_small_object_is_read_without_a_thread(size: int) -> None:
    stored = Stored(LINES)
    read(reader(stored, size))
    assert stored.threads == {main_thread().name}


@SIZES
def test_closing_early_ends_the_thread_and_closes_the_object(size: int | None) -> None:
    stored = Stored(LINES * 20)
    batches = reader(stored, size).read_batches("s3-lines", FramingOptions(), RecordFilter())
    next(batches)
    assert not stored.closed
    batches.close()
    assert reading_threads() == []
    assert stored.closed


def test_a_container_that_stops_early_ends_the_thread_and_closes_the_object() -> None:
    stored = Stored(LINES * 100)
    found = read(reader(stored), RecordFilter(only=Positions.parse("3")))
    assert found.bodies == [b"line 2"]
    assert reading_threads() == []
    assert stored.closed
    assert stored.given < len(LINES) * 100


def test_an_error_ends_the_thread() -> None:
    read(reader(Stored(gzip.compress(LINES)[:-10])))
    assert reading_threads() == []


def test_a_container_that_raises_ends_the_thread_while_its_error_is_looked_at() -> None:
    stored = Stored(b"no XML\n" * 500_000)
    found = read(reader(stored), source="s3-xml", argument="e")
    assert isinstance(found.error, CorruptObject)
    assert reading_threads() == []
    assert stored.closed
    assert stored.given < 3_500_000


def test_batches_that_are_never_asked_for_open_nothing() -> None:
    stored = Stored(LINES)
    reader(stored).read_batches("s3-lines", FramingOptions(), RecordFilter()).close()
    assert stored.opened == []
    assert reading_threads() == []


@pytest.mark.parametrize("size", [None, 100, 10**9])
def test_ignore_opens_nothing(size: int | None) -> None:
    stored = Stored(LINES)
    ignoring = reader(stored, size)
    assert read(ignoring, source="ignore") == Read()
    assert stored.opened == []
    assert ignoring.stored_bytes == 0


# Errors.


@SIZES
def test_an_error_is_raised_after_the_last_record_before_it(size: int | None) -> None:
    fault = ReadError("connection reset")
    found = read(reader(Stored(b"line 1\nline 2\nli", fault=fault), size))
    assert found.bodies == [b"line 1", b"line 2"]
    assert found.error is fault


@SIZES
def test_an_object_that_is_missing_is_an_error_and_no_records(size: int | None) -> None:
    fault = ObjectMissing("gone")
    found = read(reader(Stored(b"", fault=fault), size))
    assert found.records == []
    assert found.error is fault


@pytest.mark.parametrize(("size", "of"), [(None, ""), (100_000, " of 100000")])
def test_an_object_that_is_cut_off_says_how_much_came_of_how_much(size: int | None, of: str) -> None:
    content = gzip.compress(LINES)[:5000]
    found = read(reader(Stored(content), size))
    assert isinstance(found.error, CorruptObject)
    assert str(found.error) == f"gzip: cut off after 5000{of} stored bytes"
    assert found.bodies == LINES.splitlines()[: len(found.bodies)]
    assert len(found.bodies) > 100


def test_the_same_object_can_be_read_again() -> None:
    stored = Stored(gzip.compress(LINES))
    again = reader(stored)
    assert read(again).count == read(again, source="s3-csv").count == 20_000
    assert len(stored.opened) == 2
