"""The inbox: a file that stands still at inbox/<bucket>/<key> becomes that object, once for each content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import click

from ...errors import SlipsError
from .samples import printable
from .writers import is_written

PARTIAL = (".part", ".partial", ".tmp", ".swp", ".crdownload", "~")
"""Names that programs give to files which they have not finished."""
STILL, STILL_UNSEEN = 2, 5
"""Looks in a row at which a file must be the same (a look comes every 0.2 s); more where writers cannot be seen."""

Take = Callable[[str, str, Path], None]


class FileState(NamedTuple):
    """What tells that a file has changed."""

    size: int
    changed_ns: int
    inode: int


class Inbox:
    """Looks for files when asked to; `take` gets bucket, key and file of each that is whole. What lies there already is
    not taken."""

    def __init__(self, folder: Path, prefixes: Iterable[str], take: Take) -> None:
        """`prefixes` are the folders to make below it, <bucket>/<prefix>, so that `cp` finds them."""
        self.folder = folder
        self._take = take
        self._watched: dict[Path, tuple[FileState, int]] = {}
        self._contents: dict[Path, bytes] = {}
        self._told: set[Path] = set()
        self.make(prefixes)
        self._taken = {path: _file_state(path) for path in self._files()}

    def make(self, prefixes: Iterable[str]) -> None:
        """Make these folders."""
        for prefix in prefixes:
            (self.folder / prefix).mkdir(parents=True, exist_ok=True)

    def look(self) -> int:
        """Take the files that have come to stand still; the answer is how many."""
        paths = list(self._files())
        for gone in self._taken.keys() - set(paths):
            # Whoever removes a file and brings it again wants it to be processed again.
            del self._taken[gone]
            self._contents.pop(gone, None)
        return sum(self._look_at(path) for path in paths)

    def _look_at(self, path: Path) -> bool:
        try:
            state = _file_state(path)
            if self._taken.get(path) == state or not self._stands_still(path, state):
                return False
            content = _digest(path)
        except FileNotFoundError:
            return False  # Moved away between two looks.
        except OSError as fault:
            self._tell(path, f"cannot be read: {fault.strerror}")
            return False
        del self._watched[path]
        self._taken[path] = state
        if self._contents.get(path) == content:
            return False
        self._contents[path] = content
        return self._deliver(path)

    def _stands_still(self, path: Path, state: FileState) -> bool:
        before, looks = self._watched.get(path, (None, 0))
        looks = looks + 1 if before == state else 0
        self._watched[path] = (state, looks)
        if looks < STILL:
            return False
        written = is_written(path)
        return looks >= STILL_UNSEEN if written is None else not written

    def _deliver(self, path: Path) -> bool:
        bucket, *key = path.relative_to(self.folder).parts
        try:
            self._take(bucket, "/".join(key), path)
        except SlipsError as fault:
            click.echo(str(fault), err=True)
            return False
        return True

    def _files(self) -> Iterator[Path]:
        for path in sorted(self.folder.rglob("*")):
            parts = path.relative_to(self.folder).parts
            if not path.is_file():
                continue
            if any(part.startswith(".") for part in parts) or path.name.endswith(PARTIAL):
                self._tell(path, "is left alone: hidden, or not finished by its name")
            elif len(parts) == 1:
                self._tell(path, f"lies in no bucket; move it to {printable(self.folder)}/<bucket>/<key>")
            else:
                yield path

    def _tell(self, path: Path, reason: str) -> None:
        """Say so, once."""
        if path not in self._told:
            self._told.add(path)
            click.echo(f"{printable(path)} {reason}", err=True)


def _file_state(path: Path) -> FileState:
    stat = path.stat()
    return FileState(stat.st_size, stat.st_mtime_ns, stat.st_ino)


def _digest(path: Path) -> bytes:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").digest()
