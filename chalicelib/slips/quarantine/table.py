"""The requests to DynamoDB that the ErrorTable needs; every fault of AWS becomes a StoreError."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ..aws.retry import Backoff, is_transient
from ..errors import StoreError
from . import schema

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Attributes = dict[str, Any]
"""An item as DynamoDB writes it: `{"request_id": {"S": "…"}, "attempts": {"N": "1"}}`."""

BATCH: Final = 25
"""Amazon DynamoDB API Reference, BatchWriteItem: so many items a request."""

_ATTRIBUTE = re.compile(r"#(\w+)")
_Answer = TypeVar("_Answer")


class Table:
    """One table. In every expression `#name` stands for the attribute `name`, so that no reserved word gets in the way;
    `values` are the `:value` of all expressions together."""

    def __init__(self, client: DynamoDBClient, name: str, backoff: Backoff) -> None:
        self._client = client
        self._name = name
        self._backoff = backoff

    def write(self, items: Mapping[str, Attributes]) -> None:
        """Put the items, by their key. Raises StoreError unless all are written."""
        requests = [{"PutRequest": {"Item": item}} for item in items.values()]
        end = self._backoff.end()
        for start in range(0, len(requests), BATCH):
            self._write(requests[start : start + BATCH], end)

    def _write(self, requests: list[Any], end: float) -> None:
        for _ in self._backoff.attempts(end):
            requests = self._write_once(requests)
            if not requests:
                return
        raise StoreError(f"table {self._name}: {len(requests)} items could not be written until patience was over")

    def _write_once(self, requests: list[Any]) -> list[Any]:
        """What is left to write."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._client.batch_write_item(RequestItems={self._name: requests})
        except (BotoCoreError, ClientError) as fault:
            if is_transient(fault):
                return requests
            raise StoreError(f"table {self._name}: {fault}") from fault
        return [*answer.get("UnprocessedItems", {}).get(self._name, [])]

    def get(self, request_id: str) -> Attributes | None:
        """The item as it is now, not as it was a moment ago."""
        answer = self._asked(
            lambda: self._client.get_item(TableName=self._name, Key=_key(request_id), ConsistentRead=True)
        )
        return answer.get("Item") if answer else None

    def update(self, request_id: str, expression: str, condition: str, values: Attributes) -> Attributes | None:
        """The item after the update; None where the condition was not met."""
        answer = self._asked(
            lambda: self._client.update_item(
                TableName=self._name,
                Key=_key(request_id),
                UpdateExpression=expression,
                ConditionExpression=condition,
                ExpressionAttributeNames=_names(expression, condition),
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW",
            )
        )
        return answer["Attributes"] if answer else None

    def delete(self, request_id: str, condition: str, values: Attributes | None = None) -> bool:
        """Whether the condition was met, and so the item is gone."""
        answer = self._asked(
            lambda: self._client.delete_item(
                TableName=self._name,
                Key=_key(request_id),
                ConditionExpression=condition,
                ExpressionAttributeNames=_names(condition),
                **({"ExpressionAttributeValues": values} if values else {}),  # type: ignore[arg-type]
            )
        )
        return answer is not None

    def query(self, condition: str, where: str, values: Attributes, *, forward: bool, limit: int) -> Attributes:
        """One page of the index: `Items` and, where there is more, `LastEvaluatedKey`."""
        answer = self._asked(
            lambda: self._client.query(
                TableName=self._name,
                IndexName=schema.INDEX,
                KeyConditionExpression=condition,
                ExpressionAttributeNames=_names(condition, where),
                ExpressionAttributeValues=values,
                ScanIndexForward=forward,
                Limit=limit,
                **({"FilterExpression": where} if where else {}),  # type: ignore[arg-type]
            )
        )
        return dict(answer or {})

    def scan(self, where: str, values: Attributes, after: str = "") -> Iterator[Attributes]:
        """The table page by page, from behind the key `after`."""
        start: Attributes = _key(after) if after else {}
        while True:
            page = self._scan(where, values, start)
            yield page
            start = page.get("LastEvaluatedKey", {})
            if not start:
                return

    def _scan(self, where: str, values: Attributes, start: Attributes) -> Attributes:
        answer = self._asked(
            lambda: self._client.scan(
                TableName=self._name,
                FilterExpression=where,
                ExpressionAttributeNames=_names(where),
                ExpressionAttributeValues=values,
                **({"ExclusiveStartKey": start} if start else {}),  # type: ignore[arg-type]
            )
        )
        return dict(answer or {})

    def _asked(self, request: Callable[[], _Answer]) -> _Answer | None:
        """The answer; None where the condition of the request was not met."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return request()
        except ClientError as fault:
            if fault.response.get("Error", {}).get("Code") == "ConditionalCheckFailedException":
                return None
            raise StoreError(f"table {self._name}: {fault}") from fault
        except BotoCoreError as fault:
            raise StoreError(f"table {self._name}: {fault}") from fault


def _key(request_id: str) -> Attributes:
    return {schema.KEY: {"S": request_id}}


def _names(*expressions: str) -> dict[str, str]:
    return {f"#{name}": name for expression in expressions for name in _ATTRIBUTE.findall(expression)}
