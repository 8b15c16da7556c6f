"""A value of slips.yml together with the place it stands at."""

from __future__ import annotations

from .problems import BROKEN, Problems, below, describe_value
from .suggestions import suggest


class Field:
    """A value, its path, and where its faults go. A key that is not there is a Field whose value is None.

    What reads a field always answers something of the right type; when it was a fault, the answer is never used,
    because `load` raises.
    """

    __slots__ = ("path", "problems", "value")

    def __init__(self, value: object, path: str, problems: Problems) -> None:
        self.value = value
        self.path = path
        self.problems = problems

    @property
    def absent(self) -> bool:
        """Whether the key is missing, or stands there without a value."""
        return self.value is None

    def fault(self, problem: str, allowed: str) -> None:
        """Report this field."""
        self.problems.fault(self.path, problem, allowed)

    def warn(self, problem: str) -> None:
        """Warn of this field."""
        self.problems.warn(self.path, problem)

    def reject(self, allowed: str) -> None:
        """Report the value as such, unless it was reported before."""
        if self.value is not BROKEN:
            self.fault("missing" if self.absent else f"found {describe_value(self.value)}", allowed)

    def keys(self, *known: str) -> dict[str, Field]:
        """A field for each of the known keys; every other key is a fault."""
        stated = self._mapping(f"write a mapping with the keys {', '.join(known)}")
        for key in stated:
            if key not in known:
                self._below(key, None).fault("unknown key", suggest(key, known, f"allowed: {', '.join(known)}"))
        unstated = None if self.absent or isinstance(self.value, dict) else BROKEN
        return {key: self._below(key, stated.get(key, unstated)) for key in known}

    def entries(self, allowed: str) -> list[tuple[str, Field]]:
        """The keys and values of a mapping whose keys the user chooses."""
        return [(key, self._below(key, value)) for key, value in self._mapping(allowed).items()]

    def items(self, allowed: str) -> list[Field]:
        """The elements of a list; none where the key is absent."""
        if isinstance(self.value, list):
            return [Field(value, f"{self.path}[{at}]", self.problems) for at, value in enumerate(self.value)]
        if not self.absent:
            self.reject(allowed)
        return []

    def _mapping(self, allowed: str) -> dict[str, object]:
        if isinstance(self.value, dict):
            return {key: value for key, value in self.value.items() if self._is_text(key)}
        if not self.absent:
            self.reject(allowed)
        return {}

    def _is_text(self, key: object) -> bool:
        if not isinstance(key, str):
            self.fault(f"{describe_value(key)} is used as a key", "put it in quotes")
        return isinstance(key, str)

    def _below(self, key: str, value: object) -> Field:
        return Field(value, below(self.path, key), self.problems)
