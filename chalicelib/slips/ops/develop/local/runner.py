"""The engine on this machine: it reads S3, and writes only to memory."""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import msgspec

from .... import aws
from ....engine.frames import skip_framework
from ....engine.functions import Function, Functions
from ....engine.invocation import process
from ....engine.worker import Worker
from ....model import Books, Failure, WorkItem
from ....reader.s3 import S3Objects
from ....testing import MemoryErrors, MemoryLanes, MemoryLedger

if TYPE_CHECKING:
    from ....decorators import Slips


@dataclasses.dataclass
class Fault:
    """An exception that a function raised."""

    function: str
    raised: BaseException

    @property
    def trace(self) -> TracebackType | None:
        """The traceback from the user's first frame on."""
        return skip_framework(self.raised.__traceback__)

    def text(self) -> str:
        """Format it as Python does."""
        return "".join(traceback.format_exception(type(self.raised), self.raised, self.trace))


class Ran(msgspec.Struct):
    """The outcome of a run: the report, the failures, and the books of each object."""

    report: dict[str, Any]
    failures: list[Failure]
    books: dict[str, Books]


class Bench:
    """A bench that runs work items through the functions of an app. `raised` is called with each exception."""

    def __init__(self, slips: Slips, args: Mapping[str, Any], raised: Callable[[Fault], None]) -> None:
        self._slips = slips
        self._args = args
        self._raised = raised

    def run(self, items: Sequence[WorkItem]) -> Ran:
        """Process the items in one invocation, without a deadline."""
        errors, ledger = MemoryErrors(), MemoryLedger()
        worker = Worker(
            self._slips.config,
            self._watched(),
            self._slips.chain,
            objects=S3Objects(aws.client("s3")),
            lanes=MemoryLanes(),
            errors=errors,
            ledger=ledger,
            args=lambda: self._args,
        )
        report = process(worker, "fast", items)
        books = {f"s3://{each.bucket_name}/{each.object_key}": ledger.progress.get(each.work_id) for each in items}
        known = {name: progress.books for name, progress in books.items() if progress is not None}
        return Ran(report, list(errors.items.values()), known)

    def _watched(self) -> Functions:
        functions = self._slips.functions
        return Functions(
            events=[self._function(each) for each in functions.events],
            setup=[self._watch(each) for each in functions.setup],
            flush=[self._watch(each) for each in functions.flush],
            result=[self._watch(each) for each in functions.result],
        )

    def _function(self, function: Function) -> Function:
        return dataclasses.replace(function, call=self._watch(function.call, function.name))

    def _watch(self, call: Callable[..., Any], name: str = "") -> Callable[..., Any]:
        name = name or getattr(call, "__name__", repr(call))

        def watched(*arguments: Any) -> Any:
            try:
                return call(*arguments)
            except (Exception, SystemExit) as fault:
                self._raised(Fault(name, fault))
                raise

        watched.__name__ = name
        return watched
