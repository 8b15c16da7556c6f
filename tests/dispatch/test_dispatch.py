from __future__ import annotations

from typing import Any

import msgspec
import pytest

from slips.config.settings import Config, Mapping, Rule
from slips.dispatch.dispatch import dispatch
from slips.errors import StoreError
from slips.model import utc

from ..builders import TIME, config, ref, s3_event, s3_record, sns
from ..doubles import RecordingErrors, RecordingLanes

NOW = 1_800_000_000.0
ROUTED = config(
    routing=(
        Rule(dest="slow", prefix="big/"),
        Rule(dest="drop", prefix="noise/"),
        Rule(dest="fast", prefix="logs/"),
        Rule(dest="fast", bucket="unmapped"),
    )
)


def event(*keys: str) -> dict[str, Any]:
    return sns(s3_event(*(s3_record(key) for key in keys)))


def run_dispatch(
    event: object, config: Config = ROUTED, lanes: RecordingLanes | None = None, errors: RecordingErrors | None = None
) -> tuple[dict[str, int], RecordingLanes, RecordingErrors]:
    lanes, errors = lanes or RecordingLanes(), errors or RecordingErrors()
    return dispatch(event, config, lanes, errors, lambda: NOW, drain_restored=len), lanes, errors


def counts(**fields: int) -> dict[str, int]:
    return {"fast": 0, "slow": 0, "dropped": 0, "errors": 0, "waiting": 0, "restored": 0} | fields


def test_every_object_goes_into_the_lane_of_its_rule() -> None:
    answer, lanes, errors = run_dispatch(event("logs/a", "big/b", "noise/c", "logs/d"))
    assert answer == counts(fast=2, slow=1, dropped=1)
    assert (lanes.keys("fast"), lanes.keys("slow")) == (["logs/a", "logs/d"], ["big/b"])
    assert not errors.failures


def test_the_work_item_holds_what_the_notification_holds() -> None:
    (work,) = run_dispatch(event("logs/a b"))[1].items
    assert work.ref == ref("logs/a b", sequencer="0A", region="eu-central-1")
    assert work.work_id == work.ref.work_id
    assert (work.bucket_arn, work.dest_stream) == ("arn:aws:s3:::logs", "slips-fast")


def test_an_object_without_a_rule_is_an_error_item_and_the_others_are_dispatched() -> None:
    answer, lanes, errors = run_dispatch(event("logs/a", "stray/b", "logs/c"))
    assert answer == counts(fast=2, errors=1)
    assert lanes.keys() == ["logs/a", "logs/c"]
    (failure,) = errors.failures
    assert (failure.stage, failure.error_type, failure.lane) == ("route", "RouteError", "")
    assert (failure.bucket_name, failure.object_key, failure.object_size) == ("logs", "stray/b", 100)
    assert (failure.event_time, failure.failed_at) == (TIME, utc.iso(NOW))
    assert failure.argument[0].ref == ref("stray/b", sequencer="0A", region="eu-central-1")
    assert "s3://logs/stray/b" in failure.error_message


def test_an_object_without_a_mapping_is_an_error_item() -> None:
    answer, lanes, errors = run_dispatch(sns(s3_event(s3_record("logs/a", bucket="unmapped"))))
    assert answer == counts(errors=1)
    assert lanes.keys() == []
    assert "bucket_mapping" in errors.failures[0].error_message


def test_what_is_dropped_needs_no_mapping() -> None:
    assert run_dispatch(event("noise/a"), config(routing=(Rule(dest="drop"),), mappings=()))[0] == counts(dropped=1)


def test_what_the_lane_does_not_take_is_an_error_item() -> None:
    answer, _, errors = run_dispatch(
        event("logs/a", "logs/b", "big/c"), lanes=RecordingLanes(lambda item: item.object_key != "logs/b")
    )
    assert answer == counts(fast=1, errors=2)
    assert [(failure.stage, failure.object_key, failure.lane) for failure in errors.failures] == [
        ("dispatch", "logs/a", "fast"),
        ("dispatch", "big/c", "slow"),
    ]
    assert errors.failures[0].argument[0].dest_stream == "slips-fast"


def test_what_the_notification_of_a_prefix_with_a_star_lets_in_is_dropped() -> None:
    mappings = (Mapping(bucket="logs", prefix="AWSLogs/*/vpc/", chain=("json",)),)
    answer, lanes, errors = run_dispatch(event("AWSLogs/1/vpc/a", "AWSLogs/1/elb/b"), config(mappings=mappings))
    assert answer == counts(fast=1, dropped=1)
    assert (lanes.keys(), errors.failures) == (["AWSLogs/1/vpc/a"], [])


