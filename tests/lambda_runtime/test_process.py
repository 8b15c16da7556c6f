"""The harness itself: it must be what Lambda is, or what it proves is nothing."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from textwrap import dedent

import pytest

from . import InvocationError, LambdaDied, LambdaFailure, LambdaProcess, LambdaTimedOut

pytestmark = pytest.mark.slow

FUNCTION = """
    import fcntl, os, sys, time

    calls = 0

    def handler(event, context):
        global calls
        calls += 1
        return {name: act(context) for name, act in ACTS.items() if name in event}

    def fork(context):
        if os.fork() == 0:
            lock = open("lock", "w")
            fcntl.flock(lock, fcntl.LOCK_EX)
            print("forked", flush=True)
            time.sleep(600)

    ACTS = {
        "calls": lambda context: calls,
        "pid": lambda context: os.getpid(),
        "path": lambda context: sys.path,
        "env": lambda context: dict(os.environ),
        "cwd": lambda context: os.getcwd(),
        "context": lambda context: [context.function_name, context.memory_limit_in_mb, context.invoked_function_arn],
        "remaining": lambda context: context.get_remaining_time_in_millis(),
        "print": lambda context: print("to be or not to be", flush=True),
        "raise": lambda context: {}["missing"],
        "exit": lambda context: os._exit(3),
        "fork": fork,
        "sleep": lambda context: time.sleep(600),
    }
"""

Start = Callable[..., LambdaProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a function with the given source as app.py."""
    with ExitStack() as stack:

        def start(source: str = FUNCTION, **options: object) -> LambdaProcess:
            (tmp_path / "app.py").write_text(dedent(source))
            return stack.enter_context(LambdaProcess(tmp_path, "app.handler", **options))  # type: ignore[arg-type]

        yield start


def is_alive(pid: int | None) -> bool:
    """A zombie is alive too: its parent has not reaped it."""
    try:
        os.kill(pid or 0, 0)
    except ProcessLookupError:
        return False
    return True


def is_locked(path: Path) -> bool:
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def wait_until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.005)


class TestAnInvocation:
    def test_gives_what_the_function_returns(self, start: Start) -> None:
        assert start().invoke(["calls"]) == {"calls": 1}

    def test_meets_the_process_of_the_one_before(self, start: Start) -> None:
        function = start()
        assert [function.invoke(["calls"])["calls"] for _ in range(3)] == [1, 2, 3]
        assert function.starts == 1

    def test_knows_its_name_memory_and_arn(self, start: Start) -> None:
        function = start(name="slips-dev-dispatch", memory=256, env={"AWS_REGION": "eu-west-3"})
        arn = "arn:aws:lambda:eu-west-3:123456789012:function:slips-dev-dispatch"
        assert function.invoke(["context"]) == {"context": ["slips-dev-dispatch", "256", arn]}

    def test_knows_how_long_it_may_take(self, start: Start) -> None:
        function = start(timeout=300)
        assert 290_000 < function.invoke(["remaining"])["remaining"] <= 300_000
        assert 40_000 < function.invoke(["remaining"], deadline=50)["remaining"] <= 50_000

    def test_that_raises_tells_type_message_and_trace(self, start: Start) -> None:
        function = start()
        with pytest.raises(LambdaFailure) as caught:
            function.invoke(["raise"])
        assert (caught.value.error_type, caught.value.error_message) == ("KeyError", "'missing'")
        assert "app.py" in caught.value.stack_trace[-1]
        assert function.invoke(["calls"]) == {"calls": 2}, "the process lives on"

    def test_fails_when_the_handler_cannot_be_loaded(self, start: Start) -> None:
        with pytest.raises(LambdaFailure, match=r"Runtime\.ImportModuleError.*no_such_module"):
            start("import no_such_module").invoke([])

    def test_ends_at_its_deadline(self, start: Start) -> None:
        function = start()
        function.invoke(["calls"])
        before = function.pid
        with pytest.raises(LambdaTimedOut, match=r"Task timed out after 0\.20 seconds"):
            function.invoke(["sleep"], deadline=0.2)
        assert function.invoke(["calls"]) == {"calls": 1}, "the next one meets a new process"
        assert not is_alive(before)

    def test_may_be_awaited_later(self, start: Start) -> None:
        function = start()
        futures = [function.invoke_async(["calls"]) for _ in range(3)]
        assert [future.result(30)["calls"] for future in futures] == [1, 2, 3]


