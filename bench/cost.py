"""What an object costs, from how fast this machine was (bench/results.json) and what AWS asks (`ops.prices`)."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import dataclass
from pathlib import Path

import msgspec

from slips.config import Config, Topic
from slips.config.settings import FULL_CORE_MB
from slips.ops.backfill import prices
from slips.ops.deploy.stack import template
from slips.ops.deploy.stage import API, PROCESS

from . import inputs

RESULTS = Path(__file__).parent / "results.json"
GB = 1e9

LAMBDA_CORE = 0.6
"""A vCPU of Lambda is one thread of a core, taken to do this share of what this machine's core does. An assumption: the
first thing to replace by a measurement of your own (docs/deployment.md says how)."""
LOG_EVENT = 26
"""Bytes that a line counts besides its own, as in the size of a batch (CloudWatch Logs API Reference, PutLogEvents)."""
LAMBDA_LINES = 3 * LOG_EVENT + 330
"""START, END and REPORT of an invocation: an estimate."""
DISPATCH_LINES, DISPATCHED_LINE = LAMBDA_LINES + LOG_EVENT + 240, LOG_EVENT + 405
"""Bytes of an invocation of dispatch (its metrics) and of the line of each object, as measured on a key of 80
characters. Its counts have a line of their own only where the objects' lines do not say all."""
COUNTS_LINE = LOG_EVENT + 330
"""Bytes of that line."""
LANE_LINES, DONE_LINE = LAMBDA_LINES + 4 * LOG_EVENT + 1570, LOG_EVENT + 535
"""The same of a lane: its result, and the metrics of one format."""
DISPATCH_GB_SECONDS = 0.25 * 0.06
"""256 MB for 60 ms: one notification, one PutRecords over the network."""
LEDGER_ITEM_BYTES = 800
"""Of the ledger's item of an object that two functions took: some 700, and the 100 that DynamoDB adds to each."""
DAYS_IN_MONTH = 30
TTL_DAYS = Config.for_stack("slips").ledger_ttl_days


@dataclass(frozen=True)
class Design:
    """How the ledger is kept."""

    writes: float
    """Write units of an object."""
    cpu_seconds: float
    """Of this machine, to write them: measured with botocore, in prototypes."""
    index_bytes: int
    """Of the index, an object."""


BEFORE = Design(writes=4, cpu_seconds=4.73e-3, index_bytes=LEDGER_ITEM_BYTES)
"""Two UpdateItem, each of which also wrote the index, that held all of an item."""
NOW = Design(writes=prices.LEDGER_WRITES, cpu_seconds=0.31e-3, index_bytes=250)
"""Statements of PartiQL, 25 a request, each one write unit; the index holds keys, and is written once."""


@dataclass(frozen=True)
class Way:
    """What a user chooses."""

    dispatched: int = 1
    """Notifications that an invocation of dispatch takes; more than one come through SQS."""
    topic: bool = True
    """Whether S3 notifies a topic, which calls the function or fills the queue; else S3 fills the queue itself."""
    batch: float = 10
    """Objects that an invocation of a lane takes."""
    ttl_days: int = TTL_DAYS
    log_objects: bool = True
    design: Design = NOW


SNS, SQS, DIRECT = Way(), Way(dispatched=100), Way(dispatched=100, topic=False)


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


def core_of(memory_mb: float) -> float:
    """Return which share of a vCPU a function of this memory has, of those that it uses."""
    return min(1.0, memory_mb / FULL_CORE_MB)


def seconds(stored: float, memory_mb: float, at: Speed, function_us: float = 0.0) -> float:
    """Return the seconds that an object of `stored` bytes takes; `function_us` is what your function adds for each
    event, in microseconds."""
    core = core_of(memory_mb)
    events = stored * at.ratio / at.event_bytes
    return (at.object_seconds + events / at.events + events * function_us * 1e-6) / core


def an_object(stored: float, memory_mb: float, at: Speed, way: Way = SNS, function_us: float = 0.0) -> dict[str, float]:
    """Return the dollars that one object costs, by what they are paid for: requests, logs, and what the ledger keeps of
    it; fixed costs of a month are not in it."""
    ledger_seconds = way.design.cpu_seconds / LAMBDA_CORE / core_of(memory_mb)
    lane = (seconds(stored, memory_mb, at, function_us) + ledger_seconds) * memory_mb / 1024
    parts = a_dispatch(way)
    parts["Lambda"] += lane * prices.LAMBDA_GB_SECOND + prices.LAMBDA_REQUEST / way.batch
    parts["logs"] += _logs(LANE_LINES / way.batch + DONE_LINE * way.log_objects)
    months = way.ttl_days / DAYS_IN_MONTH
    return {
        **parts,
        # The ledger's, and the counters' one an invocation.
        "DynamoDB": (way.design.writes + 1 / way.batch) * prices.DYNAMODB_WRITE,
        "Kinesis": prices.KINESIS_RECORD,
        "S3": prices.S3_GET,
        "ledger, kept": (LEDGER_ITEM_BYTES + way.design.index_bytes) / GB * prices.DYNAMODB_GB_MONTH * months,
        "its recovery": LEDGER_ITEM_BYTES / GB * prices.DYNAMODB_RECOVERY_GB_MONTH * months,
    }


def a_dispatch(way: Way) -> dict[str, float]:
    """Return the dollars that it costs to dispatch one object; a message of SNS is one object."""
    each = way.dispatched
    # SNS or S3 sends a message for each object, and Lambda receives and deletes ten a request; each object is one more
    # record of PutRecords.
    requests = 0 if each == 1 else 1 + 2 / 10
    gb_seconds = DISPATCH_GB_SECONDS * (1 + each / 100) / each if each > 1 else DISPATCH_GB_SECONDS
    return {
        "Lambda": gb_seconds * prices.LAMBDA_GB_SECOND + prices.LAMBDA_REQUEST / each,
        "SNS": prices.SNS_PUBLISH * way.topic,
        "SQS": requests * prices.SQS_REQUEST,
        "logs": _logs(DISPATCH_LINES / each + (DISPATCHED_LINE if way.log_objects else COUNTS_LINE / each)),
    }


def _logs(size: float) -> float:
    """The dollars of the bytes, which are kept for a month."""
    return size / GB * (prices.LOGS_GB + prices.LOGS_KEPT_GB_MONTH)


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
