"""Palo Alto Networks PAN-OS."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

from ...errors import ParseError
from ..base import Decoded, Format, ObjectInfo, Parser
from ..fields import Event, first_time
from ..header_times import zone_of
from ..patterns import abbreviate
from ..registry import register
from ..syslog_header import read_relay_header
from .paloalto_columns import COLUMNS, CONFIG_WITH_DETAIL, HIGH_RESOLUTION, UNKNOWN


class PanOsFormat(Format):
    """A format of PAN-OS rows."""

    def parser(self, about: ObjectInfo) -> Parser:
        return PanOsParser(self, about)


class PanOsParser(Parser):
    """A parser that splits at commas; only rows with a quote pay for the csv module."""

    def __init__(self, declared: Format, about: ObjectInfo) -> None:
        super().__init__(declared, about)
        self.decode = decode


def _traffic_sentence(cells: Sequence[str | None]) -> str:
    """Return the message of the class-based SLIPS; None for a column that a short row lacks."""
    c = cells if len(cells) > 33 else [*cells, *[None] * 34]
    return f"{c[7]}:{c[24]} => {c[8]}:{c[25]} ({c[29]}), Sent {c[32]} byte, Recv {c[33]} byte"


def _threat_sentence(cells: Sequence[str | None]) -> str:
    """Return the message of the class-based SLIPS; a threat's row has no byte counts, which gave None."""
    c = cells if len(cells) > 32 else [*cells, *[None] * 33]
    return f"{c[7]}:{c[24]} => {c[8]}:{c[25]} ({c[29]}), Sent None byte, Recv None byte {c[32]}"


class Layout(NamedTuple):
    """A log type's columns, their number, and the function that makes its sentence."""

    columns: tuple[str, ...]
    width: int
    sentence: Callable[[Sequence[str | None]], str] | None


_DATES = ("/", "-")
_SENTENCES = {"URL": _threat_sentence, "Bytes": _traffic_sentence}
_LAYOUTS = {
    kind: Layout(columns, len(columns), _SENTENCES.get(columns[31] if len(columns) > 31 else ""))
    for kind, columns in COLUMNS.items()
}
_OTHER = Layout(UNKNOWN, len(UNKNOWN), None)
_DETAILED = Layout(CONFIG_WITH_DETAIL, len(CONFIG_WITH_DETAIL), None)


def decode(record: bytes) -> Decoded:
    """Return the event of a row, with or without a syslog header. Cells stay text, as in the class-based SLIPS."""
    line = record.decode()
    cells = line.split(",") if '"' not in line else None
    if cells is None or len(cells) < 7 or cells[1][:2] != "20" or cells[1][4:5] not in _DATES or cells[1][13:14] != ":":
        cells = _found_row(line)
    elif len(cells[0]) > 1:
        cells[0] = cells[0].replace(">", " ").rpartition(" ")[2]
    columns, width, sentence = _LAYOUTS.get(cells[3]) or _LAYOUTS.get(cells[3].upper(), _OTHER)
    if cells[3] == "CONFIG" and _has_detail(cells):
        columns, width, sentence = _DETAILED
    event: Event = dict(zip(columns, cells))  # noqa: B905 - strict=False costs 3 % of a row
    event["raw_message"] = line
    if len(cells) > width:
        event["extra"] = cells[width:]
    if sentence is not None:
        event["message"] = sentence(cells)
    return event


@cache
def _row() -> re.Pattern[str]:
    # Cortex Data Lake, Strata Logging Service and Prisma Access write ISO times.
    time = r"\d{4}(?:/\d\d/\d\d |-\d\d-\d\d[T ])\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
    return re.compile(rf'(?:^|(?<=[\s:>]))"?[0-9A-Fa-fx]*"?,"?{time}"?,')


def _found_row(line: str) -> list[str]:
    start = _row().search(line)
    if start is None:
        raise ParseError(f"not a PAN-OS row: {abbreviate(line)}")
    row = line[start.start() :].rstrip()
    if row.count('"') % 2:
        raise ParseError(f"not a PAN-OS row: a quote is not closed: {abbreviate(row)}")
    try:  # Not strict: PAN-OS leaves some quotes inside a quoted URL as they are.
        cells = next(csv.reader([row]))
    except csv.Error as fault:
        raise ParseError(f"not a PAN-OS row: {fault}") from fault
    if len(cells) < len(UNKNOWN):
        raise ParseError(f"at least {len(UNKNOWN)} cells were expected, not {len(cells)}")
    return cells


def _has_detail(cells: list[str]) -> bool:
    """Tell whether a config row has the change's detail (a custom format): then the action flags are two columns
    later."""
    return len(cells) > 17 and not cells[15].startswith("0x") and cells[17].startswith("0x")


@cache
def _high_resolution() -> re.Pattern[str]:
    return re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}(?:Z|[+-]\d\d:\d\d)", re.ASCII)


def _time_of(event: Event, reference: float) -> float | None:
    """high-resolution time stamp, else Generate Time, else Receive Time"""
    # The last one may be under `extra`, in a release with further columns before it.
    cells = (event.get(HIGH_RESOLUTION), *event.get("extra", ()))
    values = [cell for cell in cells if cell and _high_resolution().fullmatch(cell)]
    values += [event.get("Generate Time"), event.get("Receive Time")]
    header, comma, _ = event.get("raw_message", "").partition(",")
    zone = zone_of(read_relay_header(header)) if comma and len(header) > 1 else ""
    return first_time(((value, None) for value in values), reference, zone)


def _tag(event: Event) -> str:
    """paloalto.<type>"""
    return f"paloalto.{event.get('Type', 'unknown').lower() or 'unknown'}"


register(
    PanOsFormat(
        name="paloalto",
        tag=_tag,
        time=_time_of,
        specificity=0.95,
        description="PAN-OS traffic, threat, system, config, GlobalProtect and other logs, of firewalls and of Cortex "
        "Data Lake, Strata Logging Service and Prisma Access",
        variants=(
            "times with slashes, or ISO as Cortex Data Lake and Prisma Access write them",
            "rows of any release: missing columns have no field, new ones are under `extra`",
            "unknown types, with the common columns",
            "quoted cells with commas and quotes",
            "Syslog headers, of which only the zone counts",
        ),
        refused=("rows that lack one of the first seven cells, and text",),
        document="PAN-OS Administrator's Guide: Syslog Field Descriptions",
        example=b"1,2026/03/01 09:15:02,012001001234,TRAFFIC,end,2817,2026/03/01 09:15:02,192.0.2.41,198.51.100.7,"
        b"0.0.0.0,0.0.0.0,allow-web,,,ssl,vsys1,trust,untrust,ethernet1/1,ethernet1/2,default,2026/03/01 09:15:02,3329,"
        b"1,52814,443,0,0,0x1c,tcp,allow,8120,1922,6198,31,2026/03/01 09:14:41,20,business-and-economy,,7312415129,0x0,"
        b"10.0.0.0-10.255.255.255,United States,,14,17,tcp-fin,0,0,0,0,,fw-2,from-policy",
    )
)
