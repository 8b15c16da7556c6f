"""The deployed functions: only the unzipped package, under AWS's runtime client, with their roles."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from slips.quarantine import Quarantine

from ..builders import failure, item
from ..lambda_runtime import LambdaProcess
from . import events
from .deployed import BUCKET, Deployment

pytestmark = pytest.mark.slow

LOGINS = "logs/g_suite/2026 03/a+b=c.json"


def login(minute: int, **fields: Any) -> bytes:
    time = f"2026-03-01T09:{minute:02}:00.000Z"
    activity = {"kind": "admin#reports#activity", "id": {"time": time, "applicationName": "login"}, **fields}
    return json.dumps(activity).encode()


def by_ann(minute: int) -> bytes:
    return login(minute, actor={"email": "ann@example.com"})


BODY = b"\n".join([by_ann(1), b'{"kind": "cut', login(3), by_ann(4), b""])
"""Four records: the second is not JSON, and app.py's sample function raises on the third, which has no actor."""
RECORD = {"Data": b"{}", "PartitionKey": "p"}


@pytest.fixture(scope="module")
def call(deployment: Deployment) -> Callable[..., Any]:
    """Invoke a deployed function once, in a process of its own."""

    def call(function: str, event: dict[str, Any]) -> Any:
        with deployment.function(function) as started:
            return started.invoke(event)

    return call


def ask(api: LambdaProcess, method: str, resource: str, **request: Any) -> Any:
    """Call the REST API."""
    answer = api.invoke(events.of_api(method, resource, **request))
    assert answer["statusCode"] == 200, answer
    return json.loads(answer["body"])


def test_an_object_is_processed_from_notification_to_console(deployment: Deployment, call: Callable[..., Any]) -> None:
    deployment.put_object(LOGINS, BODY)
    notification = events.of_topic(events.notification(BUCKET, LOGINS, len(BODY)))

    with deployment.function("slips-dev-dispatch") as started:
        assert started.invoke(notification) == {
            "fast": 1,
            "slow": 0,
            "dropped": 0,
            "errors": 0,
            "waiting": 0,
            "restored": 0,
        }
        [line] = [json.loads(line) for line in started.logs.splitlines() if '"message"' in line]
    assert (line["function_name"], line["service"]) == ("slips-dev-dispatch", "slips")
    assert line["function_request_id"]

    [record] = deployment.records("slips-fast")
    with deployment.function("slips-dev-process_fast") as started:
        started.invoke(events.of_stream([record]))
        lines = [json.loads(line) for line in started.logs.splitlines() if line.startswith("{")]
    check_logs(lines)

    with deployment.function("slips-dev") as api:
        error_items = ask(api, "GET", "/errors", bucket=BUCKET)["errors"]
        assert {(each["stage"], each["processor"], each["object_key"]) for each in error_items} == {
            ("parse", "", LOGINS),
            ("process", "watch_logins", LOGINS),
        }
        [failed] = [each["request_id"] for each in error_items if each["stage"] == "process"]
        detail = ask(api, "GET", "/errors/{error_id}", path={"error_id": failed})
        assert "KeyError" in detail["error_type"]
        assert ask(api, "GET", "/health")["ok"]
        [books] = ask(api, "GET", "/objects", bucket=BUCKET, key=LOGINS)["objects"]
        assert (books["state"], books["lane"]) == ("done", "slips-fast")
        stats = ask(api, "GET", "/stats")
        assert sum(hour["formats"]["g-suite-login"] for hour in stats["hours"]) == books["books"]["events"]
        assert stats["errors"]["open"] == 2
        page = api.invoke(events.of_api("GET", "/"))
        script = api.invoke(events.of_api("GET", "/console/{asset}", path={"asset": "main.js"}))
        assert '<script type="module"' in page["body"]
        assert script["headers"]["Content-Type"] == "text/javascript; charset=utf-8"

        assert ask(api, "POST", "/drain", body={"ids": [failed]})["drained"] == 1
        assert [each["stage"] for each in ask(api, "GET", "/errors")["errors"]] == ["parse"]

    [_, drained] = deployment.records("slips-fast")
    assert json.loads(drained["Data"])["error_id"] == failed


