"""What a Lambda function works with: slips.yml, the functions of app.py, and the parts behind them.

Every Lambda function imports this module, and each needs other parts: so a part is imported and made when it is first
needed.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING

from . import aws
from .config import Config, find_taken_names, find_unknown_formats
from .config.routing import find_mapping
from .config.settings import RETRY
from .engine.functions import Functions
from .errors import ConfigError, RegistrationError, RouteError, Where
from .formats import registry
from .formats.zones import use_timezones
from .reader import FRAMER_NAMES

if TYPE_CHECKING:
    from pathlib import Path

    from chalice.app import Chalice

    from .aws.retry import Backoff, Deadline
    from .aws.secret_arguments import SecretArguments
    from .config.access import S3Access
    from .config.patterns.settings import PatternFormat
    from .dispatch.redrive_queue import RedriveQueue
    from .engine.child_processes import Answer, ChildProcesses
    from .engine.retries import Retries
    from .engine.worker import Worker
    from .formats.base import Format
    from .formats.chain import Chain
    from .lanes.kinesis import KinesisLanes
    from .ledger.audit import Trail
    from .ledger.cause_notes import CauseNotes
    from .ledger.causes import KnownCauses
    from .ledger.counters import Counters
    from .ledger.ledger import DynamoLedger
    from .ledger.surge import Surge
    from .model import Lane, ObjectRef
    from .observability.masking import Secrets
    from .quarantine import Quarantine
    from .sinks.base import Sink


class Runtime:
    """The tables and streams that `config` names, with the credentials of this process, and the engine on top of them.

    `app_name` is the name of the Chalice app, and so of its logger; `path` is the slips.yml that `config` was read
    from, None where only the stack was named.
    """

    def __init__(self, config: Config, app_name: str = "slips", path: Path | None = None) -> None:
        self.config = config
        use_timezones(config.timezones)
        self.path = path
        self.sinks_by_function: dict[str, Sink] = {}
        self.app: Chalice | None = None
        self.app_name = app_name
        self.functions = Functions()
        self._own_formats: dict[str, Callable[[], Format]] = {
            name: _make_later(settings) for name, settings in config.formats.items()
        }
        self._chains: dict[tuple[str, ...], Chain] = {}
        self._child_processes: dict[Lane, ChildProcesses | None] = {}

    @cached_property
    def deadline(self) -> Deadline:
        """When the running invocation of a lane's function ends."""
        from .aws.retry import Deadline

        return Deadline()

    @cached_property
    def _backoff(self) -> Backoff:
        from .aws.retry import Backoff

        return Backoff(remaining=self.deadline.remaining)

    @cached_property
    def quarantine(self) -> Quarantine:
        """The ErrorTable."""
        from .quarantine import Quarantine

        config = self.config
        return Quarantine(
            aws.client("dynamodb"),
            config.error_table,
            max_attempts=config.limits.max_attempts,
            ttl_days=config.errors_ttl_days,
            backoff=self._backoff,
        )

    @cached_property
    def lanes(self) -> KinesisLanes:
        """The Kinesis streams."""
        from .lanes.kinesis import KinesisLanes

        return KinesisLanes(aws.client("kinesis"), self.config.fast, self.config.slow, self._backoff)

    @cached_property
    def ledger(self) -> DynamoLedger:
        """The LedgerTable."""
        from .ledger.ledger import DynamoLedger

        table, days = self.config.ledger_table, self.config.ledger_ttl_days
        return DynamoLedger(aws.client("dynamodb"), table, days, backoff=self._backoff)

    @cached_property
    def counters(self) -> Counters:
        """The counters of `GET /stats`, also in the LedgerTable."""
        from .ledger.counters import Counters

        return Counters(aws.client("dynamodb"), self.config.ledger_table)

    @cached_property
    def surge(self) -> Surge:
        """How many more objects than usual there are."""
        from .ledger.surge import Surge

        return Surge(self.counters)

    @cached_property
    def known_causes(self) -> KnownCauses:
        """The causes of failures that are not new, also in the LedgerTable."""
        from .ledger.causes import KnownCauses

        return KnownCauses(aws.client("dynamodb"), self.config.ledger_table)

    @cached_property
    def cause_notes(self) -> CauseNotes:
        """What people and drains did about a cause, also in the LedgerTable."""
        from .ledger.cause_notes import CauseNotes

        return CauseNotes(aws.client("dynamodb"), self.config.ledger_table)

    @cached_property
    def trail(self) -> Trail:
        """The audit trail, also in the LedgerTable."""
        from .ledger.audit import Trail

        return Trail(aws.client("dynamodb"), self.config.ledger_table)

    @cached_property
    def redrive_queue(self) -> RedriveQueue:
        """What neither `dispatch` nor `report` took."""
        from .dispatch.queue_age import ATTEMPT_SECONDS, QueueAge
        from .dispatch.redrive_queue import RedriveQueue

        name = self.config.redrive_queue
        age = QueueAge(name, lambda: aws.client("cloudwatch", attempt_seconds=ATTEMPT_SECONDS))
        return RedriveQueue(aws.client("sqs"), name, age)

    @cached_property
    def s3_access(self) -> S3Access:
        """S3, as slips.yml says to call each bucket."""
        from .config.access import S3Access

        return S3Access(self.config.buckets)

    @property
    def is_retry_wired(self) -> bool:
        """Whether app.py has the scheduled function that tries again what waits."""
        from chalice.app import ScheduledEventConfig

        sources = self.app.event_sources if self.app is not None else ()
        return any(isinstance(each, ScheduledEventConfig) and each.name == RETRY for each in sources)

    @cached_property
    def retries(self) -> Retries | None:
        """How what passes by itself is tried again; None where nobody would do it."""
        from .engine.retries import Retries

        return Retries(give_up_after=self.config.retry_give_up_after) if self.is_retry_wired else None

    @cached_property
    def worker(self) -> Worker:
        """The engine."""
        from .engine.worker import Worker
        from .observability import is_lambda
        from .observability.masking import MaskingErrors, mask_log_lines
        from .reader.s3 import S3Objects

        self.check()
        if self.sinks_by_function:
            from .sinks.secrets import mask_with

            mask_with(self.secrets.add)
        worker = Worker(
            self.config,
            self.functions,
            self.chain,
            objects=S3Objects(self.s3_access, self.deadline),
            lanes=self.lanes,
            errors=MaskingErrors(self.quarantine, self.secrets),
            ledger=self.ledger,
            args=self._args.get,
            expire_args=self._args.expire,
            retries=self.retries,
        )
        if not is_lambda():  # There `configure_logging` has seen to it.
            mask_log_lines(self.secrets, self.app_name)
        gc.freeze()  # botocore alone holds 100,000 objects that never die: the cycle collector need not traverse them.
        return worker

    def child_processes(self, lane: Lane, answer: Answer) -> ChildProcesses | None:
        """Return the processes that a batch of the lane is divided among, forked at the first call; None where this
        process does the work, as everywhere but on Lambda. Then this process makes none of its parts."""
        if lane not in self._child_processes:
            self._child_processes[lane] = self._fork(lane, answer)
        return self._child_processes[lane]

    def count_processes(self, lane: Lane) -> int:
        """Return among how many processes slips.yml divides a batch of the lane; 1 elsewhere than on Lambda."""
        from .observability import is_lambda

        processes = self.config.lane(lane).processes
        if processes == 1 or not is_lambda():
            return 1
        from .engine.shared_batch import count_processes

        return count_processes(processes, float(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE") or 0))

    def _fork(self, lane: Lane, answer: Answer) -> ChildProcesses | None:
        count = self.count_processes(lane)
        if count == 1:
            return None
        from .engine.shared_batch import start_children

        return start_children(count, answer, self.app_name)

    @cached_property
    def secrets(self) -> Secrets:
        """The secrets of this process, which are masked wherever it writes."""
        from .observability.masking import Secrets

        return Secrets()

    @cached_property
    def _args(self) -> SecretArguments:
        from .aws.secret_arguments import SecretArguments

        handler = self.config.handler
        return SecretArguments(handler.args, handler.secrets_max_age, aws.client, self.secrets.add)

    def find_format(self, name: str) -> Format:
        """Return the format of that name, of app.py, slips.yml or the registry. Raises RegistrationError."""
        own = self._own_formats.get(name)
        if own is None and not registry.is_known(name):
            raise registry.unknown(name, self._own_formats)
        return own() if own else registry.get(name)

    def chain(self, names: Sequence[str]) -> Chain:
        """Return the compiled format chain. Raises RegistrationError for a name that nothing defines."""
        from .formats.chain import compile_chain

        key = tuple(names)
        if key not in self._chains:
            self._chains[key] = compile_chain(key, FRAMER_NAMES, self.find_format)
        return self._chains[key]

    def counting(self, ref: ObjectRef) -> str:
        """Say by what positions in the object are counted; empty where slips.yml or app.py does not know it."""
        try:
            chain = self.chain(find_mapping(self.config, ref).chain)
        except (RouteError, RegistrationError):
            return ""
        return chain.counting(self.config.limits.max_line_bytes)

    def check(self) -> None:
        """Raise ConfigError where slips.yml names formats that nothing defines, or gives one of its own the name of
        another."""
        known = registry.names({*self._own_formats, *FRAMER_NAMES})
        faults = [*find_taken_names(self.config, registry.is_taken), *find_unknown_formats(self.config, known)]
        if faults:
            raise ConfigError(faults, where=Where(file=str(self.path or "slips.yml")))


def _make_later(settings: PatternFormat) -> Callable[[], Format]:
    """Return a function that makes a pattern format once, when it is first needed."""

    @cache
    def make() -> Format:
        from .formats.pattern_format import pattern_format

        return pattern_format(settings)

    return make
