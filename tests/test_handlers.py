"""What a Lambda function does around its work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from chalice import Chalice

from slips import Slips, aws, handlers
from slips.config.settings import AlarmLimits
from slips.drain.retry import Retrying, RetryReport
from slips.engine.child_processes import Died
from slips.errors import ProcessDied, StoreRefused
from slips.ledger.counters import Counters
from slips.ledger.sources import source_key
from slips.model import LANES
from slips.model.utc import HOUR, epoch
from slips.ops.deploy.stack.storage import tables
from slips.quarantine import Filter
from slips.testing.memory import MemoryLanes, MemoryLedger, MemoryObjects

from .builders import TIME, failure, item, kinesis_record, s3_event, s3_record, sns
from .doubles import RecordingErrors
from .memory_dynamodb import MemoryDynamoDB


@pytest.fixture
def slips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Slips:
    """Tables, lanes and objects in memory."""
    path = tmp_path / "slips.yml"
    path.write_text("stack_name: test\nbucket_mapping: {logs: [{prefix: json/, format: json, on_missing: error}]}\n")
    dynamodb = MemoryDynamoDB()
    monkeypatch.setattr(aws, "client", {"dynamodb": dynamodb, "kinesis": None}.__getitem__)
    slips = Slips(Chalice("test"), path)
    for table in tables(slips.config).values():
        dynamodb.create_table(**table["Properties"])
    slips.on_format("json")(lambda meta, event: None)
    worker = slips.worker
    worker.objects, worker.ledger, worker.lanes = MemoryObjects(), MemoryLedger(), MemoryLanes()
    worker.errors = RecordingErrors()
    return slips


def invoke(slips: Slips, remaining_ms: int = 60_000) -> Any:
    """Give the fast lane a batch with one object, which does not exist."""
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: remaining_ms)
    records = [kinesis_record(item("json/a", event_time=TIME))]
    return slips.process_fast(SimpleNamespace(to_dict=lambda: {"Records": records}, context=context))


def test_a_lane_notes_when_the_objects_of_a_source_landed_also_where_they_cannot_be_read(slips: Slips) -> None:
    assert invoke(slips)["by_stage"]
    [mapping] = slips.config.mappings
    known = slips.counters.sources.read([mapping])[source_key(mapping)]
    assert known.last_at == epoch(TIME)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What deployed functions measure."""
    lines: list[dict[str, Any]] = []
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "test-process_fast")
    monkeypatch.setattr("slips.observability.logs.configure_logging", lambda *_: None)
    monkeypatch.setattr("slips.observability.metrics.emit", lambda made: lines.extend(each.metrics for each in made))
    return lines


def new_causes(measured: list[dict[str, Any]]) -> list[Any]:
    return [line["NewCauses"][1] for line in measured if "NewCauses" in line]


def test_a_new_cause_is_measured_once_wherever_it_was_recorded(slips: Slips, measured: list[dict[str, Any]]) -> None:
    slips.worker.errors = slips.quarantine
    assert "new_causes" not in invoke(slips)
    invoke(slips)
    assert new_causes(measured) == [1]
    messages = sns("not a notification", s3_event(s3_record("unmapped/a")))
    event = SimpleNamespace(to_dict=lambda: messages, context=SimpleNamespace())
    for function in (slips.dispatch, slips.report) * 2:
        function(event)
    assert new_causes(measured) == [1, 2, 2]


def test_on_this_machine_no_cause_is_looked_up(slips: Slips, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slips.known_causes, "count_new", None)
    slips.worker.errors = slips.quarantine
    invoke(slips)


def test_near_the_deadline_nothing_is_counted(slips: Slips) -> None:
    """Lambda would end the process, and deliver again what is done."""
    invoke(slips, 3_000)
    assert slips.counters.sources.read(slips.config.mappings) == {}


def test_dispatch_drains_what_waits_for_a_restored_object(slips: Slips, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slips, "lanes", MemoryLanes())
    work = item("json/a")
    archived = failure("r1", archived=True, object_key=work.object_key, argument=(work,), positions="")
    slips.quarantine.record([archived, failure("r2", object_key=work.object_key)])
    messages = sns(s3_event(s3_record(work.object_key, eventName="ObjectRestore:Completed")))
    assert slips.dispatch(SimpleNamespace(to_dict=lambda: messages, context=None))["restored"] == 1
    assert [row.request_id for row in slips.quarantine.page(Filter()).items] == ["r2"]


def test_what_was_tried_again_is_measured_also_where_a_table_then_fails(
    slips: Slips, measured: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(retrying: Retrying) -> RetryReport:
        retrying.fault = StoreRefused("as planned")
        return RetryReport(gave_up=Counter(process=2))

    monkeypatch.setattr(Retrying, "run", run)
    monkeypatch.setattr("slips.handlers._watch", lambda runtime: measured.append({"watched": True}))
    monkeypatch.setattr("time.time", lambda: 0.0)
    with pytest.raises(StoreRefused, match="as planned"):
        slips.retry(SimpleNamespace(context=SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000)))
    assert [line["GaveUp"][1] for line in measured if "GaveUp" in line] == [2]
    assert {"watched": True} in measured


