"""Tables that get other indexes: one at a time, the new before the functions that read them, the old after those."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from slips import aws
from slips.ledger import ledger
from slips.ops.cli import main
from slips.ops.deploy import chalice_command, index_steps, policies
from slips.ops.deploy.account import current_account
from slips.ops.deploy.deploy import plan_deployment
from slips.ops.deploy.drift.stack import stack_drift
from slips.ops.deploy.index_steps import next_template
from slips.ops.deploy.stack import storage
from slips.ops.deploy.stage import DeploymentStage, read_stage

pytestmark = pytest.mark.usefixtures("clock")
_number = count(1)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DeploymentStage:
    """A stage whose stack exists, with an item in the ErrorTable."""
    stage = make_stage(tmp_path, monkeypatch)
    key = {"request_id": {"S": "a"}, "spread": {"S": "1"}, "sort_key": {"S": "2026"}, "later": {"S": "now"}}
    aws.client("dynamodb").put_item(TableName=stage.config.error_table, Item=key)
    return stage


def make_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DeploymentStage:
    name = f"steps-{next(_number)}"
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps({"app_name": name, "stages": {"dev": {}}}))
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "slips.yml").symlink_to("../slips.yml")
    (tmp_path / "slips.yml").write_text(f"stack_name: {name}\n")
    assert run("provision", "--yes").exit_code == 0
    return read_stage("dev")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def indexes(stage: DeploymentStage) -> list[str]:
    table: Any = aws.client("dynamodb").describe_table(TableName=stage.config.error_table)["Table"]
    return [index["IndexName"] for index in table["GlobalSecondaryIndexes"]]


def read(stage: DeploymentStage, index: str, key: str, value: str) -> int:
    """What a version does that reads this index; return how many items it finds."""
    return aws.client("dynamodb").query(
        TableName=stage.config.error_table, IndexName=index, KeyConditionExpression="#k = :v",
        ExpressionAttributeNames={"#k": key}, ExpressionAttributeValues={":v": {"S": value}},
    )["Count"]  # fmt: skip


KEPT = "Keep    index newest of ErrorTable  until the next `slips deploy`, so you can go back to the previous version"


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on SLIPS is a version whose ErrorTable has two new indexes, and not the one of before."""
    error_table = storage._error_table

    def of_newer_version(*arguments: Any, **options: Any) -> Any:
        table = error_table(*arguments, **options)
        old, due = table["GlobalSecondaryIndexes"]
        keys = [{"AttributeName": "later", "KeyType": "HASH"}]
        table["GlobalSecondaryIndexes"] = [
            {**old, "IndexName": "newest2"},
            due,
            {**old, "IndexName": "later", "KeySchema": keys},
        ]
        later = {"AttributeName": "later", "AttributeType": "S"}
        table["AttributeDefinitions"] = [*table["AttributeDefinitions"], later]
        return table

    monkeypatch.setattr(storage, "_error_table", of_newer_version)


def test_both_versions_work_until_the_functions_are_deployed(
    stage: DeploymentStage, newer: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int, int]] = []

    def deploy(stage: DeploymentStage, command: str, **_: Any) -> None:
        seen.append(
            (
                read(stage, "newest", "spread", "1"),
                read(stage, "newest2", "spread", "1"),
                read(stage, "later", "later", "now"),
            )
        )

    monkeypatch.setattr(chalice_command, "run_chalice", deploy)
    for function in ("record_code", "missing_calls", "sync_settings", "affordable_reservations"):
        monkeypatch.setattr(f"slips.ops.deploy.deploy.{function}", lambda *_: [])
    policies.write_files(stage.project)
    plan = plan_deployment(stage, current_account())
    assert KEPT in list(plan.lines())
    plan.execute(print)
    assert seen == [(1, 1, 1)]
    assert sorted(indexes(stage)) == ["due", "later", "newest", "newest2"]  # Those of before, too: to go back.
    assert not [line for line in stack_drift(stage, current_account()) if "ErrorTable is" in line]
    plan_deployment(stage, current_account()).execute(print)
    assert sorted(indexes(stage)) == ["due", "later", "newest2"]
    assert "nothing to change" in run("provision", "--yes").output


def test_provision_alone_drops_none(stage: DeploymentStage, newer: None) -> None:
    result = run("provision", "--yes")
    assert result.exit_code == 0, result.output
    assert sorted(indexes(stage)) == ["due", "later", "newest", "newest2"]
    again = run("provision", "--yes").output
    assert KEPT in again


def test_a_step_that_was_killed_is_done_by_the_next_call(
    stage: DeploymentStage, newer: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(index_steps, "propose", die)
        run("provision", "--yes")
    assert sorted(indexes(stage)) == ["due", "newest", "newest2"]
    run("provision", "--yes")
    assert sorted(indexes(stage)) == ["due", "later", "newest", "newest2"]


def test_the_ledger_changes_its_index_while_the_version_before_still_reads_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It held all of an item, and was written twice for each object."""
    ledger_table = storage._ledger_table

    def of_version_before(name: str) -> dict[str, Any]:
        table = ledger_table(name)
        [index] = table["GlobalSecondaryIndexes"]
        index |= {"IndexName": "by_object", "Projection": {"ProjectionType": "ALL"}}
        return table

    with monkeypatch.context() as patch:
        patch.setattr(storage, "_ledger_table", of_version_before)
        stage = make_stage(tmp_path, monkeypatch)
    client, table = aws.client("dynamodb"), stage.config.ledger_table
    client.put_item(TableName=table, Item={key: {"S": "a"} for key in ledger.ATTRIBUTES})
    assert "Keep    index by_object of LedgerTable" in run("provision", "--yes").output
    described: Any = client.describe_table(TableName=table)["Table"]
    projections = {each["IndexName"]: each["Projection"] for each in described["GlobalSecondaryIndexes"]}
    assert projections == {"by_object": {"ProjectionType": "ALL"}, "of_object": {"ProjectionType": "KEYS_ONLY"}}
    assert (ledger.INDEX, ledger.FORMER_INDEX) == ("of_object", "by_object")
    for index in projections:
        found = client.query(
            TableName=table, IndexName=index, KeyConditionExpression="object_id = :v",
            ExpressionAttributeValues={":v": {"S": "a"}},
        )  # fmt: skip
        assert found["Count"] == 1


def table(*names: str) -> dict[str, Any]:
    schemas = [
        {"IndexName": name, "KeySchema": [{"AttributeName": f"key of {name}", "KeyType": "HASH"}]} for name in names
    ]
    keys = ["id", *(f"key of {name}" for name in names)]
    properties = {
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "GlobalSecondaryIndexes": schemas,
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in keys],
    }
    return {"Resources": {"T": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}}


@pytest.mark.parametrize("drops", [False, True])
@pytest.mark.parametrize(
    ("wanted", "deployed", "kept", "dropped"),
    [
        ("ab", "", "a", "a"),  # A table without an index.
        ("ab", "a", "ab", "ab"),
        ("bc", "a", "ab", "ab"),  # The new one first: nobody is without.
        ("b", "ab", "ab", "b"),
        ("", "ab", "ab", "b"),
        ("ab", "ab", "ab", "ab"),
    ],
)
def test_a_step_changes_one_index(wanted: str, deployed: str, kept: str, dropped: str, drops: bool) -> None:
    step = next_template(table(*wanted), table(*deployed), drops=drops)
    assert step == table(*(dropped if drops else kept))


def test_a_new_table_has_all_at_once() -> None:
    assert next_template(table("a", "b"), {"Resources": {}}, drops=False) == table("a", "b")
