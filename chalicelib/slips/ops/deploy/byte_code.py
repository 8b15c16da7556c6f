"""Byte code in the package: Lambda compiles a module without it at each cold start, and cannot keep the result.

Your modules and vendor/ get byte code that is checked by the hash of its source, since the times of files do not
outlive the package: Python compiles a module that has changed since. Nobody changes what requirements.txt brings and
Chalice's own modules: their byte code is not checked, so that Lambda need not read their sources."""

from __future__ import annotations

import compileall
import py_compile
import sys
from collections.abc import Iterable, Iterator
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from itertools import chain
from pathlib import Path
from py_compile import PycInvalidationMode
from tempfile import TemporaryDirectory
from zipfile import ZipFile

_IN_LAMBDA = "/var/task"


def write_byte_code(project: Path) -> list[str]:
    """Write byte code next to the modules of chalicelib/ and vendor/, for Chalice to package; return a warning where
    that fails."""
    try:
        for source in chain.from_iterable((project / folder).rglob("*.py") for folder in ("chalicelib", "vendor")):
            _compile(source)
    except OSError as error:
        return [f"the package has no byte code, and starts slower: {error}"]
    return []


def _compile(source: Path) -> None:
    target = Path(cache_from_source(str(source)))
    header = MAGIC_NUMBER + b"\x03\0\0\0" + source_hash(source.read_bytes())  # PEP 552
    # A file that is right stays: a package that differs only in its times would be deployed again.
    if not target.exists() or target.read_bytes()[: len(header)] != header:
        # What is not Python is left out silently: whoever imports it gets an error.
        py_compile.compile(str(source), invalidation_mode=PycInvalidationMode.CHECKED_HASH, quiet=2)


def compile_requirements(folder: str) -> None:
    """Write byte code next to the modules of a folder with what requirements.txt brings."""
    compileall.compile_dir(
        folder, quiet=2, optimize=0, stripdir=folder, prependdir=_IN_LAMBDA,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )  # fmt: skip


def add_byte_code(archive: ZipFile, files: Iterable[tuple[str, str]]) -> None:
    """Add the byte code of app.py and chalice/ to the package; `files` are its paths here and in the package."""
    with TemporaryDirectory(prefix="slips-byte-code-") as folder:
        target = Path(folder, "module.pyc")
        for path, name, mode in _app_modules(files):
            py_compile.compile(
                path, str(target), f"{_IN_LAMBDA}/{name}", optimize=0, invalidation_mode=mode, quiet=2
            )  # fmt: skip
            if target.exists():
                archive.write(target, packaged_name(name))
                target.unlink()


def _app_modules(files: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, PycInvalidationMode]]:
    for path, name in files:
        if name == "app.py":
            yield path, name, PycInvalidationMode.CHECKED_HASH
        elif name.startswith("chalice/"):
            yield path, name, PycInvalidationMode.UNCHECKED_HASH


def packaged_name(module: str) -> str:
    """Return the path in the package of a module's byte code; the module's own is `chalice/app.py`, for example."""
    folder, slash, name = module.rpartition("/")
    return f"{folder}{slash}__pycache__/{name.removesuffix('.py')}.{sys.implementation.cache_tag}.pyc"
