"""Events a second, by format, against the loops of `bench.loops`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from slips.engine.functions import Function

from . import inputs, loops
from .inputs import Input
from .measure import Row, against, cpu_seconds, in_turns, no_more_than, pin
from .ours import Engine, function, nothing, nothing_of_batches
from .s3 import S3Server

EVENTS, QUICK_EVENTS = 200_000, 40_000


class Scale(msgspec.Struct):
    """How much to measure."""

    events: int
    runs: int
    quick: bool = False


def ndjson(scale: Scale) -> list[Row]:
    """Newline-delimited JSON, gzipped: the bound of all."""
    path = inputs.NDJSON.file(scale.events)
    _check(inputs.NDJSON, loops.json_lines)
    return [_json_row("NDJSON gz", path, scale, bound=1.0, group="throughput")]


def ndjson_one_core(scale: Scale) -> list[Row]:
    """The same, pinned to one processor: nothing can overlap."""
    pin(1)
    return [_json_row("NDJSON gz, one core", inputs.NDJSON.file(scale.events), scale, bound=0.85)]


def ndjson_zst(scale: Scale) -> list[Row]:
    """The same, compressed by zstd."""
    path = inputs.NDJSON.file(scale.events, compression="zst")
    return [_json_row("NDJSON zst", path, scale, bound=1.0, reference=loops.json_lines_zst)]


def _json_row(
    name: str, path: Path, scale: Scale, *, bound: float, reference: loops.Loop = loops.json_lines, group: str = ""
) -> Row:
    engine = Engine(inputs.NDJSON.chain, [function(nothing)])
    return _row(name, engine, path, reference, scale, bound=bound, group=group)


def hand_written(scale: Scale) -> list[Row]:
    """Against boto3 + gzip + json, both from an S3 server on the loopback."""
    path = inputs.NDJSON.file(scale.events)
    with S3Server({"logs.gz": path.read_bytes()}) as server:
        engine = Engine(inputs.NDJSON.chain, [function(nothing)], objects=server.objects())
        client = server.client()
        return [
            against(
                "NDJSON gz from S3, against boto3 + gzip + json",
                lambda: engine.run("logs.gz"), lambda: loops.by_hand(client, "bench", "logs.gz", nothing),
                bound=2.5, amount=scale.events, unit="events/s", runs=scale.runs,
            )
        ]  # fmt: skip


def contains(scale: Scale) -> list[Row]:
    """One event in 5,000 matches; the others are never decoded."""
    path = inputs.RARE.file(scale.events)
    engine = Engine(inputs.RARE.chain, [function(nothing, needles=(b"titanium_change",))])
    return [_row("contains, 1 in 5,000 matches", engine, path, loops.json_lines, scale, bound=5.0)]


def fifty_contains(scale: Scale) -> list[Row]:
    """Fifty functions with a text each that no record holds: one search, against the bare loop."""
    path = inputs.NDJSON.file(scale.events)
    engine = Engine(inputs.NDJSON.chain, _searching(50))
    return [_row("50 functions with contains", engine, path, loops.json_lines, scale, bound=3.0)]


def fifty_contains_and_one_plain(scale: Scale) -> list[Row]:
    """The same with a function that takes every event, against that one alone."""
    path = inputs.NDJSON.file(scale.events)
    plain = Engine(inputs.NDJSON.chain, [function(nothing)])
    rows = []
    for count, bound in ((50, 0.6), (200, 0.0)):  # Two hundred are shown, and have no bound.
        engine = Engine(inputs.NDJSON.chain, [function(nothing), *_searching(count)])
        ours, alone = in_turns(scale.runs, partial(engine.run, path), partial(plain.run, path))
        name = f"{count} functions with contains and a plain one"
        rows.append(_faster(name, ours, alone, scale.events, bound=bound))
    return rows


def _searching(count: int) -> list[Function]:
    return [function(nothing, f"f{number}", needles=(b"never seen %d" % number,)) for number in range(count)]


def meta_time_and_id(scale: Scale) -> list[Row]:
    """What a function pays, in CPU µs an event, that reads the time and the id of each, against the same hash and the
    same time written out in the function."""
    path = inputs.NDJSON.file(scale.events)
    reading = Engine(inputs.NDJSON.chain, [function(lambda meta, event: (meta.timestamp, meta.event_id))])
    by_hand = Engine(inputs.NDJSON.chain, [function(loops.time_and_id)])
    bare = Engine(inputs.NDJSON.chain, [function(nothing)])
    took = [min(cpu_seconds(partial(each.run, path)) for _ in range(scale.runs)) for each in (reading, by_hand, bare)]
    ours, other = ((each - took[-1]) / scale.events * 1e6 for each in took[:2])
    return [no_more_than("meta: time and id of each event", ours, other, bound=2.0, unit="µs/event")]


class Actor(msgspec.Struct):
    """Part of a login."""

    email: str


class Login(msgspec.Struct, rename="camel"):
    """Four fields of a login."""

    kind: str
    ip_address: str
    actor: Actor
    etag: str


def typed(scale: Scale) -> list[Row]:
    """Decoded into a struct of four fields."""
    engine = Engine(inputs.NDJSON.chain, [function(nothing, type=Login)])
    path = inputs.NDJSON.file(scale.events)
    return [_row("type=, four fields", engine, path, loops.json_lines, scale, bound=1.15)]


def batches(scale: Scale) -> list[Row]:
    """Delivered in lists of 500: against the bare loop, and against one that collects as many. 500 events are 2 MB,
    more than a processor's own cache, so that the first of these falls when the machine is busy."""
    engine = Engine(inputs.NDJSON.chain, [function(nothing_of_batches, batch=500)])
    path = inputs.NDJSON.file(scale.events)
    ours, bare, collecting = in_turns(
        scale.runs, partial(engine.run, path), partial(loops.json_lines, path, nothing),
        partial(loops.json_batches, path, nothing_of_batches),
    )  # fmt: skip
    return [
        _faster("batch=500", ours, bare, scale.events, bound=0.9),
        _faster("batch=500, against collecting 500", ours, collecting, scale.events, bound=0.9),
    ]


