"""The engine on this machine: it reads S3, and writes only to memory."""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from types import TracebackType
from typing import TYPE_CHECKING, Any

import msgspec

from ....config.access import S3Access
from ....engine.frames import skip_framework
from ....engine.functions import Function, Functions
from ....engine.invocation import process
from ....engine.worker import Worker
from ....formats.chain import Chain
from ....formats.custom import CustomFormat
from ....model import Books, Failure, WorkItem
from ....observability.masking import MaskingErrors
from ....reader.s3 import S3Objects
from ....testing import MemoryErrors, MemoryLanes, MemoryLedger

if TYPE_CHECKING:
    from ....decorators import Slips


@dataclasses.dataclass
class Fault:
    """An exception that a function, or a parser of app.py, raised."""

    function: str
    raised: BaseException

    @property
    def trace(self) -> TracebackType | None:
        """The traceback from the user's first frame on."""
        return skip_framework(self.raised.__traceback__)

    def text(self) -> str:
        """Format it as Python does."""
        return "".join(traceback.format_exception(type(self.raised), self.raised, self.trace))


class RunResult(msgspec.Struct):
    """The outcome of a run: the report, the failures, and the books of each object."""

    report: dict[str, Any]
    failures: list[Failure]
    books: dict[str, Books]


class Runner:
    """Runs work items through the functions of an app. `raised` is called with each exception of a function or of a
    parser of app.py."""

    def __init__(self, slips: Slips, args: Mapping[str, Any], raised: Callable[[Fault], None]) -> None:
        self._slips = slips
        self._args = args
        self._raised = raised

    def run(self, items: Sequence[WorkItem]) -> RunResult:
        """Process the items in one invocation, without a deadline."""
        errors, ledger = MemoryErrors(), MemoryLedger()
        secrets = self._slips.secrets
        config = self._slips.config
        worker = Worker(
            msgspec.structs.replace(config, limits=config.limits.with_samples()),
            self._watched(),
            self._chain,
            objects=S3Objects(S3Access(self._slips.config.buckets)),
            lanes=MemoryLanes(),
            errors=MaskingErrors(errors, secrets),
            ledger=ledger,
            args=lambda: self._args,
        )
        report = process(worker, "fast", items)
        report["results"] = secrets.mask_value(report["results"])
        books = {f"s3://{each.bucket_name}/{each.object_key}": ledger.progress.get(each.work_id) for each in items}
        known = {name: progress.books for name, progress in books.items() if progress is not None}
        return RunResult(report, list(errors.items.values()), known)

    def _chain(self, names: Sequence[str]) -> Chain:
        """The chain, with the parsers of app.py watched."""
        chain = self._slips.chain(names)
        links = (
            dataclasses.replace(link, function=self._watch(link.function, link.name))
            if isinstance(link, CustomFormat)
            else link
            for link in chain.links
        )
        return dataclasses.replace(chain, links=tuple(links))

    def _watched(self) -> Functions:
        functions = self._slips.functions
        return Functions(
            events=[self._function(each) for each in functions.events],
            setup=[self._watch(each) for each in functions.setup],
            flush=[dataclasses.replace(each, call=self._watch(each.call)) for each in functions.flush],
            result=[self._watch(each) for each in functions.result],
        )

    def _function(self, function: Function) -> Function:
        return dataclasses.replace(function, call=self._watch(function.call, function.name))

    def _watch(self, call: Callable[..., Any], name: str = "") -> Callable[..., Any]:
        name = name or getattr(call, "__name__", repr(call))

        @wraps(call)
        def watched(*arguments: Any) -> Any:
            with self._reporting(name):
                result = call(*arguments)
            return self._watch_events(name, result) if isinstance(result, Generator) else result

        return watched

    def _watch_events(self, name: str, events: Iterable[Any]) -> Iterator[Any]:
        """What a parser yields, which it may do in its own time."""
        with self._reporting(name):
            yield from events

    @contextmanager
    def _reporting(self, name: str) -> Iterator[None]:
        try:
            yield
        except (Exception, SystemExit) as fault:
            self._raised(Fault(name, fault))
            raise
