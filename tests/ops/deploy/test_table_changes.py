"""A table that lacks what listings need: that of the class-based SLIPS, or one whose index somebody deleted."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner, Result

from slips import aws
from slips.lanes.kinesis import decode_work_item
from slips.ops import polling
from slips.ops.cli import adoption, main
from slips.ops.deploy import deploy, provision
from slips.ops.deploy.account import current_account
from slips.ops.deploy.account_resources import find_table
from slips.ops.deploy.change_set import Change, stack_status
from slips.ops.deploy.drift import storage
from slips.ops.deploy.provision import plan_provision
from slips.ops.deploy.stage import read_stage
from slips.ops.deploy.table_changes import table_changes
from slips.quarantine import Quarantine, schema

from ...builders import legacy_item
from .conftest import Clock

pytestmark = pytest.mark.usefixtures("clock")
_number = count(1)

ON_DEMAND = {"BillingMode": "PAY_PER_REQUEST"}
PROVISIONED = {"ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 2}}
BUILDING = "begun; DynamoDB builds it in some minutes, or hours for a large table; until then, listings report that"


def without_lanes(result: Result) -> str:
    """Return the output without what the lanes take."""
    return "".join(line for line in result.output.splitlines(keepends=True) if " lane: can process " not in line)


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A project in this folder; nothing of its stack is in the account."""
    name = f"tables-{next(_number)}"
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text('{"app_name": "app", "stages": {"dev": {}}}')
    (tmp_path / "slips.yml").write_text(f"stack_name: {name}\n")
    return name


@pytest.fixture
def legacy_table(stack: str) -> str:
    """The ErrorTable of the class-based SLIPS, which slips.yml names by its ARN, with two items in it."""
    table = create_legacy(f"{stack}-ErrorTable", ON_DEMAND)
    name_table(stack, table)
    for number in range(2):
        works = [legacy_item(f"logs/{number}.gz", f"{stack}-{lane}") for lane in ("fast", "slow")[: number + 1]]
        item: Any = {"request_id": {"S": f"old-{number}"}, "argument": {"S": json.dumps(works)}}
        aws.client("dynamodb").put_item(TableName=table, Item=item)
    return table


def create_legacy(name: str, capacity: Any) -> str:
    """Create a table as the class-based SLIPS did in 2018."""
    aws.client("dynamodb").create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "request_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "request_id", "KeyType": "HASH"}],
        **capacity,
    )
    return name


def name_table(stack: str, table: str) -> None:
    """Name the table by its ARN in slips.yml."""
    arn = f"arn:aws:dynamodb:eu-central-1:123456789012:table/{table}"
    Path("slips.yml").write_text(
        f"stack_name: {stack}\n"
        f"backend: {{dynamodb_arn: '{arn}', lane: {{fast: {{shards: 1}}, slow: {{shards: 1}}}}}}\n"
        "bucket_mapping: {logs: [{format: json}]}\n"
    )


def run(*arguments: str, typed: str = "") -> Result:
    result = CliRunner().invoke(main, arguments, input=typed)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def describe(table: str) -> dict[str, Any]:
    described: dict[str, Any] = find_table(table)
    return described


def drift_of(table: str) -> list[str]:
    return [line for line in storage.storage_drift(read_stage("dev")) if line.startswith(f"table {table}: ")]


def waiting(stream: str) -> list[str]:
    """The keys of the objects in a lane."""
    kinesis = aws.client("kinesis")
    [shard] = kinesis.list_shards(StreamName=stream)["Shards"]
    place = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
    records = kinesis.get_records(ShardIterator=place["ShardIterator"])["Records"]
    return [decode_work_item(record["Data"]).object_key for record in records]


def indexes(table: str) -> list[str]:
    return [index["IndexName"] for index in describe(table).get("GlobalSecondaryIndexes", ())]


@pytest.mark.parametrize(
    "command", ["errors", "errors --group", "errors --follow", "drain", "drain --dry-run", "error abbreviated"]
)
def test_a_command_that_lists_says_what_adds_the_index(legacy_table: str, command: str) -> None:
    result = run(*command.split())
    assert result.exit_code == 1
    assert result.stderr == (
        f'Error: table {legacy_table}: it has no index "newest", without which nothing can be listed; run `slips '
        "provision`, which adds it\n"
    )
    # Until it is taken over on request, nothing in it is changed.
    assert {*aws.client("dynamodb").get_item(TableName=legacy_table, Key={"request_id": {"S": "old-0"}})["Item"]} == {
        "request_id", "argument",
    }  # fmt: skip


