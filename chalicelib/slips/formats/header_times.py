"""The grammar of the times in headers like syslog's, for every format that may have one.

    [WEEKDAY] [YEAR] MONTH DAY [YEAR] CLOCK [ZONE] [YEAR] [ZONE]      Nov 21 06:00:24, 2023 Nov 21 06:00:24.5 CET
    YEAR-MONTH-DAY CLOCK [ZONE]                                       2023-11-21T06:00:24,512+01:00
    SECONDS since the epoch                                           1700546424.512

CLOCK has one or two digits of hours and a fraction after a point or a comma; ZONE is `Z`, an offset or a name, with or
without a space before it. `timestamps.any_shape` reads them all.
"""

from __future__ import annotations

import re

from .fields import Event
from .zones import ZONE, cache_by_zones, zone_names

WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_YEAR = r"(?:19|20)\d\d"
_CLOCK = r"\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?"
_EPOCH = r"(?<![\w.:/-])[1-4]\d{9}(?:\.\d{1,9})?"
END = r"(?=[\s:,]|$)"
"""What follows a time."""


@cache_by_zones(1)
def time_pattern() -> str:
    """Return the source of a pattern of all these times, without groups."""
    # Names of zones are listed, since a word of capitals may as well be the host.
    zone = rf"(?: ?(?:[Zz]|(?:GMT|UTC)[+-]\d\d?(?::?\d\d)?|[+-]\d\d(?::?\d\d)?|{'|'.join(zone_names())}){END})?"
    year = rf"(?: {_YEAR}{END}{zone})?"
    bsd = rf"(?:{_YEAR} )?{_MONTH} +\d{{1,2}},? (?:{_YEAR},? )?{_CLOCK}{zone}{year}"
    return rf"(?:{bsd}|\d{{4}}[-/]\d\d[-/]\d\d[Tt _]{_CLOCK}{zone}|{_EPOCH}){END}"


_ZONE_AT_END = re.compile(rf"(?<=[\d ])({ZONE})(?: \d{{4}})?$", re.ASCII)


def zone_of(event: Event) -> str:
    """Return the zone that the header of an event names, empty for none: it holds for a time of the record that names
    none of its own."""
    text = event.get("datetime")
    # Most headers have none: `Nov 21 06:00:24`.
    return "" if not isinstance(text, str) or len(text) == 15 else _find_zone(text)


@cache_by_zones(256)
def _find_zone(text: str) -> str:
    match = _ZONE_AT_END.search(text)
    return match[1] if match else ""
