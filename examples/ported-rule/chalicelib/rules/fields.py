"""Fields deep in an event."""

from typing import Any


def deep_get(event: dict[str, Any], *path: str) -> Any:
    """Return the value at the path, None where a step is missing."""
    value: Any = event
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value
