"""A value of slips.yml together with its path in the file."""

from __future__ import annotations

from .declarations import ANYTHING, Entries, Items, Keys, Kind, pick
from .problems import BROKEN, Problems, child_path, describe_value
from .suggestions import suggest


class Field:
    """A value, its path, what it may be, and the problems to report to. A missing key is a Field whose value is None.

    Functions that read a field always return a value of the right type. After a fault that value is never used, because
    `load` raises.
    """

    __slots__ = ("declared", "path", "problems", "value")

    def __init__(self, value: object, path: str, problems: Problems, declared: Kind = ANYTHING) -> None:
        self.value = value
        self.path = path
        self.problems = problems
        self.declared = declared

    @property
    def absent(self) -> bool:
        """Whether the key is missing or has no value."""
        return self.value is None

    def fault(self, problem: str, allowed: str) -> None:
        """Report a fault of this field."""
        self.problems.fault(self.path, problem, allowed)

    def warn(self, problem: str) -> None:
        """Report a warning about this field."""
        self.problems.warn(self.path, problem)

    def note(self, text: str) -> None:
        """Report what the reader may want to know about this field, and need not change."""
        self.problems.note(self.path, text)

    def reject(self, allowed: str) -> None:
        """Report the value itself, unless it was reported before."""
        if self.value is not BROKEN:
            self.fault("missing" if self.absent else f"found {describe_value(self.value)}", allowed)

    def keys(self) -> dict[str, Field]:
        """Return a field for each of the declared keys; report every other key."""
        known = pick(self.declared, Keys).keys
        mapping = self._mapping(f"write a mapping with the keys {', '.join(known)}")
        for key in mapping:
            if key not in known:
                advice = suggest(key, known, f"allowed: {', '.join(known)}")
                self._child(key, None, ANYTHING).fault("unknown key", advice)
        default = None if self.absent or isinstance(self.value, dict) else BROKEN
        return {key: self._child(key, mapping.get(key, default), declared) for key, (_, declared) in known.items()}

    def entries(self, allowed: str) -> list[tuple[str, Field]]:
        """Return the keys and values of a mapping whose keys the user chooses."""
        declared = pick(self.declared, Entries).value
        return [(key, self._child(key, value, declared)) for key, value in self._mapping(allowed).items()]

    def items(self, allowed: str) -> list[Field]:
        """Return the elements of a list; none if the key is absent."""
        if isinstance(self.value, list):
            declared = pick(self.declared, Items).item
            return [Field(value, f"{self.path}[{at}]", self.problems, declared) for at, value in enumerate(self.value)]
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

    def _child(self, key: str, value: object, declared: Kind) -> Field:
        return Field(value, child_path(self.path, key), self.problems, declared)
