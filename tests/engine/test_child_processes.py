"""Children that are forked once, answer one request at a time, and are replaced where they die."""

from __future__ import annotations

import io
import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from slips.engine import child_processes
from slips.engine.child_processes import ChildProcesses, Died

SECONDS = 5.0
"""A child that is still there then will not end."""


def answer(request: bytes) -> bytes:
    """Say who answers; die, or raise, where the request asks for it."""
    if request == b"die":
        os.kill(os.getpid(), signal.SIGKILL)
    if request == b"raise":
        raise ValueError("as planned")
    if request.startswith(b"die once ") and not (path := Path(request[9:].decode())).exists():
        path.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return b"%d %s" % (os.getpid(), request)


def pids(answers: list[bytes | Died]) -> list[int]:
    return [int(each.split()[0]) for each in answers if isinstance(each, bytes)]


def never(number: int, died: Died) -> bool:
    raise AssertionError(f"{number} died: {died}")


@pytest.fixture
def children() -> Iterator[ChildProcesses]:
    children = ChildProcesses(2, answer)
    children.start()
    yield children
    children.close()


def test_each_request_has_a_child_of_its_own_and_all_live_on(children: ChildProcesses) -> None:
    first = children.ask([b"a", b"b"], never)
    assert [each.split()[1] for each in first if isinstance(each, bytes)] == [b"a", b"b"]
    assert len({*pids(first), os.getpid()}) == 3
    assert pids(children.ask([b"c", b"d"], never)) == pids(first)


def test_children_are_forked_before_the_first_request(children: ChildProcesses) -> None:
    before = [child.pid for child in children._children.values()]
    children.start()
    assert pids(children.ask([b"a"], never)) == before[:1]
    assert pids(children.ask([b"a", b"b"], never)) == before


def test_what_a_killed_child_was_to_answer_another_answers(children: ChildProcesses, tmp_path: Path) -> None:
    deaths = []

    def may_repeat(number: int, died: Died) -> bool:
        deaths.append((number, died))
        return True

    before = pids(children.ask([b"a", b"b"], never))
    request = f"die once {tmp_path / 'died'}".encode()
    answers = children.ask([b"a", request], may_repeat)
    assert deaths == [(1, Died(-signal.SIGKILL))]
    assert pids(answers)[0] == before[0]
    assert pids(answers)[1] not in before


def test_a_death_that_is_not_to_be_repeated_is_the_answer(children: ChildProcesses) -> None:
    one, other = children.ask([b"die", b"b"], lambda *_: False)
    assert one == Died(-9)
    assert str(one) == "signal 9"
    assert isinstance(other, bytes)
    assert len(pids(children.ask([b"a", b"b"], never))) == 2


def test_what_the_function_raises_ends_its_child(capfd: pytest.CaptureFixture[str]) -> None:
    [died] = ChildProcesses(1, answer).ask([b"raise"], lambda *_: False)
    assert str(died) == "exit status 1"
    assert "ValueError: as planned" in capfd.readouterr().err


def test_a_child_that_died_between_two_requests_is_replaced(children: ChildProcesses) -> None:
    [pid] = pids(children.ask([b"a"], never))
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert pid not in pids(children.ask([b"a"], never))


def test_an_answer_to_an_earlier_request_is_never_taken() -> None:
    reader, writer = os.pipe()

    def answer_late(request: bytes) -> bytes:
        if request == b"late":
            os.read(reader, 1)
        return answer(request)

    children = ChildProcesses(2, answer_late)
    with pytest.raises(AssertionError, match="0 died"):
        children.ask([b"die", b"late"], never)
    os.write(writer, b".")
    answers = children.ask([b"a", b"b"], never)
    children.close()
    os.close(reader)
    os.close(writer)
    assert [each.split()[1] for each in answers if isinstance(each, bytes)] == [b"a", b"b"]


def forked_parent(busy: bool) -> tuple[int, int]:
    """Fork a process with two children, which all hold the write end of a pipe. Return its pid, and the read end."""
    reader, writer = os.pipe()

    def wait(request: bytes) -> bytes:
        os.write(writer, b"busy")
        time.sleep(2 * SECONDS)
        return request

    pid = os.fork()
    if pid == 0:
        try:
            os.close(reader)
            children = ChildProcesses(2, wait if busy else answer)
            children.start()
            if not busy:
                children.ask([b"a", b"b"], never)
                os.write(writer, b"busybusy")
                time.sleep(2 * SECONDS)
            children.ask([b"a", b"b"], never)
        finally:
            os._exit(1)
    os.close(writer)
    return pid, reader


@pytest.mark.parametrize("busy", [True, False])
@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_children_end_with_their_parent_also_where_it_is_killed(busy: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not busy:  # Those that wait notice it by themselves, on any system.
        monkeypatch.setattr(child_processes, "_end_with", lambda parent: None)
    pid, reader = forked_parent(busy)
    begun = b""
    while len(begun) < 8:
        begun += os.read(reader, 8)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    ended, _, _ = select.select([reader], [], [], SECONDS)
    assert ended, "a child is still alive"
    assert os.read(reader, 1) == b""
    os.close(reader)


def test_what_is_not_yet_written_at_the_fork_is_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with io.TextIOWrapper((tmp_path / "out").open("wb")) as out:
        monkeypatch.setattr(sys, "stdout", out)
        out.write("once")
        children = ChildProcesses(1, answer)
        children.start()
        children.ask([b"a"], never)
        children.close()
        monkeypatch.undo()
    assert (tmp_path / "out").read_text() == "once"


def test_what_a_child_prints_is_written_before_it_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with io.TextIOWrapper((tmp_path / "out").open("wb")) as out:
        monkeypatch.setattr(sys, "stdout", out)
        children = ChildProcesses(1, lambda request: b"%d" % out.write(request.decode()))
        children.ask([b"printed"], never)
        written = (tmp_path / "out").read_text()
        children.close()
        monkeypatch.undo()
    assert written == "printed"
