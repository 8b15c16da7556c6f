"""DynamoDB in memory: the calls and expressions of `slips.aws.dynamodb`, for tables whose key is one text.

`tests/aws/test_memory_dynamodb.py` runs the same cases against it and against the emulator. An expression that SLIPS
does not write raises NotImplementedError.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from threading import RLock
from types import SimpleNamespace
from typing import Any, TypeVar

from botocore.exceptions import ClientError

Value = dict[str, Any]
"""As DynamoDB writes it: `{"S": "text"}`."""
Item = dict[str, Value]
T = TypeVar("T")

PAGE_BYTES = 1_000_000
ITEM_BYTES = 400 * 1024
BATCH_WRITE = 25
BATCH_GET = 100


def refusal(code: str, message: str, operation: str) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}},  # type: ignore[typeddict-item]
        operation,
    )


class MemoryDynamoDB:
    """The client. An item that it answers is a copy, and may be changed; its values may not."""

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
        self._table(TableName, "DescribeTable")
        return {"Table": {"TableName": TableName, "TableStatus": "ACTIVE"}}

    def put_item(self, TableName: str, Item: Item) -> dict[str, Any]:
        with self._lock:
            self._table(TableName, "PutItem").put(Item, "PutItem")
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

    def update_item(
        self, TableName: str, Key: Item, UpdateExpression: str, ReturnValues: str = "NONE", **request: Any
    ) -> dict[str, Any]:
        with self._lock:
            table = self._table(TableName, "UpdateItem")
            key = table.key_of(Key, "UpdateItem")
            scope = _Scope(table.items.get(key, {}), request, "UpdateItem")
            scope.require(request.get("ConditionExpression", ""))
            changed = _update(UpdateExpression)(scope)
            scope.check_use(UpdateExpression, request.get("ConditionExpression", ""))
            if changed.get(table.key, Key[table.key]) != Key[table.key]:
                raise refusal("ValidationException", "the key cannot be updated", "UpdateItem")
            table.put({**changed, **Key}, "UpdateItem")
            return {"Attributes": dict(table.items[key])} if ReturnValues == "ALL_NEW" else {}

    def delete_item(self, TableName: str, Key: Item, **request: Any) -> dict[str, Any]:
        with self._lock:
            table = self._table(TableName, "DeleteItem")
            key = table.key_of(Key, "DeleteItem")
            scope = _Scope(table.items.get(key, {}), request, "DeleteItem")
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
            index = table.indexes[IndexName]
            scope = _Scope({}, request, "Query")
            matches = _condition(KeyConditionExpression)
            items = [item for item in index.items(table, scope, KeyConditionExpression) if matches(scope.of(item))]
        items.sort(key=index.order, reverse=not ScanIndexForward)
        if ExclusiveStartKey:
            start = index.order(ExclusiveStartKey)
            items = [
                each for each in items if (index.order(each) > start if ScanIndexForward else index.order(each) < start)
            ]
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
        scope = _Scope({}, request, "Scan")
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

    def items(self, table: _Table, scope: _Scope, condition: str) -> list[Item]:
        """Those of the partition that the condition begins with: `#hash = :value`."""
        name, sign, value = _tokens(condition)[:3]
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
    scope: _Scope,
    request: Mapping[str, Any],
    limit: int,
    keys: tuple[str, ...],
    project: Callable[[Item], Item],
) -> dict[str, Any]:
    """Look at so many items, and 1 MB of them; as with AWS, there may be nothing behind LastEvaluatedKey."""
    looked_at, size = [], 0
    for item in items:
        size += _size(item)
        if size > PAGE_BYTES or (limit and len(looked_at) == limit):
            break
        looked_at.append(item)
    matches = _condition(request.get("FilterExpression", ""))
    page: dict[str, Any] = {"Items": [project(item) for item in looked_at if matches(scope.of(item))]}
    page |= {"Count": len(page["Items"]), "ScannedCount": len(looked_at)}
    if looked_at and (len(looked_at) < len(items) or len(looked_at) == limit):
        page["LastEvaluatedKey"] = {name: looked_at[-1][name] for name in keys}
    return page


def _size(item: Item) -> int:
    """Bytes, as in the Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats"."""
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


