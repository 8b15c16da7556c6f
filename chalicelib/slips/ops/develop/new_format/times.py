"""Times in samples, and the Python that reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

PATTERNS = (
    "%d/%b/%Y:%H:%M:%S %z", "[%d/%b/%Y:%H:%M:%S %z]", "%a %b %d %H:%M:%S %Y", "%d %b %Y %H:%M:%S", "%b %d %Y %H:%M:%S",
    "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S,%f", "%d.%m.%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%Y%m%d%H%M%S",
    "%a, %d %b %Y %H:%M:%S %z", "%d-%b-%Y %H:%M:%S",
)  # fmt: skip
"""For `datetime.strptime`. All have a year (a time without one is left to the object's), and none leaves open which
number is the month."""

EARLIEST, LATEST = 631_152_000, 4_102_444_800
"""1990 and 2100: a number outside is not a time."""


class TimeNotation(NamedTuple):
    """A way of writing times. `code` reads the expression `{}`, to seconds since the epoch."""

    code: str
    read: Callable[[str], float]


def _iso(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _strptime(pattern: str) -> Callable[[str], float]:
    def read(text: str) -> float:
        moment = datetime.strptime(text, pattern)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

    return read


def _number(divisor: float) -> Callable[[str], float]:
    return lambda text: float(text) / divisor


NOTATIONS = (
    TimeNotation("_utc(datetime.fromisoformat({}))", _iso),
    *(TimeNotation(f"_utc(datetime.strptime({{}}, {pattern!r}))", _strptime(pattern)) for pattern in PATTERNS),
    TimeNotation("float({})", _number(1)),
    TimeNotation("float({}) / 1_000", _number(1e3)),
    TimeNotation("float({}) / 1_000_000", _number(1e6)),
    TimeNotation("float({}) / 1_000_000_000", _number(1e9)),
)


def find_notation(values: Sequence[str]) -> TimeNotation | None:
    """Return how these values write a time; None where one of them is not a time."""
    return next(
        (notation for notation in NOTATIONS if values and all(_holds(notation, value) for value in values)), None
    )


def _holds(notation: TimeNotation, value: str) -> bool:
    try:
        return len(value) >= 9 and EARLIEST <= notation.read(value) < LATEST
    except (ValueError, OverflowError):
        return False
