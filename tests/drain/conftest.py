from __future__ import annotations

from ..quarantine.conftest import dynamodb, quarantine, table, tapped, time

__all__ = ["dynamodb", "quarantine", "table", "tapped", "time"]
