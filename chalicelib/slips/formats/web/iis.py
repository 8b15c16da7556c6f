"""Microsoft IIS, and what else writes the W3C extended log format: proxies, gateways, content delivery networks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from ..base import Decoded, ObjectInfo
from ..day_times import clf
from ..fields import Event
from ..patterns import Pattern
from ..registry import register
from ..row import MAX_COLUMNS, check_shapes
from ..table_format import (
    TableFormat,
    TableParser,
    numeric_columns,
    split_at_commas,
    split_at_spaces,
    split_at_tabs,
)
from ..timestamps import epoch, iso
from ..usual_lines import UsualLine

# Where a file has lost its header, by the number of cells: the default fields of IIS 8 and later, all fields, and the
# default fields of IIS 6 and 7 (without the referer).
_USUAL = (
    "date", "time", "s-ip", "cs-method", "cs-uri-stem", "cs-uri-query", "s-port", "cs-username", "c-ip",
    "cs(User-Agent)", "cs(Referer)", "sc-status", "sc-substatus", "sc-win32-status", "time-taken",
)  # fmt: skip
_ALL = (
    "date", "time", "s-sitename", "s-computername", "s-ip", "cs-method", "cs-uri-stem", "cs-uri-query", "s-port",
    "cs-username", "c-ip", "cs-version", "cs(User-Agent)", "cs(Cookie)", "cs(Referer)", "cs-host", "sc-status",
    "sc-substatus", "sc-win32-status", "sc-bytes", "cs-bytes", "time-taken",
)  # fmt: skip
_BY_COUNT = {
    len(columns): columns for columns in (_USUAL, _ALL, tuple(name for name in _USUAL if name != "cs(Referer)"))
}
_NUMBERS = (
    "s-port", "c-port", "sc-status", "sc-substatus", "sc-win32-status", "sc-bytes", "cs-bytes", "time-taken",
)  # fmt: skip
# Without a header only these tell a row of IIS.
_SHAPES = {
    "date": Pattern("date", r"\d{4}-\d\d-\d\d"), "time": Pattern("time", r"\d\d:\d\d:\d\d(?:\.\d{1,9})?"),
    "sc-status": Pattern("status", r"\d{3}"),
}  # fmt: skip
_MARKS = (("\t", split_at_tabs), (",", split_at_commas))
_OTHER_TIMES = ("date-time", "timestamp", "x-timestamp-unix", "cs-start")


def _time_of(event: Event, reference: float) -> float | None:  # noqa: ARG001 - the shape of a TimeFunction
    """date + time, else date-time, timestamp, x-timestamp-unix, cs-start or localtime"""
    date, time = event.get("date"), event.get("time")
    if isinstance(date, str) and isinstance(time, str):
        return iso(f"{date} {time}")
    other = next((event[name] for name in _OTHER_TIMES if event.get(name)), None)
    if other is not None:
        return epoch(other)
    local = event.get("localtime")  # Of Blue Coat, with its offset.
    return clf(local) if isinstance(local, str) else None


@cache
def _cell() -> re.Pattern[str]:
    """Return the pattern of a cell: in quotes, which are doubled inside; a time in brackets; or without spaces."""
    return re.compile(r'"([^"]*+(?>""[^"]*+)*+)"(?!\S)|(\[[^\]\s]{1,40} [^\]\s]{1,40}\](?!\S)|\S+)')


def _quoted_cells(row: str) -> list[str]:
    return [bare or quoted.replace('""', '"') for quoted, bare in _cell().findall(row)]


class IisFormat(TableFormat):
    """A format of W3C extended log lines."""

    def parser(self, about: ObjectInfo) -> TableParser:
        return IisParser(self, about)


class IisParser(TableParser):
    """A parser that keeps the day of `#Date`, for a site that logs `time` alone, and uses the usual fields without a
    header."""

    def __init__(self, declared: TableFormat, about: ObjectInfo) -> None:
        super().__init__(declared, about)
        self._day = ""
        self._presumed: tuple[str, ...] | None = None
        self._divide = split_at_spaces
        self._split = self._cells
        self._usual: Callable[[str], Event | None] | None = None
        self._until_usual = _ROWS_BEFORE

    def _decode(self, record: bytes) -> Decoded:
        if self._usual is not None and (event := self._usual(record.decode())) is not None:
            return event
        if record.startswith((b"#Date: ", b"#Start-Date: ")):
            self._day = record.decode().partition(" ")[2].strip().partition(" ")[0]
        return super()._decode(record)

    def _cells(self, row: str) -> list[str]:
        if row[:1] == "#":
            self._usual, self._until_usual = None, _ROWS_BEFORE
            return self._header_cells(row)
        cells, width = self._divide(row), len(self._columns)
        if ('"' not in row or self._divide is not split_at_spaces) and (not width or len(cells) == width):
            return cells
        several = _splits(row)
        usual = next(several)
        return usual if len(usual) == width else next((each for each in several if len(each) == width), usual)

    def _header_cells(self, line: str) -> list[str]:
        """Return the cells of a directive. Between the names of fields, and then between cells, TMG and WebLogic have
        tabs, and Exchange has commas."""
        name, *rest = line.split(None, 1)
        if name != "#Fields:" or not rest:
            return [name]
        names = rest[0].rstrip()
        between, self._divide = next((mark for mark in _MARKS if mark[0] in names), (None, split_at_spaces))
        return [name, *(cell.strip() for cell in names.split(between))]

    def _row(self, cells: list[str]) -> Event:
        if not self._columns:
            self._columns = self._presumed = _BY_COUNT.get(len(cells), ())
        event = super()._row(cells)
        if self._columns is self._presumed:
            check_shapes(event, _SHAPES)
        if self._day:
            event.setdefault("date", self._day)
        self._until_usual -= 1
        if not self._until_usual and self._divide is split_at_spaces and not self._day:
            self._usual = _usual_row(self._columns, self._columns is self._presumed)
        return event


_ROWS_BEFORE = 512
"""Rows under the same columns before an expression is compiled for them, which takes as long as reading so many."""


@lru_cache(maxsize=64)
def _usual_row(columns: tuple[str, ...], is_presumed: bool) -> Callable[[str], Event | None] | None:
    """Return the function from a row without quotes and with single spaces to its event, None for any other row."""
    if len(columns) > MAX_COLUMNS:
        return None
    numbers = numeric_columns(columns, _NUMBERS)
    groups = [r"(\d{1,20}+|-)" if column in numbers else "([!#-~]++)" for column in columns]
    if is_presumed:
        shapes = {"date": r"(\d{4}-\d\d-\d\d)", "time": r"(\d\d:\d\d:\d\d)", "sc-status": r"([1-9]\d\d)"}
        groups = [shapes.get(column, group) for column, group in zip(columns, groups, strict=True)]
    return UsualLine(f"(?!#){' '.join(groups)}", columns, integers=numbers, absent=columns).read


def _splits(row: str) -> Iterator[list[str]]:
    """Yield the cells of a row in every way in which they may be written, the usual one first."""
    yield _quoted_cells(row)
    yield split_at_spaces(row)  # IIS itself leaves a quote in a user agent as it is.
    yield split_at_tabs(row)


def _columns(cells: list[str], known: tuple[str, ...]) -> list[str] | None:  # noqa: ARG001 - the shape of `header`
    return cells[1:] if cells and cells[0] == "#Fields:" else None


register(
    IisFormat(
        name="iis",
        tag="iis",
        time=_time_of,
        split=split_at_spaces,
        header=_columns,
        header_prefix=b"#",
        absent=("-",),
        numbers=_NUMBERS,
        signatures=(
            "date|time, c-ip|s-ip, cs-method|cs-uri-stem, !x-edge-location, !extra, sc-status=[1-5][0-9][0-9]",
            (
                "date|time, c-ip|s-ip, cs-uri-stem|s-sitename, !x-edge-location, !extra, "
                "cs-method=get|post|head|put|delete|options|patch|connect|propfind|debug"
            ),
        ),
        specificity=0.3,
        description="IIS access logs and other W3C extended logs (Advanced Logging, ProxySG, Imperva, TMG): any "
        "fields, as #Fields names them; cells in quotes; spaces, tabs or commas between",
        variants=(
            "any fields, as `#Fields` names them, also where they change later in the file",
            "spaces, tabs or commas between cells",
            "quoted cells",
            "`time` alone under `#Date`",
            "ProxySG's `localtime` and other single times",
            "no header: the default or all fields of IIS",
            "more cells than columns, under `extra`",
        ),
        refused=(
            "IIS's own log file format (commas, no header) and NCSA's",
            "rows with fewer cells than `#Fields`, and rows without a header whose date, time or status is invalid",
        ),
        document="Microsoft: W3C Logging (IIS); W3C Extended Log File Format",
        example=b"2026-03-01 09:15:02 10.0.4.17 GET /index.html - 443 - 192.0.2.41 Mozilla/5.0 - 200 0 0 31",
    )
)
