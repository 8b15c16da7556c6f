"""What an invocation did, for the log, the metrics and the caller."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from .run import ObjectRun


class Tally:
    """Adds up the books of an invocation's runs."""

    def __init__(self) -> None:
        self.continued = 0
        self.quarantined = 0
        """Objects, or parts of one, that became an error item before a record of them was read."""
        self._bytes = 0
        self._runs: list[ObjectRun] = []

    def add(self, runs: Sequence[ObjectRun], stored_bytes: int) -> None:
        """So many bytes were read for these runs."""
        self._runs.extend(runs)
        self._bytes += stored_bytes

    def report(self, results: Sequence[Any]) -> dict[str, Any]:
        """`{objects, events, delivered, quarantined, bytes, continued, by_format, results}`."""
        by_format: Counter[str] = Counter()
        delivered, quarantined = 0, self.quarantined
        for run in self._runs:
            books = run.segment()
            by_format[run.format] += books.events
            delivered += sum(each.delivered for each in books.processors.values())
            quarantined += books.unparsable + sum(each.quarantined for each in books.processors.values())
        return {
            "objects": sum(run.state != "started" for run in self._runs),
            "events": by_format.total(),
            "delivered": delivered,
            "quarantined": quarantined,
            "bytes": self._bytes,
            "continued": self.continued,
            "by_format": dict(by_format),
            "results": [as_json(result) for result in results],
        }


def as_json(value: Any) -> Any:
    """The value as JSON can hold it: Lambda counts an answer that it cannot write as a failure of the function."""
    return msgspec.json.decode(msgspec.json.encode(value, enc_hook=repr))
