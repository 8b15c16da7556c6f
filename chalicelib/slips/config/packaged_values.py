"""The values of a slips.yml as JSON, which `slips deploy` packages beside it: Lambda then imports no PyYAML."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

SUFFIX = ".json"
"""Of the file beside the slips.yml, after its whole name."""


def encode(content: bytes, document: object) -> bytes | None:
    """Return the file for a slips.yml with this content and these values; None where JSON would change a value, such as
    a date, or a key that is a number."""
    try:
        encoded = json.dumps({"sha256": sha256(content).hexdigest(), "document": document}, allow_nan=False)
    except (TypeError, ValueError):
        return None
    return encoded.encode() if json.loads(encoded)["document"] == document else None


def read(path: Path, content: bytes) -> Any:
    """Return the values of the slips.yml; None where the file beside it is missing, broken, or of another content."""
    try:
        values = json.loads(path.with_name(path.name + SUFFIX).read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(values, dict) or values.get("sha256") != sha256(content).hexdigest():
        return None
    return values.get("document")
