"""Whether a file is open for writing: a slow copy may pause for long."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def is_written(path: Path) -> bool | None:
    """Return whether a process of this user has the file open for writing; None (unknown) outside Linux."""
    if not sys.platform.startswith("linux"):
        return None
    target = path.stat()
    return any(_writes(process, target) for process in os.listdir("/proc") if process.isdigit())


def _writes(process: str, target: os.stat_result) -> bool:
    handles = f"/proc/{process}/fd"
    try:
        return any(_is_writer(process, handle, target) for handle in os.listdir(handles))
    except OSError:
        return False  # The process has ended, or is another user's.


def _is_writer(process: str, handle: str, target: os.stat_result) -> bool:
    try:
        stat = os.stat(f"/proc/{process}/fd/{handle}")
        if (stat.st_ino, stat.st_dev) != (target.st_ino, target.st_dev):
            return False
        flags = Path(f"/proc/{process}/fdinfo/{handle}").read_text().split("flags:")[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False  # It was closed.
    return bool(int(flags, 8) & (os.O_WRONLY | os.O_RDWR))
