"""The emulator judges the statements of the ledger as the API's model says, and takes no others."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from slips.aws.partiql import insert, update
from slips.ops.run.embedded.partiql import CODES, NotOurStatement, translate

from ...ledger_table import create
from ...memory_dynamodb import MemoryDynamoDB

MODEL = botocore.session.get_session().get_service_model("dynamodb")
NEW = {"work_id": "w1", "state": "started", "token": 1, "token_name": "a"}


@pytest.fixture(params=["memory", "emulator"])
def dynamodb(request: pytest.FixtureRequest) -> Any:
    return MemoryDynamoDB() if request.param == "memory" else request.getfixturevalue("emulated_dynamodb")


@pytest.fixture
def table(dynamodb: Any) -> str:
    return create(dynamodb)


def end(table: str, work_id: str = "w1", name: str = "a") -> dict[str, Any]:
    own = {"token": 1, "token_name": name}
    return update(table, {"work_id": work_id}, {"state": "done", "books": "{}"}, own, {"state": ("done", "failed")})


def send(dynamodb: Any, *statements: dict[str, Any]) -> list[Any]:
    """The answers, each of which has the members of the model's shape and no other."""
    responses: list[Any] = dynamodb.batch_execute_statement(Statements=list(statements))["Responses"]
    answer, error = (MODEL.shape_for(name) for name in ("BatchStatementResponse", "BatchStatementError"))
    for each in responses:
        assert each.keys() <= answer.members.keys()  # type: ignore[attr-defined]
        assert each.get("Error", {}).keys() <= error.members.keys()  # type: ignore[attr-defined]
    return responses


def codes(responses: list[Any]) -> list[str]:
    return [each.get("Error", {}).get("Code", "") for each in responses]


def item_of(dynamodb: Any, table: str, work_id: str) -> Any:
    return dynamodb.get_item(TableName=table, Key={"work_id": {"S": work_id}}).get("Item")


def test_codes_are_those_of_the_model() -> None:
    assert {*CODES.values(), "DuplicateItem"} == {*MODEL.shape_for("BatchStatementErrorCodeEnum").enum}  # type: ignore[attr-defined]


def test_an_insert_of_a_key_that_exists_changes_nothing_and_shows_the_item(dynamodb: Any, table: str) -> None:
    assert codes(send(dynamodb, insert(table, NEW))) == [""]
    before = item_of(dynamodb, table, "w1")
    assert before["token"] == {"N": "1"}
    [again, other] = send(dynamodb, insert(table, {**NEW, "token_name": "b"}), insert(table, {**NEW, "work_id": "w2"}))
    assert (again["Error"]["Code"], again["Error"]["Item"], "Error" in other) == ("DuplicateItem", before, False)
    assert item_of(dynamodb, table, "w1") == before


def test_an_update_changes_only_the_item_whose_condition_is_met(dynamodb: Any, table: str) -> None:
    send(dynamodb, insert(table, NEW), insert(table, {**NEW, "work_id": "w2"}))
    responses = send(dynamodb, end(table), end(table, "w2", "another"), end(table, "w3"))
    assert codes(responses) == ["", "ConditionalCheckFailed", "ConditionalCheckFailed"]
    items = [item_of(dynamodb, table, each) for each in ("w1", "w2", "w3")]
    assert [each and each["state"]["S"] for each in items] == ["done", "started", None]
    assert codes(send(dynamodb, end(table))) == ["ConditionalCheckFailed"]


def test_a_statement_that_fails_fails_alone(dynamodb: Any, table: str) -> None:
    long = insert(table, {**NEW, "work_id": "w" * 2049})
    assert codes(send(dynamodb, long, insert(table, NEW))) == ["ValidationError", ""]
    assert codes(send(dynamodb, insert("no-such-table", NEW), end(table))) == ["ResourceNotFound", ""]


@pytest.mark.parametrize(
    "text",
    [
        'DELETE FROM "t" WHERE "work_id" = ?',
        'SELECT * FROM "t" WHERE "work_id" = ?',
        """INSERT INTO "t" VALUE {'work_id': 'w1'}""",
        """INSERT INTO "t" VALUE {'work_id': ?} IF NOT EXISTS""",
        'UPDATE "t" SET "n" = "n" + ? WHERE "work_id" = ?',
        'UPDATE "t" SET "n" = ? WHERE "work_id" = ? OR "n" = ?',
        'UPDATE "t" REMOVE "n" WHERE "work_id" = ?',
    ],
)
def test_any_other_statement_is_refused(emulated_dynamodb: Any, text: str) -> None:
    statement = {"Statement": text, "Parameters": [{"S": "w1"}] * text.count("?")}
    with pytest.raises(NotOurStatement, match="the batch statements of SLIPS alone"):
        translate(statement)
    statement = {name: value for name, value in statement.items() if value}
    with pytest.raises(ClientError, match=r"ValidationException.*the batch statements of SLIPS alone"):
        emulated_dynamodb.batch_execute_statement(Statements=[statement])
