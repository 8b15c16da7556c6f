"""What stays the same between the invocations of a lane's function."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..config import routing
from ..config.settings import Config
from ..errors import RegistrationError, RouteError, StoreError, UnknownFunction
from ..formats.chain import Chain
from ..model import WorkItem
from ..model.ports import Errors, Lanes, Ledger, ObjectStore
from .functions import Function, Functions
from .pauses import Pauses
from .retries import Retries, Retry

log = logging.getLogger("slips")

Chains = Callable[[Sequence[str]], Chain]
"""Compiles the format chain of slips.yml."""


class Worker:
    """The functions, and the AWS side that they run against."""

    def __init__(
        self,
        config: Config,
        functions: Functions,
        chains: Chains,
        *,
        objects: ObjectStore,
        lanes: Lanes,
        errors: Errors,
        ledger: Ledger,
        args: Callable[[], Mapping[str, Any]] = dict,
        expire_args: Callable[[], None] = lambda: None,
        retries: Retries | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`args` returns what `on_setup` functions get, and `expire_args` has it fetch secrets again. Without `retries`
        nothing waits for another try, since nobody would try it. `clock` measures, `now` is in seconds since the epoch.
        """
        self.config = config
        self.functions = functions
        self.chains = chains
        self.objects = objects
        self.lanes = lanes
        self.errors = errors
        self.ledger = ledger
        self.args = args
        self.expire_args = expire_args
        self.retries = retries
        self.pauses = Pauses(clock)
        self.clock = clock
        self.now = now
        self.sleep = sleep

    def next_try(self, item: WorkItem) -> Retry | None:
        """Return the next try of what this work may leave behind; None where it does not wait."""
        return self.retries.next_try(item, self.now()) if self.retries else None

    def chain(self, item: WorkItem) -> Chain:
        """Return the format chain of the object. Raises RouteError, RegistrationError."""
        return self.chains(routing.find_mapping(self.config, item.ref).chain)

    def on_missing(self, item: WorkItem) -> str:
        """Return what the mapping of the object says of one that is gone. Raises RouteError."""
        return routing.find_mapping(self.config, item.ref).on_missing

    def functions_for(self, item: WorkItem, chain: Chain) -> list[Function]:
        """Return the functions that take the item, none where nobody wants its format, and none of a copy that all have
        got before. Raises UnknownFunction."""
        functions = self.functions.of_format(chain.name, item.processors)
        unknown = set(item.processors) - {function.name for function in functions}
        if unknown:
            raise UnknownFunction(f"app.py no longer has a function {', '.join(sorted(unknown))} for {chain.name}")
        return [] if item.is_whole_copy and self._is_known(item, functions) else functions

    def _is_known(self, item: WorkItem, functions: Sequence[Function]) -> bool:
        """Whether all of the functions got this content of the object before: to S3, a copy onto itself, for another
        storage class or key, is a new object."""
        try:
            is_known = self.ledger.find_receivers(item) >= {function.name for function in functions}
        except StoreError as fault:  # It is processed again, as it would be without the ledger.
            log.warning("nobody knows whether s3://%s/%s is a known copy: %s", item.bucket_name, item.object_key, fault)
            return False
        if is_known and functions:
            log.info("a copy of what is done: s3://%s/%s", item.bucket_name, item.object_key)
        return is_known

    def is_read(self, item: WorkItem) -> bool:
        """Whether a function takes the object's format."""
        try:
            return bool(self.functions.of_format(self.chain(item).name))
        except (RouteError, RegistrationError):
            return False
