"""What an object costs, from how fast this machine was (bench/results.json) and what AWS asks (`ops.prices`)."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import dataclass
from pathlib import Path

import msgspec

from slips.config import Config, Topic
from slips.ops.backfill import prices
from slips.ops.deploy.lane_capacity import FULL_CORE_MB
from slips.ops.deploy.stack import template
from slips.ops.deploy.stage import API, PROCESS

from . import inputs

RESULTS = Path(__file__).parent / "results.json"
GB = 1e9

LAMBDA_CORE = 0.6
"""A vCPU of Lambda is one thread of a core, taken to do this share of what this machine's core does. An assumption: the
first thing to replace by a measurement of your own (docs/deployment.md says how)."""
LOG_KB = 2.5
"""Of an object: START, END and REPORT of dispatch and their share of the lane's, one line of metrics, and its own two
lines of half a KB (`log_objects`)."""
DISPATCH_GB_SECONDS = 0.25 * 0.06
"""256 MB for 60 ms: one notification, one PutRecords over the network."""


@dataclass(frozen=True)
class Speed:
    """One whole vCPU of Lambda: events a second, and seconds an object costs besides its events."""

    events: float
    object_seconds: float
    event_bytes: float
    ratio: float
    """Inflated bytes for one stored."""
    measured: str

    @property
    def inflated(self) -> float:
        """Bytes a second."""
        return self.events * self.event_bytes


def speed() -> Speed:
    """Return the speed of the last run of `make bench`."""
    results = json.loads(RESULTS.read_text())
    rows = {row["name"]: row["ours"] for row in results["rows"]}
    small = next(value for name, value in rows.items() if "objects of 20 KB" in name)
    dice = random.Random(7)
    text = b"\n".join(inputs.ndjson(dice, inputs.START) for _ in range(5000))
    return Speed(
        events=rows["NDJSON gz, one core"] * LAMBDA_CORE,
        object_seconds=1 / (small * LAMBDA_CORE),
        event_bytes=len(text) / 5000,
        ratio=len(text) / len(gzip.compress(text, 6)),
        measured=results["machine"]["measured_at"][:10],
    )


def seconds(stored: float, memory_mb: float, at: Speed, function_us: float = 0.0) -> float:
    """Return the seconds that an object of `stored` bytes takes; `function_us` is what your function adds for each
    event, in microseconds."""
    core = min(1.0, memory_mb / FULL_CORE_MB)
    events = stored * at.ratio / at.event_bytes
    return (at.object_seconds + events / at.events + events * function_us * 1e-6) / core


def an_object(
    stored: float, memory_mb: float, at: Speed, batch: int = 10, function_us: float = 0.0
) -> dict[str, float]:
    """Return the dollars that one object costs, by what they are paid for; fixed costs of a month are not in it."""
    lane = seconds(stored, memory_mb, at, function_us) * memory_mb / 1024
    return {
        "Lambda": (lane + DISPATCH_GB_SECONDS) * prices.LAMBDA_GB_SECOND + (1 + 1 / batch) * prices.LAMBDA_REQUEST,
        # The ledger's, and the counters' one an invocation.
        "DynamoDB": (prices.LEDGER_WRITES + 1 / batch) * prices.DYNAMODB_WRITE,
        "SNS": prices.SNS_PUBLISH,
        "Kinesis": prices.KINESIS_RECORD,
        "S3": prices.S3_GET,
        "logs": LOG_KB * 1e3 / GB * prices.LOGS_GB,
    }


def a_month(formats: int = 10) -> dict[str, float]:
    """Return the dollars of an idle month: two lanes on demand, and their monitoring."""
    return {
        "Kinesis": 2 * prices.KINESIS_STREAM_HOUR * prices.HOURS,
        # Eight by format and lane, each kept in one lane; the rest by stage.
        "metrics": (8 * formats + 24) * prices.METRIC_MONTH,
        "alarms": _count_alarms() * prices.ALARM_MONTH,
        "dashboard": prices.DASHBOARD_MONTH,
    }


def _count_alarms() -> int:
    """Count the alarms of a deployment; each metric of an alarm is paid for as one."""
    config = msgspec.structs.replace(Config.for_stack("slips"), topics=(Topic("dispatch", "slips-dispatch"),))
    functions = dict.fromkeys(("dispatch", *PROCESS, "report", API), "")
    resources = template(config, functions=functions, api="slips")["Resources"].values()
    alarms = [each["Properties"] for each in resources if each["Type"] == "AWS::CloudWatch::Alarm"]
    return sum(max(1, len(alarm.get("Metrics", ())) - 1) for alarm in alarms)


def concurrency(objects_a_second: float, stored: float, memory_mb: float, at: Speed, function_us: float = 0.0) -> float:
    """Return how many invocations at once keep up with this on average."""
    return objects_a_second * seconds(stored, memory_mb, at, function_us)
