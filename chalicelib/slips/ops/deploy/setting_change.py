"""A setting in the account that is not what slips.yml says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class SettingChange(NamedTuple):
    """A setting that is not what slips.yml says; `apply` changes it."""

    what: str
    old: Any
    new: Any
    apply: Callable[[], object]

    def __str__(self) -> str:
        return f"{self.what}: {_format(self.old)} -> {_format(self.new)}"


def _format(value: Any) -> str:
    return "none" if value in (None, {}) else str(value)
