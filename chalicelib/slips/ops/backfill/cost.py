"""What a backfill costs, by AWS's list prices (`ops.prices`), in USD."""

from __future__ import annotations

import msgspec

from . import prices

KEYS_A_PAGE = 1000
LAMBDA_GB = 0.5
LAMBDA_BYTES_PER_SECOND = 10e6
"""Stored bytes that a function of half a gigabyte works through; a guess, since it is the functions that take time."""
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
        s3=2 * listed / KEYS_A_PAGE * prices.S3_LIST + queued * prices.S3_GET,
        aws_lambda=seconds * LAMBDA_GB * prices.LAMBDA_GB_SECOND + queued / PER_BATCH * prices.LAMBDA_REQUEST,
        kinesis=queued * prices.KINESIS_RECORD,
        dynamodb=queued * prices.LEDGER_WRITES * prices.DYNAMODB_WRITE + 2 * listed * READS * prices.DYNAMODB_READ,
    )
