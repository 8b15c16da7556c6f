from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from slips.quarantine import Quarantine

from .. import error_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def tapped(dynamodb: DynamoDBClient) -> error_table.Tapped:
    return error_table.Tapped(dynamodb)


@pytest.fixture
def table(dynamodb: DynamoDBClient) -> str:
    return error_table.create(dynamodb)


@pytest.fixture
def time() -> error_table.Time:
    return error_table.Time()


@pytest.fixture
def quarantine(tapped: error_table.Tapped, table: str, time: error_table.Time) -> Quarantine:
    return error_table.quarantine(tapped, table, time)
