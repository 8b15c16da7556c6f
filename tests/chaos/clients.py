"""Clients of the REST API that drain while everything fails, several at once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import Lock
from typing import Any

from .plan import Drain

Ask = Callable[..., Any]
"""Asks the API: method, resource, number of the client, body, `shot` and query. None where it does not answer."""


class Clients:
    """The drains of a plan; each client does one after the other. `adopt` is what `slips drain` does first."""

    def __init__(self, seed: int, drains: Sequence[Drain], ask: Ask, adopt: Callable[[], object]) -> None:
        self.drained = 0
        """Error items that went back into their lanes."""
        self.answers: Counter[str] = Counter()
        self._seed = seed
        self._drains = list(enumerate(drains))
        self._ask = ask
        self._adopt = adopt
        self._lock = Lock()
        self._pools = {drain.client: ThreadPoolExecutor(1) for drain in drains}
        self._running: set[Future[None]] = set()

    def start(self, batch: float) -> int:
        """Start the drains that are due when that batch is delivered. Return how many."""
        with self._lock:
            due = [(number, drain) for number, drain in self._drains if drain.batch <= batch]
            self._drains = [each for each in self._drains if each not in due]
            for number, drain in due:
                self._running.add(self._pools[drain.client].submit(self._drain, number, drain))
        return len(due)

    def wait(self, seconds: float) -> bool:
        """Wait until one of them has ended, and return whether all have."""
        with self._lock:
            running = set(self._running)
        done = wait(running, seconds, FIRST_COMPLETED).done
        for future in done:
            future.result()
        with self._lock:
            self._running -= done
            return not self._running

    def close(self) -> None:
        """End their threads."""
        for pool in self._pools.values():
            pool.shutdown(cancel_futures=True)

    def _drain(self, number: int, drain: Drain) -> None:
        if drain.adopts:
            self._adopt()
        body = self._select(drain, random.Random(f"{self._seed} {number}"))
        while body is not None:
            report = self._ask("POST", "/drain", client=drain.client, shot=drain.shot, body=body)
            self.answers["drains that answered" if report else "drains that did not answer"] += 1
            if report is None:
                return
            self.drained += report["drained"]
            body = {**body, "cursor": report["cursor"]} if report["cursor"] and report["drained"] else None

    def _select(self, drain: Drain, dice: random.Random) -> dict[str, Any] | None:
        """Return the body of the request; None where there is nothing to name."""
        if drain.what == "all":
            return {}
        if drain.what == "ids":
            listed = (self._ask("GET", "/errors", client=drain.client, limit="500") or {}).get("errors", [])
            ids = [row["request_id"] for row in listed if dice.random() < 0.7]
            return {"ids": ids} if ids else None
        grouped = self._ask("GET", "/errors", client=drain.client, group="fingerprint") or {}
        causes = [cause["fingerprint"] for cause in grouped.get("causes", [])]
        return {"fingerprint": dice.choice(causes)} if causes else None
