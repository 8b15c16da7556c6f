"""AWS's list prices in us-east-1, in US dollars, without free tiers and discounts, for the plan of `slips backfill` and
docs/scale.md.

Looked up in November 2026 in public copies of the services' pricing pages, in tools that read AWS's price list
(infracost's recorded estimates among them) and in a bill; all agreed. Other regions cost up to a third more. If you
rely on a figure, look it up again.
"""

from __future__ import annotations

DATED = "November 2026"

LAMBDA_GB_SECOND = 0.0000166667
"""x86_64, the first 6 billion per month; arm64 costs a fifth less. Since August 2025 cold starts are billed, too."""
LAMBDA_REQUEST = 0.20e-6
S3_GET = 0.40e-6
S3_LIST = 5.00e-6
"""Per request of up to 1,000 keys."""
SNS_PUBLISH = 0.50e-6
"""S3 notifications count as publishes by the bucket's owner; deliveries to Lambda are free."""
SQS_REQUEST = 0.40e-6
"""Of a standard queue; a request sends, receives or deletes up to ten messages."""
DYNAMODB_WRITE = 0.625e-6
"""Per 1 KB, on demand, halved in November 2024; each index that the write changes costs the same again."""
DYNAMODB_READ = 0.125e-6
"""Per 4 KB, on demand; half that if eventually consistent."""
DYNAMODB_GB_MONTH = 0.25
DYNAMODB_RECOVERY_GB_MONTH = 0.20
"""Point-in-time recovery, by the size of the table."""
KINESIS_STREAM_HOUR = 0.04
"""On demand ("on-demand standard"; "on-demand advantage" pays off from 10 MiB per second)."""
KINESIS_IN_GB = 0.08
"""On demand; each record is rounded up to 1 KB."""
KINESIS_OUT_GB = 0.04
KINESIS_KEPT_GB_MONTH = 0.10
"""On demand, for records kept longer than 24 hours."""
KINESIS_SHARD_HOUR = 0.015
"""Of a fixed number of shards."""
KINESIS_SHARD_KEPT_HOUR = 0.02
"""More, where its records are kept longer than 24 hours."""
KINESIS_RECORD = (KINESIS_IN_GB + KINESIS_OUT_GB + KINESIS_KEPT_GB_MONTH * 6 / 30) / 2**20
"""A work item of about 700 bytes in an on-demand lane: put, read once, and kept for a week."""
LOGS_GB = 0.50
LOGS_KEPT_GB_MONTH = 0.03
"""Of compressed lines; counted for all bytes here."""
METRIC_MONTH = 0.30
ALARM_MONTH = 0.10
DASHBOARD_MONTH = 3.00
HOURS = 730
"""Hours per month."""

LEDGER_WRITES = 3
"""Writes per ordinary object: begin in the table and its index, and finish in the table. In a batch, each statement is
one, too."""
