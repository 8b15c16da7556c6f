"""A DynamoDB table: the one place through which the ErrorTable and the LedgerTable are read and written.

It turns every fault of AWS into a StoreError, sends again what DynamoDB left unprocessed, and follows pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, Protocol

from ..errors import IndexBuilding, IndexMissing, StoreError, StoreRefused
from ..model import escape_surrogates
from ..wording import plural
from .retry import Backoff, is_transient

Attributes = dict[str, Any]
"""An item as DynamoDB writes it: `{"request_id": {"S": "…"}, "attempts": {"N": "1"}}`."""
QueryPage = dict[str, Any]
"""`Items` and, where there are more, `LastEvaluatedKey`."""
Values = Mapping[str, object]
"""Whole numbers, texts and lists of them."""
Call = Callable[..., Any]

BATCH_WRITE: Final = 25
"""Amazon DynamoDB API Reference, BatchWriteItem: items a request."""
BATCH_GET: Final = 100
"""Amazon DynamoDB API Reference, BatchGetItem: items a request."""

_PERMANENT_CODES: Final = ("ValidationException", "ItemCollectionSizeLimitExceededException")
"""The request itself is not valid, such as an item that is too large, whenever it comes."""
_NO_INDEX: Final = "does not have the specified index"
_UNFINISHED_INDEX: Final = "backfilling global secondary index"
"""DynamoDB says both as a ValidationException, which is also its code for every other wrong request."""

_NAME = re.compile(r"#(\w+)")
_VALUE = re.compile(r":\w+")


class DynamoDB(Protocol):
    """What a Table needs of boto3's client. Each call takes boto3's keyword arguments."""

    @property
    def get_item(self) -> Call: ...
    @property
    def batch_get_item(self) -> Call: ...
    @property
    def batch_write_item(self) -> Call: ...
    @property
    def batch_execute_statement(self) -> Call: ...
    @property
    def update_item(self) -> Call: ...
    @property
    def delete_item(self) -> Call: ...
    @property
    def query(self) -> Call: ...
    @property
    def scan(self) -> Call: ...


class Table:
    """One table, whose hash key `key` is a text. Every method raises StoreError.

    In every expression write `#name` for the attribute `name`, so that no reserved word gets in the way; `values` are
    the `:value` of the expressions, as Python values, and may hold more than these use. A request that failed for the
    moment is sent again until `end`, on the clock of `backoff`; without an `end` it is sent once.
    """

    def __init__(self, client: DynamoDB, name: str, key: str, backoff: Backoff | None = None) -> None:
        self._client = client
        self._name = name
        self._key_name = key
        self.backoff = backoff or Backoff()

    def write(self, items: Iterable[Attributes]) -> None:
        """Put the items, each of another key."""
        requests = [{"PutRequest": {"Item": item}} for item in items]
        end = self.backoff.end()
        for start in range(0, len(requests), BATCH_WRITE):
            list(self._in_batches(requests[start : start + BATCH_WRITE], self._write_batch, end))

    def _write_batch(self, requests: list[Any]) -> tuple[list[Any], list[Any]]:
        answer = self._client.batch_write_item(RequestItems={self._name: requests})
        return [], answer.get("UnprocessedItems", {}).get(self._name, [])

    def get(self, key: str, end: float | None = None) -> Attributes | None:
        """Read the item as it is now, not as it was a moment ago."""
        answer = self._send(self._client.get_item, end, Key=self._key(key), ConsistentRead=True)
        return answer.get("Item") if answer else None

    def get_many(self, keys: Iterable[str], *, consistent: bool = True) -> Iterator[Attributes]:
        """Read those of the items that exist, in any order. Reads that are not `consistent` cost half."""

        def get_batch(batch: list[Any]) -> tuple[list[Any], list[Any]]:
            request = {"Keys": batch, "ConsistentRead": consistent}
            answer = self._client.batch_get_item(RequestItems={self._name: request})
            unprocessed = answer.get("UnprocessedKeys", {}).get(self._name, {})
            return answer["Responses"].get(self._name, []), unprocessed.get("Keys", [])

        requests = [self._key(key) for key in keys]
        for start in range(0, len(requests), BATCH_GET):
            yield from self._in_batches(requests[start : start + BATCH_GET], get_batch, self.backoff.end())

    def _in_batches(
        self, batch: list[Any], send: Callable[[list[Any]], tuple[list[Any], list[Any]]], end: float
    ) -> Iterator[Attributes]:
        """Send the batch until nothing is left: `send` returns items, and what DynamoDB left unprocessed."""
        from botocore.exceptions import BotoCoreError, ClientError

        cause: Exception | None = None
        for _ in self.backoff.attempts(end):
            try:
                items, batch = send(batch)
            except (BotoCoreError, ClientError) as fault:
                if not is_transient(fault):
                    raise self._failed(fault) from fault
                cause = fault
                continue
            yield from items
            if not batch:
                return
        raise self._failed(f"{plural(len(batch), 'item')} not processed in time") from cause

    def update(
        self,
        key: str,
        expression: str,
        condition: str = "",
        values: Values | None = None,
        names: Mapping[str, str] | None = None,
        end: float | None = None,
    ) -> Attributes | None:
        """Update the item and return it; None where the condition was not met. `names` maps the `#name` of an attribute
        whose own name an expression cannot hold. With an `end`, the same request may take effect twice."""
        answer = self._send(
            self._client.update_item,
            end,
            Key=self._key(key),
            ReturnValues="ALL_NEW",
            **_expressions(values, names, UpdateExpression=expression, ConditionExpression=condition),
        )
        return answer["Attributes"] if answer else None

    def delete(self, key: str, condition: str, values: Values | None = None) -> bool:
        """Delete the item; False where the condition was not met."""
        expressions = _expressions(values, ConditionExpression=condition)
        return self._send(self._client.delete_item, Key=self._key(key), **expressions) is not None

    def query(
        self,
        index: str,
        condition: str,
        values: Values,
        *,
        where: str = "",
        forward: bool,
        limit: int,
        start: Attributes | None = None,
    ) -> QueryPage:
        """Read one page of an index: of `limit` items at most, those that match `where`."""
        return self._send(
            self._client.query,
            IndexName=index,
            ScanIndexForward=forward,
            Limit=limit,
            **_expressions(values, KeyConditionExpression=condition, FilterExpression=where),
            **_start(start),
        ) or {}  # fmt: skip

    def query_all(self, index: str, condition: str, values: Values, *, forward: bool, limit: int) -> list[Attributes]:
        """Read the first `limit` items of an index, over as many pages as they take: DynamoDB ends one at 1 MB."""
        items: list[Attributes] = []
        start: Attributes | None = {}
        while start is not None and len(items) < limit:
            page = self.query(index, condition, values, forward=forward, limit=limit - len(items), start=start)
            items += page["Items"]
            start = page.get("LastEvaluatedKey")
        return items

    def scan(self, where: str, values: Values, after: str = "") -> Iterator[QueryPage]:
        """Read the table page by page, from behind the key `after`."""
        start: Attributes | None = self._key(after) if after else {}
        while start is not None:
            request = _expressions(values, FilterExpression=where) | _start(start)
            page: QueryPage = self._send(self._client.scan, **request) or {}
            yield page
            start = page.get("LastEvaluatedKey")

    def _key(self, key: str) -> Attributes:
        return {self._key_name: {"S": key}}

    def _send(self, call: Call, end: float | None = None, **request: Any) -> Any:
        """The answer; None where the condition of the request was not met."""
        from botocore.exceptions import BotoCoreError, ClientError

        cause: Exception | None = None
        for _ in range(1) if end is None else self.backoff.attempts(end):
            try:
                return call(TableName=self._name, **request)
            except (BotoCoreError, ClientError) as fault:
                if error_code(fault) == "ConditionalCheckFailedException":
                    return None
                cause = fault
                if not is_transient(fault):
                    break
        raise self._failed(cause, request.get("IndexName", "")) from cause

    def _failed(self, reason: object, index: str = "") -> StoreError:
        if index and _NO_INDEX in str(reason):
            return IndexMissing(self._name, index)
        if index and _UNFINISHED_INDEX in str(reason):
            return IndexBuilding(self._name, index)
        kind = StoreRefused if error_code(reason) in _PERMANENT_CODES else StoreError
        return kind(f"table {self._name}: {reason}")


def error_code(reason: object) -> str:
    """Return the code of an error of AWS; empty where it is another."""
    return str(getattr(reason, "response", {}).get("Error", {}).get("Code", ""))


def to_attributes(values: Values) -> Attributes:
    """Write values as DynamoDB attributes; leave None out."""
    return {name: _to_attribute(value) for name, value in values.items() if value is not None}


def _to_attribute(value: object) -> Attributes:
    if isinstance(value, list):
        return {"L": [_to_attribute(item) for item in value]}
    return {"N": str(value)} if isinstance(value, int) else {"S": escape_surrogates(str(value))}


def _start(key: Attributes | None) -> Attributes:
    return {"ExclusiveStartKey": key} if key else {}


def _expressions(values: Values | None, names: Mapping[str, str] | None = None, **expressions: str) -> Attributes:
    """The expressions by their parameters, without empty ones, and the names and values that they use."""
    name_marks, value_marks = _find_marks(" ".join(expressions.values()))
    used_names = {f"#{name}": (names or {}).get(name, name) for name in name_marks}
    used_values = to_attributes({mark: values[mark] for mark in value_marks}) if values else {}
    parameters = {"ExpressionAttributeNames": used_names, "ExpressionAttributeValues": used_values}
    return {name: value for name, value in {**expressions, **parameters}.items() if value}


@lru_cache(256)  # The ledger writes the same few expressions for every object.
def _find_marks(text: str) -> tuple[list[str], list[str]]:
    return _NAME.findall(text), _VALUE.findall(text)
