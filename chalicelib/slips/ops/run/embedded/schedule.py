"""EventBridge → Lambda: the function that app.py calls by a schedule."""

from __future__ import annotations

import threading
import time
from typing import Any
from uuid import uuid4

from ....errors import InvocationFailed
from ....model.utc import iso
from .invoke import LambdaRuntime

SECONDS = 5.0
"""Between two calls, whatever the schedule says: nobody waits for a minute in front of a terminal."""


class ScheduleTrigger:
    """A schedule that calls a function. `alone` is held while the function runs."""

    def __init__(self, function: str, runtime: LambdaRuntime, alone: threading.Lock) -> None:
        self.function = function
        self._runtime = runtime
        self._alone = alone
        self._next = time.monotonic() + SECONDS

    def poll(self) -> bool:
        """Call the function when its time has come. Returns False: nothing ever follows at once."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + SECONDS
            try:
                with self._alone:
                    self._runtime.invoke(self.function, self._event(), is_work=False)
            except InvocationFailed:  # It is logged, and the next call comes soon.
                pass
        return False

    def _event(self) -> dict[str, Any]:
        """Return the event as in the Amazon EventBridge User Guide, "Amazon EventBridge event for scheduled rules"."""
        place = self._runtime.place
        return {
            "version": "0",
            "id": str(uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": place.account,
            "time": iso(time.time()),
            "region": place.region,
            "resources": [place.arn("events", f"rule/{self.function}")],
            "detail": {},
        }
