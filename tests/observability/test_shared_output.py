"""Lines of several processes on one output stay whole."""

from __future__ import annotations

import fcntl
import io
import logging
import os
import signal
import sys
from pathlib import Path

import pytest

from slips.observability.shared_output import OutputLock, write_whole_lines


class Waiting(logging.Handler):
    """Says that it writes a line, and does not end."""

    def __init__(self, begun: int) -> None:
        super().__init__()
        self.begun = begun

    def emit(self, record: logging.LogRecord) -> None:
        os.write(self.begun, b".")
        signal.pause()


def test_while_a_process_writes_a_line_no_other_does_and_a_killed_one_holds_up_nobody() -> None:
    lock, logger = OutputLock(), logging.getLogger("shared-output-test")
    reader, writer = os.pipe()
    logger.addHandler(Waiting(writer))
    write_whole_lines(lock, logger.name)
    pid = os.fork()
    if pid == 0:
        logger.warning("a line")
        os._exit(0)
    try:
        assert os.read(reader, 1) == b"."
        with pytest.raises(BlockingIOError):
            fcntl.lockf(lock._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    with lock.hold():
        pass


def test_a_line_is_written_and_the_lock_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, logger, lines = OutputLock(), logging.getLogger("shared-output-lines"), io.StringIO()
    logger.addHandler(logging.StreamHandler(lines))
    write_whole_lines(lock, logger.name)
    logger.warning("first")
    pid = os.fork()
    if pid == 0:
        with lock.hold():
            os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    assert lines.getvalue() == "first\n"


class Unbuffered:
    """Lambda's wrapper: each write is flushed."""

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self.stream = stream

    def write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()


def test_a_print_is_one_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[bytes] = []

    class Raw(io.FileIO):
        def write(self, data: object) -> int:
            writes.append(bytes(data))  # type: ignore[call-overload]
            return len(writes[-1])

    stream = io.TextIOWrapper(io.BufferedWriter(Raw(tmp_path / "out", "w")))
    monkeypatch.setattr(sys, "stdout", Unbuffered(stream))
    write_whole_lines(OutputLock(), "shared-output-print")
    print("a line", 1)
    monkeypatch.undo()
    stream.close()
    assert writes == [b"a line 1\n"]
