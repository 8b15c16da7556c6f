"""A batch in the hands of child processes: the parent divides it, and each child handles its share as an invocation of
its own, with a ledger, an ErrorTable and functions of its own.

What the ledger guarantees among invocations, it guarantees among these: a child that is killed has lost what a killed
invocation loses, and the one that replaces it goes on as the next invocation would.
"""

from __future__ import annotations

import gc
import logging
import os
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final, Literal

import msgspec

from ..config.settings import FULL_CORE_MB
from ..errors import ENDS, ProcessDied, SlipsError, StoreError, message_of
from ..observability.masking import Secrets
from ..observability.shared_output import OutputLock, write_whole_lines
from ..wording import plural
from .budget import RESERVE, Budget
from .child_processes import Answer, ChildProcesses, Died
from .shares import TRACE_ID, Share, merge_reports, share_out

log = logging.getLogger("slips")

PARTS: Final = ("engine.invocation", "ledger.counters", "ledger.ledger", "lanes.intake", "quarantine", "reader.s3")
"""What each child needs, and imports no client by itself."""


def count_processes(processes: int | Literal["auto"], memory_mb: float) -> int:
    """Return how many processes share a batch: `auto` is one for each vCPU that comes with so much memory."""
    return max(1, round(memory_mb / FULL_CORE_MB)) if processes == "auto" else processes


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a child answers: the report of its share, or what it raised."""

    report: dict[str, Any] = {}
    error: str = ""
    is_store_error: bool = False


class SharedBatch:
    """A batch in the hands of child processes."""

    def __init__(self, children: ChildProcesses, max_attempts: int) -> None:
        self.fault: SlipsError | None = None
        """What one of them raised, so that the invocation must raise it: nothing is acknowledged."""
        self._children = children
        self._max_attempts = max_attempts
        self._deaths: Counter[int] = Counter()

    def process(self, records: Sequence[Any], context: Any) -> dict[str, Any]:
        """Have the records processed. Returns the report of those that are done. Raises `fault` where none is."""
        shares = share_out(records, self._children.count, context)
        budget = Budget.of(context)

        def may_repeat(number: int, died: Died) -> bool:
            self._deaths[number] += 1
            log.error("a process ended by %s; another one gets %s", died, plural(len(shares[number].records), "record"))
            # An object that ends processes becomes an error item after so many attempts, and the rest is done.
            return self._deaths[number] <= self._max_attempts and budget.remaining() > RESERVE

        reports = []
        for answer in self._children.ask([msgspec.json.encode(share) for share in shares], may_repeat):
            fault, report = _open(answer)
            self.fault = self.fault or fault
            reports += [] if report is None else [report]
        if self.fault is not None and not reports:
            raise self.fault
        return merge_reports(reports)


def _open(answer: bytes | Died) -> tuple[SlipsError | None, dict[str, Any] | None]:
    if isinstance(answer, Died):
        return ProcessDied(f"a process of this function ended by {answer}, and so did those that replaced it"), None
    opened = msgspec.json.decode(answer, type=_Answer)
    if not opened.error:
        return None, opened.report
    return StoreError(opened.error) if opened.is_store_error else SlipsError(opened.error), None


def start_children(count: int, answer: Answer, logger: str) -> ChildProcesses | None:
    """Fork the child processes. None where app.py has started threads: what these hold at the fork, a lock or half of a
    request, the children would wait for or send again. `logger` is the app's."""
    others = [thread.name for thread in threading.enumerate() if thread is not threading.current_thread()]
    if others:
        log.warning("one process does the work: app.py has started threads, which a fork cuts off: %s", others)
        return None
    for name in (
        "botocore.session",
        *(f"slips.{part}" for part in PARTS),
    ):  # Once, and in memory that the children share.
        import_module(name)
    gc.freeze()  # What is collected would be copied, page by page, for each child.
    write_whole_lines(OutputLock(), logger)
    children = ChildProcesses(count, answer)
    children.start()
    return children


def answer_share(request: bytes, process: Callable[[Share], dict[str, Any]], secrets: Secrets) -> bytes:
    """Process a share, in the child. What `process` raises is logged, and part of the answer."""
    share = msgspec.json.decode(request, type=Share)
    os.environ[TRACE_ID] = share.trace_id
    try:
        answer = _Answer(report=process(share))
    except ENDS:
        raise
    # The parent is to raise it: Lambda then delivers the batch again.
    except BaseException as fault:
        log.exception("the records of this process are not acknowledged")
        text = secrets.mask(f"{type(fault).__name__}: {message_of(fault)}")
        answer = _Answer(error=text, is_store_error=isinstance(fault, StoreError))
    return msgspec.json.encode(answer)
