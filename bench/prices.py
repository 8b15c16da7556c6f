"""List prices of AWS, us-east-1, in US dollars, without free tiers and discounts.

Written down by hand in June 2025 from the services' pricing pages; other regions cost up to a third more. Whoever
relies on a figure looks the price up again: it is a constant of this file.
"""

from __future__ import annotations

DATED = "June 2025"

LAMBDA_GB_SECOND = 0.0000166667
"""x86_64; arm64 costs a fifth less."""
LAMBDA_REQUEST = 0.20e-6
S3_GET = 0.40e-6
SNS_PUBLISH = 0.50e-6
"""Notifications of S3 count as publishes of the bucket's owner; deliveries to Lambda cost nothing."""
DYNAMODB_WRITE = 0.625e-6
"""A write of 1 KB, on demand; so does each index that the write changes."""
KINESIS_IN_GB = 0.08
"""On demand, after rounding each record up to 1 KB."""
KINESIS_OUT_GB = 0.04
KINESIS_STREAM_HOUR = 0.04
KINESIS_KEPT_GB_MONTH = 0.10
"""Kept longer than 24 hours."""
LOGS_GB = 0.50
METRIC_MONTH = 0.30
ALARM_MONTH = 0.10
DASHBOARD_MONTH = 3.00
HOURS = 730
"""Of a month."""
