"""What a project consists of, and writing it without overwriting anything."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec


class ProjectFiles(msgspec.Struct):
    """The files of a project: `contents` by path, and `links`, each with what it points to."""

    contents: dict[str, bytes] = {}
    links: dict[str, str] = {}

    def add(self, path: str, content: str | bytes) -> None:
        """Add a file."""
        self.contents[path] = content.encode() if isinstance(content, str) else content


class Written(NamedTuple):
    """The paths of the files that were written, and of those that existed and were left as they are."""

    new: list[str]
    existing: list[str]


def write_files(files: ProjectFiles, folder: Path) -> Written:
    """Write the files below the folder; what exists there stays as it is."""
    written = Written([], [])
    for path, content in files.contents.items():
        target = folder / path
        if _claim(target, path, written):
            target.write_bytes(content)
    for path, points_to in files.links.items():
        target = folder / path
        if _claim(target, path, written):
            target.symlink_to(points_to)
    return written


def _claim(target: Path, path: str, report: Written) -> bool:
    """Whether the file is to be written; its folder then exists."""
    if target.exists() or target.is_symlink():
        report.existing.append(path)
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    report.new.append(path)
    return True
