"""Every event reaches every function once, whatever fails on the way; where the process dies, at least once."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import msgspec
import pytest
from chalice import Chalice
from hypothesis import given, settings
from hypothesis import strategies as st

from slips import EventsFailed, ParseError, Slips
from slips.drain.requeue import plan_requeue
from slips.model import WorkItem, work_item
from slips.quarantine.bounds import split_failure
from slips.quarantine.items import decode_item, encode_failure
from slips.sinks import Document, Sink
from slips.testing import SlipsTester

FUNCTIONS = ("plain", "batched", "filtered")
SENT = "sent"
"""What a sink takes, which names the events that it refuses."""
SLIPS = """
stack_name: test
backend: {sns_topics: [{name: landed}]}
bucket_mapping: {logs: [{prefix: a/, format: [s3-lines, planned]}, {prefix: json/, format: [s3-lines, json]}]}
checkpoint_seconds: 0.01
limits: {errors_per_object: %d, max_attempts: 9}
"""


class Killed(KeyboardInterrupt):
    """The process dies."""


class Event(msgspec.Struct):
    """An event that fails in the functions `fails` until they are fixed."""

    name: str
    fails: list[str] = []


class Record(msgspec.Struct):
    """A line of one event, or of several (`is_list`)."""

    events: list[Event]
    is_broken: bool
    is_list: bool


class Plan(msgspec.Struct):
    objects: list[list[Record]]
    errors_per_object: int
    flush_fails: list[int]
    kills: list[int]
    seconds_left: list[float]
    drains: int


def _records(draw: st.DrawFn, prefix: str) -> list[Record]:
    records = []
    for number in range(draw(st.integers(0, 14))):
        count = draw(st.sampled_from((1, 1, 1, 2, 3)))
        events = [
            Event(f"{prefix}.{number}.{index}", draw(st.lists(st.sampled_from((*FUNCTIONS, SENT)), max_size=2)))
            if draw(st.integers(0, 3)) == 0
            else Event(f"{prefix}.{number}.{index}")
            for index in range(count)
        ]
        records.append(Record(events, draw(st.integers(0, 9)) == 0, count > 1))
    return records


@st.composite
def plans(draw: st.DrawFn, *, kills: bool = False) -> Plan:
    return Plan(
        objects=[_records(draw, str(number)) for number in range(draw(st.integers(1, 3)))],
        errors_per_object=draw(st.sampled_from((1, 2, 4, 100))),
        flush_fails=draw(st.lists(st.integers(1, 6), max_size=3)),
        kills=draw(st.lists(st.integers(1, 60), min_size=1, max_size=3)) if kills else [],
        seconds_left=draw(st.lists(st.sampled_from((100.0, 100.0, 100.0, 1.0)), max_size=30)),
        drains=draw(st.integers(0, 2)),
    )


class Play:
    """Plays a plan, and counts what was delivered. With `has_sink`, `on_flush` names its functions: otherwise its
    failure would have the sink's events sent again."""

    def __init__(self, plan: Plan, *, has_sink: bool = False) -> None:
        self.plan = plan
        self.functions = (*FUNCTIONS, SENT) if has_sink else FUNCTIONS
        self.is_fixed = False
        self.delivered: Counter[str] = Counter()
        self._buffered: list[str] = []
        self._flushes = self._calls = 0
        self._seconds_left: Iterator[float] = chain(plan.seconds_left, repeat(100.0))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "slips.yml"
            path.write_text(SLIPS % plan.errors_per_object)
            self.slips = Slips(Chalice("test"), path)
        self._register()
        self.run = SlipsTester(self.slips)
        self.run.objects.chunk = 97

    def _register(self) -> None:
        slips = self.slips

        @slips.format("planned")
        def planned(record: bytes) -> Any:
            line = json.loads(record)
            if line["is_broken"] and not self.is_fixed:
                raise ParseError("broken as planned")
            return line["events"] if line["is_list"] else line["events"][0]

        @slips.on_format("planned")
        def plain(meta: object, event: dict[str, Any]) -> None:
            self._take("plain", [event])

        @slips.on_format("planned", batch=3)
        def batched(batch: list[tuple[object, dict[str, Any]]]) -> None:
            self._take("batched", [event for _, event in batch])

        @slips.on_format("planned", where=lambda meta, event: True)
        def filtered(meta: object, event: dict[str, Any]) -> None:
            self._take("filtered", [event])

        @slips.on_setup
        def setup(args: object) -> None:
            self._buffered.clear()  # A new invocation: after a failed flush or a death the buffer is empty.

        if SENT in self.functions:
            slips.send("planned", to=Destination(self), name=SENT)

        @slips.on_flush(of=(plain, batched, filtered) if SENT in self.functions else ())
        def flush() -> None:
            batch, self._buffered[:] = self._buffered[:], []
            self._flushes += 1
            if self._flushes in self.plan.flush_fails and not self.is_fixed:
                raise TimeoutError
            self.delivered.update(batch)

    def _take(self, function: str, events: list[dict[str, Any]]) -> None:
        self._calls += 1
        if self._calls in self.plan.kills and not self.is_fixed:
            raise Killed
        for event in events:
            if function in event["fails"] and not self.is_fixed:
                raise ValueError(function)
        self._buffered += [f"{function} {event['name']}" for event in events]

    def send(self, documents: Sequence[Document]) -> None:
        """Take what is not to fail."""
        self._calls += 1
        if self._calls in self.plan.kills and not self.is_fixed:
            raise Killed
        refused = {meta for meta, event in documents if SENT in event["fails"] and not self.is_fixed}
        self.delivered.update(f"{SENT} {event['name']}" for meta, event in documents if meta not in refused)
        if refused:
            raise EventsFailed(dict.fromkeys(refused, SENT))

    def play(self) -> None:
        refs = [
            self.run.objects.put("logs", f"a/{number}", b"\n".join(map(msgspec.json.encode, records)))
            for number, records in enumerate(self.plan.objects)
        ]
        self._work([work_item(ref, "s") for ref in refs])
        for _ in range(self.plan.drains):
            self._drain()
        self.is_fixed = True
        self._drain()
        assert [failure.error_message for failure in self.run.errors.items.values()] == []

    def _work(self, items: list[WorkItem]) -> None:
        for _ in range(50):
            for at in range(0, len(items), 4):
                self._batch(items[at : at + 4])
            items = self.run.lanes.take("fast")
            if not items:
                return
        raise AssertionError("it is continued over and over")

    def _batch(self, items: list[WorkItem]) -> None:
        for _ in range(20):
            try:
                self.run.items(items, remaining=self._seconds_left)
            except Killed:
                continue
            return
        raise AssertionError("it comes back over and over")

    def _drain(self) -> None:
        failures = [part for failure in self.run.errors.items.values() for part in split_failure(failure)]
        self.run.errors.items.clear()
        stored = [decode_item(encode_failure(failure, now=0.0, max_attempts=9, ttl_days=1)) for failure in failures]
        self._work([work for error_item in stored for _, work in plan_requeue(error_item, self.slips.config)])

    def expected(self) -> Counter[str]:
        names = [event.name for records in self.plan.objects for record in records for event in record.events]
        return Counter(f"{function} {name}" for function in self.functions for name in names)


