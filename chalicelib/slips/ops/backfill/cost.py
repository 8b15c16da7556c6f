"""The cost of a backfill in USD, by AWS's list prices."""

from __future__ import annotations

import msgspec

from . import prices

KEYS_A_PAGE = 1000
LAMBDA_GB = 0.5
LAMBDA_BYTES_PER_SECOND = 10e6
"""Stored bytes that a 512 MB function processes; a guess, since your functions take most of the time."""
READS = 0.5
"""Read units of an eventually consistent query of an index."""
PER_BATCH = 10


class Cost(msgspec.Struct, frozen=True):
    """A cost in USD by service."""

    s3: float
    aws_lambda: float
    kinesis: float
    dynamodb: float

    @property
    def total(self) -> float:
        """The sum."""
        return self.s3 + self.aws_lambda + self.kinesis + self.dynamodb


def cost(listed: int, queued: int, size: int) -> Cost:
    """Estimate a backfill that lists `listed` keys twice and queues `queued` objects of `size` bytes in total."""
    seconds = size / LAMBDA_BYTES_PER_SECOND
    return Cost(
        s3=2 * listed / KEYS_A_PAGE * prices.S3_LIST + queued * prices.S3_GET,
        aws_lambda=seconds * LAMBDA_GB * prices.LAMBDA_GB_SECOND + queued / PER_BATCH * prices.LAMBDA_REQUEST,
        kinesis=queued * prices.KINESIS_RECORD,
        dynamodb=queued * prices.LEDGER_WRITES * prices.DYNAMODB_WRITE + 2 * listed * READS * prices.DYNAMODB_READ,
    )