def check_logs(lines: list[dict[str, Any]]) -> None:
    """The function's log is JSON, and its metrics are in it."""
    metrics = [line for line in lines if "_aws" in line]
    [counts] = [line for line in metrics if "Events" in line]
    assert (counts["stack"], counts["lane"], counts["format"]) == ("slips", "fast", "g-suite-login")
    assert (counts["Records"], counts["Events"]) == ([4.0], [3.0])
    assert {line["stage"] for line in metrics if "stage" in line} == {"parse", "process"}
    assert [len(line["Age"]) for line in metrics if "Age" in line] == [1]


def test_the_slow_lane_has_a_function_of_its_own(deployment: Deployment, call: Callable[..., Any]) -> None:
    key = "logs/waf/none.json"
    deployment.put_object(key, b"")
    notification = events.of_topic(events.notification(BUCKET, key, 0))
    assert call("slips-dev-dispatch", notification)["slow"] == 1
    [record] = deployment.records("slips-slow")
    answer = call("slips-dev-process_slow", events.of_stream([record, {**record, "Data": b"somebody else's"}]))
    assert answer["by_stage"] == {"dispatch": [1, 1]}  # It is among what the metrics count.
    with deployment.function("slips-dev") as api:
        [books] = ask(api, "GET", "/objects", bucket=BUCKET, key=key)["objects"]
    assert (books["state"], books["lane"]) == ("done", "slips-slow")


def test_a_dead_letter_becomes_an_error_item(deployment: Deployment, call: Callable[..., Any]) -> None:
    payload = events.of_topic(events.notification("lost", "a.json", 1))
    dead = {
        "requestContext": {"condition": "RetriesExhausted"},
        "requestPayload": payload,
        "responsePayload": {"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out after 180.00 seconds"},
    }
    assert call("slips-dev-report", events.of_topic(dead)) == {"errors": 1}
    with deployment.function("slips-dev") as api:
        [error] = ask(api, "GET", "/errors", bucket="lost")["errors"]
        assert (error["error_type"], error["object_key"]) == ("Sandbox.Timedout", "a.json")


def test_what_waits_goes_back_into_its_lane_when_the_schedule_calls(
    deployment: Deployment, call: Callable[..., Any]
) -> None:
    """With no more than its role allows, which finds, claims and deletes it."""
    key = "logs/g_suite/waits.json"
    fields = {"object_key": key, "argument": (item(bucket_name=BUCKET, object_key=key),), "bucket_name": BUCKET}
    waits = failure("waits", **fields, retry_at=1, waiting_since=int(time.time()) - 60)
    Quarantine(deployment.emulator.client("dynamodb"), "slips-errors").record([waits])
    with deployment.function("slips-dev") as api:
        assert [each["state"] for each in ask(api, "GET", "/errors", bucket=BUCKET, prefix=key)["errors"]] == [
            "waiting"
        ]
        answer = call("slips-dev-retry", events.of_schedule())
        assert (answer["causes"], answer["released"], answer["note"]) == (1, 1, "")
        assert ask(api, "GET", "/errors", bucket=BUCKET, prefix=key)["errors"] == []
    assert json.loads(deployment.records("slips-fast")[-1]["Data"])["error_id"] == "waits"
    assert call("slips-dev-retry", events.of_schedule())["released"] == 0


@pytest.mark.parametrize(
    ("function", "service", "request_"),
    [
        ("dispatch", "s3", ("get_object", {"Bucket": BUCKET, "Key": LOGINS})),
        ("dispatch", "kinesis", ("put_record", {"StreamName": "slips-fast", **RECORD})),
        ("process_fast", "s3", ("get_object", {"Bucket": BUCKET, "Key": "private/a"})),
        ("process_fast", "kinesis", ("put_records", {"StreamName": "slips-slow", "Records": [RECORD]})),
        ("process_fast", "ssm", ("get_parameter", {"Name": "/slips/hook"})),
        ("report", "dynamodb", ("scan", {"TableName": "slips-errors"})),
        ("api_handler", "dynamodb", ("scan", {"TableName": "slips-errors"})),
    ],
)
def test_a_role_may_do_no_more_than_its_function_does(
    deployment: Deployment, function: str, service: str, request_: tuple[str, dict[str, Any]]
) -> None:
    """Otherwise nothing above would prove that the policies suffice."""
    operation, arguments = request_
    client = deployment.emulator.client(service, access_key=f"slips-dev-{function}")
    with pytest.raises(ClientError, match="AccessDenied"):
        getattr(client, operation)(**arguments)
