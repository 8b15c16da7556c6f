"""The registry knows its names without importing what they stand for."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from slips.formats import registry

ROOT = Path(__file__).parents[2]
DECLARED = re.compile(rb'(?:\n        name=|@line_format\(\n    )"([^"]+)",\n')


def test_what_looks_like_the_declaration_of_a_format_is_one() -> None:
    """A name is taken for known where a source holds these lines."""
    names = {name.decode() for source in registry.sources().values() for name in DECLARED.findall(source)}
    assert names <= {declared.name for declared in registry.all_formats()}
    assert len(names) > 120


def test_a_cold_start_imports_no_format() -> None:
    """Neither for the functions of app.py nor for the chains of slips.yml."""
    script = "import app, sys; print(*(name for name in sys.modules if name.startswith('slips.formats.')))"
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["slips.formats.registry"]