def test_the_check_of_the_account_says_what_a_table_lacks(legacy_table: str) -> None:
    assert drift_of(legacy_table) == [
        f"table {legacy_table}: deletes no expired items; run: slips provision --stage dev --adopt",
        f"table {legacy_table}: has no index newest; run: slips provision --stage dev --adopt",
    ]
    run("provision", "--yes", "--adopt")
    assert drift_of(legacy_table) == [f"table {legacy_table}: has no index due; run: slips provision --stage dev"]
    run("provision", "--yes")
    assert drift_of(legacy_table) == []


@pytest.mark.parametrize("command", ["provision", "deploy"])
def test_a_table_that_the_old_version_may_work_with_is_changed_on_request_alone(
    stack: str, legacy_table: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("check_packaged", "check_deployable", "affordable_reservations"):
        monkeypatch.setattr(deploy, name, lambda *_: ())
    result = run(command, "--yes")
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: the table {legacy_table}: it deletes no expired items and has no index newest; nothing was changed. "
        "Take it over with `slips provision --adopt`, which changes nothing else of it\n"
    )
    assert (indexes(legacy_table), stack_status(stack)) == ([], "")


def test_provision_shows_what_it_adds_to_a_table_and_asks(stack: str, legacy_table: str) -> None:
    run("provision", "--yes", "--adopt")  # All else is up to date.
    aws.client("dynamodb").delete_table(TableName=legacy_table)
    create_legacy(legacy_table, PROVISIONED)
    result = run("provision", "--adopt", typed="n\n")
    assert result.exit_code == 1
    assert without_lanes(result) == (
        f"account 123456789012, region eu-central-1, stack {stack}\n"
        f"Update  table {legacy_table}: delete items after their expires_at\n"
        f"Update  table {legacy_table}: add the index newest, with 3 read and 2 write units\n"
        "make these changes? [y/N]: n\nnothing was changed\nAborted!\n"
    )
    assert indexes(legacy_table) == []


