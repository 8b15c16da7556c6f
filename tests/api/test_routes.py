"""The routes, as curl sees them."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from botocore.exceptions import ClientError

from slips import Slips, aws
from slips.api.stats import find_options
from slips.config import Mapping, Topic
from slips.errors import StoreError
from slips.ledger.counters import Counters
from slips.model import utc
from slips.ops.deploy.stack.storage import tables

from ..builders import failure, item
from ..doubles import RecordingLanes
from ..memory_dynamodb import MemoryDynamoDB
from .conftest import Ask, Metrics, Queues


def plant(slips: Slips, count: int, **fields: Any) -> None:
    """Record `count` error items, one per second."""
    slips.quarantine.record(
        [
            failure(f"r{number:04}", failed_at=f"2026-02-01T00:{number // 60:02}:{number % 60:02}.000Z", **fields)
            for number in range(count)
        ]
    )


def waiting(slips: Slips) -> list[Any]:
    """Return all work items in the lanes."""
    assert isinstance(slips.lanes, RecordingLanes)
    return slips.lanes.items


def test_errors_come_newest_first_page_by_page(slips: Slips, ask: Ask) -> None:
    plant(slips, 7)
    ids, cursor = [], ""
    for _ in range(4):
        status, answer = ask("GET", f"/errors?limit=3&cursor={quote(cursor)}")
        assert status == 200
        ids.append([row["request_id"] for row in answer["errors"]])
        cursor = answer["cursor"]
        if cursor is None:
            break
    assert ids == [["r0006", "r0005", "r0004"], ["r0003", "r0002", "r0001"], ["r0000"]]


def test_an_error_is_listed_with_cause_position_and_function(slips: Slips, ask: Ask) -> None:
    plant(
        slips, 1, processor="watch", positions="3-4,9", stage="process", error_type="KeyError", error_message="'actor'"
    )
    (row,) = ask("GET", "/errors")[1]["errors"]
    assert (row["processor"], row["position"], row["stage"]) == ("watch", "3-4,9", "process")
    assert (row["error_type"], row["error_message"]) == ("KeyError", "'actor'")


def test_errors_are_filtered(slips: Slips, ask: Ask) -> None:
    plant(slips, 2)
    slips.quarantine.record([failure("other", bucket_name="elsewhere")])
    assert [row["request_id"] for row in ask("GET", "/errors?bucket=elsewhere")[1]["errors"]] == ["other"]
    assert ask("GET", "/errors?state=parked")[1]["errors"] == []


def test_errors_are_found_by_a_text_in_the_key_the_type_or_the_message(slips: Slips, ask: Ask) -> None:
    texts = {
        "key": {"object_key": "logs/needle"},
        "type": {"error_type": "needleError"},
        "message": {"error_message": "a needle"},
    }
    slips.quarantine.record(
        [failure(name, **fields) for name, fields in texts.items()] + [failure("no", error_message="Needle")]
    )
    assert {row["request_id"] for row in ask("GET", "/errors?text=needle")[1]["errors"]} == set(texts)
    assert sum(cause["count"] for cause in ask("GET", "/errors?group=fingerprint&text=needle")[1]["causes"]) == 3


def test_errors_are_listed_oldest_first_page_by_page(slips: Slips, ask: Ask) -> None:
    plant(slips, 5)
    first = ask("GET", "/errors?limit=3&order=oldest")[1]
    second = ask("GET", f"/errors?limit=3&order=oldest&cursor={quote(first['cursor'])}")[1]
    ids = [row["request_id"] for page in (first, second) for row in page["errors"]]
    assert (ids, second["cursor"]) == ([f"r{number:04}" for number in range(5)], None)


def test_the_numbers_say_where_commands_find_the_deployment(
    slips: Slips, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask("GET", "/stats")[1]["options"] == "--local"
    for function, options in (
        ("api-dev", ""),
        ("api-prod", "--stage prod"),
        ("api-a b", "--stage 'a b'"),
        ("other", ""),
    ):
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", function)
        assert find_options("api") == options


def test_errors_are_grouped_by_cause(slips: Slips, ask: Ask) -> None:
    plant(slips, 3, fingerprint="abc")
    (cause,) = ask("GET", "/errors?group=fingerprint")[1]["causes"]
    assert (cause["fingerprint"], cause["count"], cause["sample_id"]) == ("abc", 3, "r0002")


def test_a_whole_error_is_shown_and_can_be_discarded(slips: Slips, ask: Ask) -> None:
    plant(slips, 1, traceback="Traceback…", positions="1-3")
    status, error_item = ask("GET", "/errors/r0000")
    assert (status, error_item["traceback"], error_item["positions"]) == (200, "Traceback…", "1-3")
    assert error_item["argument"][0]["object_key"]
    assert ask("DELETE", "/errors/r0000") == (200, {"discarded": "r0000"})
    assert ask("GET", "/errors/r0000")[0] == 404
    assert ask("DELETE", "/errors/r0000")[0] == 404


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/errors?limit=0", "limit"),
        ("/errors?limit=501", "limit"),
        ("/errors?limit=ten", "limit"),
        ("/errors?limit=1&limit=2", "limit"),
        ("/errors?cursor=broken", "cursor"),
        ("/errors?since=yesterday", "since"),
        ("/errors?until=13", "until"),
        ("/errors?state=lost", "state"),
        ("/errors?stage=lost", "stage"),
        ("/errors?group=bucket", "group"),
        ("/errors?group=fingerprint&limit=3", "group"),
        ("/errors?group=fingerprint&order=oldest", "group"),
        ("/errors?order=largest", "order"),
        ("/errors?colour=red", "colour"),
        (f"/errors?prefix={'x' * 3000}", "prefix"),
        ("/stats?hours=0", "hours"),
        ("/stats?hours=169", "hours"),
        ("/objects?bucket=logs", "key"),
        ("/objects?key=a", "bucket"),
    ],
)
def test_a_wrong_parameter_is_named(slips: Slips, ask: Ask, path: str, named: str) -> None:
    status, answer = ask("GET", path)
    assert (status, answer["Code"]) == (400, "BadRequestError")
    assert answer["Message"].startswith(named)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": "3"}, "limit"),
        ({"limit": True}, "limit"),
        ({"ids": "r1"}, "ids"),
        ({"ids": [""]}, "ids"),
        ({"ids": ["r1"], "bucket": "logs"}, "ids"),
        ({"ids": []}, "ids"),
        ({"fingerprint": 1}, "fingerprint"),
        ({"fingerprint": ""}, "fingerprint"),
        ({"dry_run": "yes"}, "dry_run"),
        ({"cursor": "broken"}, "cursor"),
        ({"colour": "red"}, "colour"),
        ([], "the body"),
        (b"{", "the body"),
        (b"x" * 300_000, "the body"),
    ],
)
def test_a_wrong_field_of_a_drain_is_named(slips: Slips, ask: Ask, body: Any, named: str) -> None:
    plant(slips, 1)
    status, answer = ask("POST", "/drain", body)
    assert (status, answer["Message"].startswith(named)) == (400, True), answer
    assert waiting(slips) == []


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b'{"dry_run": true, "dry_run": false}', "dry_run"),
        (b'{"dry_run": true, "dry\\u005frun": false}', "dry_run"),
        (b'{"dry_run": true, "limit": 1, "limit": 1}', "limit"),
        (b'{"ids": [{"a": 1, "a": 1}]}', "a"),
        (b'[{"b": {"c": 1, "d": 2, "c": 3}}]', "c"),
        (b'{"x\\ud800": 1, "x\\ud800": 1}', ""),
    ],
)
@pytest.mark.parametrize("path", ["/drain", "/discard"])
def test_a_body_with_a_key_twice_does_nothing(slips: Slips, ask: Ask, path: str, body: bytes, named: str) -> None:
    """Readers differ in which of the two counts: a proxy may have checked the other one."""
    plant(slips, 1)
    status, answer = ask("POST", path, body)
    assert (status, answer["Code"], answer["Message"].startswith(named)) == (400, "BadRequestError", True), answer
    assert not named or answer["Message"] == f"{named}: given more than once; once is enough"
    assert waiting(slips) == []
    assert len(ask("GET", "/errors")[1]["errors"]) == 1


def test_a_key_may_be_in_two_objects(slips: Slips, ask: Ask) -> None:
    status, answer = ask("POST", "/drain", b'{"ids": [{"a": 1}, {"a": 2}]}')
    assert (status, "more than once" in answer["Message"]) == (400, False), answer


def test_an_internal_error_shows_no_details(slips: Slips, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    slips.app.debug = True  # Chalice would respond with the traceback.
    monkeypatch.setattr(slips.quarantine, "page", fail)
    status, answer = ask("GET", "/errors")
    assert (status, answer["Code"]) == (500, "InternalServerError")
    assert "secret" not in answer["Message"]


def test_a_drain_without_a_body_puts_everything_back_into_its_lane(slips: Slips, ask: Ask) -> None:
    plant(slips, 3, lane="fast", processor="watch", positions="2", argument=(item(work_id="w"),))
    status, answer = ask("POST", "/drain")
    assert (status, answer["drained"], answer["remaining"]) == (200, 3, 0)
    assert ask("GET", "/errors")[1]["errors"] == []
    assert [(work.positions, work.processors) for work in waiting(slips)] == [("2", ("watch",))] * 3


def test_a_drain_accepts_the_content_type_of_curl(slips: Slips, ask: Ask) -> None:
    plant(slips, 2)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    status, answer = ask("POST", "/drain", b'{"ids": ["r0001"]}', **form)
    assert (status, answer["drained"]) == (200, 1)


def test_a_dry_run_changes_nothing(slips: Slips, ask: Ask) -> None:
    plant(slips, 2)
    assert ask("POST", "/drain", {"dry_run": True})[1]["drained"] == 2
    assert waiting(slips) == []
    assert len(ask("GET", "/errors")[1]["errors"]) == 2


def test_the_books_of_an_object_are_shown(slips: Slips, ask: Ask) -> None:
    work = item("json/a b+c", work_id="w1")
    slips.ledger.begin(work)
    (books,) = ask("GET", f"/objects?bucket={work.bucket_name}&key={quote('json/a b+c')}")[1]["objects"]
    assert (books["work_id"], books["state"], books["books"]["records"]) == ("w1", "started", 0)


def test_a_table_that_does_not_answer_is_a_503_without_its_name(
    slips: Slips, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreError("table secret-name does not answer")

    monkeypatch.setattr(slips.quarantine, "page", fail)
    status, answer = ask("GET", "/errors")
    assert (status, "secret-name" in answer["Message"]) == (503, False)


LISTING = [
    ("GET", "/errors", None), ("GET", "/errors?group=fingerprint", None), ("GET", "/stats", None),
    ("POST", "/drain", {}), ("POST", "/discard", {"fingerprint": "f1", "reason": "test"}),
    ("GET", "/objects?bucket=b&key=k", None),
]  # fmt: skip


@pytest.fixture
def unindexed(slips: Slips) -> MemoryDynamoDB:
    """Replace both tables by such as the class-based SLIPS made; all that it did not make is missing."""
    dynamodb: MemoryDynamoDB = aws.client("dynamodb")  # type: ignore[assignment]
    for table in tables(slips.config).values():
        dynamodb.delete_table(table["Properties"]["TableName"])
        dynamodb.create_table(table["Properties"]["TableName"], table["Properties"]["KeySchema"])
    return dynamodb


@pytest.mark.parametrize(("method", "path", "body"), LISTING)
def test_without_its_index_a_listing_says_what_adds_it_and_not_to_try_again(
    slips: Slips,
    ask: Ask,
    unindexed: MemoryDynamoDB,
    caplog: pytest.LogCaptureFixture,
    method: str,
    path: str,
    body: Any,
) -> None:
    name, table = ("of_object", "api-ledger") if "objects" in path else ("newest", "api-errors")
    message = f'a table has no index "{name}", without which nothing can be listed; run `slips provision`'
    assert ask(method, path, body) == (409, {"Code": "IndexMissingError", "Message": message})
    assert f'table {table}: it has no index "{name}"' in caplog.text


@pytest.mark.parametrize(("method", "path", "body"), LISTING)
def test_while_an_index_is_built_a_listing_asks_to_try_again(
    slips: Slips, ask: Ask, monkeypatch: pytest.MonkeyPatch, method: str, path: str, body: Any
) -> None:
    def fail(**request: Any) -> None:
        text = f"Cannot read from backfilling global secondary index: {request['IndexName']}"
        raise ClientError({"Error": {"Code": "ValidationException", "Message": text}}, "Query")

    monkeypatch.setattr(aws.client("dynamodb"), "query", fail)
    status, answer = ask(method, path, body)
    assert (status, answer["Code"]) == (503, "ServiceUnavailableError")
    assert answer["Message"].startswith("DynamoDB is still building the index ")


def test_items_are_shown_discarded_and_drained_by_id_without_an_index(
    slips: Slips, ask: Ask, unindexed: MemoryDynamoDB
) -> None:
    plant(slips, 3)
    assert ask("GET", "/errors/r0000")[0] == 200
    assert ask("DELETE", "/errors/r0000?reason=test")[0] == 200
    assert ask("POST", "/drain", {"ids": ["r0001"]})[1]["drained"] == 1
    assert ask("POST", "/discard", {"ids": ["r0002"], "reason": "test"})[1]["discarded"] == 1


def test_health_names_a_missing_index(slips: Slips, ask: Ask, unindexed: MemoryDynamoDB) -> None:
    answer = ask("GET", "/health")[1]
    parts = {name: state for name, state in answer["parts"].items() if name.startswith("table")}
    assert (answer["ok"], parts) == (
        False, {"table api-errors": "no index newest", "table api-ledger": "no index of_object"},
    )  # fmt: skip


@pytest.mark.parametrize(("state", "ok"), [("ACTIVE", True), ("UPDATING", True), ("CREATING", False)])
def test_health_names_an_index_that_is_being_built(
    slips: Slips, ask: Ask, monkeypatch: pytest.MonkeyPatch, state: str, ok: bool
) -> None:
    dynamodb = aws.client("dynamodb")
    describe = dynamodb.describe_table

    def building(TableName: str) -> Any:
        answer: Any = describe(TableName=TableName)
        for index in answer["Table"]["GlobalSecondaryIndexes"]:
            index["IndexStatus"] = state
        return answer

    monkeypatch.setattr(dynamodb, "describe_table", building)
    answer = ask("GET", "/health")[1]
    assert (answer["ok"], answer["parts"]["table api-errors"]) == (ok, "ACTIVE" if ok else "index newest CREATING")


@pytest.mark.parametrize(
    ("redrive", "state"),
    [
        ("arn:aws:sqs:eu-central-1:123456789012:api-redrive", "ACTIVE"),
        ("arn:aws:sqs:eu-central-1:123456789012:theirs", "no redrive"),
        (None, "no redrive"),
    ],
)
def test_health_names_a_topic_that_drops_what_it_cannot_deliver(
    slips: Slips, ask: Ask, monkeypatch: pytest.MonkeyPatch, redrive: str | None, state: str
) -> None:
    monkeypatch.setattr(aws.client("sns"), "redrive", redrive)
    answer = ask("GET", "/health")[1]
    assert answer["parts"]["queue api-redrive"] == "ACTIVE"
    assert (answer["parts"]["topic api-dispatch"], answer["parts"]["topic api-dead-letters"]) == (state, state)
    assert answer["ok"] is (state == "ACTIVE")


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("eu-central-1:123456789012", ["topic landed", "topic api-dead-letters"]),
        ("eu-central-1:111122223333", ["topic api-dead-letters"]),
        ("us-east-1:123456789012", ["topic api-dead-letters"]),
    ],
)
def test_health_looks_at_the_topics_of_its_account_and_region(
    slips: Slips, ask: Ask, where: str, names: list[str]
) -> None:
    """Of others, nobody here can list the subscriptions."""
    topics = (Topic("landed", f"arn:aws:sns:{where}:landed"),)
    slips.config = msgspec.structs.replace(slips.config, topics=topics)
    parts = ask("GET", "/health")[1]["parts"]
    assert [name for name in parts if name.startswith("topic ")] == names


def refuse(**_: Any) -> None:
    raise ClientError({"Error": {"Code": "QueueDoesNotExist", "Message": ""}}, "GetQueueUrl")


def test_health_names_the_line_that_tries_again_what_waits(slips: Slips, ask: Ask) -> None:
    """Without it all works, as it did before there was one."""
    before = ask("GET", "/health")[1]
    assert before["parts"]["function retry"].endswith('write: retry = app.schedule("rate(1 minute)")(slips.retry)')
    slips.app.schedule("rate(1 minute)")(slips.retry)
    after = ask("GET", "/health")[1]
    assert (after["parts"]["function retry"], after["ok"]) == ("ACTIVE", before["ok"])


def test_health_names_a_queue_that_is_missing_once(slips: Slips, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws.client("sqs"), "get_queue_url", refuse)
    answer = ask("GET", "/health")[1]
    wrong = {name: state for name, state in answer["parts"].items() if state != "ACTIVE" and name != "function retry"}
    assert (answer["ok"], wrong) == (False, {"queue api-redrive": "QueueDoesNotExist"})
    assert not [name for name in answer["parts"] if name.startswith("topic")]


def test_stats_show_how_much_neither_dispatch_nor_report_took(
    slips: Slips, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody has in hands or delayed is in the queue, too; a stack without a queue has no number."""
    monkeypatch.setattr(aws.client("sqs"), "waiting", 40)
    assert ask("GET", "/stats")[1]["redrive"] == 42
    monkeypatch.setattr(aws.client("sqs"), "get_queue_url", refuse)
    status, answer = ask("GET", "/stats")
    assert (status, answer["redrive"]) == (200, None)


