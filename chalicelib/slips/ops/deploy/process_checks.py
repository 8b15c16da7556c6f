"""What goes wrong where the batches of a lane are shared by processes, before it is deployed: a forked process shares
with the others each connection that is open, and has none of the threads."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from types import FunctionType, GeneratorType, ModuleType
from typing import Any, Final

from ...config import Config, LaneConfig
from ...config.settings import FULL_CORE_MB
from .lane_capacity import DEFAULT_MEMORY_MB
from .stage import DeploymentStage

MADE_LATE: Final = "create it in @slips.on_setup, or when you first need it"

_HARMLESS = (ModuleType, FunctionType, type, GeneratorType, io.StringIO, io.BytesIO, str, bytes, int, float)


def shared_lanes(config: Config) -> list[LaneConfig]:
    """Return the lanes whose batches may be shared by processes."""
    return [lane for lane in (config.fast, config.slow) if lane.processes != 1]


def clients_at_import(config: Config, modules: Sequence[ModuleType]) -> Iterator[str]:
    """Yield a line for each client, connection or file that a module of the user's makes when it is imported."""
    lanes = shared_lanes(config)
    if not lanes:
        return
    names = {module.__name__ for module in modules}
    for module in modules:
        for name, value in vars(module).items():
            client = _find_client(value, names)
            if client is not None and not name.startswith("__"):
                kind = f"{type(client).__module__}.{type(client).__qualname__}"
                yield (
                    f"{module.__name__}.py: {name} ({kind}) is created at import, and {_describe(lanes)} would share "
                    f"its connections; {MADE_LATE}"
                )


def threads_at_import(config: Config, threads: Sequence[threading.Thread]) -> Iterator[str]:
    """Yield a line where importing app.py has started these threads."""
    lanes = shared_lanes(config)
    if lanes and threads:
        names = ", ".join(thread.name for thread in threads)
        yield f"app.py starts threads at import ({names}), so SLIPS ignores {_describe(lanes)}"


def crowded_lanes(stage: DeploymentStage) -> Iterator[str]:
    """Yield a line for each lane that has more processes than vCPUs."""
    for lane in shared_lanes(stage.config):
        memory = stage.function_settings(f"process_{lane.name}").get("lambda_memory_size", DEFAULT_MEMORY_MB)
        needed = FULL_CORE_MB * lane.processes if lane.processes != "auto" else 0
        if memory < needed * 3 / 4:
            yield (
                f".chalice/config.json: process_{lane.name} of stage {stage.name} has {memory} MB, which is "
                f"{memory / FULL_CORE_MB:.1f} vCPUs for {_describe([lane])}; give it {needed}, or write processes: auto"
            )


def _describe(lanes: Sequence[LaneConfig]) -> str:
    return " and ".join(f"backend.lane.{lane.name}.processes: {lane.processes}" for lane in lanes)


def _find_client(value: Any, modules: set[str], depth: int = 2) -> Any:
    """Return what holds a connection: the value, or what it consists of; None where nothing does."""
    if isinstance(value, _HARMLESS) or type(value).__module__.partition(".")[0] in ("slips", "chalice"):
        return None
    kind = type(value)
    if callable(getattr(kind, "close", None)) or kind.__module__.startswith(
        ("boto3.resources", "urllib3.pool", "urllib3.connection")
    ):
        return value
    parts: Sequence[Any] = ()
    if isinstance(value, dict):
        parts = list(value.values())
    elif isinstance(value, list | tuple | set | frozenset):
        parts = list(value)
    elif kind.__module__ in modules:
        parts = list(getattr(value, "__dict__", {}).values())
    clients = [_find_client(part, modules, depth - 1) for part in parts] if depth else []
    return next((client for client in clients if client is not None), None)
