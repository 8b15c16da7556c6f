"""Microsoft IIS."""

from __future__ import annotations

from ..base import Decoded, ObjectInfo
from ..fields import Event
from ..registry import register
from ..table_format import TableFormat, TableParser, split_at_spaces
from ..timestamps import iso

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


def _time_of(event: Event, reference: float) -> float | None:  # noqa: ARG001 - the shape of a TimeFunction
    """date + time"""
    date, time = event.get("date"), event.get("time")
    return iso(f"{date} {time}") if isinstance(date, str) and isinstance(time, str) else None


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

    def _decode(self, record: bytes) -> Decoded:
        if record.startswith(b"#Date: "):
            self._day = record.decode()[7:].strip().partition(" ")[0]
        return super()._decode(record)

    def _row(self, cells: list[str]) -> Event:
        if not self._columns:
            self._columns = _BY_COUNT.get(len(cells), ())
        event = super()._row(cells)
        if self._day:
            event.setdefault("date", self._day)
        return event


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
        description="IIS access logs, W3C extended: any fields, as #Fields names them",
        document="Microsoft: W3C Logging (IIS); W3C Extended Log File Format",
        example=b"2026-03-01 09:15:02 10.0.4.17 GET /index.html - 443 - 192.0.2.41 Mozilla/5.0 - 200 0 0 31",
    )
)
