"""The audit trail's entries of the command line: who drained and discarded what."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from ... import aws
from ...ledger.audit import Act, Action, ActResult, Caller
from ...quarantine.selection import ErrorSelection
from ..target import Target


@contextmanager
def audited(
    to: Target, action: Action, request: ErrorSelection, reason: str = ""
) -> Iterator[tuple[str, ActResult]]:  # fmt: skip
    """Record what is done inside. Yields the id of the entry, and the result to fill in."""
    act = Act(
        id=uuid4().hex, action=action, caller=_find_caller(), what=request.describe() or "everything",
        fingerprint=request.fingerprint, ids=request.ids, reason=reason,
    )  # fmt: skip
    with to.trail.record(act) as result:
        yield act.id, result


def _find_caller() -> Caller:
    """The ARN of the caller's credentials, and the name of this machine."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        name = str(aws.client("sts").get_caller_identity()["Arn"])
    except (BotoCoreError, ClientError):
        name = "unknown"
    return Caller(name=name, address=socket.gethostname())
