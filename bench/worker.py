"""Runs one case of a checkout over and over, on request: `python -P worker.py CASE EVENTS`, in the checkout's folder.

It imports `bench.ours` and `bench.inputs` of that checkout, so an older one is measured with its own engine. Each line
on stdin asks for one run; each answer is a line of JSON, `{"wall": seconds, "cpu": seconds}`.
"""

from __future__ import annotations

import gc
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import msgspec

Run = Callable[[], Any]


class Actor(msgspec.Struct):
    """Part of a login."""

    email: str


class Login(msgspec.Struct, rename="camel"):
    """Four fields of a login."""

    kind: str
    ip_address: str
    actor: Actor
    etag: str


def on_file(name: str, events: int, *functions: dict[str, Any], **item: Any) -> Run:
    """Process the input of that name, with functions of these options."""
    from bench import inputs
    from bench.ours import Engine, function, nothing, nothing_of_batches

    source = getattr(inputs, name)
    path = source.file(events)
    engine = Engine(
        source.chain,
        [
            function(nothing_of_batches if "batch" in options else nothing, f"function{number}", **options)
            for number, options in enumerate(functions or ({},))
        ],
    )
    return lambda: engine.run(path, **item)


def searching(count: int) -> list[dict[str, Any]]:
    """Return the options of functions with `contains`, of which none matches."""
    return [{"needles": (b"never seen %d" % number,)} for number in range(count)]


def meta_time_and_id(events: int) -> Run:
    """Process NDJSON with a function that reads the time and the id of each event."""
    from bench import inputs
    from bench.ours import Engine, function

    path = inputs.NDJSON.file(events)
    engine = Engine(inputs.NDJSON.chain, [function(lambda meta, event: (meta.timestamp, meta.event_id))])
    return lambda: engine.run(path)


def zstandard(events: int) -> Run:
    """Process NDJSON compressed by zstd."""
    from bench import inputs
    from bench.ours import Engine, function, nothing

    path = inputs.NDJSON.file(events, compression="zst")
    engine = Engine(inputs.NDJSON.chain, [function(nothing)])
    return lambda: engine.run(path)


def document(events: int) -> Run:
    """Process one JSON document."""
    from bench import inputs
    from bench.ours import Engine, function, nothing

    path = inputs.cloudtrail_document(events // 2)
    engine = Engine(("cloudtrail",), [function(nothing)])
    return lambda: engine.run(path)


def small_objects(events: int) -> Run:
    """Process 300 objects of 20 KB from a local file, as one batch."""
    from bench import inputs
    from bench.ours import Engine, function, nothing

    lines = b"".join(line + b"\n" for line in islice(inputs.records(inputs.ndjson, 35), 35))
    path = inputs.WORK / "against-small"  # Written here, so as to need little of an older checkout.
    path.write_bytes(lines)
    engine = Engine(inputs.NDJSON.chain, [function(nothing)])
    return lambda: engine.run(*[path] * 300)


def import_app(events: int) -> Run:
    """Import app.py in a process of its own."""
    return lambda: subprocess.run([sys.executable, "-c", "import chalice, boto3, app"], check=True)


CASES: dict[str, Callable[[int], Run]] = {
    "ndjson": lambda events: on_file("NDJSON", events),
    "ndjson_zst": zstandard,
    "contains": lambda events: on_file("RARE", events, {"needles": (b"titanium_change",)}),
    "fifty_contains": lambda events: on_file("NDJSON", events, *searching(50)),
    "contains_and_plain": lambda events: on_file("NDJSON", events, {}, *searching(50)),
    "fifty_tags": lambda events: on_file("NDJSON", events, *({"tag": f"aws.{n}.*"} for n in range(50))),
    "meta": meta_time_and_id,
    "typed": lambda events: on_file("NDJSON", events, {"type": Login}),
    "where": lambda events: on_file("NDJSON", events, {"where": lambda meta, event: "kind" in event}),
    "batches": lambda events: on_file("NDJSON", events, {"batch": 500}),
    "two_functions": lambda events: on_file("NDJSON", events, {}, {}),
    "ten_functions": lambda events: on_file("NDJSON", events, *[{}] * 10),
    "document": document,
    "vpc_flow": lambda events: on_file("VPC_FLOW", events),
    "alb": lambda events: on_file("ALB", events),
    "syslog": lambda events: on_file("SYSLOG", events),
    "pan_os": lambda events: on_file("PAN_OS", events),
    "resume": lambda events: on_file("NDJSON", events, resume_from=events),
    "small_objects": small_objects,
    "import_app": import_app,
}


@contextmanager
def measured() -> Iterator[dict[str, float]]:
    """Fill in the seconds that the body took: `wall`, and `cpu` of all threads and ended child processes."""
    figures: dict[str, float] = {}
    gc.collect()
    cpu, wall = _cpu(), time.perf_counter()
    yield figures
    figures |= {"wall": time.perf_counter() - wall, "cpu": _cpu() - cpu}


def _cpu() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main() -> None:
    """Prepare the case, run it once to warm up, and then once a line of stdin."""
    run = CASES[sys.argv[1]](int(sys.argv[2]))
    run()
    print("ready", flush=True)
    for _ in sys.stdin:
        with measured() as figures:
            run()
        print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