def test_stats_show_how_long_the_oldest_of_that_has_waited(
    slips: Slips, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws.client("cloudwatch"), "age", 7200.0)
    assert ask("GET", "/stats")[1]["redrive_seconds"] == pytest.approx(7200, abs=60)
    monkeypatch.setattr(aws.client("sqs"), "get_queue_url", refuse)
    assert ask("GET", "/stats")[1]["redrive_seconds"] is None


def test_the_age_of_an_empty_queue_is_not_asked_for(slips: Slips, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Queues, "get_queue_attributes", lambda *_, **request: empty(request["AttributeNames"]))
    monkeypatch.delattr(Metrics, "get_metric_statistics")
    answer = ask("GET", "/stats")[1]
    assert (answer["redrive"], answer["redrive_seconds"]) == (0, None)


def empty(names: list[str]) -> dict[str, dict[str, str]]:
    return {"Attributes": dict.fromkeys(names, "0")}


def test_the_outcome_of_a_drain_is_shown(slips: Slips, ask: Ask) -> None:
    plant(slips, 3)
    status, report = ask("POST", "/drain", {"limit": 2})
    assert (status, report["drained"]) == (200, 2)
    status, outcome = ask("GET", f"/drain/{report['drain_id']}")
    assert (status, outcome["works"], outcome["pending"]) == (200, 2, 2)
    assert ask("GET", "/drain/unknown")[0] == 404


