"""What a process remembers: the global variables of the modules that hold the user's functions.

A test kills no process, so what app.py buffered would survive where in production it is lost. Hence the globals are
remembered when the tester is made, and set back at a kill: in place, so that whoever holds a list still holds it.
"""

from __future__ import annotations

import copy
import sys
from collections import deque
from collections.abc import Callable, Iterable
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

_CONTAINERS = (list, dict, set, bytearray, deque)
_PLAIN = (int, float, str, bytes, bool, tuple, frozenset, type(None))


class Memory:
    """The globals of some modules: containers, plain values, and the attributes of objects of their own classes. What
    cannot be copied is left alone, and so are functions and modules: they are where a test puts the outside."""

    def __init__(self, modules: Iterable[ModuleType]) -> None:
        self._kept: list[tuple[dict[str, Any], str, Any, Any]] = []
        self._names: list[tuple[dict[str, Any], frozenset[str]]] = []
        for module in modules:
            for name, value in list(vars(module).items()):
                if not name.startswith("__"):
                    self._keep(vars(module), name, value)
                if _is_own(value, module):
                    self._keep_object(vars(value))

    def _keep_object(self, attributes: dict[str, Any]) -> None:
        self._names.append((attributes, frozenset(attributes)))
        for name, value in attributes.items():
            self._keep(attributes, name, value)

    def _keep(self, variables: dict[str, Any], name: str, value: Any) -> None:
        if not isinstance(value, (*_CONTAINERS, *_PLAIN)):
            return
        try:
            self._kept.append((variables, name, value, copy.deepcopy(value)))
        # A lock, a socket, an object that refuses to be copied: it is the user's, and may raise what it likes.
        except Exception:  # noqa: BLE001
            return

    def forget(self) -> None:
        """Set everything back."""
        for attributes, names in self._names:
            for added in attributes.keys() - names:
                del attributes[added]
        for variables, name, value, kept in self._kept:
            variables[name] = value
            if isinstance(value, _CONTAINERS):
                _refill(value, copy.deepcopy(kept))


def _is_own(value: Any, module: ModuleType) -> bool:
    """Whether it is an object that the module keeps state in."""
    own = type(value).__module__ == module.__name__ or isinstance(value, SimpleNamespace)
    return own and hasattr(value, "__dict__")


def _refill(container: Any, content: Any) -> None:
    container.clear()
    if isinstance(container, dict | set):
        container.update(content)
    else:
        container.extend(content)


def modules_of(functions: Iterable[Callable[..., Any]]) -> list[ModuleType]:
    """The modules that hold these functions."""
    names = {function.__module__ for function in functions if isinstance(function, FunctionType)}
    return [sys.modules[name] for name in sorted(names) if name in sys.modules]
