"""The memory of a process: the global variables of the modules that hold the user's functions, and of chalicelib/.

A test kills no process, so what app.py buffered would survive, which a real kill loses. So the globals are copied when
the tester is created, and reset at a kill: in place, so that references to a list stay valid.
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
    """The globals of some modules: containers, plain values, and the attributes of objects of their own classes.
    Functions, modules and whatever cannot be copied stay as they are: a test replaces the outside world there."""

    def __init__(self, modules: Iterable[ModuleType]) -> None:
        self._copies: list[tuple[dict[str, Any], str, Any, Any]] = []
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
            self._copies.append((variables, name, value, copy.deepcopy(value)))
        # A lock, a socket, an object that refuses to be copied: the user's code may raise anything.
        except Exception:  # noqa: BLE001
            return

    def forget(self) -> None:
        """Reset everything."""
        for attributes, names in self._names:
            for added in attributes.keys() - names:
                del attributes[added]
        for variables, name, value, content in self._copies:
            variables[name] = value
            if isinstance(value, _CONTAINERS):
                _refill(value, copy.deepcopy(content))


def _is_own(value: Any, module: ModuleType) -> bool:
    """Return whether the value is an object that holds state of the module."""
    own = type(value).__module__ == module.__name__ or isinstance(value, SimpleNamespace)
    return own and hasattr(value, "__dict__")


def _refill(container: Any, content: Any) -> None:
    container.clear()
    if isinstance(container, dict | set):
        container.update(content)
    else:
        container.extend(content)


def modules_of(functions: Iterable[Callable[..., Any]]) -> list[ModuleType]:
    """Return the modules that hold these functions, and the user's own modules in chalicelib/, which they may use."""
    names = {function.__module__ for function in functions if isinstance(function, FunctionType)}
    names |= {name for name in sys.modules if name.startswith("chalicelib.")}
    return [module for name in sorted(names) if (module := sys.modules.get(name)) is not None]
