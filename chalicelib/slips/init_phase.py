"""What a Lambda function does while Lambda initialises its process, with a whole processor whatever its memory: import
what its first invocation needs, and make the clients. Elsewhere all of that is late, and most of it never."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

from .observability import is_lambda

if TYPE_CHECKING:
    from .model import Lane
    from .runtime import Runtime


class _Needs(NamedTuple):
    """Of every invocation of a function."""

    parts: tuple[str, ...]
    """Of the runtime; each makes the clients that it works with."""
    modules: tuple[str, ...] = ()
    """What a handler imports late."""
    reads_objects: bool = False


_OBSERVED: Final = ("handlers", "observability.logs", "observability.metrics", "observability.tracing")
_LANE: Final = _Needs(
    ("quarantine", "lanes", "ledger", "counters", "known_causes"),
    ("engine.invocation", "engine.worker", "lanes.intake", "lanes.throttle", "ledger.sources", "reader.s3"),
    reads_objects=True,
)
_DISPATCH: Final = _Needs(("quarantine", "lanes", "known_causes"), ("dispatch.dispatch", "drain.restored"))
NEEDS: Final = {
    "dispatch": _DISPATCH,
    "dispatch_queue": _DISPATCH._replace(modules=("dispatch.queue", *_DISPATCH.modules)),
    "process_fast": _LANE,
    "process_slow": _LANE,
    "report": _Needs(("quarantine", "lanes", "ledger", "known_causes"), ("dispatch.dead_letters",)),
    "retry": _Needs(("quarantine", "lanes", "ledger", "counters", "known_causes"), ("drain.retry", "engine.budget")),
    "app": _Needs(("quarantine",)),
}
"""By the handler's name in app.py; Chalice's own is that of the REST API."""


LANES: Final[dict[str, Lane]] = {"process_fast": "fast", "process_slow": "slow"}
"""The lanes whose batches child processes may share, by the handler's name."""


def prepare(runtime: Runtime) -> None:
    """Import and make what this function needs, if it runs in Lambda."""
    handler = os.environ.get("_HANDLER", "").rpartition(".")[2]
    needs = NEEDS.get(handler) if is_lambda() else None
    if needs is None:
        return
    for module in (*_OBSERVED, *needs.modules):
        import_module(f".{module}", __package__)
    lane = LANES.get(handler)
    if lane is not None and runtime.count_processes(lane) > 1:
        return  # Each child process makes its own: what is made before a fork would be shared.
    for part in needs.parts:
        getattr(runtime, part)
    if needs.reads_objects:
        from .reader.s3 import SILENCES

        runtime.s3_access.client("", SILENCES[0])
