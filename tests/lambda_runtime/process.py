"""A Lambda function that a test can invoke, kill, and invoke again."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from .environment import Environment
from .libraries import link_libraries
from .outcome import InvocationError

ACCOUNT = "123456789012"
LOG_LINES = 40
"""Lines of the log that are shown with a failure."""


class LambdaProcess:
    """The function `handler` of an unzipped package, in a process that sees the package alone.

    Invocations run one after another. As in Lambda, the process starts at the first of them, stays for the next, and
    is replaced when it dies; it gets no variables but Lambda's own and `env`. `timeout` is in seconds, `memory` in
    MB (the function sees it, nothing enforces it). Leaving the `with` block kills what is left.
    """

    def __init__(
        self,
        package: Path,
        handler: str,
        *,
        env: Mapping[str, str] | None = None,
        timeout: float = 60.0,
        memory: int = 512,
        name: str = "function",
    ) -> None:
        self.handler = handler
        self.timeout = timeout
        self.starts = 0
        self._package = package
        self._folder = TemporaryDirectory(prefix="slips-lambda-")
        self._log = (Path(self._folder.name) / "log").open("ab")
        self._variables = {**_variables(package, handler, name, memory, Path(self._folder.name)), **(env or {})}
        self._arn = f"arn:aws:lambda:{self._variables['AWS_REGION']}:{ACCOUNT}:function:{name}"
        self._environment: Environment | None = None
        self._closing = False
        self._invocations = ThreadPoolExecutor(1, thread_name_prefix=f"invoke-{handler}")

    def invoke(self, event: Any, deadline: float | None = None) -> Any:
        """Return what the function returns. `deadline` is in seconds from now, else `timeout`. Raises LambdaFailure
        when it raises or cannot be loaded, LambdaDied when its process ends, LambdaTimedOut when it was killed for
        its deadline."""
        return self.invoke_async(event, deadline).result()

    def invoke_async(self, event: Any, deadline: float | None = None) -> Future[Any]:
        """The same without waiting; the future is done by the deadline (and 30 s more where a process starts)."""
        body = json.dumps(event).encode()
        return self._invocations.submit(self._run, body, self.timeout if deadline is None else deadline)

    @property
    def pid(self) -> int | None:
        """Of the present or last process; None before the first invocation."""
        environment = self._environment
        return None if environment is None else environment.pid

    def kill(self) -> None:
        """SIGKILL the process, whatever it does. The invocation under way ends as LambdaDied; the next one starts a
        process."""
        environment = self._environment
        if environment is not None:
            environment.kill()

    @property
    def logs(self) -> str:
        """Everything that all processes wrote to stdout and stderr."""
        return Path(self._log.name).read_text(errors="replace")

    def close(self) -> None:
        """Kill the process, and wait until all of it is gone."""
        self._closing = True
        self._invocations.shutdown(wait=False, cancel_futures=True)
        self.kill()
        self._invocations.shutdown()
        self._end_environment()
        self._log.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        if fault is not None and not isinstance(fault, InvocationError):
            fault.add_note(self._note())
        self.close()

    def _run(self, body: bytes, seconds: float) -> Any:
        try:
            return self._ready().run(str(uuid4()), body, seconds)
        except InvocationError as fault:
            fault.add_note(self._note())
            raise

    def _ready(self) -> Environment:
        """The environment, when it is still there; else a new one."""
        if self._environment is not None:
            try:
                self._environment.wait_ready()
            except InvocationError:
                # It died between two invocations, so neither of them failed.
                self._end_environment()
        if self._environment is None:
            self._environment = self._start()
            try:
                self._environment.wait_ready()
            except InvocationError:
                self._end_environment()
                raise
        return self._environment

    def _start(self) -> Environment:
        if self._closing:
            raise InvocationError("Closed", "the function is closed")
        self.starts += 1
        return Environment(self._package, self.handler, self._variables, self._arn, self._log)

    def _end_environment(self) -> None:
        environment, self._environment = self._environment, None
        if environment is not None:
            environment.close()

    def _note(self) -> str:
        return "\n".join([f"The log of {self.handler} ends with:", *self.logs.splitlines()[-LOG_LINES:]])


def _variables(package: Path, handler: str, name: str, memory: int, folder: Path) -> dict[str, str]:
    """AWS Lambda Developer Guide, "Defined runtime environment variables"; and credentials that are not real."""
    runtime, scratch = folder / "runtime", folder / "tmp"
    runtime.mkdir()
    scratch.mkdir()
    link_libraries(runtime)
    return {
        "_HANDLER": handler,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory),
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "2026/01/31/[$LATEST]0",
        "AWS_REGION": "eu-central-1",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_SESSION_TOKEN": "testing",
        "LAMBDA_RUNTIME_DIR": str(runtime),
        "LAMBDA_TASK_ROOT": str(package),
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": str(runtime),
        "TMPDIR": str(scratch),
        "TZ": ":UTC",
    }
