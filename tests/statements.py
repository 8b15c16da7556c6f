"""Batches of statements of which DynamoDB takes some."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from slips.ops.run.embedded.partiql import translate

Statements = Sequence[dict[str, Any]]


def work_of(statement: dict[str, Any]) -> str:
    """Return the work of a statement of the ledger."""
    return str(translate(statement).key["work_id"]["S"])


def take_some(
    call: Callable[..., Any],
    statements: Statements,
    is_refused: Callable[[dict[str, Any]], bool],
    code: str = "ThrottlingError",
) -> dict[str, Any]:
    """Send those that are not refused, and answer the others with that code."""
    refused = [is_refused(statement) for statement in statements]
    sent = [statement for statement, is_out in zip(statements, refused, strict=True) if not is_out]
    answers = iter(call(Statements=sent)["Responses"] if sent else ())
    error = {"Error": {"Code": code, "Message": "as planned"}}
    return {"Responses": [error if is_out else next(answers) for is_out in refused]}
