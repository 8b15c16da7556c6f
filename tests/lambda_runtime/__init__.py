"""A Lambda function as AWS runs it, in a process of its own: a package folder, AWS's runtime client, a Runtime API.

    with LambdaProcess(package, "app.process_fast", env={"AWS_ENDPOINT_URL": url}, timeout=60) as function:
        result = function.invoke(event)

outcome      how an invocation may end otherwise
api          the Runtime API: one server on the loopback for each process
environment  one process and its Runtime API, until it dies
libraries    what Lambda's Python runtime has in addition to the function's package
process      LambdaProcess: starts environments on demand, and can kill them
"""

from __future__ import annotations

from .outcome import InvocationError, LambdaDied, LambdaFailure, LambdaTimedOut
from .process import LambdaProcess

__all__ = ["InvocationError", "LambdaDied", "LambdaFailure", "LambdaProcess", "LambdaTimedOut"]
