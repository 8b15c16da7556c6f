"""Objects that are planted, services that fail and kill as a seed says, and an account of what may be there twice."""

from __future__ import annotations

import gzip
import io
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from threading import Lock
from typing import Any, NamedTuple

from botocore.exceptions import ClientError, ConnectionClosedError
from chalice import Chalice

from slips import Slips
from slips.config import Mapping as PrefixMapping
from slips.errors import Killed
from slips.model import WorkItem, work_item
from slips.model.ports import Progress
from slips.sinks import Sink
from slips.testing import SlipsTester
from slips.testing.faults import Faults

YAML = """
stack_name: test
backend: {sns_topics: [{name: landed}]}
bucket_mapping: {logs: [{prefix: json/, format: json}]}
limits: {max_attempts: 9}
"""
MAPPING = PrefixMapping(bucket="logs", prefix="json/", chain=("s3-lines", "json"))
MOST_KILLS = 3
MOST_ROUNDS = 30
"""Drains, of which the destination fails in the first ones, after which nothing may be left."""
UNSURE_ROUNDS = 4
THROTTLED, DENIED = ("ThrottlingException", 400), ("AccessDeniedException", 403)


class Sent:
    """What went to a destination, and which of it may be there twice: what was sent when the process was killed before
    a commit, and what the destination took without an answer."""

    def __init__(self) -> None:
        self.times: Counter[str] = Counter()
        self.may_be_twice: set[str] = set()
        self.kills = 0
        self.lock = Lock()
        self._uncommitted: set[str] = set()

    def note(self, ids: Sequence[str], *, is_answered: bool) -> None:
        """Note what was taken."""
        with self.lock:
            self.times.update(ids)
            self._uncommitted.update(ids)
            if not is_answered:
                self.may_be_twice.update(ids)

    def commit(self) -> None:
        """Note that all that was sent is safe."""
        with self.lock:
            self._uncommitted.clear()

    def begin(self) -> None:
        """Note that an invocation begins: where the one before was killed, what it sent comes again."""
        with self.lock:
            self.may_be_twice |= self._uncommitted
            self._uncommitted.clear()

    @property
    def twice(self) -> set[str]:
        """What was taken more than once."""
        return {name for name, times in self.times.items() if times > 1}


class CommittingLedger:
    """A ledger that says when a commit has ended: all that was sent before is safe."""

    def __init__(self, ledger: Any, sent: Sent) -> None:
        self._ledger = ledger
        self._sent = sent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def finish(self, ended: Any) -> None:
        """See `ports.Ledger`."""
        self._ledger.finish(ended)
        self._sent.commit()

    def checkpoint(self, item: WorkItem, progress: Progress, **arguments: Any) -> Any:
        """See `ports.Ledger`."""
        is_mine = self._ledger.checkpoint(item, progress, **arguments)
        self._sent.commit()
        return is_mine


class Fates:
    """The fate of each request, by the seed, its content, and how often it came: not by the order of threads."""

    def __init__(self, seed: int, sent: Sent, fates: Mapping[str, int]) -> None:
        """`fates` are weights."""
        self.is_mended = False
        self.sent = sent
        self._seed = seed
        self._fates = fates
        self._tries: Counter[str] = Counter()

    def choose(self, ids: Sequence[str]) -> tuple[str, Random]:
        """Return the fate of a request with these documents, and chance for its details."""
        content = ",".join(sorted(ids))
        with self.sent.lock:
            self._tries[content] += 1
            chance = Random(f"{self._seed} {content} {self._tries[content]}")
            if self.is_mended:
                return "fine", chance
            [fate] = chance.choices(list(self._fates), list(self._fates.values()))
            if fate.startswith("kill"):
                if self.sent.kills == MOST_KILLS:
                    return "fine", chance
                self.sent.kills += 1
            return fate, chance


class FaultyService:
    """A client of AWS: each request that sends something has a fate."""

    def __init__(self, client: Any, fates: Fates) -> None:
        self._client = client
        self._fates = fates

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def put_object(self, **request: Any) -> Any:
        """S3: a file."""
        ids = ids_of_file(request["Key"], request["Body"])
        return self._send(ids, lambda kept, code: self._client.put_object(**request))

    def put_record_batch(self, *, Records: list[Any], **arguments: Any) -> Any:
        """Firehose."""
        put = self._client.put_record_batch
        return self._in_order(Records, lambda kept: put(Records=kept, **arguments), "RequestResponses")

    def put_records(self, *, Records: list[Any], **arguments: Any) -> Any:
        """Kinesis."""
        return self._in_order(Records, lambda kept: self._client.put_records(Records=kept, **arguments), "Records")

    def send_message_batch(self, *, Entries: list[Any], **arguments: Any) -> Any:
        """SQS."""
        put = self._client.send_message_batch
        return self._by_id(Entries, "MessageBody", lambda kept: put(Entries=kept, **arguments))

    def publish_batch(self, *, PublishBatchRequestEntries: list[Any], **arguments: Any) -> Any:
        """SNS."""
        put = self._client.publish_batch
        return self._by_id(
            PublishBatchRequestEntries, "Message", lambda kept: put(PublishBatchRequestEntries=kept, **arguments)
        )

    def _in_order(self, records: list[Any], put: Callable[[list[Any]], Any], field: str) -> Any:
        def put_some(kept: list[int], code: str) -> Any:
            taken = iter(put([records[number] for number in kept])[field] if kept else ())
            refusal = {"ErrorCode": code, "ErrorMessage": "as planned"}
            results = [next(taken) if number in kept else refusal for number in range(len(records))]
            return {field: results, "FailedPutCount": len(records) - len(kept)}

        return self._send([json.loads(record["Data"])["id"] for record in records], put_some)

    def _by_id(self, entries: list[Any], body: str, put: Callable[[list[Any]], Any]) -> Any:
        def put_some(kept: list[int], code: str) -> Any:
            answer = put([entries[number] for number in kept]) if kept else {}
            refusal = {"Code": code, "Message": "as planned", "SenderFault": code == DENIED[0]}
            failed = [{"Id": entry["Id"], **refusal} for number, entry in enumerate(entries) if number not in kept]
            return {**answer, "Failed": failed}

        return self._send([json.loads(entry[body])["id"] for entry in entries], put_some)

    def _send(self, ids: list[str], put: Callable[[list[int], str], Any]) -> Any:
        fate, chance = self._fates.choose(ids)
        if fate == "kill before":
            raise Killed
        if fate in ("throttled", "denied"):
            raise refuse(*(THROTTLED if fate == "throttled" else DENIED))
        kept = [number for number in range(len(ids)) if fate not in REFUSALS or chance.random() < 0.7]
        answer = put(kept, REFUSALS.get(fate, ""))
        self._fates.sent.note([ids[number] for number in kept], is_answered=fate != "lost")
        if fate == "kill after":
            raise Killed
        if fate == "lost":
            raise ConnectionClosedError(endpoint_url="https://aws")
        return answer


