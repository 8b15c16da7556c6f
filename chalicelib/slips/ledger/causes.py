"""Which causes of failures are known: an alarm rings for a new one, and not each time that it fails again.

They are items of the LedgerTable, one a fingerprint. A process looks a cause up once in ten hours at most.

    work_id    "slips:cause:<fingerprint>"
    seen_at    when it failed last, in seconds since the epoch, right to a day
    before_at  when it had failed before that; 0 for never
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from itertools import islice
from typing import Final

from ..aws.dynamodb import DynamoDB, Table
from ..model import utc
from ..model.utc import DAY, HOUR
from .ledger import KEY, TTL_ATTRIBUTE
from .side_writes import WAIT, SideWrites

PREFIX: Final = "slips:cause:"
KNOWN_SECONDS: Final = 14 * DAY
"""A cause that did not fail for so long is new when it does."""
LOOK_SECONDS: Final = 10 * HOUR
WRITE_SECONDS: Final = DAY
MOST: Final = 20
"""Causes of an invocation that are looked up; the others are when they fail next."""
MOST_REMEMBERED: Final = 10_000


class KnownCauses:
    """The causes in a table. `clock` is in seconds since the epoch."""

    def __init__(self, client: DynamoDB, table: str, clock: utc.Clock = time.time, wait: float = WAIT) -> None:
        self._table = Table(client, table, KEY)
        self._clock = clock
        self._writes = SideWrites("causes", wait)
        self._looked_up: dict[str, float] = {}

    def count_new(self, fingerprints: Iterable[str]) -> int:
        """Note that these causes failed, and count those that are new. Never raises, and takes WAIT seconds at most:
        what could not be looked up counts for nothing, and is looked up when it fails next."""
        now = self._clock()
        due = [each for each in fingerprints if now >= self._looked_up.get(each, 0.0) + LOOK_SECONDS]
        return (self._writes.run(self._count_new, [*islice(due, MOST)], now) or 0) if due else 0

    def _count_new(self, fingerprints: list[str], now: float) -> int:
        new = 0
        for fingerprint in fingerprints:
            new += self._is_new(fingerprint, int(now))
            if len(self._looked_up) >= MOST_REMEMBERED:
                self._looked_up.clear()
            self._looked_up[fingerprint] = now
        return new

    def _is_new(self, fingerprint: str, now: int) -> bool:
        item = self._table.update(
            f"{PREFIX}{fingerprint}",
            f"SET #before_at = if_not_exists(#seen_at, :never), #seen_at = :now, #{TTL_ATTRIBUTE} = :ttl",
            "attribute_not_exists(#seen_at) OR #seen_at < :day_ago",
            {":never": 0, ":now": now, ":ttl": now + KNOWN_SECONDS + DAY, ":day_ago": now - WRITE_SECONDS},
        )
        return item is not None and int(item["before_at"]["N"]) < now - KNOWN_SECONDS