class TestAProcess:
    def test_sees_its_package_and_the_runtime_alone(self, start: Start) -> None:
        """Not the checkout, not the virtual environment: what is missing in the package is missing."""
        path = start("""
            from importlib.util import find_spec

            NAMES = ["app", "awslambdaric", "boto3", "chalicelib", "slips", "chalice", "moto", "yaml", "orjson"]

            def handler(event, context):
                return [name for name in NAMES if find_spec(name)]
        """).invoke(None)
        assert path == ["app", "awslambdaric", "boto3"]

    def test_inherits_no_variable(self, start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
        monkeypatch.setenv("SLIPS_CONFIG", "other.yml")
        env = start(env={"TOKEN": "t"}).invoke(["env"])["env"]
        assert "SLIPS_CONFIG" not in env
        assert str(Path(__file__).parent) not in env["PYTHONPATH"]
        assert (env["TOKEN"], env["LAMBDA_TASK_ROOT"], env["_HANDLER"]) == ("t", str(tmp_path), "app.handler")

    def test_runs_in_its_package(self, start: Start, tmp_path: Path) -> None:
        assert start().invoke(["cwd"]) == {"cwd": str(tmp_path)}

    def test_that_is_killed_at_work_fails_the_invocation_and_is_followed_by_another(self, start: Start) -> None:
        function = start()
        future = function.invoke_async(["print", "sleep"])
        wait_until(lambda: "to be" in function.logs, "the function was not called")
        function.kill()
        with pytest.raises(LambdaDied) as caught:
            future.result(30)
        assert (caught.value.signal, caught.value.exit_code) == (signal.SIGKILL, None)
        assert function.invoke(["calls"]) == {"calls": 1}
        assert function.starts == 2

    def test_that_is_killed_at_rest_fails_nothing(self, start: Start) -> None:
        function = start()
        assert function.invoke(["pid"]) == {"pid": function.pid}
        function.kill()
        assert not is_alive(function.pid)
        assert function.invoke(["calls"]) == {"calls": 1}

    def test_that_is_killed_while_it_starts_fails_the_invocation(self, start: Start) -> None:
        function = start("import time; time.sleep(600)")
        future = function.invoke_async([])
        wait_until(lambda: function.pid is not None, "no process was started")
        function.kill()
        with pytest.raises(LambdaDied, match="SIGKILL"):
            future.result(30)

    def test_that_exits_tells_its_exit_code(self, start: Start) -> None:
        with pytest.raises(LambdaDied, match="exit status 3") as caught:
            start().invoke(["exit"])
        assert (caught.value.signal, caught.value.exit_code) == (None, 3)

    def test_takes_its_children_with_it(self, start: Start, tmp_path: Path) -> None:
        function = start()
        function.invoke(["fork"])
        wait_until(lambda: "forked" in function.logs, "there is no child")
        assert is_locked(tmp_path / "lock")
        function.kill()
        wait_until(lambda: not is_locked(tmp_path / "lock"), "the child outlived the function")

    def test_leaves_nothing_behind(self, tmp_path: Path) -> None:
        (tmp_path / "app.py").write_text(dedent(FUNCTION))
        threads, files = threading.active_count(), len(os.listdir("/dev/fd"))
        with LambdaProcess(tmp_path, "app.handler") as function:
            future = function.invoke_async(["print", "sleep"])
            wait_until(lambda: "to be" in function.logs, "the function was not called")
            pid = function.pid
        assert isinstance(future.exception(30), InvocationError)
        assert not is_alive(pid)
        assert (threading.active_count(), len(os.listdir("/dev/fd"))) == (threads, files)


class TestTheLog:
    def test_holds_what_the_function_prints(self, start: Start) -> None:
        function = start()
        function.invoke(["print"])
        assert function.logs == "to be or not to be\n"

    def test_is_shown_with_a_failure(self, start: Start) -> None:
        function = start()
        function.invoke(["print"])
        with pytest.raises(LambdaDied) as caught:
            function.invoke(["exit"])
        assert "to be or not to be" in caught.value.__notes__[0]
