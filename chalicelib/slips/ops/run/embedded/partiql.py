"""The statements of `aws.partiql`, as requests that the emulator judges: its own PartiQL takes an INSERT of a key that
exists, and an UPDATE whose condition is not met.

Any other text is refused: what a batch of other statements would do, the emulator does not know.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ....aws.dynamodb import Attributes
from ....aws.partiql import UNMET, Statement

_INSERT = re.compile(r"""INSERT INTO "([\w.-]+)" VALUE \{('\w+': \?(?:, '\w+': \?)*)\}""")
_UPDATE = re.compile(
    r'UPDATE "([\w.-]+)" (SET "\w+" = \?(?: SET "\w+" = \?)*) WHERE ("\w+" = \?(?: AND "\w+" (?:=|<>) \?)*)'
)
_NAME = re.compile(r"""['"](\w+)['"]""")
_TERM = re.compile(r'"(\w+)" (=|<>) \?')

CODES = {
    "AccessDeniedException": "AccessDenied",
    "ConditionalCheckFailedException": "ConditionalCheckFailed",
    "InternalServerError": "InternalServerError",
    "ItemCollectionSizeLimitExceededException": "ItemCollectionSizeLimitExceeded",
    "ProvisionedThroughputExceededException": "ProvisionedThroughputExceeded",
    "RequestLimitExceeded": "RequestLimitExceeded",
    "ResourceNotFoundException": "ResourceNotFound",
    "ThrottlingException": "ThrottlingError",
    "TransactionConflictException": "TransactionConflict",
    "ValidationException": "ValidationError",
}
"""What a statement's error is called, by the name of a request's (Amazon DynamoDB API Reference,
BatchStatementError)."""


class NotOurStatement(ValueError):
    """A statement that SLIPS does not send: the emulated AWS does not know what it would do."""


class Translated(NamedTuple):
    """The request that does what a statement says. `operation` is `put_item` or `update_item`."""

    operation: str
    table: str
    key: Attributes
    request: dict[str, Any]
    shows_item: bool

    def error(self, code: str, message: str, item: Attributes | None) -> dict[str, Any]:
        """Return the statement's error, from the request's; `item` is what is there."""
        name = CODES.get(code, "ValidationError")
        if name == "ConditionalCheckFailed" and self.operation == "put_item":
            name, message = "DuplicateItem", "Duplicate primary key exists in table"
        shown = {"Item": item} if item and self.shows_item and name in UNMET else {}
        return {"Error": {"Code": name, "Message": message, **shown}, "TableName": self.table}


def translate(statement: Statement) -> Translated:
    """Return the request that does the same. Raises NotOurStatement."""
    text, values = statement["Statement"], statement.get("Parameters", [])
    shows_item = statement.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
    if match := _INSERT.fullmatch(text):
        key, request = _put(_NAME.findall(match[2]), values)
        return Translated("put_item", match[1], key, {"TableName": match[1], **request}, shows_item)
    if match := _UPDATE.fullmatch(text):
        key, request = _update(_NAME.findall(match[2]), _TERM.findall(match[3]), values)
        return Translated("update_item", match[1], key, {"TableName": match[1], **request}, shows_item)
    raise NotOurStatement(f"the emulated AWS knows the batch statements of SLIPS alone, and not {text[:200]!r}")


def _put(names: list[str], values: list[Any]) -> tuple[Attributes, dict[str, Any]]:
    """The key is what a statement of ours names first."""
    item = dict(zip(names, values, strict=True))
    return {names[0]: item[names[0]]}, {
        "Item": item,
        "ConditionExpression": "attribute_not_exists(#key)",
        "ExpressionAttributeNames": {"#key": names[0]},
    }


def _update(changed: list[str], terms: list[tuple[str, str]], values: list[Any]) -> tuple[Attributes, dict[str, Any]]:
    """The key is what the condition of ours names first."""
    [(key, _), *conditions] = terms
    marks = {f":v{number}": value for number, value in enumerate(values)}
    of_changes, [of_key, *of_conditions] = [*marks][: len(changed)], [*marks][len(changed) :]
    changes = [f"#{name} = {mark}" for name, mark in zip(changed, of_changes, strict=True)]
    required = [f"#{name} {sign} {mark}" for (name, sign), mark in zip(conditions, of_conditions, strict=True)]
    found = {key: marks.pop(of_key)}
    return found, {
        "Key": found,
        "UpdateExpression": f"SET {', '.join(changes)}",
        "ConditionExpression": " AND ".join([f"attribute_exists(#{key})", *required]),
        "ExpressionAttributeNames": {f"#{name}": name for name in (*changed, key, *(name for name, _ in conditions))},
        "ExpressionAttributeValues": marks,
    }
