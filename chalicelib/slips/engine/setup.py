"""The `on_setup` functions: called once an invocation, before its first event."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import ENDS, SetupFailed

log = logging.getLogger("slips")


class Setup:
    """The hooks of an invocation, and the `args` that they get. After `expire_args`, `args` fetches secrets again."""

    def __init__(
        self,
        hooks: Sequence[Callable[[Any], Any]],
        args: Callable[[], Mapping[str, Any]],
        expire_args: Callable[[], None],
    ) -> None:
        self._hooks = hooks
        self._args = args
        self._expire_args = expire_args
        self._is_done = False
        self._fault: BaseException | None = None

    def call(self) -> None:
        """Call the hooks, unless that was done. Raises SetupFailed, for every object, where one of them has failed."""
        if not self._is_done:
            self._is_done = True
            try:
                if self._hooks:
                    self._set_up()
            except ENDS:
                raise
            except BaseException as fault:  # noqa: BLE001 - see errors.ENDS
                self._fault = fault
        if self._fault is not None:
            raise SetupFailed(f"on_setup raised {type(self._fault).__name__}: {self._fault}") from self._fault

    def _set_up(self) -> None:
        """Call the hooks, and all of them once more where one fails and a secret has been rotated."""
        args = self._args()
        try:
            self._call_hooks(args)
        except ENDS:
            raise
        except BaseException as fault:
            self._expire_args()
            fresh = self._args()
            if fresh == args:
                raise
            log.warning("on_setup raised %s: %s; called again, since a secret has changed", type(fault).__name__, fault)
            self._call_hooks(fresh)

    def _call_hooks(self, args: Mapping[str, Any]) -> None:
        for hook in self._hooks:
            hook(args)
