"""Two cores: the objects of a batch in two processes (`backend.lane.fast.processes: 2`), against one process."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from slips.engine.child_processes import ChildProcesses

from . import inputs
from .inputs import Input
from .measure import Row, in_turns, processors
from .ours import Engine, function, nothing
from .throughput import Scale

OBJECTS = 4
"""Of a batch."""
COMPARED = ", a batch in two processes against one"
"""What the names of the rows end with, behind the format."""


def two_cores(scale: Scale) -> list[Row]:
    """Batches of text objects, the fastest of many runs: whatever else runs on the machine takes a core from two
    processes, and none from one. No row where there is only one core."""
    if processors() < 2:
        return []
    return [_row(inputs.ALB, "alb", 1.6, scale), _row(inputs.NDJSON, "NDJSON gz", 1.35, scale)]


def _row(of: Input, name: str, bound: float, scale: Scale) -> Row:
    path = of.file(scale.events // OBJECTS)

    @cache
    def engine() -> Engine:
        return Engine(of.chain, [function(nothing)])

    def answer(request: bytes) -> bytes:
        """Process so many objects, in a child, with an engine of its own."""
        engine().run(*[path] * int(request))
        return b""

    children = ChildProcesses(2, answer)
    children.start()  # Before this process has an engine, and a thread that reads.

    def shared() -> None:
        children.ask([b"%d" % (OBJECTS // 2)] * 2, lambda *_: False)

    try:
        ours, alone = map(min, in_turns(scale.runs * 2, shared, lambda: engine().run(*[path] * OBJECTS)))
    finally:
        children.close()
    amount, ratio = scale.events // OBJECTS * OBJECTS, alone / ours
    return Row(
        name=f"{name}{COMPARED}", ours=amount / ours, reference=amount / alone, ratio=ratio,
        bound=bound, ok=ratio >= bound, unit="events/s",
    )  # fmt: skip


CASES: dict[str, Callable[[Scale], list[Row]]] = {each.__name__: each for each in (two_cores,)}
