"""One execution environment: a process under AWS's runtime client, and its Runtime API."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty
from threading import Thread
from typing import IO, Any

from .api import Answered, Exited, Failed, Invocation, News, Ready, RuntimeApi
from .outcome import LambdaDied, LambdaFailure, LambdaTimedOut

INIT_SECONDS = 30.0
"""Lambda gives 10 s; a busy test machine may need more."""


class Environment:
    """From the start of the process to its end; one invocation at a time."""

    def __init__(self, package: Path, handler: str, variables: Mapping[str, str], arn: str, log: IO[bytes]) -> None:
        self._api = RuntimeApi(arn)
        # -S leaves site-packages out: the process sees its package and PYTHONPATH, as in Lambda, not the checkout.
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-m", "awslambdaric", handler],
            cwd=package,
            env={**variables, "AWS_LAMBDA_RUNTIME_API": self._api.address},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        self._watcher = Thread(target=self._watch, daemon=True)
        self._watcher.start()

    @property
    def pid(self) -> int:
        """Of the process, alive or dead."""
        return self._process.pid

    def wait_ready(self) -> None:
        """Until the runtime asks for an event. Raises LambdaFailure when the handler cannot be loaded, LambdaDied,
        LambdaTimedOut."""
        match self._next_news(time.monotonic() + INIT_SECONDS):
            case Ready():
                if not self._watcher.is_alive():  # It died while it waited.
                    raise LambdaDied(self._process.wait())
            case Failed(error=error):
                raise LambdaFailure(error)
            case Exited(returncode=code):
                raise LambdaDied(code)
            case None:
                self.kill()
                raise LambdaTimedOut(INIT_SECONDS)

    def run(self, request_id: str, event: bytes, seconds: float) -> Any:
        """The function's result. Call `wait_ready` before. Raises LambdaFailure, LambdaDied, LambdaTimedOut."""
        end = time.monotonic() + seconds
        self._api.offer(Invocation(request_id, event, time.time() + seconds))
        while True:
            match self._next_news(end):
                case Answered(request_id=answered, result=result) if answered == request_id:
                    return result
                case Failed(error=error):
                    raise LambdaFailure(error)
                case Exited(returncode=code) as exited:
                    self._api.news.put(exited)  # The next `wait_ready` must hear of it too.
                    raise LambdaDied(code)
                case None:
                    self.kill()
                    raise LambdaTimedOut(seconds)

    def kill(self) -> None:
        """SIGKILL to the process and its children; they are gone when this returns."""
        if self._watcher.is_alive():
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._watcher.join()

    def close(self) -> None:
        """Kill, and leave neither a process nor a thread nor a socket behind."""
        self.kill()
        self._api.close()

    def _watch(self) -> None:
        self._api.news.put(Exited(self._process.wait()))

    def _next_news(self, end: float) -> News | None:
        """None at the end."""
        try:
            return self._api.news.get(timeout=max(0.0, end - time.monotonic()))
        except Empty:
            return None
