"""An emulated LedgerTable, and a clock that stands still."""

from __future__ import annotations

from typing import Any

import pytest

from ..doubles import StillClock
from ..ledger_table import create

NOON = 1_767_268_800.0  # 2026-01-01T12:00:00Z


@pytest.fixture
def clock() -> StillClock:
    return StillClock(NOON)


@pytest.fixture
def table(dynamodb: Any) -> str:
    return create(dynamodb)
