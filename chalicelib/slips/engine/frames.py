"""The user's frames of a traceback: those of app.py and of the project's own modules.

On Lambda everything lies in one folder: app.py, the project's packages and the installed ones. What a package installed
is listed in the RECORD of its dist-info, which Chalice packages too; so a frame counts the same in tests, in
`slips run` and deployed.
"""

from __future__ import annotations

import linecache
import os
import sys
import traceback
from functools import lru_cache
from pathlib import Path
from types import TracebackType

_FRAMEWORK = str(Path(__file__).parent.parent) + os.sep
_STANDARD_LIBRARY = str(Path(linecache.__file__).parent) + os.sep
_INSTALLED = frozenset({"site-packages", "dist-packages"})


@lru_cache(maxsize=1024)
def is_user_file(file: str) -> bool:
    """Whether the code is the user's own: not of SLIPS, the standard library or an installed package."""
    if file.startswith((_FRAMEWORK, _STANDARD_LIBRARY, "<")) or not _INSTALLED.isdisjoint(file.split(os.sep)):
        return False
    return not any(file in _installed_files(folder) for folder in sys.path if file.startswith(folder + os.sep))


@lru_cache(maxsize=64)
def _installed_files(folder: str) -> frozenset[str]:
    """The files of the packages that were installed into the folder."""
    records = (path.read_text(errors="replace") for path in Path(folder).glob("*.dist-info/RECORD"))
    # A line is `path,hash,size` (PyPA, "Recording installed projects").
    names = (line.partition(",")[0].strip('"') for record in records for line in record.splitlines())
    return frozenset(os.path.join(folder, name) for name in names)


def skip_framework(trace: TracebackType | None) -> TracebackType | None:
    """Return the traceback from the first frame on that is not of SLIPS; unchanged where all are."""
    first = trace
    while first is not None and first.tb_frame.f_code.co_filename.startswith(_FRAMEWORK):
        first = first.tb_next
    return first or trace


def format_traceback(fault: BaseException, limit: int | None = None, *, messages: bool = True) -> str:
    """Format the traceback as Python does, without the frames of SLIPS. `limit` is as of `traceback.extract_tb`.
    Without `messages`, only the frames and the type of the exception are left."""
    parts = traceback.TracebackException.from_exception(fault, limit=limit)
    others = [frame for frame in parts.stack if not frame.filename.startswith(_FRAMEWORK)]
    parts.stack = traceback.StackSummary.from_list(others or parts.stack[-1:])
    if messages:
        return "".join(parts.format())
    return "".join(["Traceback (most recent call last):\n", *parts.stack.format(), f"{type(fault).__qualname__}\n"])


def innermost_line(trace: TracebackType | None) -> tuple[str, str, str]:
    """Return file name, function and text of the innermost line of the user's code, else of any code."""
    frames = [(frame.f_code, line) for frame, line in traceback.walk_tb(trace)]
    users = [(code, line) for code, line in frames if is_user_file(code.co_filename)]
    for code, line in (users or frames)[-1:]:
        return os.path.basename(code.co_filename), code.co_qualname, linecache.getline(code.co_filename, line).strip()
    return "", "", ""