def test_a_message_that_is_not_a_notification_is_an_error_item_with_its_text() -> None:
    answer, lanes, errors = run_dispatch(sns("an alarm", s3_event(s3_record("logs/a"))))
    assert answer == counts(fast=1, errors=1)
    assert lanes.keys() == ["logs/a"]
    (failure,) = errors.failures
    assert (failure.stage, failure.sample, failure.argument) == ("dispatch", "an alarm", ())
    assert failure.failed_at == utc.iso(NOW)


def test_a_restored_object_is_drained_and_not_dispatched() -> None:
    answer, lanes, errors = run_dispatch(
        sns(s3_event(s3_record("logs/a", eventName="ObjectRestore:Completed"), s3_record("logs/b")))
    )
    assert answer == counts(fast=1, restored=1)
    assert (lanes.keys(), errors.failures) == (["logs/b"], [])


def test_a_second_delivery_makes_the_same_error_items() -> None:
    errors = RecordingErrors()
    delivery = sns("an alarm", s3_event(s3_record("stray/a"), s3_record("logs/b")))
    for _ in range(2):
        run_dispatch(delivery, lanes=RecordingLanes(lambda item: True), errors=errors)
    assert len(errors.failures) == 3


def test_objects_differ_in_their_error_items() -> None:
    errors = run_dispatch(event("stray/a", "stray/b"))[2]
    assert len(errors.failures) == 2


def test_the_same_cause_has_the_same_fingerprint() -> None:
    refused = RecordingLanes(lambda item: True)
    errors = run_dispatch(sns("x", s3_event(*map(s3_record, ("stray/a", "stray/b", "logs/a")))), lanes=refused)[2]
    fingerprints = [failure.fingerprint for failure in errors.failures if failure.stage == "route"]
    assert len(set(fingerprints)) == 1
    assert len({failure.fingerprint for failure in errors.failures}) == 3


@pytest.mark.parametrize("message", ["an alarm", s3_event(s3_record("stray/a")), s3_event(s3_record("logs/a"))])
def test_aws_delivers_again_when_not_even_the_error_table_takes_it(message: object) -> None:
    errors = RecordingErrors()
    errors.down = True
    with pytest.raises(StoreError):
        run_dispatch(sns(message), lanes=RecordingLanes(lambda item: True), errors=errors)


def test_the_counts_are_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(run_dispatch(event("logs/a"))[0])) == counts(fast=1)


@pytest.mark.parametrize("log_objects", [True, False])
def test_each_object_that_a_lane_took_has_a_line_with_its_work(
    caplog: pytest.LogCaptureFixture, log_objects: bool
) -> None:
    caplog.set_level("INFO", "slips")
    settings = msgspec.structs.replace(ROUTED, log_objects=log_objects)
    lanes = RecordingLanes(lambda item: item.object_key == "logs/b")
    _, lanes, _ = run_dispatch(event("logs/a", "logs/b", "big/c", "noise/d"), settings, lanes)
    lines = [(vars(record)["object"], vars(record)["work_id"]) for record in caplog.records if "object" in vars(record)]
    works = [(f"s3://logs/{item.object_key}", item.work_id) for item in lanes.items]
    assert sorted(lines) == (sorted(works) if log_objects else [])
    assert [record.message for record in caplog.records if record.message.startswith("dispatched {")]


@pytest.mark.parametrize(
    ("keys", "log_objects", "count"),
    [(["logs/a"], True, 0), (["logs/a", "big/c"], True, 0), (["logs/a", "noise/d"], True, 1), (["noise/d"], True, 1),
     (["logs/b"], True, 1), ([], True, 1), (["logs/a"], False, 1)],
)  # fmt: skip
def test_counts_have_a_line_where_those_of_the_objects_do_not_say_all(
    caplog: pytest.LogCaptureFixture, keys: list[str], log_objects: bool, count: int
) -> None:
    caplog.set_level("INFO", "slips")
    settings = msgspec.structs.replace(ROUTED, log_objects=log_objects)
    run_dispatch(event(*keys), settings, RecordingLanes(lambda item: item.object_key == "logs/b"))
    assert sum(record.message.startswith("dispatched {") for record in caplog.records) == count
