"""Peak resident memory of a process that reads one object."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping

from .measure import Row
from .throughput import Scale

MOST_MEMORY = 150.0
"""MB of resident memory at the most, whatever the object."""
Objects = Mapping[str, Callable[[bool], tuple[str, Callable[[], bool]]]]
"""By name: how an object is made (a quick one or not). That returns what it is, and what reads it: True where all went
as it should."""


def peak(module: str, name: str, scale: Scale, most: float) -> Row:
    """Return the row of an object of a module of the bench, read in a process of its own."""
    command = [sys.executable, "-m", module, name, "quick" if scale.quick else "full"]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    result = json.loads(ended.stdout.splitlines()[-1])
    megabytes = result["peak"]
    return Row(
        name=f"memory: {result['what']}", ours=megabytes, reference=most, ratio=megabytes / most, bound=1.0,
        ok=megabytes <= most and result["ended"], unit="MB", at_most=True, group="memory",
    )  # fmt: skip


def measure_peak(objects: Objects, name: str, scale: str) -> None:
    """Print the peak of this process, which reads that object, as JSON."""
    import boto3
    import chalice  # noqa: F401 - what a Lambda function has loaded counts, too

    if (maker := os.fork()) == 0:  # Making the object takes memory, too.
        objects[name](scale == "quick")
        os._exit(0)
    os.waitpid(maker, 0)
    _ = [boto3.client(service, region_name="eu-west-1") for service in ("s3", "kinesis", "dynamodb")]
    what, run = objects[name](scale == "quick")
    ended = run()
    print(json.dumps({"what": what, "ended": ended, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
