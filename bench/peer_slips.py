"""SLIPS among its peers, on request as they are: `python -m bench.peer_slips FUNCTIONS FILE [ENDPOINT]`."""

from __future__ import annotations

import gc
import json
import sys
import time
from pathlib import Path

from slips.config.access import S3Access
from slips.engine.functions import Function
from slips.reader.s3 import S3Objects

from .inputs import NDJSON
from .ours import Engine, function
from .peer_worker import NEVER, connect


def looking(number: int) -> Function:
    """Return a function whose condition is never met."""
    return function(lambda meta, event: event["ipAddress"] == f"{NEVER} {number}", f"f{number}")


def main(functions: str, path: str, endpoint: str = "") -> None:
    """Answer requests until stdin ends."""
    client = connect(endpoint) if endpoint else None
    objects = S3Objects(S3Access({}, lambda *_: client)) if endpoint else None
    engine = Engine(NDJSON.chain, [looking(number) for number in range(int(functions))], objects=objects)
    name = Path(path).name if endpoint else path
    for _ in sys.stdin:
        gc.collect()
        cpu, wall = time.process_time(), time.perf_counter()
        answer = engine.run(name)
        took = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
        print(json.dumps({**took, "events": answer["events"]}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
