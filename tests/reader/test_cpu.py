"""No byte costs more the more of it there is: framings and parsers under pumps, text that repeats one fragment."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator

import pytest

from slips.errors import ReadError
from slips.formats.base import Format, ObjectInfo
from slips.formats.registry import all_formats
from slips.reader import FRAMERS
from slips.reader.framing import FramingOptions, RecordFilter

pytestmark = pytest.mark.slow

SIZE = 72 * 1024
"""Bytes: more than those by which JSON is told from lines."""
CHUNK = 16 * 1024
GROWTH = 2.2
"""Times the CPU of the same pump that twice of it may take."""
MEASURABLE = 0.015
"""Seconds below which a ratio says nothing."""
MOST_A_MEGABYTE, MOST_A_RECORD = 1.0, 20e-6
TRIES = 4
"""Measurements of other sizes, of which one must be good enough: others use the processor, too, and memory comes in
steps. What is quadratic is so at every size."""
RUNS = 3
"""Runs of a size whose first one looks too slow: that one also asks the system for the memory, the fastest does not."""

JSON_HEADS = (b"", b'{"Records":[{"a":1},', b'[{"a":1},', b'{"a":1}\n{"a":2}\n', b"<", b'"')
XML_HEADS = (b"", b"<Event>", b"<!DOCTYPE a [", b'<Event>x</Event><Event a="')
FRAMINGS = {
    "lines": ("s3-lines", "", (b"",)),
    "csv": ("s3-csv", "", (b"", b'"')),
    "csv with semicolons": ("s3-csv", ";", (b"",)),
    "json": ("s3-json", "", JSON_HEADS),
    "json with a key": ("s3-json", "Records", JSON_HEADS[1:3]),
    "json-stream": ("s3-json-stream", "", JSON_HEADS),
    "multiline": ("s3-multiline", "", (b"",)),
    "first lines": ("s3-multiline", r"^\d{4}", (b"",)),
    "continuing lines": ("s3-multiline", r"!^\s", (b"",)),
    "xml": ("s3-xml", "Event", XML_HEADS),
    "text": ("s3-text", "", (b"",)),
}
FRAGMENTS = (
    *(b'"', b"'", b"\\", b"[", b"{", b"<", b" ", b"=", b",", b"\n", b"\r", b"\r\n", b"\t", b"0", b"a", b":", b"-"),
    *(b'\\"', b'""', b'"\n', b',"', b'","', b"a,b\n", b'"a"\n', b"[]", b"{}", b"[],", b"{},", b"{}\n", b"}", b"]"),
    *(b'{"a":', b'{"a":[', b'"a":"b",', b'{"a":"', b'{"a":"\\u', b'},{"a":', b'{"a":1},{"a":', b'{"a":1}\n{"a":\n'),
    *(b"<a>", b"<Event>", b"</Event>", b"<Event ", b"<Event/>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?", b"?>"),
    *(b"<!DOCTYPE a [", b"<!DOCTYPE a>", b'<!ENTITY b "', b"[<!-- -->", b"&amp;", b"[<!--x--", b"nul", b"1e", b"\x1e"),
    *(b'{"Records":[', b'{"Records":[{}]}', b'[{"a":1}', b'{"a":1}\x1e', b"2024 a\n", b" b\n", b"[1,"),
)
IN_RECORDS = (
    *(b'"', b"'", b"\\", b"[", b"{", b"(", b"<", b" ", b"=", b",", b"|", b"%", b"\t", b"0", b"a", b":", b"-", b'\\"'),
    *(b"a=", b"a=b ", b'"a":"b",', b"[]", b"{}", b"<a>", b"<!--", b"&amp;", b"1.", b"a b", b"\r", b"\xc3\xa9"),
    *(b"%{", b"cs1=", b"-->", b'"a" ', b"CEF:0|", b'""'),
)


@pytest.fixture(autouse=True)
def without_collector() -> Iterator[None]:
    """What the cycle collector does depends on what else the process holds."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def frame(framing: str, argument: str, text: bytes) -> int:
    """Return how many records the text has, up to an error."""
    options = FramingOptions(argument=argument, array_keys=("Records",) if argument == "Records" else ())
    chunks = (text[at : at + CHUNK] for at in range(0, len(text), CHUNK))
    count = 0
    try:
        for batch in FRAMERS[framing](chunks, RecordFilter(), options):
            count += batch.count
    except ReadError:
        pass
    return count


def seconds(call: Callable[[], int], runs: int = 1) -> tuple[float, int]:
    """Return the CPU of the fastest run, and what it returned."""
    fastest, result = float("inf"), 0
    for _ in range(runs):
        begun = time.process_time()
        result = call()
        fastest = min(fastest, time.process_time() - begun)
    return fastest, result


def faults_of(run: Callable[[bytes], int], make: Callable[[int], bytes]) -> str:
    """Return what is wrong with a pump; empty where nothing is."""
    fault = ""
    for number in range(1, TRIES + 1):
        once, twice = make(SIZE * number), make(2 * SIZE * number)
        for runs in (1, RUNS):
            took, records = seconds(lambda: run(twice), runs)  # noqa: B023 - it is called at once
            if took < MEASURABLE:
                return ""
            before, _ = seconds(lambda: run(once), runs)  # noqa: B023
            a_megabyte, a_record = took / (len(twice) / 1e6), took / max(1, records)
            is_slow = a_megabyte > MOST_A_MEGABYTE and a_record > MOST_A_RECORD
            if took <= GROWTH * before and not is_slow:
                return ""
        fault = f"{took / before:.2f} times, {a_megabyte:.2f} s/MB, {a_record * 1e6:.0f} µs a record"
    return fault


@pytest.mark.parametrize("name", FRAMINGS)
def test_a_framing_takes_linear_time(name: str) -> None:
    framing, argument, heads = FRAMINGS[name]
    faults = {
        (head, fragment): fault
        for head in heads
        for fragment in FRAGMENTS
        if (
            fault := faults_of(
                lambda text: frame(framing, argument, text),
                lambda size, head=head, fragment=fragment: head + fragment * (size // len(fragment)),  # type: ignore[misc]
            )
        )
    }
    assert faults == {}


@pytest.mark.parametrize("known", [each for each in all_formats() if each.example], ids=lambda known: known.name)
def test_a_parser_takes_linear_time(known: Format) -> None:
    def parse(record: bytes) -> int:
        try:
            decoded = known.parser(ObjectInfo()).read(record)
            return len(list(decoded)) if decoded is not None and not isinstance(decoded, dict) else 1
        except Exception:
            return 1

    example = known.example
    faults = {
        (fragment, at): fault
        for fragment in IN_RECORDS
        for at in sorted(
            {0, len(example) // 4, len(example) // 2, 3 * len(example) // 4, len(example) - 1, len(example)}
        )
        if (
            fault := faults_of(
                parse,
                lambda size, fragment=fragment, at=at: (  # type: ignore[misc]
                    example[:at] + fragment * (size // len(fragment)) + example[at:]
                ),
            )
        )
    }
    assert faults == {}
