"""`slips.schema.json`, by which editors complete and check slips.yml. `make docs` writes it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ...config.json_schema import json_schema
from ...formats.registry import names
from ...reader import FRAMER_NAMES

NAME = "slips.schema.json"
PACKAGED = Path(__file__).resolve().parents[2] / NAME
LINE = f"# yaml-language-server: $schema={NAME}\n"
"""The first line of slips.yml, by which an editor finds the schema in the folder of the file."""


def schema_text() -> str:
    """Return the whole file."""
    return json.dumps(json_schema({*names(), *FRAMER_NAMES}), indent=1) + "\n"


if __name__ == "__main__":
    for file in (PACKAGED, *map(Path, sys.argv[1:])):
        file.write_text(schema_text())
