"""What is down for a while and passes by itself, in a scenario: nobody does anything, and in the end nothing waits."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Literal

import msgspec

GET, TOKEN = "s3 GET", "GetParameter"
"""Operations of S3 and of SSM, as the proxy names them."""
DESTINATIONS = ("plain", "batched", "flush", "sent", "setup")
"""Functions of project/app.py: what they send to, or ask for, may be down."""
NOTHING = 0.4
"""Of all scenarios have no storm at all."""


Kind = Literal["slowdown", "silent", "stuck", "throttled"]


class Outage(msgspec.Struct, frozen=True):
    """From the `first` to the `last` request for an operation, all fare alike: `slowdown` is 503, `silent` no answer at
    all, `stuck` half of one."""

    operation: str
    kind: Kind
    first: int
    last: int


class Storms(msgspec.Struct):
    """`tables` is the share of DynamoDB's requests that are throttled. `down` are (function, first and last call of it
    that fails): with RetryLater, but `setup` with a fault that says nothing. `broken` are the numbers of the first
    and the last notification at which neither dispatch nor report can be loaded; (0, 0) for none."""

    outages: list[Outage]
    tables: float
    down: list[tuple[str, int, int]]
    broken: tuple[int, int]


def storms(dice: random.Random, notifications: Sequence[int]) -> Storms:
    """Return some storms of any kind."""
    if dice.random() < NOTHING:
        return Storms([], 0.0, [], (0, 0))
    outages = [
        _outage(dice, GET, "slowdown", (5, 30, 120)),
        _outage(dice, GET, "silent" if dice.random() < 0.5 else "stuck", (1, 3, 8)),
        _outage(dice, TOKEN, "throttled", (2, 10, 40)),
    ]
    down = [(name, *_span(dice, (1, 3, 10))) for name in DESTINATIONS if dice.random() < 0.3]
    broken = _span(dice, (1, 3, len(notifications))) if dice.random() < 0.4 else (0, 0)
    return Storms(
        outages=[outage for outage in outages if dice.random() < 0.45],
        tables=0.1 if dice.random() < 0.4 else 0.0,
        down=down,
        broken=broken,
    )


def _outage(dice: random.Random, operation: str, kind: Kind, lengths: Sequence[int]) -> Outage:
    return Outage(operation, kind, *_span(dice, lengths))


def _span(dice: random.Random, lengths: Sequence[int]) -> tuple[int, int]:
    first = dice.choice((1, 1, 2, 4))
    return first, first + dice.choice(lengths) - 1
