"""The inbox: a file at inbox/<bucket>/<key> that no longer changes becomes that object, once for each content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import click

from ...errors import SlipsError
from ..output import escaped
from .writers import is_written

PARTIAL = (".part", ".partial", ".tmp", ".swp", ".crdownload", "~")
"""Endings that programs give to unfinished files."""
STILL, STILL_UNSEEN = 2, 5
"""Looks in a row, one every 0.2 s, at which a file must be unchanged; more if its writers are invisible."""

Take = Callable[[str, str, Path], None]


class FileState(NamedTuple):
    """The facts that change with a file."""

    size: int
    changed_ns: int
    inode: int


class Inbox:
    """A watched folder. `take` gets bucket, key and file of each complete new file; files that exist already are
    ignored."""

    def __init__(self, folder: Path, prefixes: Iterable[str], take: Take) -> None:
        """Create the folders `prefixes`, <bucket>/<prefix>, below it, so that `cp` finds them."""
        self.folder = folder
        self._take = take
        self._watched: dict[Path, tuple[FileState, int]] = {}
        self._contents: dict[Path, bytes] = {}
        self._reported: set[Path] = set()
        self.make(prefixes)
        self._taken = {path: _file_state(path) for path in self._files()}

    def make(self, prefixes: Iterable[str]) -> None:
        """Create these folders."""
        for prefix in prefixes:
            (self.folder / prefix).mkdir(parents=True, exist_ok=True)

    def look(self) -> int:
        """Take the files that no longer change; return their number."""
        paths = list(self._files())
        for path in self._taken.keys() - set(paths):
            # A file that was removed and returns is to be processed again.
            del self._taken[path]
            self._contents.pop(path, None)
        return sum(self._look_at(path) for path in paths)

    def _look_at(self, path: Path) -> bool:
        try:
            state = _file_state(path)
            if self._taken.get(path) == state or not self._is_still(path, state):
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

    def _is_still(self, path: Path, state: FileState) -> bool:
        before, looks = self._watched.get(path, (None, 0))
        looks = looks + 1 if before == state else 0
        self._watched[path] = (state, looks)
        if looks < STILL:
            return False
        is_open = is_written(path)
        return looks >= STILL_UNSEEN if is_open is None else not is_open

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
                self._tell(path, "is ignored: it is hidden, or its name says that it is unfinished")
            elif len(parts) == 1:
                self._tell(path, f"is not in a bucket; move it to {escaped(str(self.folder))}/<bucket>/<key>")
            else:
                yield path

    def _tell(self, path: Path, reason: str) -> None:
        """Print the reason, once per file."""
        if path not in self._reported:
            self._reported.add(path)
            click.echo(f"{escaped(str(path))} {reason}", err=True)


def _file_state(path: Path) -> FileState:
    stat = path.stat()
    return FileState(stat.st_size, stat.st_mtime_ns, stat.st_ino)


def _digest(path: Path) -> bytes:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").digest()
