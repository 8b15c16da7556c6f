"""The condition and update expressions that SLIPS sends to DynamoDB, compiled to functions of an item."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from botocore.exceptions import ClientError

Value = dict[str, Any]
"""As DynamoDB writes it: `{"S": "text"}`."""
Item = dict[str, Value]
T = TypeVar("T")


def refusal(code: str, message: str, operation: str) -> ClientError:
    """Return the error of a refused request."""
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}},  # type: ignore[typeddict-item]
        operation,
    )


class Scope:
    """An item, and the meaning of a request's names and values."""

    def __init__(self, item: Item, request: Mapping[str, Any], operation: str) -> None:
        self.item = item
        self._names = request.get("ExpressionAttributeNames", {})
        self._values = request.get("ExpressionAttributeValues", {})
        self._operation = operation

    def of(self, item: Item) -> Scope:
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
        """Raise DynamoDB's refusal where the item does not meet the condition."""
        if not compile_condition(condition)(self):
            raise refusal("ConditionalCheckFailedException", "The conditional request failed", self._operation)

    def check_use(self, *expressions: str) -> None:
        """DynamoDB refuses names and values that no expression uses."""
        used = {token for expression in expressions for token in tokens(expression)}
        if unused := {*self._names, *self._values} - used:
            raise self.invalid(f"unused in expressions: {sorted(unused)}")


Condition = Callable[[Scope], bool]
Operand = Callable[[Scope], Value | None]

_TOKEN = re.compile(r"[#:]?\w+|<=|>=|<>|[(),=<>+-]")


@cache
def tokens(expression: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(expression))


class _Parser:
    """Recursive descent; each method takes its tokens and returns a function of the scope."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._tokens = [*tokens(expression), ""]
        self._at = 0

    @property
    def token(self) -> str:
        return self._tokens[self._at]

    def take(self, *allowed: str) -> str:
        """Return the next token. Without `allowed`, any may come."""
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
        if self.token == "contains":
            self.take()
            text, part = self.arguments()
            return lambda scope: _text(part(scope)) in _text(text(scope))
        subject = self.operand()
        sign = self.take("=", "<>", "<", "<=", ">", ">=", "IN", "BETWEEN")
        if sign == "IN":
            members = self.arguments()
            return lambda scope: any(_compare("=", subject(scope), member(scope)) for member in members)
        right = self.operand()
        if sign != "BETWEEN":
            return lambda scope: _compare(sign, subject(scope), right(scope))
        self.take("AND")
        last = self.operand()

        def is_between(scope: Scope) -> bool:
            if _compare(">", right(scope), last(scope)):
                raise scope.invalid("BETWEEN: the lower bound is above the upper")
            return _compare(">=", subject(scope), right(scope)) and _compare("<=", subject(scope), last(scope))

        return is_between

    def operand(self) -> Operand:
        token = self.take()
        if token.startswith(":"):
            return lambda scope: scope.value(token)
        if token.startswith("#"):
            return lambda scope: scope.item.get(scope.name(token))
        raise NotImplementedError(f"{token!r} in {self._expression!r}")

    def update(self) -> Iterator[Callable[[Scope, Item], None]]:
        while self.token:
            clause = {"SET": self._assignment, "ADD": self._addition, "REMOVE": self._removal}[
                self.take("SET", "ADD", "REMOVE")
            ]
            yield from self.list_of(clause)

    def _assignment(self) -> Callable[[Scope, Item], None]:
        name = self.take()
        self.take("=")
        value = self._new_value()

        def assign(scope: Scope, item: Item) -> None:
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
        augend_of = self.operand()
        if self.token not in ("+", "-"):
            return augend_of
        sign = 1 if self.take() == "+" else -1
        right = self.operand()

        def add(scope: Scope) -> Value | None:
            augend = augend_of(scope)
            return None if augend is None else _sum(augend, right(scope) or {}, sign)

        return add

    def _addition(self) -> Callable[[Scope, Item], None]:
        name, operand = self.take(), self.operand()

        def add(scope: Scope, item: Item) -> None:
            item[scope.name(name)] = _sum(scope.item.get(scope.name(name), {"N": "0"}), operand(scope) or {}, 1)

        return add

    def _removal(self) -> Callable[[Scope, Item], None]:
        name = self.take()

        def remove(scope: Scope, item: Item) -> None:
            item.pop(scope.name(name), None)

        return remove


@cache
def compile_condition(expression: str) -> Condition:
    """Compile a condition. Every item meets an empty one."""
    if not expression:
        return lambda scope: True
    parser = _Parser(expression)
    condition = parser.disjunction()
    parser.take("")
    return condition


@cache
def compile_update(expression: str) -> Callable[[Scope], Item]:
    """Compile an update. It returns the changed item, and reads all values from the item as it was."""
    steps = tuple(_Parser(expression).update())

    def update(scope: Scope) -> Item:
        changed = dict(scope.item)
        for step in steps:
            step(scope, changed)
        return changed

    return update


def _sum(augend: Value, addend: Value, sign: int) -> Value:
    if "N" not in augend or "N" not in addend:
        message = "An operand in the update expression has an incorrect data type"
        raise refusal("ValidationException", message, "UpdateItem")
    return {"N": str(Decimal(augend["N"]) + sign * Decimal(addend["N"]))}


def _text(value: Value | None) -> str:
    return str((value or {}).get("S", ""))


_COMPARISONS = {"=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def _compare(sign: str, first: Value | None, second: Value | None) -> bool:
    """Compare two values. Where one is missing, or they are of different types, they are unequal and nothing else."""
    if sign == "<>":
        return not _compare("=", first, second)
    if first is None or second is None or first.keys() != second.keys():
        return False
    [(kind, a)], [(_, b)] = first.items(), second.items()
    if kind == "N":
        a, b = Decimal(a), Decimal(b)
    elif kind == "S":
        a, b = a.encode(), b.encode()
    return bool(_COMPARISONS[sign](a, b))
