"""DynamoDB in memory: the calls and expressions of `slips.aws.dynamodb`, for tables whose key is one text.

`tests/aws/test_memory_dynamodb.py` runs the same cases against it and against the emulator. An expression that SLIPS
does not write raises NotImplementedError.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from threading import RLock
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from slips.aws.partiql import BATCH_STATEMENTS
from slips.ops.run.embedded.partiql import Translated, translate

from .dynamodb_expressions import Item, Scope, Value, compile_condition, compile_update, refusal, tokens

PAGE_BYTES = 1_000_000
ITEM_BYTES = 400 * 1024
BATCH_WRITE = 25
BATCH_GET = 100


class MemoryDynamoDB:
    """A client. The items that it returns are copies and may be changed; their values may not."""

    def __init__(self) -> None:
        self._tables: dict[str, _Table] = {}
        self._lock = RLock()

    def create_table(
        self,
        TableName: str,
        KeySchema: list[dict[str, str]],
        GlobalSecondaryIndexes: Iterable[Mapping[str, Any]] = (),
        **_: Any,
    ) -> dict[str, Any]:
        [key] = [each["AttributeName"] for each in KeySchema]
        self._tables[TableName] = _Table(key, {each["IndexName"]: _Index(key, each) for each in GlobalSecondaryIndexes})
        return {"TableDescription": {"TableName": TableName}}

    def get_waiter(self, _: str) -> Any:
        """A table is there at once."""
        return SimpleNamespace(wait=lambda **_: None)

    def delete_table(self, TableName: str) -> None:
        del self._tables[TableName]

    def describe_table(self, TableName: str) -> dict[str, Any]:
        indexes = [
            {"IndexName": name, "IndexStatus": "ACTIVE"} for name in self._table(TableName, "DescribeTable").indexes
        ]
        return {"Table": {"TableName": TableName, "TableStatus": "ACTIVE", "GlobalSecondaryIndexes": indexes}}

    def put_item(self, TableName: str, Item: Item, **request: Any) -> dict[str, Any]:
        with self._lock:
            table = self._table(TableName, "PutItem")
            scope = Scope(table.items.get(table.key_of(Item, "PutItem"), {}), request, "PutItem")
            scope.require(request.get("ConditionExpression", ""))
            table.put(Item, "PutItem")
        return {}

    def get_item(self, TableName: str, Key: Item, ConsistentRead: bool = False) -> dict[str, Any]:
        with self._lock:
            table = self._table(TableName, "GetItem")
            item = table.items.get(table.key_of(Key, "GetItem"))
        return {} if item is None else {"Item": dict(item)}

    def batch_get_item(self, RequestItems: dict[str, dict[str, Any]]) -> dict[str, Any]:
        responses: dict[str, list[Item]] = {}
        for name, request in RequestItems.items():
            with self._lock:
                table = self._table(name, "BatchGetItem")
                keys = [table.key_of(key, "BatchGetItem") for key in request["Keys"]]
                _check_batch(keys, BATCH_GET, "BatchGetItem")
                responses[name] = [dict(table.items[key]) for key in keys if key in table.items]
        return {"Responses": responses, "UnprocessedKeys": {}}

    def batch_write_item(self, RequestItems: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
        for name, requests in RequestItems.items():
            with self._lock:
                table = self._table(name, "BatchWriteItem")
                items = [request["PutRequest"]["Item"] for request in requests]
                _check_batch([table.key_of(item, "BatchWriteItem") for item in items], BATCH_WRITE, "BatchWriteItem")
                for item in items:
                    table.put(item, "BatchWriteItem")
        return {"UnprocessedItems": {}}

    def batch_execute_statement(self, Statements: list[dict[str, Any]]) -> dict[str, Any]:
        if not 0 < len(Statements) <= BATCH_STATEMENTS:
            raise refusal("ValidationException", f"{len(Statements)} statements", "BatchExecuteStatement")
        translated = [translate(statement) for statement in Statements]
        return {"Responses": [self._take(each) for each in translated]}

    def _take(self, translated: Translated) -> dict[str, Any]:
        with self._lock:
            try:
                getattr(self, translated.operation)(**translated.request)
            except ClientError as fault:
                error, table = fault.response["Error"], self._tables.get(translated.table)
                item = table.items.get(translated.key[table.key]["S"]) if table else None
                return translated.error(error["Code"], error["Message"], item)
        return {"TableName": translated.table}

    def update_item(
        self, TableName: str, Key: Item, UpdateExpression: str, ReturnValues: str = "NONE", **request: Any
    ) -> dict[str, Any]:
        with self._lock:
            table = self._table(TableName, "UpdateItem")
            key = table.key_of(Key, "UpdateItem")
            scope = Scope(table.items.get(key, {}), request, "UpdateItem")
            scope.require(request.get("ConditionExpression", ""))
            changed = compile_update(UpdateExpression)(scope)
            scope.check_use(UpdateExpression, request.get("ConditionExpression", ""))
            if changed.get(table.key, Key[table.key]) != Key[table.key]:
                raise refusal("ValidationException", "the key cannot be updated", "UpdateItem")
            table.put({**changed, **Key}, "UpdateItem")
            return {"Attributes": dict(table.items[key])} if ReturnValues == "ALL_NEW" else {}

    def delete_item(self, TableName: str, Key: Item, **request: Any) -> dict[str, Any]:
        with self._lock:
            table = self._table(TableName, "DeleteItem")
            key = table.key_of(Key, "DeleteItem")
            scope = Scope(table.items.get(key, {}), request, "DeleteItem")
            scope.require(request.get("ConditionExpression", ""))
            scope.check_use(request.get("ConditionExpression", ""))
            table.remove(key)
        return {}

    def query(
        self,
        TableName: str,
        IndexName: str,
        KeyConditionExpression: str,
        ScanIndexForward: bool = True,
        Limit: int = 0,
        ExclusiveStartKey: Item | None = None,
        **request: Any,
    ) -> dict[str, Any]:
        with self._lock:
            table = self._table(TableName, "Query")
            index = table.index(IndexName)
            scope = Scope({}, request, "Query")
            matches = compile_condition(KeyConditionExpression)
            items = [item for item in index.items(table, scope, KeyConditionExpression) if matches(scope.of(item))]
        items.sort(key=index.order, reverse=not ScanIndexForward)
        if ExclusiveStartKey:
            start = index.order(ExclusiveStartKey)
            is_behind = operator.gt if ScanIndexForward else operator.lt
            items = [item for item in items if is_behind(index.order(item), start)]
        scope.check_use(KeyConditionExpression, request.get("FilterExpression", ""))
        return _page(items, scope, request, Limit, (*index.keys, table.key), index.project)

    def scan(
        self,
        TableName: str,
        IndexName: str = "",
        Limit: int = 0,
        ExclusiveStartKey: Item | None = None,
        **request: Any,
    ) -> dict[str, Any]:
        with self._lock:
            table = self._table(TableName, "Scan")
            start = ExclusiveStartKey[table.key]["S"] if ExclusiveStartKey else ""
            items = [item for key, item in sorted(table.items.items()) if key > start]
            if IndexName:
                items = [item for item in items if table.indexes[IndexName].holds(item)]
        scope = Scope({}, request, "Scan")
        scope.check_use(request.get("FilterExpression", ""))
        project = table.indexes[IndexName].project if IndexName else dict
        return _page(items, scope, request, Limit, (table.key,), project)

    def _table(self, name: str, operation: str) -> _Table:
        if name not in self._tables:
            raise refusal("ResourceNotFoundException", "Requested resource not found", operation)
        return self._tables[name]


def _check_batch(keys: list[str], most: int, operation: str) -> None:
    if len(keys) > most or len(keys) != len(set(keys)):
        raise refusal("ValidationException", f"{len(keys)} keys, {len(set(keys))} of them different", operation)


class _Index:
    """A global secondary index with a hash and a range key."""

    def __init__(self, table_key: str, definition: Mapping[str, Any]) -> None:
        self.keys = tuple(each["AttributeName"] for each in definition["KeySchema"])
        self._hash, self._range = self.keys
        self._table_key = table_key
        self._keys_by_hash: dict[str, set[str]] = {}
        projection = definition["Projection"]
        self._projected = {*self.keys, table_key, *projection.get("NonKeyAttributes", ())}
        self._projects_all = projection["ProjectionType"] == "ALL"

    def holds(self, item: Item) -> bool:
        return self._hash in item and self._range in item

    def add(self, key: str, item: Item) -> None:
        if self.holds(item):
            self._keys_by_hash.setdefault(item[self._hash]["S"], set()).add(key)

    def remove(self, key: str, item: Item) -> None:
        if self.holds(item):
            self._keys_by_hash[item[self._hash]["S"]].discard(key)

    def items(self, table: _Table, scope: Scope, condition: str) -> list[Item]:
        """Return the items of the partition that the condition begins with: `#hash = :value`."""
        name, sign, value = tokens(condition)[:3]
        if sign != "=" or scope.name(name) != self._hash:
            raise NotImplementedError(condition)
        return [table.items[key] for key in self._keys_by_hash.get(scope.value(value)["S"], ())]

    def order(self, item: Item) -> tuple[bytes, bytes]:
        return item[self._range]["S"].encode(), item[self._table_key]["S"].encode()

    def project(self, item: Item) -> Item:
        return {name: value for name, value in item.items() if self._projects_all or name in self._projected}


class _Table:
    def __init__(self, key: str, indexes: dict[str, _Index]) -> None:
        self.key = key
        self.indexes = indexes
        self.items: dict[str, Item] = {}

    def index(self, name: str) -> _Index:
        if name not in self.indexes:
            text = f"The table does not have the specified index: {name}"
            raise refusal("ValidationException", text, "Query")
        return self.indexes[name]

    def key_of(self, item: Item, operation: str) -> str:
        key = item[self.key]["S"]
        if not 0 < len(key.encode(errors="surrogatepass")) <= 2048:
            raise refusal("ValidationException", f"{self.key}: 1 to 2,048 bytes", operation)
        return str(key)

    def put(self, item: Item, operation: str) -> None:
        key = self.key_of(item, operation)
        if _size(item) > ITEM_BYTES:
            raise refusal("ValidationException", "Item size has exceeded the maximum allowed size", operation)
        if any(item.get(name, {"S": "x"}) == {"S": ""} for index in self.indexes.values() for name in index.keys):
            raise refusal("ValidationException", "a key of an index is an empty text", operation)
        self.remove(key)
        self.items[key] = dict(item)
        for index in self.indexes.values():
            index.add(key, item)

    def remove(self, key: str) -> None:
        if (item := self.items.pop(key, None)) is not None:
            for index in self.indexes.values():
                index.remove(key, item)


def _page(
    items: list[Item],
    scope: Scope,
    request: Mapping[str, Any],
    limit: int,
    keys: tuple[str, ...],
    project: Callable[[Item], Item],
) -> dict[str, Any]:
    """Return what matches of `limit` items or 1 MB. As with AWS, there may be nothing behind LastEvaluatedKey."""
    looked_at, size = [], 0
    for item in items:
        size += _size(item)
        if size > PAGE_BYTES or (limit and len(looked_at) == limit):
            break
        looked_at.append(item)
    matches = compile_condition(request.get("FilterExpression", ""))
    page: dict[str, Any] = {"Items": [project(item) for item in looked_at if matches(scope.of(item))]}
    page |= {"Count": len(page["Items"]), "ScannedCount": len(looked_at)}
    if looked_at and (len(looked_at) < len(items) or len(looked_at) == limit):
        page["LastEvaluatedKey"] = {name: looked_at[-1][name] for name in keys}
    return page


def _size(item: Item) -> int:
    """Return the bytes of an item (Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats")."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Value) -> int:
    [(kind, content)] = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return len(content) // 2 + 1
    if kind == "L":
        return 3 + sum(1 + _value_size(each) for each in content)
    if kind in ("BOOL", "NULL"):
        return 1
    raise NotImplementedError(kind)
