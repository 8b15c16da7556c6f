"""Nothing is lost on the way to a destination over HTTP that refuses, breaks connections, and is down for a while; and
when it is back, nothing is left that it takes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from email.utils import formatdate
from random import Random
from typing import Any

import msgspec
import pytest

from slips import Meta
from slips.drain.request import DrainRequest
from slips.drain.run import drain
from slips.engine.functions import Function, Functions
from slips.engine.invocation import process
from slips.engine.sending import send
from slips.errors import Killed
from slips.sinks import Http, OpenSearch, Sink

from ..error_table import Time
from ..waiting_world import BATCH, WaitingWorld
from . import opensearch_server
from .http_server import CUT, HTML_502, Destination, Reply, Request, patience, serve
from .opensearch_server import OpenSearchOfTheTest, refuse
from .opensearch_server import Reply as BulkReply
from .proofs import CommittingLedger, Fates, Sent

MINUTES = 20
MOST_MINUTES = 300
"""Until nothing waits, once the destination is back."""
DEATHS = {"kill before": 1, "kill after": 1, "fine": 20}
HTTP_FATES = {
    "fine": 10, "500": 2, "502": 1, "429": 1, "cut": 1, "lost": 1, "lost in the answer": 1, "422": 1, "413": 1,
}  # fmt: skip
BULK_FATES = {
    "fine": 8, "503": 1, "some busy": 4, "some refused": 1, "lost": 1, "garbage": 1, "413": 1, "429": 1,
}  # fmt: skip


class SendingWorld(WaitingWorld):
    """A deployment whose only function sends to a sink. Its destination is down for some of the minutes, and the
    process is killed now and then, before or after a batch was sent."""

    def __init__(
        self, seed: int, make_sink: Callable[[Time], Sink], make: Callable[[Meta, Any], Any] | None = None
    ) -> None:
        super().__init__()
        self.sent = Sent()
        self.deaths = Fates(seed, self.sent, DEATHS)
        self.chance = Random(seed)
        self.down_until = 0.0
        self._records = 0
        sink = make_sink(self.time)
        self._send, sink.send = sink.send, self._send_or_die  # type: ignore[method-assign]
        function = Function(name="json -> sink", call=make or sink.send, format="json")
        function, hook = send("send", make, function, 1, sink)
        self.functions = Functions(events=[function], flush=[hook], setup=[lambda args: self.sent.begin()])
        self.ledger = CommittingLedger(self.ledger, self.sent)  # type: ignore[assignment]
        self.worker = self.new_worker()

    def _send_or_die(self, documents: Any) -> None:
        fate, _ = self.deaths.choose([document.body["id"] for document in documents])
        if fate == "kill before":
            raise Killed
        self._send(documents)
        if fate == "kill after":
            raise Killed

    def process(self) -> None:
        """Process what is in the lanes, as records of a stream: the batch of a process that was killed comes again."""
        items = [*self.lanes.take("fast"), *self.lanes.take("slow")]
        for at in range(0, len(items), BATCH):
            batch = []
            for item in items[at : at + BATCH]:
                self._records += 1
                batch.append(msgspec.structs.replace(item, record_id=str(self._records)))
            while not self._process_or_die(batch):
                self.worker = self.new_worker()
        if self.lanes.waiting["fast"] or self.lanes.waiting["slow"]:
            self.process()

    def _process_or_die(self, batch: Any) -> bool:
        try:
            process(self.worker, "fast", batch)
        except Killed:
            return False
        return True

    def play(self, fates: Fates) -> None:
        """Let time pass, until nothing is left."""
        for _ in range(MINUTES):
            if self.chance.random() < 0.15:
                self.down_until = self.time() + 60 * self.chance.randint(1, 8)
            for _ in range(self.chance.randint(0, 2)):
                self.land(self.chance.randint(1, 25))
            self.minute()
        fates.is_mended = self.deaths.is_mended = True
        self.down_until = 0.0
        for _ in range(MOST_MINUTES):
            if not self.items():
                return
            drain(DrainRequest(), self.quarantine, self.lanes, self.config, self.time() + 50, self.time)
            self.minute()
        raise AssertionError([(item.state, item.error_message) for item in self.items()])


def play_http(server: Destination, seed: int) -> SendingWorld:
    """Play a seed; compare what the destination has with what has landed."""
    world = SendingWorld(
        seed,
        lambda time: Http(
            server.url, hides_url=False, size=Random(seed).choice([3, 10, 500]), concurrency=seed % 3 + 1, gzip=False,
            id_field="event_id", backoff=patience(time=Time()), now=time,
        ),
    )  # fmt: skip
    fates, event_ids = Fates(seed, world.sent, HTTP_FATES), dict[str, set[str]]()

    def answer(request: Request) -> Reply:
        documents = [json.loads(line) for line in request.lines]
        ids = [document["id"] for document in documents]
        if world.time() < world.down_until:
            return Reply(503, headers={"Retry-After": formatdate(world.down_until, usegmt=True)})
        fate, chance = fates.choose(ids)
        if fate in REPLIES:
            return REPLIES[fate]
        if fate == "429":
            return Reply(429, headers={"Retry-After": str(chance.randint(0, 200))})
        for document in documents:
            event_ids.setdefault(document["id"], set()).add(document["event_id"])
        world.sent.note(ids, is_answered=fate == "fine")
        return {"lost": CUT, "lost in the answer": Reply(body="{", length=100)}.get(fate, Reply())

    server.answer = answer
    world.play(fates)
    assert {*world.sent.times} == {*world.landed}
    assert world.sent.twice <= world.sent.may_be_twice
    assert {len(each) for each in event_ids.values()} == {1}
    assert len(set.union(*event_ids.values())) == len(world.landed)
    return world


REPLIES = {"500": Reply(500), "502": HTML_502, "cut": CUT, "422": Reply(422, "no"), "413": Reply(413)}


def several(meta: Meta, event: Any) -> Any:
    """What is sent of an event: for some of them, several documents."""
    return [{**event, "part": part} for part in range(1 + meta.position % 3)]


def play_opensearch(server: OpenSearchOfTheTest, seed: int) -> SendingWorld:
    """Play a seed; compare what the destination holds with what has landed."""
    world = SendingWorld(
        seed,
        lambda time: OpenSearch(
            server.url, "logs", size=Random(seed).choice([4, 10, 1000]), concurrency=seed % 3 + 1, gzip=False,
            backoff=patience(time=Time()),
        ),
        several,
    )  # fmt: skip
    fates = Fates(seed, world.sent, BULK_FATES)

    def answer(request: opensearch_server.Request) -> BulkReply | None:
        if world.time() < world.down_until:
            return BulkReply(status=503, body={}, headers={"Retry-After": str(int(world.down_until - world.time()))})
        fate, chance = fates.choose([f"{document['id']}.{document['part']}" for document in request.documents])
        some = [number for number in range(len(request.documents)) if chance.random() < 0.4]
        if fate == "some busy":
            return BulkReply(results=dict.fromkeys(some, refuse(429, "es_rejected_execution_exception")))
        if fate == "some refused":
            return BulkReply(results=dict.fromkeys(some, refuse(400, "mapper_parsing_exception")))
        return {
            "503": BulkReply(status=503, body=b"<html>"), "429": BulkReply(status=429, body={}),
            "413": BulkReply(status=413, body={}), "lost": BulkReply(cuts=True),
            "garbage": BulkReply(body=b"\x00{"),
        }.get(fate)  # fmt: skip

    server.always = answer
    world.play(fates)
    held = sorted((document["id"], document["part"]) for document in server.held.values())
    assert held == sorted((name, part) for name in world.landed for part in parts_of(name))
    return world


def parts_of(name: str) -> range:
    """The parts of the event of that name: `OBJECT.NUMBER`, from 0 on."""
    return range(1 + (int(name.rpartition(".")[2]) + 1) % 3)


@pytest.fixture
def cluster() -> Iterator[OpenSearchOfTheTest]:
    with serve(OpenSearchOfTheTest()) as server:
        yield server


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_lost_over_http(server: Destination, seed: int) -> None:
    play_http(server, seed)


@pytest.mark.parametrize("seed", range(3))
def test_opensearch_holds_each_document_once(cluster: OpenSearchOfTheTest, seed: int) -> None:
    play_opensearch(cluster, seed)


@pytest.mark.slow
def test_nothing_is_lost_over_http_in_twenty_runs(server: Destination) -> None:
    worlds = [play_http(server, seed) for seed in range(20)]
    assert sum(world.sent.kills for world in worlds) > 8
    assert any(world.sent.twice for world in worlds)


@pytest.mark.slow
def test_opensearch_holds_each_document_once_in_twenty_runs(cluster: OpenSearchOfTheTest) -> None:
    for seed in range(20):
        cluster.held.clear()
        play_opensearch(cluster, seed)
