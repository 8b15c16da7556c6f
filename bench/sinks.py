"""What a sink costs, what a slow one gains from several batches at once, and what one that hangs holds in memory."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median

from slips.engine.functions import Function
from slips.engine.sending import send
from slips.sinks import Document, Sink

from . import inputs
from .measure import Row, against, in_turns, no_more_than
from .ours import Engine, function, nothing_of_batches
from .throughput import Scale

CALL_SECONDS = 0.005
BATCH = 100
MOST_GROWTH = 40.0
"""MB: nine batches, of which each event takes 4 KB as Python objects."""


class NullSink(Sink):
    """Takes everything at once."""

    def send(self, documents: Sequence[Document]) -> None:
        """Take a batch."""


def engine_of(sink: Sink) -> Engine:
    """An engine that sends all events to a sink."""
    sending, hook = send("bench", None, Function(name="sink", call=sink.send), 1, sink)
    return Engine(inputs.NDJSON.chain, [sending], flush=[hook])


def null_sink(scale: Scale) -> list[Row]:
    """Events to a sink that takes all at once, against a function of batches of 500."""
    path = inputs.NDJSON.file(scale.events)
    sink, batches = engine_of(NullSink()), Engine(inputs.NDJSON.chain, [function(nothing_of_batches, batch=500)])
    return [
        against(
            "slips.send, against batch=500", partial(sink.run, path), partial(batches.run, path),
            bound=0.9, amount=scale.events, unit="events/s", runs=scale.runs,
        )
    ]  # fmt: skip


def slow_sink(scale: Scale) -> list[Row]:
    """A function of batches of 100 that takes 5 ms a call: eight at once, against one."""
    count = scale.events // 10
    path = inputs.NDJSON.file(count)
    many, one = (_slow_engine(concurrency) for concurrency in (8, 1))
    took_many, took_one = in_turns(max(3, scale.runs // 2), partial(many.run, path), partial(one.run, path))
    ratio = median(alone / together for together, alone in zip(took_many, took_one, strict=True))
    return [
        Row(
            name="5 ms a call, concurrency=8, against 1", ours=count / median(took_many),
            reference=count / median(took_one), ratio=ratio, bound=6.0, ok=ratio >= 6.0, unit="events/s",
        )
    ]  # fmt: skip


def _slow_engine(concurrency: int) -> Engine:
    slow = Function(name="slow", call=lambda batch: time.sleep(CALL_SECONDS), batch=BATCH)
    if concurrency == 1:
        return Engine(inputs.NDJSON.chain, [slow])
    sending, hook = send("bench", slow.call, slow, concurrency, None)
    return Engine(inputs.NDJSON.chain, [sending], flush=[hook])


class HangingSink(Sink):
    """Takes nothing until it is told to."""

    size = 500
    concurrency = 8

    def __init__(self) -> None:
        self.may_go = threading.Event()

    def send(self, documents: Sequence[Document]) -> None:
        """Wait."""
        self.may_go.wait()


def sink_memory(scale: Scale) -> list[Row]:
    """Resident memory while a destination hangs: N + 1 batches, whatever comes."""
    path = inputs.NDJSON.file(scale.events)
    sink = HangingSink()
    engine = engine_of(sink)
    sink.may_go.set()
    engine.run(inputs.NDJSON.file(5_000))
    sink.may_go.clear()
    before = _memory()
    runner = threading.Thread(target=engine.run, args=(path,))
    runner.start()
    _wait_until_still(_memory)
    grown = _memory() - before
    sink.may_go.set()
    runner.join()
    return [no_more_than("MB more while a sink hangs, eight batches of 500", grown, MOST_GROWTH, bound=1.0, unit="MB")]


def _memory() -> float:
    """MB of resident memory at most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _wait_until_still(value: Callable[[], float]) -> None:
    last, since = value(), time.monotonic()
    while time.monotonic() - since < 2.0:
        time.sleep(0.05)
        if (now := value()) != last:
            last, since = now, time.monotonic()


CASES: dict[str, Callable[[Scale], list[Row]]] = {each.__name__: each for each in (null_sink, slow_sink, sink_memory)}