def test_the_items_of_a_cause_are_discarded_with_a_reason(
    slips: Slips, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    plant(slips, 3, fingerprint="abc")
    slips.quarantine.record([failure("other")])
    answer = ask("POST", "/discard", {"fingerprint": "abc", "reason": "test data\nof May"})
    assert answer == (200, {"discarded": 3, "cursor": ""})
    assert [row["request_id"] for row in ask("GET", "/errors")[1]["errors"]] == ["other"]
    assert "discarded 3 items (fingerprint 'abc'): 'test data\\nof May'" in caplog.text


def test_named_items_are_discarded_and_missing_ones_are_skipped(slips: Slips, ask: Ask) -> None:
    plant(slips, 2)
    body = {"ids": ["r0000", "lost"], "reason": "fixed by hand"}
    assert ask("POST", "/discard", body) == (200, {"discarded": 1, "cursor": ""})


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "reason"),
        ({"fingerprint": "f1"}, "reason"),
        ({"fingerprint": "f1", "reason": " "}, "reason"),
        ({"reason": "all of it"}, "ids"),
        ({"reason": "both", "ids": ["r0000"], "fingerprint": "f1"}, "ids"),
    ],
)
def test_nothing_is_discarded_by_mistake(slips: Slips, ask: Ask, body: Any, named: str) -> None:
    plant(slips, 1)
    status, answer = ask("POST", "/discard", body)
    assert (status, answer["Message"].startswith(named)) == (400, True), answer
    assert len(ask("GET", "/errors")[1]["errors"]) == 1


