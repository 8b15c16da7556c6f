"""Text files that a person wrote: app.py, requirements.txt."""

from __future__ import annotations

from pathlib import Path

from ..errors import SlipsError, Where


def read_text_file(path: Path) -> str:
    """Return the text of a file. Raises SlipsError where it is not UTF-8, OSError."""
    content = path.read_bytes()
    try:
        # With the line ends of Python, as everywhere.
        return content.decode().replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        where = Where(file=str(path), position=f"line {line}")
        raise SlipsError(f"{path}, line {line}: is not UTF-8; save the file as UTF-8", where=where) from error
