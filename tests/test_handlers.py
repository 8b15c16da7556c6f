"""What a Lambda function does around its work."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from chalice import Chalice

from slips import Slips, aws
from slips.ledger.sources import source_key
from slips.model.utc import epoch
from slips.ops.deploy.stack.storage import tables
from slips.testing.memory import MemoryLanes, MemoryLedger, MemoryObjects

from .builders import TIME, item, kinesis_record
from .doubles import RecordingErrors
from .memory_dynamodb import MemoryDynamoDB


@pytest.fixture
def slips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Slips:
    """Tables, lanes and objects in memory."""
    path = tmp_path / "slips.yml"
    path.write_text("stack_name: test\nbucket_mapping: {logs: [{prefix: json/, format: json}]}\n")
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
    assert invoke(slips)["gone"] == 1
    [mapping] = slips.config.mappings
    known = slips.counters.sources.read([mapping])[source_key(mapping)]
    assert known.last_at == epoch(TIME)


def test_near_the_deadline_nothing_is_counted(slips: Slips) -> None:
    """Lambda would end the process, and deliver again what is done."""
    invoke(slips, 3_000)
    assert slips.counters.sources.read(slips.config.mappings) == {}
