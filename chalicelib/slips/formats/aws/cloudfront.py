"""CloudFront: standard logs (W3C, and the JSON of version 2) and real-time logs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from ...errors import ParseError
from ..base import Decoded, ObjectInfo
from ..fields import Event, first_time, lookup
from ..patterns import Pattern
from ..registry import register
from ..row import MakeRow, check_shapes, define_row, table_row
from ..table_format import TableFormat, TableParser
from ..timestamps import Unit, iso
from ..values import number, with_numbers

# In the documents' order, which is that of the files: later columns came at the end.
STANDARD = (
    "date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status",
    "cs(Referer)", "cs(User-Agent)", "cs-uri-query", "cs(Cookie)", "x-edge-result-type", "x-edge-request-id",
    "x-host-header", "cs-protocol", "cs-bytes", "time-taken", "x-forwarded-for", "ssl-protocol", "ssl-cipher",
    "x-edge-response-result-type", "cs-protocol-version", "fle-status", "fle-encrypted-fields", "c-port",
    "time-to-first-byte", "x-edge-detailed-result-type", "sc-content-type", "sc-content-len", "sc-range-start",
    "sc-range-end",
)  # fmt: skip
REALTIME = (
    "timestamp", "c-ip", "s-ip", "time-to-first-byte", "sc-status", "sc-bytes", "cs-method", "cs-protocol", "cs-host",
    "cs-uri-stem", "cs-bytes", "x-edge-location", "x-edge-request-id", "x-host-header", "time-taken",
    "cs-protocol-version", "c-ip-version", "cs-user-agent", "cs-referer", "cs-cookie", "cs-uri-query",
    "x-edge-response-result-type", "x-forwarded-for", "ssl-protocol", "ssl-cipher", "x-edge-result-type",
    "fle-encrypted-fields", "fle-status", "sc-content-type", "sc-content-len", "sc-range-start", "sc-range-end",
    "c-port", "x-edge-detailed-result-type", "c-country", "cs-accept-encoding", "cs-accept",
    "cache-behavior-path-pattern", "cs-headers", "cs-header-names", "cs-headers-count", "primary-distribution-id",
    "primary-distribution-dns-name", "origin-fbl", "origin-lbl", "asn", "cmcd-encoded-bitrate", "cmcd-buffer-length",
    "cmcd-buffer-starvation", "cmcd-content-id", "cmcd-object-duration", "cmcd-deadline", "cmcd-measured-throughput",
    "cmcd-next-object-request", "cmcd-next-range-request", "cmcd-object-type", "cmcd-playback-rate",
    "cmcd-requested-maximum-throughput", "cmcd-streaming-format", "cmcd-session-id", "cmcd-stream-type",
    "cmcd-startup", "cmcd-top-bitrate", "cmcd-version", "r-host", "sr-reason", "x-edge-mqcs",
)  # fmt: skip
NUMBERS = frozenset((
    "sc-bytes", "sc-status", "cs-bytes", "time-taken", "c-port", "time-to-first-byte", "sc-content-len",
    "sc-range-start", "sc-range-end", "fle-encrypted-fields", "cs-headers-count", "origin-fbl", "origin-lbl", "asn",
    "timestamp", "timestamp(ms)",
))  # fmt: skip
_KNOWN = frozenset((*STANDARD, *REALTIME))
_SHAPES = {
    "timestamp": Pattern("timestamp", r"1\d{9}(?:\.\d{1,6}|\d{3})?"),
    "x-edge-location": Pattern("x-edge-location", r"[A-Z]{3}\d{1,3}(?:-\w{1,8})?"),
    "sc-status": Pattern("sc-status", r"\d{3}"),
}
_SECONDS = frozenset(("time-to-first-byte", "time-taken", "origin-fbl", "origin-lbl"))
_FEWEST_STANDARD = 12
_FEWEST_REALTIME = 38  # All fields, when real-time logs came out.


def _split(row: str) -> list[str]:
    return row.split("\t") if "\t" in row and not row.startswith("#") else row.split()


def _columns(cells: list[str], known: tuple[str, ...]) -> list[str] | None:  # noqa: ARG001 - the shape of `header`
    """Return the columns of `#Fields: date time …`, with spaces or tabs between, or of the names alone (plain output of
    version 2)."""
    if cells and cells[0].lower().startswith("#fields"):
        return cells[1:]
    return cells if len(_KNOWN.intersection(cells)) * 2 > len(cells) else None


def _standard_time(event: Event, reference: float) -> float | None:
    """date + time, else timestamp(ms), else timestamp"""
    date, time = lookup(event, "date"), lookup(event, "time")
    clock = f"{date} {time}" if isinstance(date, str) and isinstance(time, str) and "-" not in (date, time) else None
    values: tuple[tuple[object, Unit | None], ...] = (clock, None), (lookup(event, "timestamp(ms)"), "ms")
    return first_time((*values, (lookup(event, "timestamp"), "s")), reference)


UsualRow = Callable[[tuple[str, list[str]]], Event | None]
"""From a row and its cells to its event; None for one that needs a closer look."""


@dataclass(frozen=True, kw_only=True)
class CloudFrontFormat(TableFormat):
    """A format of rows under `#Fields`; `headless` reads those of a file without. `usual_row` returns, for a number of
    cells, a function that reads nearly all of these as `headless` does, and gives None for the others."""

    headless: Callable[[list[str]], Event]
    usual_row: Callable[[int], UsualRow | None] | None = None

    def parser(self, about: ObjectInfo) -> TableParser:
        return CloudFrontParser(self, about)


class CloudFrontParser(TableParser):
    """A parser that makes numbers of text where the documents have numbers; JSON keeps its own types."""

    def __init__(self, declared: CloudFrontFormat, about: ObjectInfo) -> None:
        super().__init__(declared, about)
        self._headless = declared.headless
        self._usual = declared.usual_row

    def _decode(self, record: bytes) -> Decoded:
        if self._usual is not None and not self._columns:
            row = record.decode()
            cells = row.split("\t")
            make = self._usual(len(cells))
            event = None if make is None else make((row, cells))
            if event is not None:
                return event
        return super()._decode(record)

    def _row(self, cells: list[str]) -> Event:
        return with_numbers(super()._row(cells), NUMBERS) if self._columns else self._headless(cells)


def _standard(cells: list[str]) -> Event:
    """Return the event of a row without a header: the number of cells shows how many columns its release had."""
    if len(cells) < _FEWEST_STANDARD:
        raise ParseError(f"at least {_FEWEST_STANDARD} cells were expected (or #Fields), not {len(cells)}")
    iso(f"{cells[0]} {cells[1]}")  # Without a header, only the date and time at its beginning show a row.
    return check_shapes(_name_cells(STANDARD, cells), _SHAPES)


def _realtime(cells: list[str]) -> Event:
    """Return the event of a real-time row with some of the fields: the time, always the first, and the others under
    `extra`, for only the configuration says which they are."""
    if len(cells) >= _FEWEST_REALTIME:
        return check_shapes(_name_cells(REALTIME, cells), _SHAPES)
    stamp = cells[0] if cells else ""
    if _SHAPES["timestamp"].find(stamp) is None:
        raise ParseError(f"a timestamp was expected in the first of {len(cells)} cells (or #Fields)")
    return {"timestamp": number(stamp), "extra": cells[1:]}


_REALTIME_START = r"1\d{9}\.\d{1,6}\t(?:[^\t]*+\t){3}[1-9]\d\d\t(?:[^\t]*+\t){6}[A-Z]{3}\d{1,3}(?:-\w{1,8})?\t"
"""A row up to its edge location, with a time and a status of the right shape."""


@lru_cache(maxsize=64)
def _usual_realtime(width: int) -> UsualRow | None:
    if not _FEWEST_REALTIME <= width <= len(REALTIME):
        return None
    columns = REALTIME[:width]
    cells = [f"c{at}" for at in range(width)]
    values = []
    for column, cell in zip(columns, cells, strict=True):
        if column == "timestamp":
            value = f"float({cell})"
        elif column == "sc-status":
            value = f"int({cell})"
        elif column in _SECONDS:
            is_usual = f"{cell}[:2] == '0.' and {cell}[2:].isdigit() and len({cell}) <= 21"
            value = f"float({cell}) if {is_usual} else None if {cell} == '-' else number({cell})"
        elif column in NUMBERS:
            is_usual = f"{cell}.isdigit() and len({cell}) <= 20"
            value = f"int({cell}) if {is_usual} else None if {cell} == '-' else number({cell})"
        else:
            value = f"None if {cell} == '-' else {cell}"
        values.append(value)
    lines = (
        "row, cells = cells",
        "if starts(row) is None or not row.isascii(): return None",
        # In a row of names, which is a header, more than half of the cells are known.
        f"if not knows_none_of(cells[: {width // 2 + 1}]): return None",
        f"{', '.join(cells)}, = cells",
    )
    starts = re.compile(_REALTIME_START, re.ASCII).match
    return define_row(lines, columns, values, starts=starts, knows_none_of=_KNOWN.isdisjoint)


def _name_cells(columns: tuple[str, ...], cells: list[str]) -> Event:
    event = _row_of(columns[: len(cells)])(cells[: len(columns)])
    return {**event, "extra": cells[len(columns) :]} if len(cells) > len(columns) else event


@lru_cache(maxsize=64)
def _row_of(columns: tuple[str, ...]) -> MakeRow:
    make = table_row(columns, ("-",), NUMBERS.intersection(columns))
    assert make is not None
    return make


register(
    CloudFrontFormat(
        name="cloudfront",
        tag="aws.cloudfront",
        time=_standard_time,
        split=_split,
        header=_columns,
        headless=_standard,
        header_prefix=b"#",
        absent=("-",),
        json_rows=True,
        signatures=(
            (
                "c-ip, x-edge-result-type|x-edge-request-id|cs-uri-stem, date|timestamp|timestamp(ms), "
                "x-edge-location, sc-status=[0-9][0-9][0-9], !extra"
            ),
            "date, sc-status|cs-method|c-ip, x-edge-location=[a-z][a-z][a-z][0-9]*",
        ),
        specificity=0.4,
        description="CloudFront standard logs: W3C of any fields, JSON lines (version 2)",
        variants=(
            "any fields under `#Fields` or under their names alone, tabs or spaces between",
            "no header: the documented columns, from 12 on",
            "JSON (version 2), with `date` and `time`, `timestamp` or `timestamp(ms)`",
        ),
        refused=("rows without a header whose time, edge location or status is invalid",),
        document="Amazon CloudFront Developer Guide: Standard logging reference, Log file fields",
        example=b"#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem "
        b"sc-status\n2026-03-01\t09:15:02\tFRA56-P1\t5723\t192.0.2.41\tGET\td111111abcdef8.cloudfront.net\t/index.html\t200",
    ),
    CloudFrontFormat(
        name="cloudfront-realtime",
        tag="aws.cloudfront_realtime",
        time="timestamp",
        split=_split,
        header=_columns,
        headless=_realtime,
        usual_row=_usual_realtime,
        header_prefix=b"#",
        absent=("-",),
        json_rows=True,
        signatures=(
            "x-edge-location, c-ip, cs-host|cs-uri-stem, !date, timestamp=[0-9]*, sc-status=[0-9][0-9][0-9]",
            "extra, timestamp=1[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9].[0-9]*",
        ),
        specificity=0.4,
        description="CloudFront real-time logs: all fields, or any under a header",
        variants=(
            "all fields in the documented order",
            "any fields under `#Fields` or under their names alone",
            "fewer than 38 fields without a header: `timestamp`, and the others under `extra`",
            "JSON",
        ),
        refused=("rows without a header that do not begin with a time",),
        document="Amazon CloudFront Developer Guide: Use real-time logs, Fields",
        example=b"1772356502.481\t192.0.2.41\t10.0.4.17\t0.048\t200\t5723\tGET\thttps\td111111abcdef8.cloudfront.net\t/index.html"
        b"\t310\tFRA56-P1\tK0a1b2c3d==\tshop.example.com\t0.049\tHTTP/2.0\tIPv4\tMozilla/5.0\t-\t-\t-\tHit\t-\tTLSv1.3"
        b"\tTLS_AES_128_GCM_SHA256\tHit\t-\t-\ttext/html\t5210\t-\t-\t52814\tHit\tDE\tgzip\t*/*\t*\tHost:shop.example.com"
        b"\tHost\t1",
    ),
)
