"""Where each figure of the hand-written pages comes from. A figure that a script measures is not here: a script writes
it, between `<!-- name -->` and `<!-- end of name -->`.

A source is a number that the figure must be, in bytes, seconds, dollars or pieces; or a file of the repository that
holds it; or a publication, or what else the figure is.
"""

from __future__ import annotations

from inspect import signature

from bench import cost, days
from bench.peaks import MOST_MEMORY
from slips.api import access, views
from slips.api.parameters import BODY_BYTES
from slips.aws.partiql import BATCH_STATEMENTS
from slips.config import Config
from slips.config.settings import FULL_CORE_MB, RETENTION_HOURS
from slips.engine.outbox import MOST_BYTES as OUTBOX_BYTES
from slips.engine.record_bytes import MOST_GATHERED
from slips.ledger import audit, surge
from slips.model import utc
from slips.ops.backfill import prices
from slips.ops.backfill.cost import KEYS_A_PAGE
from slips.ops.deploy import lambda_settings, lane_end, policy_size
from slips.ops.deploy.lane_capacity import ACCOUNT_CONCURRENCY, TYPICAL_BYTES
from slips.ops.deploy.stack.queues import RETENTION_SECONDS
from slips.ops.run import serve
from slips.quarantine import listing
from slips.quarantine.items import ENDED_DAYS
from slips.quarantine.selection import LONGEST
from slips.reader.s3 import SILENCES, SLOWEST
from slips.sinks import (
    datadog,
    firehose,
    gelf,
    gelf_message,
    http,
    kinesis,
    loki,
    messages,
    opensearch,
    s3_archive,
    slack,
    splunk,
)

from ..steps import refusals

Source = float | str

SPEED = cost.speed()
CONFIG = Config.for_stack("slips")
VCPU = prices.LAMBDA_GB_SECOND * FULL_CORE_MB / 1024
"""Dollars a second of a whole vCPU."""
CORE_BYTES = FULL_CORE_MB * 1e6
LOG_BYTES = cost.DISPATCHED_LINE + cost.DONE_LINE
"""Of the two lines of an object."""
DISPATCH_SECONDS = cost.DISPATCH_GB_SECONDS / 0.25
PETABYTE_OBJECTS = days.DAYS["1 PB"] / TYPICAL_BYTES / utc.DAY
"""A second, at one petabyte a day."""
LONGEST_INVOCATION = 900

AN_EXAMPLE = "an example"
AN_INPUT = "an input of the script that the page names"
LAMBDA = "AWS Lambda Developer Guide"
API_GATEWAY = "Amazon API Gateway Developer Guide"
DYNAMODB = "Amazon DynamoDB Developer Guide"
FIREHOSE = "Amazon Data Firehose Developer Guide"
KINESIS = "Amazon Kinesis Data Streams Developer Guide"
SNS = "AWS General Reference: Amazon SNS endpoints and quotas"
KINESIS_API = "Amazon Kinesis Data Streams API Reference, PutRecordsRequestEntry"
SQS = "Amazon SQS Developer Guide"
S3 = "Amazon S3 User Guide"
GRAYLOG = "Graylog: GELF HTTP input"
FIELDS = "OpenSearch: index.mapping.total_fields.limit"
OPENSEARCH = "Amazon OpenSearch Service Developer Guide"
PUBLICATIONS = {
    AN_EXAMPLE, AN_INPUT, LAMBDA, API_GATEWAY, DYNAMODB, FIREHOSE, KINESIS, KINESIS_API, SNS, SQS, S3, GRAYLOG, FIELDS,
    OPENSEARCH,
}  # fmt: skip
"""Sources that are not files of the repository."""
PYARROW = "docs/decisions/0030-parquet-stays-with-pyarrow.md"
REFUSED = "tests/steps/test_refused_requests.py"

