"""Log lines of several processes on one output, none of them cut by another's.

A write of at most 4,096 bytes to a pipe is not cut (POSIX, PIPE_BUF); a line with a traceback is longer.
"""

from __future__ import annotations

import fcntl
import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from threading import RLock


class OutputLock:
    """A lock that forked processes share. The kernel releases it when a process that holds it is killed."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - as long as the process
        self._lock = RLock()  # Among threads: the file's lock is the process's.

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep the other processes and threads from writing."""
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)


def write_whole_lines(lock: OutputLock, logger: str) -> None:
    """Have this process write its log lines one at a time, and what it prints a line at a time. `logger` is the
    app's."""
    for name in ("stdout", "stderr"):
        # The runtime client of Lambda puts a wrapper around it that flushes each write; `print` makes two of a line.
        stream = getattr(getattr(sys, name), "stream", None)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(line_buffering=True)
            setattr(sys, name, stream)
    handlers = {each for name in ("", "slips", logger) for each in logging.getLogger(name).handlers}
    for handler in handlers:
        _lock_handler(handler, lock)


def _lock_handler(handler: logging.Handler, lock: OutputLock) -> None:
    emit = handler.emit

    def emit_alone(record: logging.LogRecord) -> None:
        with lock.hold():
            emit(record)
            sys.stdout.flush()

    handler.emit = emit_alone  # type: ignore[method-assign]
