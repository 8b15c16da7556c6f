"""What many functions of one format cost: `python -m bench.functions [--against COMMIT]`.

CPU µs an event of NDJSON, without decompression, for 1, 3, 10 and 50 functions. With `--against` the figures of a
commit before are measured in the same run, and both are written into docs/scale.md.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

COUNTS = (1, 3, 10, 50)
EVENTS, RUNS = 20_000, 5

Options = Callable[[int], list[dict[str, Any]]]


def searching(count: int) -> list[dict[str, Any]]:
    """Return the options of functions with `contains`, of which none matches."""
    return [{"needles": (b"never seen %d" % number,)} for number in range(count)]


KINDS: dict[str, Options] = {
    "plain": lambda count: [{}] * count,
    "all with `contains`, none matches": searching,
    "the same, and one plain function": lambda count: [{}, *searching(count)],
    "`tag=` of another vendor": lambda count: [{"tag": f"aws.{number}.*"} for number in range(count)],
    "`where` false": lambda count: [{"where": lambda meta, event: False}] * count,
}
READS: dict[str, Callable[[Any, Any], object]] = {
    "`timestamp`": lambda meta, event: meta.timestamp,
    "`event_id`": lambda meta, event: meta.event_id,
    "both": lambda meta, event: (meta.timestamp, meta.event_id),
}


def measure() -> dict[str, list[float]]:
    """Return the µs an event by kind of function, and what a function reads of `meta` costs beyond one that reads
    nothing."""
    from bench.inputs import NDJSON, WORK, lines, ndjson
    from bench.ours import Engine, function, nothing

    WORK.mkdir(exist_ok=True)
    path = WORK / "functions.ndjson"
    path.write_bytes(lines(ndjson, EVENTS))

    def cost(*functions: Any) -> float:
        engine = Engine(NDJSON.chain, functions)
        return _least_seconds(lambda: engine.run(path)) / EVENTS * 1e6

    figures = {
        kind: [
            cost(*(function(nothing, f"f{number}", **each) for number, each in enumerate(options(count))))
            for count in COUNTS
        ]
        for kind, options in KINDS.items()
    }
    bare = cost(function(nothing))
    return figures | {f"one that reads {name} of `meta`": [cost(function(call)) - bare] for name, call in READS.items()}


def _least_seconds(run: Callable[[], object]) -> float:
    run()
    least = float("inf")
    for _ in range(RUNS):
        gc.collect()
        begun = time.process_time()
        run()
        least = min(least, time.process_time() - begun)
    return least


def measure_checkout(checkout: Path) -> dict[str, list[float]]:
    """Return the figures of a checkout, measured in a process of its own by this file."""
    env = {**os.environ, "PYTHONPATH": f"{checkout}{os.pathsep}{checkout / 'chalicelib'}"}
    command = [sys.executable, "-P", str(Path(__file__).resolve()), "--json"]
    ended = subprocess.run(command, env=env, cwd=checkout, stdout=subprocess.PIPE, check=True)
    figures: dict[str, list[float]] = json.loads(ended.stdout)
    return figures


def make_table(ours: dict[str, list[float]], before: dict[str, list[float]]) -> str:
    """Return the table in Markdown; each cell is the figure of the commit before, and ours."""
    from bench.scale import table

    rows = [
        [kind, *(f"{old:.1f} → {new:.2f}" for old, new in zip(before[kind], figures, strict=True))]
        for kind, figures in ours.items()
    ]
    return table(["functions", *map(str, COUNTS)], [[*row, *[""] * (len(COUNTS) + 1 - len(row))] for row in rows])


def main(arguments: list[str]) -> None:
    """Print the figures, or measure a commit, too, and rewrite the table of docs/scale.md."""
    if arguments[:1] == ["--against"]:
        from bench.against import ROOT, checked_out
        from bench.scale import PAGE, fill_page

        with checked_out(arguments[1]) as checkout:
            text = make_table(measure_checkout(ROOT), measure_checkout(checkout))
        PAGE.write_text(fill_page(PAGE.read_text(), {"functions": text}))
        print(text)
    else:
        print(json.dumps(measure(), indent=None if arguments else 1))


if __name__ == "__main__":
    main(sys.argv[1:])
