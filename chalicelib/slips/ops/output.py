"""All output of the command line. Standard output and standard error pass one writer, which escapes what a terminal
acts on: in the text of the commands, of click, of logs, of tracebacks, and of the user's functions.

An attacker may write keys and log lines, with control characters that retitle a window or delete a line, and with marks
that reverse the reading direction.
"""

from __future__ import annotations

import codecs
import io
import os
import re
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress

LONGEST = 200
"""The characters of a message within a line, at most."""
_ACTED_ON: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters, C0 and C1, but tab and newline, and the marks of Unicode's bidirectional algorithm (UAX #9)."""


def escape_controls(text: str) -> str:
    """Escape what a terminal acts on, other than tabs and ends of lines: `\\x1b`, `\\u202e`."""
    return _ACTED_ON.sub(lambda match: _escape(match[0]), text)


def escaped(text: str) -> str:
    """Escape also tabs and ends of lines, and all else that is not printed, so that the text stays within its line."""
    return text if text.isprintable() else "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    # From DEL on, as JSON writes them: a line of JSON, which holds nothing below, is the same JSON afterwards.
    return f"\\u{ord(char):04x}" if "\x7f" <= char <= "\uffff" else char.encode("unicode_escape").decode()


def one_line(text: str, longest: int = LONGEST) -> str:
    """Escape a text and shorten it, as part of a line."""
    line = escaped(text)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


class _Escaping(io.BufferedIOBase):
    """The bytes below a text stream, which go on to `sink`, escaped."""

    def __init__(self, sink: TextIO) -> None:
        self.sink = sink
        self.terminal = sink
        """Stays, when `sink` is for a while what prints above a progress bar."""
        self._lock = threading.RLock()
        self._decode = codecs.getincrementaldecoder("utf-8")("backslashreplace").decode

    @property
    def name(self) -> str:
        return self.terminal.name

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        with self._lock:
            self.sink.write(escape_controls(self._decode(bytes(content))))
        return len(content)

    def write_as_is(self, text: str) -> None:
        """Write a text that holds our own escape sequences, and is escaped otherwise."""
        with self._lock:
            self.sink.write(text)

    def redirect(self, sink: TextIO) -> None:
        """Write to `sink` from now on."""
        with self._lock:
            self.flush()
            self.sink = sink

    def flush(self) -> None:
        if not self.sink.closed:
            self.sink.flush()

    def isatty(self) -> bool:
        return self.terminal.isatty()

    def fileno(self) -> int:
        return self.terminal.fileno()


def protect_output() -> None:
    """Let all that is written to standard output and standard error pass the writer, from now on.

    It stays so until the process ends: Python itself prints the traceback of an uncaught exception at the very end.
    Where a descriptor is closed, as under some schedulers, Python has no stream: what is written is then dropped, and
    standard input is empty.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 - for as long as the process runs
    sys.stdout = _protect(sys.stdout)
    sys.stderr = _protect(sys.stderr)


def drop_output() -> None:
    """Drop what standard output still holds and cannot be written: else Python tries again at the end of the process,
    prints a traceback and exits with 120."""
    # Where there is no descriptor, a test reads the output.
    with suppress(OSError, ValueError), Path(os.devnull).open("wb") as null:
        os.dup2(null.fileno(), sys.stdout.fileno())


def _protect(stream: TextIO) -> TextIO:
    if _writer(stream) is not None:
        return stream
    if isinstance(stream, io.TextIOWrapper):  # A Latin-1 terminal cannot show every key.
        stream.reconfigure(errors="backslashreplace")
    return io.TextIOWrapper(
        _Escaping(stream), encoding="utf-8", errors="backslashreplace", newline="\n", write_through=True
    )


def _writer(stream: Any) -> _Escaping | None:
    buffer = getattr(stream, "buffer", None)
    return buffer if isinstance(buffer, _Escaping) else None


def write_styled(spans: Iterable[tuple[str, str]], stream: TextIO) -> None:
    """Write a line of texts, each with the parameters of its ECMA-48 style (`1;31`), empty: none. Texts are escaped."""
    line = "".join(_styled(escape_controls(text), style) for text, style in spans)
    writer = _writer(stream)
    if writer is None:
        stream.write(f"{line}\n")
    else:
        stream.flush()
        writer.write_as_is(f"{line}\n")
        writer.flush()  # Standard error, which is not buffered, may go to the same place.


def _styled(text: str, style: str) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if style and text else text


@contextmanager
def live_progress(*columns: Any) -> Iterator[Progress]:
    """Show rich's progress on standard error, a terminal; what is printed meanwhile appears above it, escaped."""
    from rich.console import Console
    from rich.file_proxy import FileProxy
    from rich.progress import Progress

    writers = [writer for writer in map(_writer, (sys.stdout, sys.stderr)) if writer is not None and writer.isatty()]
    stderr = _writer(sys.stderr)
    # Rich moves the cursor, so it writes to the terminal itself; all texts in `columns` are ours.
    console = Console(file=stderr.terminal if stderr else sys.stderr, highlight=False, markup=False, emoji=False)
    with (
        Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False) as bar,
        ExitStack() as stack,
    ):
        for writer in writers:
            stack.callback(writer.redirect, writer.terminal)
            writer.redirect(FileProxy(console, writer.terminal))  # type: ignore[arg-type]
        yield bar
