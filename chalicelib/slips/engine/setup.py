"""The `on_setup` functions: called once an invocation, before its first event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import ENDS, SetupFailed


class Setup:
    """The hooks of an invocation, and the `args` that they get."""

    def __init__(self, hooks: Sequence[Callable[[Any], Any]], args: Callable[[], Any]) -> None:
        self._hooks = hooks
        self._args = args
        self._is_done = False
        self._fault: BaseException | None = None

    def call(self) -> None:
        """Call the hooks, unless that was done. Raises SetupFailed, for every object, where one of them has failed."""
        if not self._is_done:
            self._is_done = True
            try:
                for hook in self._hooks:
                    hook(self._args())
            except ENDS:
                raise
            except BaseException as fault:  # noqa: BLE001 - see errors.ENDS
                self._fault = fault
        if self._fault is not None:
            raise SetupFailed(f"on_setup raised {type(self._fault).__name__}: {self._fault}") from self._fault
