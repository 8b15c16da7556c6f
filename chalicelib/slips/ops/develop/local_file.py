"""A local file, or standard input, read like an object."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click

from ...model import ObjectRef

CHUNK = 256 * 1024


class LocalFile:
    """A file, or `-` for standard input, as `ports.ObjectStore`. Raises UsageError if there is no such file."""

    def __init__(self, file: str) -> None:
        path = Path(file)
        # A pipe of the shell (`<(zcat …)`) is not a regular file, but can be read.
        if file != "-" and not path.exists():
            raise click.UsageError(f"{file}: there is no such file")
        if file != "-" and path.is_dir():
            raise click.UsageError(f"{file} is a folder; name the files in it")
        self._path = None if file == "-" else path
        self.landed = time.time() if self._path is None else path.stat().st_mtime
        """The object's event time, in seconds since the epoch (UTC)."""

    def open(self, ref: ObjectRef) -> Iterator[bytes]:  # noqa: ARG002 - there is only one
        """Yield the bytes in chunks."""
        if self._path is None:
            while chunk := os.read(sys.stdin.fileno(), CHUNK):
                yield chunk
            return
        with self._path.open("rb") as content:
            while chunk := content.read(CHUNK):
                yield chunk
