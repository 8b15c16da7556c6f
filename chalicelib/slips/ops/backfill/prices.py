"""List prices of AWS, us-east-1, in US dollars, without free tiers and discounts: for the plan of `slips backfill`, and
for docs/scale.md.

Looked up in November 2026 in public copies of the services' pricing pages, in tools that read AWS's price list
(infracost's recorded estimates among them) and in a bill; all of them agreed. Other regions cost up to a third more.
Whoever relies on a figure looks it up again: it is a constant of this file.
"""

from __future__ import annotations

DATED = "November 2026"

LAMBDA_GB_SECOND = 0.0000166667
"""x86_64, the first 6 billion a month; arm64 costs a fifth less. Cold starts are billed, too (since August 2025)."""
LAMBDA_REQUEST = 0.20e-6
S3_GET = 0.40e-6
S3_LIST = 5.00e-6
"""A request, of up to 1,000 keys."""
SNS_PUBLISH = 0.50e-6
"""Notifications of S3 count as publishes of the bucket's owner; deliveries to Lambda cost nothing."""
DYNAMODB_WRITE = 0.625e-6
"""Of 1 KB, on demand, halved in November 2024; each index that the write changes costs as much again."""
DYNAMODB_READ = 0.125e-6
"""Of 4 KB, on demand; half of it where it need not be consistent."""
KINESIS_STREAM_HOUR = 0.04
"""On demand ("on-demand standard"; "on-demand advantage" begins to pay at 10 MiB a second)."""
KINESIS_IN_GB = 0.08
"""On demand, after rounding each record up to 1 KB."""
KINESIS_OUT_GB = 0.04
KINESIS_KEPT_GB_MONTH = 0.10
"""On demand, kept longer than 24 hours."""
KINESIS_RECORD = (KINESIS_IN_GB + KINESIS_OUT_GB + KINESIS_KEPT_GB_MONTH * 6 / 30) / 2**20
"""A work item, some 700 bytes, in a lane on demand: put, read once, and kept for a week."""
LOGS_GB = 0.50
METRIC_MONTH = 0.30
ALARM_MONTH = 0.10
DASHBOARD_MONTH = 3.00
HOURS = 730
"""Of a month."""

LEDGER_WRITES = 4
"""Of an ordinary object: begun and ended, each in the table and in its index."""
