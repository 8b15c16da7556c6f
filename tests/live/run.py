"""The steps of a run."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from slips.ledger.ledger import FINAL
from slips.ops.polling import poll

from .account import STAGE, LiveAccount
from .objects import Planted

Tell = Callable[[str], None]
PAUSE = 5.0
"""Seconds between two looks at what is under way."""


class Result(NamedTuple):
    """What a run has shown."""

    objects: int
    events: int
    lost: dict[str, list[str]]
    """Ids by the function that never got them."""
    twice: dict[str, int]
    """Events by the function that got them more than once."""
    planted: Counter[str]
    """Faults by their kind."""
    happened: Counter[str]
    """Those that pass, as they happened."""
    failed: int
    """Error items that had to be drained."""
    left: list[str]
    """What is open or under way behind the drain."""
    canaries: list[str]
    seconds: dict[str, float]
    cold_starts: str

    @property
    def is_sound(self) -> bool:
        """Whether every event was taken, and nothing is left open."""
        return not any(self.lost.values()) and not self.left


def play(account: LiveAccount, objects: Sequence[Planted], tell: Tell, *, patience: float) -> Result:
    """Deploy, send canaries and objects, mend, drain, and compare. Raises RuntimeError where a command fails; what was
    created is for the caller to remove. `patience` is the seconds that are waited for objects, at most, each time."""
    tell(f"a project in {account.project}, a bucket {account.bucket}")
    account.write_project()
    account.create_bucket()
    tell("slips deploy: some minutes")
    account.slips("deploy", "--stage", STAGE, "--yes", "--bucket-notifications", account.bucket)
    tell("canaries")
    canaries = json.loads(account.slips("check", "--deployed", "--stage", STAGE, "--canary", "--json", statuses=(0, 1)))
    for line in canaries:
        tell(f"  {line}")
    begun = time.monotonic()
    for planted in objects:
        account.put(planted.key, planted.content)
    events = sum(len(planted.ids) for planted in objects)
    tell(f"{len(objects)} objects with {events:,} events are in the bucket")
    seconds = {"until all objects had ended": _wait(account, objects, tell, patience, begun)}
    account.put("marks/healed")
    failed = len(_errors(account))
    tell(f"{failed} error items; the faults are mended; slips drain")
    begun = time.monotonic()
    account.slips("drain", "--json", statuses=(0, 1))
    left = poll(
        lambda: _errors(account) + _under_way(account, objects), lambda found: not found, seconds=patience, pause=PAUSE
    )
    seconds["until all that had failed was drained"] = time.monotonic() - begun
    ids = [name for planted in objects for name in planted.ids]
    counts = {"taken": account.count_taken(), "sent": account.count_sent()}
    kinds: Counter[str] = Counter()
    for planted in objects:
        kinds.update(planted.faults)
    return Result(
        objects=len(objects),
        events=len(ids),
        lost={name: [each for each in ids if not count[each]] for name, count in counts.items()},
        twice={name: sum(times > 1 for times in count.values()) for name, count in counts.items()},
        planted=kinds,
        happened=account.count_marks(),
        failed=failed,
        left=left,
        canaries=canaries,
        seconds=seconds,
        cold_starts=account.describe_cold_starts(),
    )  # fmt: skip


def _wait(account: LiveAccount, objects: Sequence[Planted], tell: Tell, patience: float, begun: float) -> float:
    """Wait until every object has ended, and nothing waits to be tried again by itself."""
    last = [-1]

    def look() -> int:
        open_ = len(_under_way(account, objects)) + sum('"waiting"' in line for line in _errors(account))
        if open_ != last[0]:
            tell(f"  {open_} objects or items are under way")
            last[0] = open_
        return open_

    if poll(look, lambda found: not found, seconds=patience, pause=PAUSE):
        tell("  no longer waiting for them")
    return time.monotonic() - begun


def _under_way(account: LiveAccount, objects: Sequence[Planted]) -> list[str]:
    """The objects that have not ended."""
    ledger = account.target.ledger
    return [
        planted.key
        for planted in objects
        if not (works := ledger.of_object(account.bucket, planted.key, 50))
        or any(work.state not in FINAL for work in works)
    ]


def _errors(account: LiveAccount) -> list[str]:
    return account.slips("errors", "--json", "--limit", "10000", statuses=(0, 1)).splitlines()
