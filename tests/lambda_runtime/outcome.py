"""How an invocation can fail."""

from __future__ import annotations

import signal
from typing import Any


class InvocationError(Exception):
    """The invocation failed. `error_type` and `error_message` are what Lambda would answer."""

    def __init__(self, error_type: str, error_message: str) -> None:
        super().__init__(f"{error_type}: {error_message}")
        self.error_type = error_type
        self.error_message = error_message


class LambdaFailure(InvocationError):
    """The function raised, or could not be loaded; its process lives on."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(str(error.get("errorType", "")), str(error.get("errorMessage", "")))
        self.stack_trace: list[str] = error.get("stackTrace", [])


class LambdaDied(InvocationError):
    """The function's process ended: with `exit_code`, or by `signal` (None where it is the other)."""

    def __init__(self, returncode: int) -> None:
        self.exit_code = returncode if returncode >= 0 else None
        self.signal = signal.Signals(-returncode) if returncode < 0 else None
        how = f"signal: {self.signal.name}" if self.signal else f"exit status {self.exit_code}"
        super().__init__("Runtime.ExitError", f"Runtime exited with error: {how}")


class LambdaTimedOut(InvocationError):
    """The function did not end before its deadline, and Lambda killed its process."""

    def __init__(self, seconds: float) -> None:
        super().__init__("Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds")
