"""What the tables lack, and CloudFormation does not add: the index of the listings, and the expiry of items.

A table that an ARN names is part of no stack, and that of the class-based SLIPS has neither. Where somebody removed one
from a table of ours, CloudFormation finds nothing to change, since it compares templates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from ... import aws
from ...config import Config
from ..aws_errors import explain_aws_errors
from .account_resources import find_table
from .retry_conflicts import retry_conflicts
from .stack.storage import table_properties

_BUILDING = "begun; DynamoDB builds it in some minutes, or hours for a large table; until then, listings report that"


class TableChange(NamedTuple):
    """A change of the table `logical` of the template: `problem` is what it lacks, `action` what `apply` does, `state`
    what is true afterwards. A table that `is_foreign` has none of our indexes: the class-based SLIPS made it."""

    logical: str
    table: str
    problem: str
    action: str
    state: str
    apply: Callable[[], None]
    is_foreign: bool = False

    def __str__(self) -> str:
        return f"Update  table {self.table}: {self.action}"


def table_changes(config: Config) -> Iterator[TableChange]:
    """Yield what the existing tables lack; nothing for tables that do not exist. Raises DeploymentError."""
    for logical, properties in table_properties(config).items():
        name = properties["TableName"]
        table = find_table(name)
        if table is not None:
            ours = (each["IndexName"] for each in properties["GlobalSecondaryIndexes"])
            is_foreign = not any(find_index(table, index) for index in ours)
            for change in _expiry_changes(logical, name, properties["TimeToLiveSpecification"]):
                yield change._replace(is_foreign=is_foreign)
            for change in _index_changes(logical, name, properties, table):
                yield change._replace(is_foreign=is_foreign)


def find_index(table: dict[str, Any], name: str) -> dict[str, Any] | None:
    """Find an index in the description of a table."""
    return next((index for index in table.get("GlobalSecondaryIndexes", ()) if index["IndexName"] == name), None)


def _expiry_changes(logical: str, name: str, ttl: dict[str, Any]) -> Iterator[TableChange]:
    """Before the index: while DynamoDB builds one, it may refuse other changes."""
    dynamodb: Any = aws.client("dynamodb")
    with explain_aws_errors(f"the table {name}"):
        present = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if present["TimeToLiveStatus"] in ("ENABLED", "ENABLING"):
        return

    def apply() -> None:
        with explain_aws_errors(f"the table {name}"):
            dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)

    action = f"delete items after their {ttl['AttributeName']}"
    yield TableChange(logical, name, "deletes no expired items", action, "done", apply)


def _index_changes(logical: str, name: str, properties: dict[str, Any], table: dict[str, Any]) -> Iterator[TableChange]:
    """The first index that the table lacks, once the others are built: DynamoDB builds one at a time."""
    if any(each.get("IndexStatus") == "CREATING" for each in table.get("GlobalSecondaryIndexes", ())):
        return
    index = next(
        (each for each in properties["GlobalSecondaryIndexes"] if not find_index(table, each["IndexName"])), None
    )
    if index is not None:
        capacity = _provisioned_capacity(table)
        units = ", with {ReadCapacityUnits} read and {WriteCapacityUnits} write units" if capacity else ""
        action = f"add the index {index['IndexName']}{units.format(**capacity)}"
        apply = partial(_add_index, name, properties["AttributeDefinitions"], index)
        yield TableChange(logical, name, f"has no index {index['IndexName']}", action, _BUILDING, apply)


def _provisioned_capacity(table: dict[str, Any]) -> dict[str, int]:
    """The table's own capacity, which its index needs, too; empty on demand."""
    # A table that was never on demand has no summary (Amazon DynamoDB API Reference, TableDescription).
    if table.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST":
        return {}
    return {name: table["ProvisionedThroughput"][name] for name in ("ReadCapacityUnits", "WriteCapacityUnits")}


def _add_index(name: str, attributes: list[dict[str, str]], index: dict[str, Any]) -> None:
    """Let DynamoDB build the index, unless somebody else did so in the meantime."""
    table = find_table(name) or {}
    if find_index(table, index["IndexName"]) is not None:
        return
    capacity = _provisioned_capacity(table)
    present = table["AttributeDefinitions"]
    request: dict[str, Any] = {
        "TableName": name,
        "AttributeDefinitions": [*present, *(each for each in attributes if each not in present)],
        "GlobalSecondaryIndexUpdates": [
            {"Create": {**index, "ProvisionedThroughput": capacity} if capacity else index}
        ],
    }
    with explain_aws_errors(f"the table {name}: the index {index['IndexName']}"):
        retry_conflicts(lambda: aws.client("dynamodb").update_table(**request))