REFUSALS = {"some throttled": THROTTLED[0], "some refused": DENIED[0]}


def refuse(code: str, status: int) -> ClientError:
    """Return what a client raises."""
    error: Any = {"Error": {"Code": code, "Message": "as planned"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(error, "Put")


def ids_of_file(key: str, body: bytes) -> list[str]:
    """Return the ids of the rows of a file of an archive."""
    if key.endswith(".parquet"):
        from pyarrow.parquet import read_table

        ids: list[str] = read_table(io.BytesIO(body), columns=["id"]).column("id").to_pylist()
        return ids
    return [json.loads(line)["id"] for line in gzip.decompress(body).splitlines()]


class Planted(NamedTuple):
    """Objects, and their events by id."""

    contents: list[bytes]
    events: dict[str, dict[str, Any]]


def plant(chance: Random, counts: Sequence[int], padding: Sequence[int]) -> Planted:
    """Return objects of so many events each, whose texts have so many characters."""
    events: dict[str, dict[str, Any]] = {}
    contents = []
    for number, (count, length) in enumerate(zip(counts, padding, strict=True)):
        lines = []
        for position in range(1, count + 1):
            event = {
                "id": f"{number}.{position}", "time": f"2026-03-01T0{chance.randint(7, 9)}:15:02Z",
                "n": chance.randint(0, 10**9), "text": chance.choice("abcü😀") * chance.randint(length // 2, length),
            }  # fmt: skip
            events[event["id"]] = event
            lines.append(json.dumps(event).encode())
        contents.append(b"\n".join(lines))
    return Planted(contents, events)


class Play:
    """Delivers planted objects to a sink, in one batch, as faults say, and drains what failed until nothing is left."""

    def __init__(self, folder: Path, sink: Sink, fates: Fates, planted: Planted) -> None:
        (folder / "slips.yml").write_text(YAML)
        slips = Slips(Chalice("test"), folder / "slips.yml")
        slips.app.schedule("rate(1 minute)")(slips.retry)
        slips.on_setup(lambda args: fates.sent.begin())
        slips.send("json", to=sink)
        self._fates = fates
        self._tester = SlipsTester(slips, sends=True)
        self._tester.ledger = CommittingLedger(self._tester.ledger, fates.sent)  # type: ignore[assignment]
        self._tester._map(MAPPING)
        objects = [
            self._tester.objects.put("logs", f"json/{number}", each) for number, each in enumerate(planted.contents)
        ]
        self._items = [work_item(ref, "s") for ref in objects]

    def play(self, faults: Faults) -> None:
        """Let it all happen."""
        self._tester._deliver(self._items, faults)
        for number in range(MOST_ROUNDS):
            self._fates.is_mended = number >= UNSURE_ROUNDS
            for request_id in list(self._tester.errors.items):
                self._tester.error(request_id)
            if not self._tester.errors.items:
                break
        assert [failure.error_message for failure in self._tester.errors.items.values()] == []
        assert [progress.books.imbalance() for progress in self._tester.ledger.progress.values()] == [""] * len(
            self._tester.ledger.progress
        )


def plan(chance: Random, events: int, fates: Mapping[str, int]) -> tuple[Faults, Mapping[str, int]]:
    """Return the faults of the invocations, and the fates of requests: without "lost", nothing dies or is lost."""
    faults: Faults = {}
    if chance.random() < 0.5:
        faults["checkpoint_every"] = chance.randint(3, events // 2)
    if chance.random() < 0.3:
        faults["deadline"] = chance.randint(events // 4, events)
    if chance.random() < 0.3:
        faults["redeliver"] = True
    if chance.random() < 0.3:
        faults["flush_fails"] = chance.randint(1, 2)
    if "lost" not in fates:
        return faults, fates
    if chance.random() < 0.3:
        faults["kill_after"] = "flush"
    elif chance.random() < 0.3:
        # Where the destination refuses, a function may get fewer events than that.
        faults["kill_after"] = chance.randint(0, faults.get("deadline", events) // 4)
        return faults, {"fine": 1}
    return faults, fates