class Destination(Sink):
    """A sink whose batches hold events of several objects."""

    kind, destination, size = "destination", "of the test", 4

    def __init__(self, play: Play) -> None:
        self._play = play

    def send(self, documents: Sequence[Document]) -> None:
        self._play.send(documents)


@pytest.mark.parametrize("has_sink", [False, True])
@settings(max_examples=120, deadline=None)
@given(plan=plans())
def test_every_event_reaches_every_function_exactly_once(plan: Plan, has_sink: bool) -> None:
    played = Play(plan, has_sink=has_sink)
    played.play()
    assert played.delivered == played.expected()


@pytest.mark.parametrize("has_sink", [False, True])
@settings(max_examples=80, deadline=None)
@given(plan=plans(kills=True))
def test_no_event_is_lost_when_the_process_dies(plan: Plan, has_sink: bool) -> None:
    played = Play(plan, has_sink=has_sink)
    played.play()
    assert played.delivered.keys() == played.expected().keys()


def test_events_of_a_record_are_not_lost_when_its_batch_and_the_flush_fail_later() -> None:
    three = Record([Event("1.0"), Event("1.1", ["plain"]), Event("1.2")], is_broken=False, is_list=True)
    two = Record([Event("2.0", ["batched"]), Event("2.1")], is_broken=False, is_list=True)
    played = Play(Plan([[Record([Event("0")], is_broken=False, is_list=False), three, two]], 100, [1], [], [], 0))
    played.play()
    assert played.delivered == played.expected()
