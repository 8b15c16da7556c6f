"""`ObjectReader`: an object to batches of its records, with a thread that reads ahead where it pays."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from threading import current_thread, main_thread

import pytest

from slips.config.settings import Limits
from slips.errors import AccessDenied, CorruptObject, LimitExceeded, ObjectChanged, ObjectMissing, ReadError, Where
from slips.model import ObjectRef
from slips.model.positions import Positions
from slips.reader.framing import Batch, FramingOptions, RecordFilter
from slips.reader.objects import SMALL, ObjectReader

from .reading import Read, cut
from .test_read_ahead import reading_threads

LINES = b"".join(b"line %d\n" % n for n in range(20_000))


class Stored:
    """A store of one object, in chunks of `size`; notes its opening and closing, and which thread reads."""

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
    """Return a reader of the object, whose notification has this size."""
    return ObjectReader(stored, ObjectRef(bucket="logs", key=key, size=size), limits or Limits())


def flat(batches: Iterator[Batch]) -> Read:
    """Return all batches, and the error they ended with."""
    result = Read()
    try:
        for batch in batches:
            result.add(batch)
    except ReadError as error:
        result.error = error
    return result


def read(
    object_reader: ObjectReader, record_filter: RecordFilter | None = None, source: str = "s3-lines", argument: str = ""
) -> Read:
    """Read the object to its end."""
    return flat(object_reader.read_batches(source, FramingOptions(argument=argument), record_filter or RecordFilter()))


SIZES = pytest.mark.parametrize("size", [None, 100, 10**9], ids=["unknown", "small", "large"])


@SIZES
def test_an_object_is_inflated_and_cut_to_records(size: int | None) -> None:
    stored = Stored(gzip.compress(LINES))
    result = read(reader(stored, size))
    assert result.bodies == LINES.splitlines()
    assert result.error is None


@SIZES
def test_the_requested_object_is_opened_once_and_closed(size: int | None) -> None:
    stored = Stored(LINES)
    assert stored.opened == []
    read(reader(stored, size))
    assert stored.opened == [ObjectRef(bucket="logs", key="a.log", size=size)]
    assert stored.closed


@pytest.mark.parametrize(("key", "content"), [("a.log", gzip.compress(LINES)), ("a.gz", LINES), ("a.zip", LINES)])
def test_the_name_says_nothing_of_the_compression(key: str, content: bytes) -> None:
    assert read(reader(Stored(content), key=key)).bodies == LINES.splitlines()


def test_the_options_reach_the_framer() -> None:
    assert read(reader(Stored(b'{"items":[1,2]}')), source="s3-json", argument="items").bodies == [b"1", b"2"]


def test_the_limits_reach_inflation_and_framer() -> None:
    result = read(reader(Stored(b"short\nlonger than that\nshort\n"), limits=Limits(max_line_bytes=10)))
    assert result.faults == [2]
    result = read(reader(Stored(gzip.compress(LINES)), limits=Limits(max_object_bytes=100)))
    assert isinstance(result.error, LimitExceeded)


def test_the_filter_reaches_the_framer() -> None:
    result = read(reader(Stored(LINES)), RecordFilter(resume_from=19_999))
    assert result.bodies == [b"line 19998", b"line 19999"]


# The count of stored bytes.


@SIZES
@pytest.mark.parametrize("content", [LINES, gzip.compress(LINES), b""], ids=["plain", "gzip", "empty"])
def test_all_stored_bytes_are_counted(content: bytes, size: int | None) -> None:
    object_reader = reader(Stored(content), size)
    assert object_reader.stored_bytes == 0
    read(object_reader)
    assert object_reader.stored_bytes == len(content)


@SIZES
def test_the_stored_bytes_are_counted_as_they_come(size: int | None) -> None:
    stored = Stored(LINES * 20)
    object_reader = reader(stored, size)
    batches = object_reader.read_batches("s3-lines", FramingOptions(), RecordFilter())
    next(batches)
    batches.close()
    assert 0 < object_reader.stored_bytes == stored.given < len(LINES) * 20


def test_the_stored_bytes_before_an_error_are_counted() -> None:
    object_reader = reader(Stored(LINES, fault=ReadError("reset")))
    read(object_reader)
    assert object_reader.stored_bytes == len(LINES)


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


def test_a_framer_that_stops_early_ends_the_thread_and_closes_the_object() -> None:
    stored = Stored(LINES * 100)
    result = read(reader(stored), RecordFilter(only=Positions.parse("3")))
    assert result.bodies == [b"line 2"]
    assert reading_threads() == []
    assert stored.closed
    assert stored.given < len(LINES) * 100


def test_an_error_ends_the_thread() -> None:
    read(reader(Stored(gzip.compress(LINES)[:-10])))
    assert reading_threads() == []


def test_a_framer_that_raises_ends_the_thread_while_its_error_is_held() -> None:
    stored = Stored(b"no XML\n" * 500_000)
    result = read(reader(stored), source="s3-xml", argument="e")
    assert isinstance(result.error, CorruptObject)
    assert reading_threads() == []
    assert stored.closed
    assert stored.given < 3_500_000


def test_batches_that_are_never_read_open_nothing() -> None:
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
    result = read(reader(Stored(b"line 1\nline 2\nli", fault=fault), size))
    assert result.bodies == [b"line 1", b"line 2"]
    assert result.error is fault


@SIZES
def test_an_object_that_is_missing_is_an_error_and_no_records(size: int | None) -> None:
    fault = ObjectMissing("gone")
    result = read(reader(Stored(b"", fault=fault), size))
    assert result.records == []
    assert result.error is fault


@pytest.mark.parametrize(("size", "of"), [(None, ""), (100_000, " of 100000")])
def test_an_object_that_is_cut_off_says_how_many_bytes_of_how_many_were_read(size: int | None, of: str) -> None:
    content = gzip.compress(LINES)[:5000]
    result = read(reader(Stored(content), size))
    assert isinstance(result.error, CorruptObject)
    assert str(result.error) == f"gzip: cut off after 5000{of} stored bytes"
    assert result.bodies == LINES.splitlines()[: len(result.bodies)]
    assert len(result.bodies) > 100


def test_the_same_object_can_be_read_again() -> None:
    stored = Stored(gzip.compress(LINES))
    again = reader(stored)
    assert read(again).count == read(again, source="s3-csv").count == 20_000
    assert len(stored.opened) == 2


# Where.


@pytest.mark.parametrize("kind", [ObjectMissing, ObjectChanged, AccessDenied, ReadError])
@SIZES
def test_an_error_of_the_store_carries_the_key(size: int | None, kind: type[ReadError]) -> None:
    result = read(reader(Stored(b"", fault=kind("no")), size, key="a b/ü.log"))
    assert type(result.error) is kind
    assert result.error.where == Where(key="s3://logs/a b/ü.log")


def test_an_error_carries_the_position_of_the_first_record_that_was_not_read() -> None:
    result = read(reader(Stored(gzip.compress(LINES)[:5000])))
    assert isinstance(result.error, CorruptObject)
    assert result.error.where == Where(key="s3://logs/a.log", position=str(result.count + 1))


def test_an_error_of_the_framer_carries_key_and_position() -> None:
    result = read(reader(Stored(b"<e/><e/><e>")), source="s3-xml", argument="e")
    assert isinstance(result.error, CorruptObject)
    assert result.error.where == Where(key="s3://logs/a.log", position="3")


def test_a_limit_of_the_object_carries_the_key() -> None:
    result = read(reader(Stored(b"one record"), limits=Limits(max_line_bytes=5)), source="s3-text")
    assert isinstance(result.error, LimitExceeded)
    assert result.error.where == Where(key="s3://logs/a.log")


def test_a_record_above_the_limit_carries_key_and_position() -> None:
    batches = reader(Stored(b"short\nlonger than that\n"), limits=Limits(max_line_bytes=10)).read_batches(
        "s3-lines", FramingOptions(), RecordFilter()
    )
    faults = [fault for batch in batches for fault in batch.faults]
    assert [fault.error.where for fault in faults] == [Where(key="s3://logs/a.log", position="2")]


@pytest.mark.parametrize(
    ("framing", "text"),
    [
        ("s3-lines", b'{"a":[' + b"[]," * 1_000_000 + b"1]}\n"),
        ("s3-lines", b"k=v " * 1_000_000 + b"\n"),
        ("s3-csv", b"," * 2_000_000 + b"\n"),
        ("s3-json", b'[{"a":[' + b'{"b":1},' * 500_000 + b"1]},"),
        ("s3-text", b"k=v " * 1_000_000),
    ],
)
def test_a_record_of_too_many_values_is_refused_by_name(framing: str, text: bytes) -> None:
    options = FramingOptions()
    after = b'{"n":1}]' if framing == "s3-json" else b"ok\n"
    content = text if framing == "s3-text" else text + after
    batches = list(reader(Stored(content)).read_batches(framing, options, RecordFilter()))
    [fault] = [fault for batch in batches for fault in batch.faults]
    assert (fault.position, len(fault.sample) > 0) == (1, True)
    assert "record 1: its " in str(fault.error)
    assert "in memory, since they hold that many values; at most 100663296 are taken" in str(fault.error)
    records = [record for batch in batches for record in batch.records]
    assert len(records) == (0 if framing == "s3-text" else 1)


def test_a_large_ordinary_record_is_read() -> None:
    user = b'{"name":"user of the department","address":"192.0.2.1","agent":"Mozilla/5.0 (X11; Linux)"},'
    line = b"[" + user * 60_000 + b"1]"
    batches = list(reader(Stored(line + b"\n")).read_batches("s3-lines", FramingOptions(), RecordFilter()))
    assert [record for batch in batches for record in batch.records] == [line]


# Objects without a record


@pytest.mark.parametrize(
    ("framing", "content"),
    [
        ("s3-xml", b"<Events><Evt/></Events>"),
        ("s3-lines", bytes(100)),
        ("s3-json", bytes(100)),
        ("s3-json", b"\0\xef\xbb\xbf\n,"),
        ("s3-json-stream", b"\x1e\n"),
    ],
)
def test_content_in_which_no_record_is_found_is_an_error(framing: str, content: bytes) -> None:
    result = read(reader(Stored(content)), source=framing, argument="Event" if framing == "s3-xml" else "")
    assert isinstance(result.error, CorruptObject)
    assert f"{framing} finds no record in the object, though it is not empty" in str(result.error)


@pytest.mark.parametrize(
    ("framing", "content"),
    [
        ("s3-lines", b""),
        ("s3-csv", b"\xef\xbb\xbf"),
        ("s3-json", b"[]"),
        ("s3-json", b"\0\xef\xbb\xbf[ ]\n"),
        ("s3-json", b" \n"),
        ("s3-json-stream", b"\n"),
        ("ignore", b"anything"),
    ],
)
def test_an_object_without_content_and_an_empty_array_are_no_errors(framing: str, content: bytes) -> None:
    result = read(reader(Stored(content)), source=framing)
    assert ([body for body in result.bodies if body.strip()], result.error) == ([], None)


def test_a_member_without_a_record_is_no_error_beside_others() -> None:
    content = gzip.compress(b"<Other/>") + gzip.compress(b"<Event/>")
    result = read(reader(Stored(content)), source="s3-xml", argument="Event")
    assert (result.bodies, result.error) == ([b"<Event/>"], None)


def test_what_is_not_asked_for_is_no_missing_record() -> None:
    record_filter = RecordFilter(only=Positions.parse("7"))
    result = read(reader(Stored(b"a\nb")), record_filter)
    assert (result.bodies, result.error) == ([], None)
