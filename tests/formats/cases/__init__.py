"""Three records of every format, a table for each folder of `formats/`.

The good record is the example that the format declares. The odd one is the oddest that the vendor's document allows:
optional fields missing, values that only some releases write, a time in another of the documented shapes. The broken
ones must be a ParseError.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

NOON = "2026-03-01T12:00:00Z"
"""The time of the odd records: 1772366400 seconds."""
SECONDS = 1772366400


@dataclass(frozen=True)
class Case:
    """A format's cases: `tag` is the good record's, `odd` bytes or what becomes JSON, `time` the odd record's (ISO
    8601, None for no time), `has` some of its fields. Without `broken`, the good record cut off must be refused."""

    tag: str
    odd: Any
    time: str | None = NOON
    has: dict[str, Any] = field(default_factory=dict)
    odd_tag: str = ""
    broken: tuple[bytes, ...] = ()

    @property
    def record(self) -> bytes:
        """Return the odd record's bytes."""
        return self.odd if isinstance(self.odd, bytes) else json.dumps(self.odd).encode()
