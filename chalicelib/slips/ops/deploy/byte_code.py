"""Byte code in the package: Lambda keeps none that it compiles."""

from __future__ import annotations

import py_compile
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from pathlib import Path


def write_byte_code(project: Path) -> list[str]:
    """Write byte code next to the modules of chalicelib, for Chalice to package; return a warning where that fails.

    Without it Lambda compiles them at each cold start, and cannot keep the result. Byte code is checked by the hash of
    its source, since the times of files do not outlive the package; Python compiles a module that has changed since."""
    try:
        for source in (project / "chalicelib").rglob("*.py"):
            _compile(source)
    except OSError as error:
        return [f"the package has no byte code, and starts slower: {error}"]
    return []


def _compile(source: Path) -> None:
    target = Path(cache_from_source(str(source)))
    header = MAGIC_NUMBER + b"\x03\0\0\0" + source_hash(source.read_bytes())  # PEP 552
    # A file that is right stays: a package that differs only in its times would be deployed again.
    if not target.exists() or target.read_bytes()[: len(header)] != header:
        py_compile.compile(str(source), invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