@pytest.mark.parametrize("capacity", [ON_DEMAND, PROVISIONED], ids=["on demand", "provisioned"])
def test_provision_adds_what_a_table_lacks_once(stack: str, capacity: Any) -> None:
    table = create_legacy(f"{stack}-ErrorTable", capacity)
    name_table(stack, table)
    result = run("provision", "--adopt", typed="y\n")
    assert (result.exit_code, result.output.count("make these changes?")) == (0, 1), result.output
    assert f"Update  table {table}: delete items after their expires_at: done\n" in result.output
    assert result.output.endswith(f": {BUILDING}\n")
    assert run("provision", "--yes").output.endswith(f": {BUILDING}\n")  # DynamoDB adds one at a time.
    index, due = describe(table)["GlobalSecondaryIndexes"]
    assert due["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(schema.DUE_PROJECTED)}
    assert index["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(schema.PROJECTED)}
    units = {name: index["ProvisionedThroughput"][name] for name in ("ReadCapacityUnits", "WriteCapacityUnits")}
    assert units == capacity.get("ProvisionedThroughput", {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0})
    attributes = {each["AttributeName"]: each["AttributeType"] for each in describe(table)["AttributeDefinitions"]}
    assert attributes == schema.ATTRIBUTES
    ttl = aws.client("dynamodb").describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
    assert run("provision", "--yes").output.endswith("nothing to change\n")


def test_a_deployment_shows_it_too(legacy_table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("check_packaged", "check_deployable", "affordable_reservations"):
        monkeypatch.setattr(deploy, name, lambda *_: ())
    monkeypatch.setattr(deploy, "existing_functions", lambda stage: [])
    plan = deploy.plan_deployment(read_stage("dev"), current_account(), adopt=True)
    plan.discard()
    assert f"Update  table {legacy_table}: add the index newest" in list(plan.lines())


def test_the_items_of_2018_are_then_listed_and_drained(stack: str, legacy_table: str) -> None:
    assert run("provision", "--yes", "--adopt").exit_code == 0
    listed = [line.split()[1:4] for line in run("errors").stdout.splitlines()]
    assert sorted(listed) == [
        ["old-0", "logs", "logs/0.gz"], ["old-1", "logs", "logs/1.gz"], ["old-1", "logs", "logs/1.gz"],
    ]  # fmt: skip
    assert run("drain").stdout == "drained: 2, remaining: 0\n"
    assert (sorted(waiting(f"{stack}-fast")), waiting(f"{stack}-slow")) == (["logs/0.gz", "logs/1.gz"], ["logs/1.gz"])
    assert run("errors").output == ""


def test_what_the_version_of_2018_writes_from_then_on_is_listed_too(
    stack: str, legacy_table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It runs beside this one until the move is over."""
    monkeypatch.setattr(adoption, "BUDGET", 600.0)  # However slow the machine is.
    run("provision", "--yes", "--adopt")
    assert "took over 2 error items of the class-based SLIPS\n" in run("errors").stderr
    for number in range(30):
        item: Any = {"request_id": {"S": f"late-{number}"}, "argument": {"S": json.dumps([legacy_item("logs/late")])}}
        aws.client("dynamodb").put_item(TableName=legacy_table, Item=item)
    result = run("errors", "-n", "1000")
    assert "took over 30 error items of the class-based SLIPS\n" in result.stderr
    assert len({line.split()[1] for line in result.stdout.splitlines()}) == 32
    aws.client("dynamodb").put_item(TableName=legacy_table, Item={**item, "request_id": {"S": "last"}})
    assert run("drain").stdout == "drained: 33, remaining: 0\n"
    assert run("errors").stderr == ""


def test_a_table_of_ours_is_read_for_old_items_once_an_hour(stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading all of it costs, and nobody else should write there."""
    run("provision", "--yes")
    asked: list[float] = []
    adopt = Quarantine.adopt

    def note(self: Any, budget: float = 0.0, *, older_than: float = 0.0) -> Any:
        asked.append(older_than)
        return adopt(self, budget, older_than=older_than)

    monkeypatch.setattr(Quarantine, "adopt", note)
    for number in range(2):
        item: Any = {"request_id": {"S": f"old-{number}"}, "argument": {"S": json.dumps([legacy_item("logs/x")])}}
        aws.client("dynamodb").put_item(TableName=f"{stack}-errors", Item=item)
        assert run("errors").stdout.count("old-") == 1
    assert asked == [3600.0, 3600.0]


def test_a_table_that_was_not_read_to_its_end_is_named(
    stack: str, legacy_table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("provision", "--yes", "--adopt")
    monkeypatch.setattr(adoption, "BUDGET", 0.0)
    assert run("errors").stderr == (
        "took over 1 error item of the class-based SLIPS\n"
        f"the table {legacy_table} was not read to its end: run this command again for the rest of its old items\n"
    )


def test_an_item_of_2018_is_shown_and_drained_by_its_id_without_an_index(stack: str, legacy_table: str) -> None:
    for lane in ("fast", "slow"):
        aws.client("kinesis").create_stream(StreamName=f"{stack}-{lane}", ShardCount=1)
    assert run("error", "old-0").stdout.startswith("RequestID:old-0\n")
    assert run("drain", "--id", "old-0").stdout == "drained: 1, remaining: 0\n"
    assert waiting(f"{stack}-fast") == ["logs/0.gz"]


def test_an_index_that_was_deleted_from_a_table_of_ours_comes_back(stack: str) -> None:
    """CloudFormation finds nothing to change."""
    run("provision", "--yes")
    table = f"{stack}-ledger"
    aws.client("dynamodb").update_table(
        TableName=table, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "of_object"}}]
    )
    assert drift_of(table) == [f"table {table}: has no index of_object; run: slips provision --stage dev"]
    result = run("provision", "--yes")
    assert without_lanes(result).splitlines()[1:2] == [f"Update  table {table}: add the index of_object"]
    assert (indexes(table), drift_of(table)) == (["of_object"], [])


def test_an_index_is_not_added_while_another_is_built(legacy_table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB would refuse it, and the deployment with it."""
    run("provision", "--yes", "--adopt")

    def find(name: str) -> Any:
        described = describe(name)
        described["GlobalSecondaryIndexes"][0]["IndexStatus"] = "CREATING"
        return described

    with monkeypatch.context() as building:
        building.setattr("slips.ops.deploy.table_changes.find_table", find)
        assert list(table_changes(read_stage("dev").config)) == []
    assert [str(change) for change in table_changes(read_stage("dev").config)] == [
        f"Update  table {legacy_table}: add the index due"
    ]


def test_a_table_that_is_taken_into_the_stack_gets_what_it_lacks(stack: str) -> None:
    table = create_legacy(f"{stack}-errors", ON_DEMAND)
    result = run("provision", "--yes", "--adopt")
    assert (result.exit_code, indexes(table)) == (0, ["newest"]), result.output


def test_what_the_change_set_does_is_not_done_twice(stack: str) -> None:
    plan = plan_provision(read_stage("dev"), current_account())
    plan.execute(lambda line: None)
    aws.client("dynamodb").update_table(
        TableName=f"{stack}-errors", GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "newest"}}]
    )
    changes = (Change("Modify", "AWS::DynamoDB::Table", "ErrorTable"),)
    assert list(provision.find_table_changes(read_stage("dev"), changes)) == []
    assert [change.logical for change in provision.find_table_changes(read_stage("dev"), ())] == ["ErrorTable"]


def test_a_table_that_an_arn_names_is_not_the_one_that_the_change_set_removes(stack: str, legacy_table: str) -> None:
    removal = (Change("Remove", "AWS::DynamoDB::Table", "ErrorTable"),)
    assert [change.table for change in provision.find_table_changes(read_stage("dev"), removal)] == [legacy_table] * 2


def test_a_change_that_somebody_else_was_faster_with_is_left_out(legacy_table: str) -> None:
    changes = list(table_changes(read_stage("dev").config))
    for change in [*changes, *changes]:
        change.apply()
    assert indexes(legacy_table) == ["newest"]


def test_a_table_that_is_being_changed_is_waited_for(
    legacy_table: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = aws.client("dynamodb").update_table
    refusals = iter(["ResourceInUseException"])

    def refuse_once(**request: Any) -> Any:
        for code in refusals:
            raise ClientError({"Error": {"Code": code}}, "UpdateTable")
        return update(**request)

    monkeypatch.setattr(aws.client("dynamodb"), "update_table", refuse_once)
    *_, index = table_changes(read_stage("dev").config)
    index.apply()
    assert (indexes(legacy_table), clock.seconds) == (["newest"], polling.PAUSE)


def test_a_permission_that_is_missing_is_named_with_what_exists(
    stack: str, legacy_table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "UpdateTable")

    monkeypatch.setattr(aws.client("dynamodb"), "update_table", refuse)
    result = run("provision", "--yes", "--adopt")
    assert result.exit_code == 1
    assert f"the table {legacy_table}: the index newest: these credentials may not call UpdateTable" in result.output
    assert f"the stack {stack} is complete: run this command again when that is fixed" in result.output


@pytest.mark.parametrize(("state", "usable"), [("ACTIVE", True), ("UPDATING", True), ("CREATING", False)])
def test_an_index_that_is_being_built_is_named(
    legacy_table: str, monkeypatch: pytest.MonkeyPatch, state: str, usable: bool
) -> None:
    run("provision", "--yes", "--adopt")
    run("provision", "--yes")

    def find(name: str) -> Any:
        described = describe(name)
        described["GlobalSecondaryIndexes"][0]["IndexStatus"] = state
        return described

    monkeypatch.setattr(storage, "find_table", find)
    line = f"table {legacy_table}: its index newest is CREATING; nothing can be listed until it is ACTIVE"
    assert drift_of(legacy_table) == ([] if usable else [line])


def test_a_table_of_another_key_is_named(stack: str) -> None:
    table = f"{stack}-other"
    aws.client("dynamodb").create_table(
        TableName=table,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    name_table(stack, table)
    assert f"table {table}: its key is {{'id': 'HASH'}}, should be {{'request_id': 'HASH'}}" in drift_of(table)


ALL = {"ProjectionType": "ALL"}
KEYS = [{"AttributeName": "spread", "KeyType": "HASH"}, {"AttributeName": "sort_key", "KeyType": "RANGE"}]


@pytest.mark.parametrize(
    ("keys", "projection", "usable"),
    [
        (KEYS, ALL, True),
        (KEYS, {"ProjectionType": "KEYS_ONLY"}, False),
        (KEYS, {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["format"]}, False),
        (KEYS[:1], ALL, False),
    ],
)
def test_another_index_of_that_name_is_named(stack: str, keys: Any, projection: Any, usable: bool) -> None:
    table = create_legacy(f"{stack}-ErrorTable", ON_DEMAND)
    name_table(stack, table)
    attributes = [{"AttributeName": key["AttributeName"], "AttributeType": "S"} for key in keys]
    create: Any = {"Create": {"IndexName": "newest", "KeySchema": keys, "Projection": projection}}
    aws.client("dynamodb").update_table(
        TableName=table, AttributeDefinitions=attributes, GlobalSecondaryIndexUpdates=[create]
    )
    lines = [line for line in drift_of(table) if "index newest" in line]
    what = f"table {table}: its index newest is not that of `slips provision --template`; delete it, and let slips"
    assert lines == ([] if usable else [f"{what} provision add it again"])