def two_functions(scale: Scale) -> list[Row]:
    """The time of two functions of one format, against the time of one: events are decoded once."""
    path = inputs.NDJSON.file(scale.events)
    one = Engine(inputs.NDJSON.chain, [function(nothing)])
    two = Engine(inputs.NDJSON.chain, [function(nothing, name) for name in ("first", "second")])
    took_two, took_one = in_turns(scale.runs, partial(two.run, path), partial(one.run, path))
    return [_times("two functions of one format, against one", took_two, took_one, bound=1.15)]


def document(scale: Scale) -> list[Row]:
    """A CloudTrail document, against the faster of reading it whole and streaming it by ijson."""
    count = scale.events // 2
    path = inputs.cloudtrail_document(count)
    engine = Engine(("cloudtrail",), [function(nothing)])
    ours, whole, streamed = in_turns(
        scale.runs, partial(engine.run, path), partial(loops.document_whole, path, nothing),
        partial(loops.document_streamed, path, nothing),
    )  # fmt: skip
    faster = min(whole, streamed, key=sum)
    return [_faster("CloudTrail document gz", ours, faster, count, bound=0.95, group="throughput")]


def formats(scale: Scale) -> list[Row]:
    """Text formats, against the fastest plain loop that makes the same events."""
    rows = []
    for source, loop in (
        (inputs.VPC_FLOW, loops.vpc_flow), (inputs.ALB, loops.alb), (inputs.SYSLOG, loops.syslog),
        (inputs.PAN_OS, loops.pan_os),
    ):  # fmt: skip
        _check(source, loop)
        engine = Engine(source.chain, [function(nothing)])
        path = source.file(scale.events)
        rows.append(_row(f"{source.name} gz", engine, path, loop, scale, bound=0.8, group="throughput"))
    return rows


def resume(scale: Scale) -> list[Row]:
    """Skipping to the last record, against processing all of them."""
    path = inputs.NDJSON.file(scale.events)
    engine = Engine(inputs.NDJSON.chain, [function(nothing)])
    return [
        against(
            "resume at the end, against processing", partial(engine.run, path, resume_from=scale.events),
            partial(engine.run, path), bound=5.0, amount=scale.events, unit="events/s", runs=scale.runs,
        )
    ]  # fmt: skip


def _row(
    name: str, engine: Engine, path: Path, loop: loops.Loop, scale: Scale, *, bound: float, group: str = ""
) -> Row:
    return against(
        name, partial(engine.run, path), partial(loop, path, nothing),
        bound=bound, amount=scale.events, unit="events/s", runs=scale.runs, group=group or "",
    )  # fmt: skip


def _faster(name: str, ours: list[float], other: list[float], amount: int, *, bound: float, group: str = "") -> Row:
    from statistics import median

    ratio = median(theirs / own for own, theirs in zip(ours, other, strict=True))
    return Row(
        name=name, ours=amount / median(ours), reference=amount / median(other), ratio=ratio, bound=bound,
        ok=ratio >= bound, unit="events/s", group=group,
    )  # fmt: skip


def _times(name: str, ours: list[float], other: list[float], *, bound: float) -> Row:
    from statistics import median

    ratio = median(own / theirs for own, theirs in zip(ours, other, strict=True))
    return Row(
        name=name, ours=median(ours), reference=median(other), ratio=ratio, bound=bound, ok=ratio <= bound,
        unit="s", at_most=True,
    )  # fmt: skip


def _check(source: Input, loop: loops.Loop) -> None:
    """Raise where the loop does not make the events that SLIPS makes: it would not be a reference."""
    path = source.file(500)
    mine: list[Any] = []
    theirs: list[Any] = []
    Engine(source.chain, [function(lambda meta, event: mine.append(event))]).run(path)
    loop(path, lambda meta, event: theirs.append(event))
    if mine != theirs:
        at = next((n for n, pair in enumerate(zip(mine, theirs, strict=False)) if pair[0] != pair[1]), -1)
        raise AssertionError(f"{source.name}: event {at}: {mine[at : at + 1]} is not {theirs[at : at + 1]}")


CASES: dict[str, Callable[[Scale], list[Row]]] = {
    each.__name__: each
    for each in (
        ndjson, ndjson_one_core, ndjson_zst, hand_written, contains, fifty_contains,
        fifty_contains_and_one_plain, meta_time_and_id, typed, batches, two_functions, document, formats,
        resume,
    )
}  # fmt: skip