# Expressions


class _Scope:
    """An item, and what the names and values of a request stand for."""

    def __init__(self, item: Item, request: Mapping[str, Any], operation: str) -> None:
        self.item = item
        self._names = request.get("ExpressionAttributeNames", {})
        self._values = request.get("ExpressionAttributeValues", {})
        self._operation = operation

    def of(self, item: Item) -> _Scope:
        self.item = item
        return self

    def name(self, token: str) -> str:
        return str(self._look_up(self._names, token))

    def value(self, token: str) -> Value:
        return dict(self._look_up(self._values, token))

    def _look_up(self, table: Mapping[str, Any], token: str) -> Any:
        if token not in table:
            raise self.invalid(f"{token} is not defined")
        return table[token]

    def invalid(self, message: str) -> ClientError:
        return refusal("ValidationException", message, self._operation)

    def require(self, condition: str) -> None:
        if not _condition(condition)(self):
            raise refusal("ConditionalCheckFailedException", "The conditional request failed", self._operation)

    def check_use(self, *expressions: str) -> None:
        """DynamoDB refuses names and values that no expression uses."""
        used = {token for expression in expressions for token in _tokens(expression)}
        if unused := {*self._names, *self._values} - used:
            raise self.invalid(f"unused in expressions: {sorted(unused)}")


Condition = Callable[[_Scope], bool]
Operand = Callable[[_Scope], Value | None]

_TOKEN = re.compile(r"[#:]?\w+|<=|>=|[(),=<>+-]")


@cache
def _tokens(expression: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(expression))


