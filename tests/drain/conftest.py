from __future__ import annotations

from ..quarantine.conftest import quarantine, table, tapped, time

__all__ = ["quarantine", "table", "tapped", "time"]