def test_stats_show_what_is_done_waiting_and_failed(slips: Slips, ask: Ask) -> None:
    plant(slips, 3, fingerprint="abc")
    plant(slips, 1, fingerprint="abc", attempts=3)  # parked
    slips.counters.record("fast", {"objects": 2, "events": 30, "bytes": 100, "by_format": {"json": 30}}, 1.5)
    status, answer = ask("GET", "/stats")
    assert (status, answer["stack"]) == (200, slips.config.stack_name)
    (hour,) = answer["hours"]
    assert (hour["lane"], hour["objects"], hour["formats"]) == ("fast", 2, {"json": 30})
    assert (answer["lanes"]["fast"]["waited_seconds"], answer["lanes"]["slow"]) == (1.5, None)
    assert (sum(answer["rate"]["formats"]["json"]), len(answer["rate"]["formats"]["json"])) == (30, 145)
    errors = answer["errors"]
    assert (errors["open"], errors["parked"], errors["complete"]) == (2, 1, True)
    assert [(cause["fingerprint"], cause["count"], cause["parked"]) for cause in errors["causes"]] == [("abc", 3, 1)]


def test_stats_show_each_source_and_measure_those_that_are_silent(
    slips: Slips, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[tuple[str, int]] = []
    monkeypatch.setattr("slips.observability.count_silent", lambda *counted: measured.append(counted))
    mappings = (*slips.config.mappings, Mapping(bucket="logs", prefix="quiet/", chain=("raw",), silent_minutes=60))
    slips.config = msgspec.structs.replace(slips.config, mappings=mappings)
    now = time.time()
    slips.counters.record("fast", {}, 0.0, {mappings[0]: now - 60, mappings[1]: now - 7200})
    quiet, busy = ask("GET", "/stats")[1]["sources"]
    assert (quiet["prefix"], quiet["is_silent"], quiet["allowed_seconds"]) == ("quiet/", True, 3600)
    assert quiet["last_at"] == utc.iso(int(now - 7200))
    assert (busy["prefix"], busy["is_silent"], busy["allowed_seconds"]) == ("json/", False, None)
    assert measured == [("api", 1)]


def test_stats_show_and_measure_what_is_about_to_be_deleted(
    slips: Slips, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[tuple[str, int]] = []
    monkeypatch.setattr("slips.observability.count_expiring", lambda *counted: measured.append(counted))
    plant(slips, 3)  # They stay.
    assert ask("GET", "/stats")[1]["errors"]["expiring"] == 0
    slips.config = msgspec.structs.replace(slips.config, errors_ttl_days=7)
    monkeypatch.delitem(vars(slips), "quarantine")
    plant(slips, 2)
    errors = ask("GET", "/stats")[1]["errors"]
    assert (errors["open"], errors["expiring"], errors["causes"][0]["expiring"]) == (3, 2, 2)
    assert measured == [("api", 0), ("api", 2)]


def test_of_too_many_errors_stats_look_for_those_that_go_among_the_oldest(
    slips: Slips, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(slips, 3)
    causes = slips.quarantine.causes
    monkeypatch.setattr(slips.quarantine, "count_expiring", lambda budget: 8)
    assert ask("GET", "/stats")[1]["errors"]["expiring"] == 0
    monkeypatch.setattr(
        slips.quarantine, "causes", lambda *which: msgspec.structs.replace(causes(*which), complete=False)
    )
    assert ask("GET", "/stats")[1]["errors"]["expiring"] == 8


def test_by_default_no_other_origin_may_call(slips: Slips, ask: Ask) -> None:
    assert all(entry.cors is None for methods in slips.app.routes.values() for entry in methods.values())


def test_a_configured_origin_may_call(slips: Slips) -> None:
    slips.config = msgspec.structs.replace(slips.config, api_cors="https://console.example.com")
    slips.app.register_blueprint(slips.api)
    cors = slips.app.routes["/errors"]["GET"].cors
    assert cors is not None
    assert cors.get_access_control_headers()["Access-Control-Allow-Origin"] == "https://console.example.com"
    assert slips.app.routes["/"]["GET"].cors is None


@pytest.mark.parametrize(
    ("hours", "seconds", "columns"), [(6, 600, 37), (24, 600, 145), (25, 3600, 26), (168, 3600, 169)]
)
def test_the_numbers_are_of_a_range(slips: Slips, ask: Ask, hours: int, seconds: int, columns: int) -> None:
    now = time.time()
    for back in (0, 5, 23, 100):
        counters = Counters(aws.client("dynamodb"), slips.config.ledger_table, lambda at=now - back * 3600: at)  # type: ignore[misc]
        counters.record("fast", {"objects": 1, "events": 10, "by_format": {"json": 10}}, 0.5)
    stats = ask("GET", f"/stats?hours={hours}")[1]
    counted = 10 * sum(back <= hours for back in (0, 5, 23, 100))
    assert sum(hour["events"] for hour in stats["hours"]) == counted
    assert (stats["rate"]["seconds"], len(stats["rate"]["formats"]["json"])) == (seconds, columns)
    assert sum(stats["rate"]["formats"]["json"]) == counted


def test_objects_that_were_worked_on_lately_are_listed_with_their_books(slips: Slips, ask: Ask) -> None:
    for number in range(12):
        slips.ledger.begin(item(f"json/{number}", work_id=f"w{number}"))
    slips.counters.record("fast", {"objects": 12}, 0.5, {}, [f"w{number}" for number in range(12)])
    recent = ask("GET", "/objects/recent")[1]["objects"]
    assert {work["work_id"] for work in recent} == {f"w{number}" for number in range(4, 12)}, (
        "of a batch, the last eight"
    )
    changed = [work["changed_at"] for work in recent]
    assert changed == sorted(changed, reverse=True)