class _Parser:
    """Recursive descent; each method takes its tokens and returns a function of the scope."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._tokens = [*_tokens(expression), ""]
        self._at = 0

    @property
    def token(self) -> str:
        return self._tokens[self._at]

    def take(self, *allowed: str) -> str:
        """The next token. Without `allowed`, any."""
        token = self.token
        if allowed and token not in allowed:
            raise NotImplementedError(f"{token!r} in {self._expression!r}")
        self._at += 1
        return token

    def list_of(self, parse: Callable[[], T]) -> list[T]:
        parts = [parse()]
        while self.token == ",":
            self.take()
            parts.append(parse())
        return parts

    def arguments(self) -> list[Operand]:
        self.take("(")
        operands = self.list_of(self.operand)
        self.take(")")
        return operands

    def disjunction(self) -> Condition:
        parts = [self.conjunction()]
        while self.token == "OR":
            self.take()
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else lambda scope: any(part(scope) for part in parts)

    def conjunction(self) -> Condition:
        parts = [self.negation()]
        while self.token == "AND":
            self.take()
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else lambda scope: all(part(scope) for part in parts)

    def negation(self) -> Condition:
        if self.token == "NOT":
            self.take()
            negated = self.negation()
            return lambda scope: not negated(scope)
        return self.comparison()

    def comparison(self) -> Condition:
        if self.token == "(":
            self.take()
            inner = self.disjunction()
            self.take(")")
            return inner
        if self.token in ("attribute_exists", "attribute_not_exists"):
            exists = self.take() == "attribute_exists"
            [operand] = self.arguments()
            return lambda scope: (operand(scope) is not None) is exists
        if self.token == "begins_with":
            self.take()
            text, prefix = self.arguments()
            return lambda scope: _text(text(scope)).startswith(_text(prefix(scope)) or "\0")
        left = self.operand()
        sign = self.take("=", "<", "<=", ">", ">=", "IN", "BETWEEN")
        if sign == "IN":
            members = self.arguments()
            return lambda scope: any(_compare("=", left(scope), member(scope)) for member in members)
        right = self.operand()
        if sign != "BETWEEN":
            return lambda scope: _compare(sign, left(scope), right(scope))
        self.take("AND")
        last = self.operand()

        def is_between(scope: _Scope) -> bool:
            if _compare(">", right(scope), last(scope)):
                raise scope.invalid("BETWEEN: the lower bound is above the upper")
            return _compare(">=", left(scope), right(scope)) and _compare("<=", left(scope), last(scope))

        return is_between

    def operand(self) -> Operand:
        token = self.take()
        if token.startswith(":"):
            return lambda scope: scope.value(token)
        if token.startswith("#"):
            return lambda scope: scope.item.get(scope.name(token))
        raise NotImplementedError(f"{token!r} in {self._expression!r}")

    def update(self) -> Iterator[Callable[[_Scope, Item], None]]:
        while self.token:
            clause = {"SET": self._assignment, "ADD": self._addition, "REMOVE": self._removal}[
                self.take("SET", "ADD", "REMOVE")
            ]
            yield from self.list_of(clause)

    def _assignment(self) -> Callable[[_Scope, Item], None]:
        name = self.take()
        self.take("=")
        value = self._new_value()

        def assign(scope: _Scope, item: Item) -> None:
            new = value(scope)
            if new is None:
                raise scope.invalid("the expression refers to an attribute that the item does not have")
            item[scope.name(name)] = new

        return assign

    def _new_value(self) -> Operand:
        if self.token == "if_not_exists":
            self.take()
            self.take("(")
            present = self.operand()
            self.take(",")
            default = self._new_value()
            self.take(")")
            return lambda scope: present(scope) or default(scope)
        if self.token == "list_append":
            self.take()
            self.take("(")
            first = self._new_value()
            self.take(",")
            second = self._new_value()
            self.take(")")
            return lambda scope: {"L": [*(first(scope) or {})["L"], *(second(scope) or {})["L"]]}
        left = self.operand()
        if self.token not in ("+", "-"):
            return left
        sign = 1 if self.take() == "+" else -1
        right = self.operand()

        def add(scope: _Scope) -> Value | None:
            augend = left(scope)
            return None if augend is None else _sum(augend, right(scope) or {}, sign)

        return add

    def _addition(self) -> Callable[[_Scope, Item], None]:
        name, operand = self.take(), self.operand()

        def add(scope: _Scope, item: Item) -> None:
            item[scope.name(name)] = _sum(scope.item.get(scope.name(name), {"N": "0"}), operand(scope) or {}, 1)

        return add

    def _removal(self) -> Callable[[_Scope, Item], None]:
        name = self.take()

        def remove(scope: _Scope, item: Item) -> None:
            item.pop(scope.name(name), None)

        return remove


@cache
def _condition(expression: str) -> Condition:
    """An empty one is met by every item."""
    if not expression:
        return lambda scope: True
    parser = _Parser(expression)
    condition = parser.disjunction()
    parser.take("")
    return condition


@cache
def _update(expression: str) -> Callable[[_Scope], Item]:
    """The item after the update. All values are those before it."""
    steps = tuple(_Parser(expression).update())

    def update(scope: _Scope) -> Item:
        changed = dict(scope.item)
        for step in steps:
            step(scope, changed)
        return changed

    return update


def _sum(augend: Value, addend: Value, sign: int) -> Value:
    return {"N": str(Decimal(augend["N"]) + sign * Decimal(addend["N"]))}


def _text(value: Value | None) -> str:
    return str((value or {}).get("S", ""))


_COMPARISONS = {"=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def _compare(sign: str, left: Value | None, right: Value | None) -> bool:
    """False where one is missing, or they are of different types."""
    if left is None or right is None or left.keys() != right.keys():
        return False
    [(kind, a)], [(_, b)] = left.items(), right.items()
    if kind == "N":
        a, b = Decimal(a), Decimal(b)
    elif kind == "S":
        a, b = a.encode(), b.encode()
    return bool(_COMPARISONS[sign](a, b))
