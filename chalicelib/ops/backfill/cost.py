"""What a backfill costs, by AWS's list prices of us-east-1 (November 2025), in USD.

Sources: the pricing pages of Amazon S3, AWS Lambda, Amazon Kinesis Data Streams and Amazon DynamoDB (on demand).
"""

from __future__ import annotations

import msgspec

S3_LIST = 0.005 / 1000
"""A request, for KEYS_A_PAGE keys."""
KEYS_A_PAGE = 1000
S3_GET = 0.0004 / 1000
LAMBDA_GB_SECOND = 0.0000166667
LAMBDA_GB = 0.5
LAMBDA_BYTES_PER_SECOND = 10e6
"""Stored bytes that a function of half a gigabyte works through; a guess, since it is the functions that take time."""
LAMBDA_REQUEST = 0.20 / 1e6
KINESIS_PUT = 0.014 / 1e6
"""A unit of 25 KB: a work item."""
DYNAMODB_WRITE = 0.625 / 1e6
WRITES = 4
"""Of the ledger: an object is begun and finished, each in the table and its index."""
DYNAMODB_READ = 0.125 / 1e6
READS = 0.5
"""A query of an index, eventually consistent."""
PER_BATCH = 10


class Cost(msgspec.Struct, frozen=True):
    """USD by service."""

    s3: float
    aws_lambda: float
    kinesis: float
    dynamodb: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.s3 + self.aws_lambda + self.kinesis + self.dynamodb


def cost(listed: int, queued: int, size: int) -> Cost:
    """Of a backfill that lists so many keys twice, and queues so many objects of `size` bytes together."""
    seconds = size / LAMBDA_BYTES_PER_SECOND
    return Cost(
        s3=2 * listed / KEYS_A_PAGE * S3_LIST + queued * S3_GET,
        aws_lambda=seconds * LAMBDA_GB * LAMBDA_GB_SECOND + queued / PER_BATCH * LAMBDA_REQUEST,
        kinesis=queued * KINESIS_PUT,
        dynamodb=queued * WRITES * DYNAMODB_WRITE + 2 * listed * READS * DYNAMODB_READ,
    )