@pytest.mark.parametrize(("limit", "surge"), [(10, [3.0]), (0, [])])
def test_more_objects_than_usual_are_measured(
    slips: Slips, measured: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, limit: float, surge: list[float]
) -> None:
    slips.config = msgspec.structs.replace(slips.config, alarms=AlarmLimits(surge=limit))
    now = 1_800_000_000.0
    for at, objects in ((now - 50 * HOUR, 1000), (now, 3000)):
        counters = Counters(aws.client("dynamodb"), slips.config.ledger_table, lambda at=at: at)  # type: ignore[misc]
        counters.record("fast", {"objects": objects}, 0)
    monkeypatch.setattr("time.time", lambda: now)
    slips.counters._clock = lambda: now
    handlers._watch(slips)
    assert [line["Surge"][1] for line in measured if "Surge" in line] == surge


def test_the_secrets_of_sinks_are_masked_wherever_the_process_writes(slips: Slips) -> None:
    from slips.sinks import Firehose, secrets

    slips.__dict__.pop("worker")
    slips.send("json", to=Firehose("audit"))
    secrets.register("plugh-of-the-test")
    assert slips.worker
    secrets.register("xyzzy-of-the-test")
    assert slips.secrets.mask_value("plugh-of-the-test and xyzzy-of-the-test") == "«secret» and «secret»"


class Children:
    """Two child processes in this one, which die before they answer as often as `deaths` says."""

    count = 2

    def __init__(self, answer: Callable[[bytes], bytes], deaths: int = 0) -> None:
        self.answer = answer
        self.deaths = deaths

    def ask(self, requests: list[bytes], may_repeat: Callable[[int, Died], bool]) -> list[bytes | Died]:
        died = [Died(-9) for _ in range(self.deaths) if not may_repeat(0, Died(-9))][:1]
        return [*died, *map(self.answer, requests[len(died) :])]


def invoke_batch(slips: Slips) -> Any:
    """Give the fast lane two objects, one of which exists, and a record of somebody else's."""
    objects: Any = slips.worker.objects
    etag = objects.put("logs", "json/there", b'{"n":1}\n{"n":2}\n').etag
    works = [item("json/gone", event_time=TIME), item("json/there", event_time=TIME, object_etag=etag)]
    records = [kinesis_record(work) for work in works]
    records.append({"kinesis": {"data": "Zm9yZWlnbg=="}})
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000)
    return slips.process_fast(SimpleNamespace(to_dict=lambda: {"Records": records}, context=context))


def counts(measured: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """All but what depends on the time, and the causes, which are new once."""
    pairs = [pair for line in measured for pair in line.items() if pair[1][0] == "Count" and pair[0] != "NewCauses"]
    return {name: [value for other, (_, value) in pairs if other == name] for name, _ in pairs}


def test_a_shared_batch_has_the_result_and_the_metrics_of_one_that_is_not(
    slips: Slips, measured: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, counted = invoke_batch(slips), counts(measured)
    measured.clear()
    slips.worker.ledger = MemoryLedger()
    monkeypatch.setattr(slips, "child_processes", lambda lane, answer: Children(answer))
    assert invoke_batch(slips) == alone
    assert counts(measured) == counted
    assert (alone["objects"], alone["events"], alone["gone"], counted["Events"]) == (2, 2, 1, [2])


def test_what_is_done_of_a_shared_batch_is_measured_before_the_rest_is_raised(
    slips: Slips, measured: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slips, "child_processes", lambda lane, answer: Children(answer, deaths=10))
    with pytest.raises(ProcessDied):
        invoke_batch(slips)
    assert [line["Objects"][1] for line in measured if "Objects" in line] == [1]


@pytest.mark.parametrize(("deployed", "forked"), [(True, [("fast", 2), ("slow", 3)]), (False, [])])
def test_processes_are_forked_once_a_lane_and_only_on_lambda(
    slips: Slips, monkeypatch: pytest.MonkeyPatch, deployed: bool, forked: list[Any]
) -> None:
    config = slips.config
    fast, slow = (msgspec.structs.replace(lane, processes=n) for lane, n in ((config.fast, "auto"), (config.slow, 3)))
    slips.config = msgspec.structs.replace(config, fast=fast, slow=slow)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "3538")
    if deployed:
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "test-process_fast")
    started: list[Any] = []

    def start_children(count: int, answer: Any, logger: str) -> Any:
        started.append((answer(b""), count))
        return None

    monkeypatch.setattr("slips.engine.shared_batch.start_children", start_children)
    for lane in LANES:
        for _ in range(2):
            assert slips.child_processes(lane, lambda _, lane=lane: lane) is None  # type: ignore[misc]
    assert started == forked


def test_one_process_is_no_child(slips: Slips, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "test-process_fast")
    monkeypatch.setattr("slips.engine.shared_batch.start_children", None)
    slips.config = msgspec.structs.replace(
        slips.config, slow=msgspec.structs.replace(slips.config.slow, processes="auto")
    )
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769")
    assert [slips.child_processes(lane, bytes) for lane in LANES] == [None, None]