SOURCES: dict[str, dict[str, Source]] = {
    "CONTRIBUTING.md": {"300 lines": "tests/test_architecture.py", "120 characters": "pyproject.toml"},
    "docs/api.md": {
        "256 KiB": BODY_BYTES,
        "2,048 bytes": LONGEST,
        "10 MiB": serve.MOST_BYTES,
        "90 days": audit.TTL_SECONDS,
        "30 days": ENDED_DAYS * utc.DAY,
        "24 hours": listing.HOURS * 3600,
        "30 seconds": access.RETRY_SECONDS,
        "24 s": views.SECONDS,
        "29 s": API_GATEWAY,
        "10,000 requests": API_GATEWAY,
        "50 objects": views.RECENT,
        "5 seconds": "chalicelib/slips/api/page/main.js",
    },
    "docs/deployment.md": {
        "1,769 MB": CORE_BYTES,
        "$0.0009": 30 * VCPU,
        "30 s": AN_EXAMPLE,
        "$2.49": utc.DAY * VCPU,
        "64 MB": PYARROW,
        "198 MB": PYARROW,
        "50 MiB": LAMBDA,
        "250 MB": LAMBDA,
        "1 KB": LOG_BYTES,
        "$0.50": prices.LOGS_GB,
        "$5": 1e6 * prices.S3_LIST,
        "1,000 objects": KEYS_A_PAGE,
        "$0.30": prices.METRIC_MONTH,
        "1 %": CONFIG.alarms.failed_percent,
        "10,240 characters": policy_size.LARGEST,
        "14 days": RETENTION_SECONDS,
        "24 hours": lambda_settings.GIVEN_RETENTION_HOURS * 3600,
        "30 days": lambda_settings.LOG_DAYS * utc.DAY,
        "300 s": lambda_settings.LONGEST_WINDOW,
        "16 minutes": lane_end.QUIET.total_seconds(),
        "30 seconds": access.RETRY_SECONDS,
        "60 objects": "tests/live/__main__.py",
    },
    "docs/functions.md": {
        "4 MiB": MOST_GATHERED,
        "64 MB": OUTBOX_BYTES,
        "5 ms": AN_EXAMPLE,
        "12 hours": CONFIG.retry_give_up_after,
    },
    "docs/how-to/backfill.md": {"100 a second": "chalicelib/slips/ops/cli/backfill.py"},
    "docs/how-to/tune.md": {
        "1,769 MB": CORE_BYTES,
        "150 MB": MOST_MEMORY * 1e6,
        "1 MB": "docs/scale.md",
        "64 MB": FIREHOSE,
        "300 seconds": FIREHOSE,
    },
    "docs/life-of-an-object.md": {"300 events": AN_EXAMPLE, "300 records": AN_EXAMPLE},
    "docs/loops.md": {"1,000 objects": CONFIG.alarms.surge * surge.LEAST_OBJECTS},
    "docs/reliability.md": {
        "2 %": REFUSED,
        "10 %": REFUSED,
        "100 objects": refusals.OBJECTS,
        "8 KB": SLOWEST,
        "1 KB": "tests/ledger/test_ledger.py",
        "1 MiB": "tests/sinks/test_proofs_archive.py",
        "10 seconds": SILENCES[0],
        "20 seconds": "tests/reader/test_patience.py",
        "14 days": RETENTION_SECONDS,
        "30 days": CONFIG.ledger_ttl_days * utc.DAY,
        "12 hours": CONFIG.retry_give_up_after,
        "25 objects": BATCH_STATEMENTS,
    },
    "docs/scale.md": {
        "546 bytes": SPEED.event_bytes,
        "1,769 MB": CORE_BYTES,
        "3,538 MB": 2 * CORE_BYTES,
        "150 MB": MOST_MEMORY * 1e6,
        "900 s": LONGEST_INVOCATION,
        "26 bytes": cost.LOG_EVENT,
        "330 bytes": cost.LAMBDA_LINES - 3 * cost.LOG_EVENT,
        "60 ms": DISPATCH_SECONDS,
        "17,000 a second": round(ACCOUNT_CONCURRENCY / DISPATCH_SECONDS, -3),
        "35,000 writes": round(prices.LEDGER_WRITES * PETABYTE_OBJECTS, -3),
        "116 objects": PETABYTE_OBJECTS * TYPICAL_BYTES / 100e6,
        "100 million objects": days.SMALL_OBJECTS,
        "1,157 a second": days.SMALL_OBJECTS / utc.DAY,
        "2 TB": days.SMALL_OBJECTS * days.SMALL_BYTES,
        "16 invocations": lambda_settings.reserved_concurrency(CONFIG, CONFIG.slow) or 0,
        "10 TB": round(100e12 / SPEED.ratio, -12),
        "1,000 invocations": ACCOUNT_CONCURRENCY,
        "14 days": RETENTION_SECONDS,
        "7 days": RETENTION_HOURS * 3600,
        "24 h": lambda_settings.GIVEN_RETENTION_HOURS * 3600,
        "1,000 records": KINESIS,
        "1 MB": KINESIS,
        "4,000 a second": KINESIS,
        "30 days": KINESIS,
        "30,000 publishes a second": SNS,
        "9,000 notifications a second": SNS,
        "5,500 GETs a second": S3,
        "4,000 writes": DYNAMODB,
        "1,000 a second": DYNAMODB,
        "30 min": DYNAMODB,
        "64 MB": FIREHOSE,
        "300 s": FIREHOSE,
        "20 KB": AN_INPUT,
        "10 MB": AN_INPUT,
        "100 MB": AN_INPUT,
        "512 MB": AN_INPUT,
        "1,024 MB": AN_INPUT,
        "100 TB": AN_INPUT,
        "1 PB": AN_INPUT,
        "100 objects": AN_INPUT,
        "1 million objects": AN_INPUT,
    },
    "docs/security.md": {"30 seconds": access.RETRY_SECONDS},
    "docs/send/aws.md": {
        "4 MiB": firehose.MOST_BYTES,
        "1,000 KiB": firehose.MOST_RECORD_BYTES,
        "5 MiB": kinesis.MOST_BYTES,
        "1 MiB": kinesis.MOST_RECORD_BYTES,
        "10 MiB": kinesis.MOST_RAISED_BYTES,
        "256 KiB": messages.MOST_BYTES,
        "256 characters": KINESIS_API,
        "128 ASCII characters": SQS,
        "46 bytes": messages._ATTRIBUTE_BYTES,
    },
    "docs/send/gelf.md": {
        "64 KiB": GRAYLOG,
        "2 MiB": gelf.MOST_MESSAGE_BYTES,
        "32,766 bytes": gelf_message.MOST_VALUE_BYTES,
        "1,000 fields": FIELDS,
    },
    "docs/send/http.md": {
        "4 MiB": http.MOST_BYTES,
        "500 documents": "chalicelib/slips/sinks/http.py",
        "1 MB": splunk.MOST_BYTES,
        "5 MB": datadog.MOST_BYTES,
        "1,000 logs": datadog.MOST_LOGS,
        "18 hours": datadog.MOST_AGE_SECONDS,
        "3 MiB": loki.MOST_BYTES,
        "256 KiB": loki.MOST_LINE_BYTES,
        "15 labels": loki.MOST_LABELS,
    },
    "docs/send/opensearch.md": {
        "10 MiB": opensearch.MOST_BYTES,
        "100 MiB": OPENSEARCH,
    },
    "docs/send/s3-archive.md": {
        "32 MiB": signature(s3_archive.S3Archive).parameters["file_bytes"].default,
        "1 MiB": "tests/sinks/test_s3_archive.py",
        "256 MiB": s3_archive.MOST_BYTES,
        "250 MB": LAMBDA,
    },
    "docs/send/slack.md": {"4,000 characters": slack.MOST_CHARACTERS},
    "docs/why-kinesis.md": {"15 minutes": LONGEST_INVOCATION},
}
