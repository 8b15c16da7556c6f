"""Child processes that answer requests, for a parent that only hands out work.

They are forked, and talk through sockets: Lambda has no /dev/shm, which the locks and queues of multiprocessing need.
A child shares what its parent has imported, and nothing else: every client, connection and thread is made in a child,
after the fork.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe, wait
from typing import Final, NamedTuple, NoReturn

Answer = Callable[[bytes], bytes]
"""Called in the child. What it raises ends the child."""

_PR_SET_PDEATHSIG: Final = 1
"""linux/prctl.h"""


class Died(NamedTuple):
    """The child ended before it answered. `code` is its exit status, or the negative number of the signal."""

    code: int

    def __str__(self) -> str:
        return f"exit status {self.code}" if self.code >= 0 else f"signal {-self.code}"


class _Child(NamedTuple):
    pid: int
    connection: Connection


class ChildProcesses:
    """A number of children, which live as long as their parent. A child that died is replaced."""

    def __init__(self, count: int, answer: Answer) -> None:
        self.count = count
        self._answer = answer
        self._children: dict[int, _Child] = {}

    def start(self) -> None:
        """Fork the children that are missing."""
        for number in range(self.count):
            if number not in self._children:
                self._fork(number)

    def ask(self, requests: Sequence[bytes], may_repeat: Callable[[int, Died], bool]) -> list[bytes | Died]:
        """Give each child one of the requests, `count` at most, and wait for all answers. Where a child dies,
        `may_repeat` gets the number of its request, and says whether a new child is to answer it."""
        answers: dict[int, bytes | Died] = {}
        try:
            for number, request in enumerate(requests):
                self._send(number, request)
            while len(answers) < len(requests):
                for number in self._wait({*range(len(requests))} - answers.keys()):
                    answer = self._receive(number)
                    if isinstance(answer, Died) and may_repeat(number, answer):
                        self._send(number, requests[number])
                    else:
                        answers[number] = answer
        except BaseException:
            self.close()  # An answer that is still to come would be taken for that of the next request.
            raise
        return [answers[number] for number in range(len(requests))]

    def close(self) -> None:
        """End all children at once, whatever they do."""
        for number in list(self._children):
            self._end(number)

    def _fork(self, number: int) -> _Child:
        ours, theirs = Pipe()
        parent = os.getpid()
        _flush()  # A child would write again what is not yet written.
        pid = os.fork()
        if pid == 0:
            self._serve(theirs, [ours, *(child.connection for child in self._children.values())], parent)
        theirs.close()
        self._children[number] = _Child(pid, ours)
        return self._children[number]

    def _send(self, number: int, request: bytes) -> None:
        child = self._children.get(number) or self._fork(number)
        try:
            child.connection.send_bytes(request)
        except OSError:  # It died between two requests, so this one did not end it.
            self._end(number)
            with suppress(OSError):  # What this one does shows when its answer is awaited.
                self._fork(number).connection.send_bytes(request)

    def _wait(self, numbers: set[int]) -> list[int]:
        """Wait until some of the children have answered or died."""
        by_connection = {self._children[number].connection: number for number in numbers}
        return [by_connection[each] for each in wait(list(by_connection)) if isinstance(each, Connection)]

    def _receive(self, number: int) -> bytes | Died:
        try:
            return self._children[number].connection.recv_bytes()
        except (EOFError, OSError):
            return self._end(number)

    def _end(self, number: int) -> Died:
        child = self._children.pop(number)
        child.connection.close()
        os.kill(
            child.pid, signal.SIGKILL
        )  # No effect where it has ended, but there it must have before it is replaced.
        _, status = os.waitpid(child.pid, 0)
        return Died(os.waitstatus_to_exitcode(status))

    def _serve(self, connection: Connection, inherited: Sequence[Connection], parent: int) -> NoReturn:
        """Be the child, until the parent ends."""
        code = 1
        try:
            _end_with(parent)
            # A sibling that held the parent's end of a socket would hide from the others that the parent has ended.
            for each in inherited:
                each.close()
            with suppress(EOFError, ConnectionError):
                while True:
                    request = connection.recv_bytes()
                    answer = self._answer(request)
                    _flush()
                    connection.send_bytes(answer)
            code = 0
        # Nothing of the child may run on in the code that forked it.
        except BaseException:  # noqa: BLE001
            traceback.print_exc()
        finally:
            _flush()
            os._exit(code)


def _end_with(parent: int) -> None:
    """Have the kernel kill this process when its parent ends: where Lambda kills a function, nothing of it goes on."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # It ended before that.
        os._exit(1)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
