"""`slips backfill`: what is queued, once, whatever ends it in between."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from slips import aws
from slips.config import Config
from slips.config.access import S3Access
from slips.errors import Killed, SlipsError
from slips.ledger.items import LedgerItem
from slips.ledger.ledger import DynamoLedger
from slips.model import Books, ObjectRef, ProcessorBooks, WorkItem, work_item
from slips.model.ports import Progress
from slips.model.utc import DAY, iso
from slips.ops.backfill import Pacer, Plan, Request, Selection, State, StateFile, is_stalled, queue, stalled_before
from slips.ops.backfill.cost import cost
from slips.ops.backfill.listing import Listed, Listing
from slips.ops.backfill.selection import Candidate

from ...doubles import RecordingLanes
from .conftest import Deployed

NOW = ("--until", "2100-01-01")
"""Objects of just now too."""


@pytest.fixture
def prefix(deployed: Deployed, request: pytest.FixtureRequest) -> str:
    return f"in/{request.node.name.split('[')[0][-60:]}/"


def fill(deployed: Deployed, prefix: str, count: int = 6) -> list[str]:
    keys = [f"{prefix}{n:02}" for n in range(count)]
    for key in keys:
        deployed.put(key, {"n": 1})
    return keys


def backfill(deployed: Deployed, prefix: str, *arguments: str, **named: Any) -> dict[str, Any]:
    ran = deployed.run(
        "backfill", f"s3://{deployed.bucket}/{prefix}", *arguments, "--json", "--rate", "9999/s", **named
    )
    assert ran.exit_code == 0, ran.output
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


def queued(deployed: Deployed, prefix: str, lane: Any = "slow") -> list[WorkItem]:
    return [item for item in deployed.waiting(lane) if item.object_key.startswith(prefix)]


def test_a_dry_run_counts_and_queues_nothing(deployed: Deployed, prefix: str) -> None:
    fill(deployed, prefix)
    deployed.put(f"{prefix}skip/x", {"n": 1})
    ran = deployed.run("backfill", f"s3://{deployed.bucket}/{prefix}", "--dry-run", "--rate", "2/s", *NOW)
    assert ran.exit_code == 0
    lines = ran.stdout.splitlines()
    assert lines[:3] == [
        "to queue: 6 objects, 54 bytes, of 7 listed",
        "skipped: 1: a routing rule drops them",
        "time: 3 s to queue them at 2/s",
    ]
    assert lines[3].startswith("cost: about $0.00 (Lambda ")
    assert queued(deployed, prefix) == []


def test_all_go_into_the_slow_lane_once_and_are_processed_once(deployed: Deployed, prefix: str) -> None:
    keys = fill(deployed, prefix)
    done = backfill(deployed, prefix, "--yes", *NOW)
    assert (done["queued"], done["bytes"], done["plan"]["count"]) == (6, 54, 6)
    items = queued(deployed, prefix)
    assert [item.object_key for item in items] == keys
    deployed.work(items)
    assert {row.state for key in keys for row in deployed.to.ledger.of_object(deployed.bucket, key)} == {"done"}
    again = backfill(deployed, prefix, "--yes", *NOW)
    assert (again["queued"], again["plan"]["skipped"]) == (0, {"done": 6})
    assert len(queued(deployed, prefix)) == 6


def test_what_a_notification_brought_is_done_too(deployed: Deployed, prefix: str) -> None:
    deployed.process(deployed.put(f"{prefix}a", {"n": 1}))
    assert backfill(deployed, prefix, "--dry-run", *NOW)["plan"]["skipped"] == {"done": 1}
    deployed.put(f"{prefix}a", {"n": 1, "another": "version"})
    assert backfill(deployed, prefix, "--dry-run", *NOW)["plan"]["count"] == 1


def test_a_new_function_gets_the_old_objects_alone(deployed: Deployed, prefix: str) -> None:
    key = f"{prefix}a"
    deployed.process(deployed.put(key, {"n": 1}))
    app = deployed.folder / "app.py"
    before = app.read_text()
    app.write_text(
        before.replace(
            "@slips.on_result", '@slips.on_format("json")\ndef newer(meta, event): pass\n\n\n@slips.on_result'
        )
    )
    try:
        assert backfill(deployed, prefix, "--yes", *NOW)["queued"] == 1
        assert backfill(deployed, prefix, "--dry-run", "--function", "keep", *NOW)["plan"]["skipped"] == {"done": 1}
    finally:
        app.write_text(before)
    [item] = queued(deployed, prefix)
    assert item.processors == ("newer",)


def test_a_function_is_named_and_its_objects_are_marked_for_it(deployed: Deployed, prefix: str) -> None:
    fill(deployed, prefix, 1)
    backfill(deployed, prefix, "--yes", "--function", "also", "--lane", "routed", *NOW)
    [item] = queued(deployed, prefix, "fast")
    assert item.processors == ("also",)
    deployed.work([item])
    backfill(deployed, prefix, "--yes", *NOW)
    assert [item.processors for item in queued(deployed, prefix)] == [("keep",)]


def test_again_queues_what_is_done_every_time(deployed: Deployed, prefix: str) -> None:
    deployed.process(deployed.put(f"{prefix}a", {"n": 1}))
    for _ in range(2):
        assert backfill(deployed, prefix, "--yes", "--again", *NOW)["queued"] == 1
    works = queued(deployed, prefix)
    deployed.work(works)
    assert len({item.work_id for item in works}) == 2
    assert len(deployed.to.ledger.of_object(deployed.bucket, f"{prefix}a")) == 3


def test_objects_of_just_now_are_left_to_their_notifications(deployed: Deployed, prefix: str) -> None:
    fill(deployed, prefix, 2)
    assert backfill(deployed, prefix, "--yes")["plan"]["skipped"] == {"new": 2}


def test_times_narrow_what_is_listed(deployed: Deployed, prefix: str) -> None:
    fill(deployed, prefix, 2)
    assert backfill(deployed, prefix, "--dry-run", "--since", "2100-01-01")["plan"]["listed"] == 0
    assert backfill(deployed, prefix, "--dry-run", "--until", "2020-01-01")["plan"]["listed"] == 0


@pytest.mark.parametrize("after_put", [True, False])
def test_killed_at_any_chunk_and_called_again_it_misses_nothing_and_does_all_once(
    deployed: Deployed, prefix: str, monkeypatch: pytest.MonkeyPatch, after_put: bool
) -> None:
    from slips.lanes.kinesis import KinesisLanes
    from slips.ops.backfill.state import StateFile

    prefix = f"{prefix}{after_put}/"
    keys = fill(deployed, prefix, 5)
    kill, chunks = dict.fromkeys((2, 4)), [0]

    def failing(call: Callable[..., Any]) -> Callable[..., Any]:
        def killed(*arguments: Any) -> Any:
            chunks[0] += 1
            if chunks[0] in kill:
                raise Killed
            return call(*arguments)

        return killed

    # Either nothing of the chunk is in its lane yet, or all of it is, and nobody has written that down.
    owner, name = (StateFile, "save") if after_put else (KinesisLanes, "enqueue")
    monkeypatch.setattr(owner, name, failing(getattr(owner, name)))
    monkeypatch.setattr(Pacer, "chunk", 1)
    command = ("backfill", f"s3://{deployed.bucket}/{prefix}", "--yes", "--rate", "9999", *NOW)
    for _ in kill:
        with pytest.raises(Killed):
            deployed.run(*command)
    ran = deployed.run(*command)
    assert (ran.exit_code, "continuing after" in ran.stderr) == (0, True), ran.output
    items = queued(deployed, prefix)
    assert {item.object_key for item in items} == set(keys)
    assert len(items) == 5 + (len(kill) if after_put else 0)
    deployed.work(items)
    assert all(len(deployed.to.ledger.of_object(deployed.bucket, key)) == 1 for key in keys)


def test_ctrl_c_says_how_to_continue(deployed: Deployed, prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(deployed, prefix, 3)
    monkeypatch.setattr(Pacer, "chunk", 1)
    waits = iter(range(9))

    def wait(self: Pacer, objects: int) -> None:
        if next(waits) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(Pacer, "wait", wait)
    ran = deployed.run("backfill", f"s3://{deployed.bucket}/{prefix}", "--yes", *NOW)
    assert ran.exit_code == 1
    assert f"stopped after {prefix}01: 2 objects queued; run the same command again to continue" in ran.stderr
    assert backfill(deployed, prefix, "--yes", *NOW)["queued"] == 3
    assert len(queued(deployed, prefix)) == 3


def test_a_lane_that_takes_nothing_is_no_progress(
    deployed: Deployed, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(deployed, prefix, 2)
    with monkeypatch.context() as patch:
        patch.setattr("slips.lanes.kinesis.KinesisLanes.enqueue", lambda self, lane, items: items)
        ran = deployed.run("backfill", f"s3://{deployed.bucket}/{prefix}", "--yes", *NOW)
    assert (ran.exit_code, "does not take 2 of 2 work items" in ran.stderr) == (1, True)
    assert backfill(deployed, prefix, "--yes", *NOW)["queued"] == 2


def test_it_asks_and_takes_no_for_an_answer(deployed: Deployed, prefix: str) -> None:
    fill(deployed, prefix, 1)
    for stdin in ("n\n", ""):
        ran = deployed.run("backfill", f"s3://{deployed.bucket}/{prefix}", *NOW, stdin=stdin)
        assert (ran.exit_code, "queue 1 object?" in ran.stderr) == (1, True)
    assert queued(deployed, prefix) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("logs/",), ("s3://",), ("s3://b/", "--rate", "fast"), ("s3://b/", "--since", "noon"),
        ("s3://b/", "--function", "nobody"), ("s3://b/", "--since", "2026-02-01", "--until", "2026-01-01"),
    ],
)  # fmt: skip
def test_used_wrongly(deployed: Deployed, arguments: tuple[str, ...]) -> None:
    ran = deployed.run("backfill", *arguments)
    assert (ran.exit_code, "Traceback" in ran.output) == (2, False), ran.output


def test_a_bucket_that_is_not_there_is_a_line(deployed: Deployed) -> None:
    ran = deployed.run("backfill", "s3://no-such-bucket-here/x")
    assert (ran.exit_code, "is the name right" in ran.stderr) == (1, True)


def test_more_than_a_page_is_listed_in_order_from_where_it_was(deployed: Deployed, prefix: str) -> None:
    from slips.ops.backfill import pages

    keys = fill(deployed, prefix, 7)
    state = State(request=Request(stack="s", bucket=deployed.bucket, prefix=prefix, until=4e9), after=keys[1])
    found = [listed.ref.key for page in pages(state, S3Access({}), page_size=2) for listed in page.objects]
    assert found == keys[2:]


def test_archived_objects_are_passed_over(deployed: Deployed, prefix: str) -> None:
    aws.client("s3").put_object(Bucket=deployed.bucket, Key=f"{prefix}cold", Body=b"{}", StorageClass="DEEP_ARCHIVE")
    assert backfill(deployed, prefix, "--dry-run", *NOW)["plan"]["skipped"] == {"archived": 1}


def test_of_many_objects_a_part_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    from slips.ops.backfill.plan import plan

    class Half:
        asked = 0

        def route(self, listed: Listed) -> Candidate:
            return Candidate(listed.ref)

        def drop_done(self, waiting: list[Candidate]) -> list[Candidate]:
            self.asked += len(waiting)
            done = (int(each.ref.key) % 2 for each in waiting)
            return [
                Candidate(each.ref, reason="done") if is_done else Candidate(each.ref, stalled=work("started"))
                for each, is_done in zip(waiting, done, strict=True)
            ]

    def page(number: int) -> Listing:
        return Listing(
            tuple(Listed(ObjectRef(bucket="b", key=str(number * 1000 + n), size=10)) for n in range(1000)), ""
        )

    half = Half()
    total = plan(map(page, range(100)), half, 100.0, lambda done, of: None)  # type: ignore[arg-type]
    assert (total.is_exact, total.listed, half.asked) == (False, 100_000, 10_000 + 90 * 20)
    assert total.count == total.stalled == pytest.approx(50_000, rel=0.1)
    assert total.count + total.skipped["done"] == pytest.approx(100_000, rel=0.01)


def test_the_rate_holds_and_a_pause_earns_no_burst() -> None:
    class Time:
        now = 0.0

        def sleep(self, seconds: float) -> None:
            self.now += seconds

    time = Time()
    pacer = Pacer(10.0, lambda: time.now, time.sleep)
    assert (pacer.chunk, Pacer(0.1).chunk, Pacer(9999.0).chunk, Pacer(None).chunk) == (10, 1, 500, 500)
    for _ in range(11):
        pacer.wait(10)
    assert time.now == pytest.approx(10.0)
    time.now += 100
    pacer.wait(10)
    pacer.wait(10)
    assert time.now == pytest.approx(111.0)


def test_the_cost_grows_with_objects_and_bytes() -> None:
    assert Plan().cost.total == 0.0
    million = cost(1_000_000, 1_000_000, 10**12)
    assert (round(million.s3, 2), round(million.kinesis, 2), round(million.dynamodb, 2)) == (0.41, 0.13, 2.0)
    assert round(million.aws_lambda, 2) == 0.85


def test_a_state_is_of_its_request_alone_and_of_one_process(tmp_path: Path) -> None:
    one, other = (Request(stack="s", bucket=name) for name in ("one", "other"))
    path = tmp_path / "state.json"
    file = StateFile(one, path)
    file.save(State(request=one, after="k"))
    assert (file.load().after, one.id == other.id) == ("k", False)
    with pytest.raises(SlipsError, match="of another backfill"):
        StateFile(other, path).load()
    path.write_text("{")
    with pytest.raises(SlipsError, match="not the state of a backfill"):
        file.load()
    with file.locked(), pytest.raises(SlipsError, match="already running"), StateFile(one, path).locked():
        pass


class Works:
    """A ledger that knows these works on every object."""

    def __init__(self, *works: LedgerItem) -> None:
        self._works = works

    def of_object(self, bucket: str, key: str, limit: int = 50) -> list[LedgerItem]:
        return [*self._works]


BEFORE = "2026-02-01T00:00:00.000Z"
"""Unfinished work that changed last before that is stalled."""


def work(state: str, *functions: str, records: int = 9, changed_at: str = "2026-01-31", **fields: Any) -> LedgerItem:
    """A work on version e1 of an object, with books of these functions."""
    books = Books(records=records, processors={name: ProcessorBooks(1) for name in functions})
    values = {"work_id": "w", "version": "e1", "begun_at": "2026-01-30", **fields}
    return LedgerItem(state=state, changed_at=changed_at, books=books, **values)


def select(deployed: Deployed, *works: LedgerItem, s3: Any = None, **request: Any) -> tuple[Candidate, list[WorkItem]]:
    """What a backfill decides of an object of the functions keep and also, and what it queues."""
    state = State(request=Request(stack="s", bucket=deployed.bucket, **request))
    selection = Selection(state, deployed.project.slips, Works(*works), S3Access({}, lambda *_: s3), BEFORE)
    ref = ObjectRef(bucket=deployed.bucket, key="in/x", etag="e1", event_time="2026-01-01T00:00:00.000Z")
    [candidate] = selection.drop_done([selection.route(Listed(ref))])
    return candidate, [] if candidate.reason else selection.items(candidate)


def queued_works(items: list[WorkItem]) -> list[tuple[str, tuple[str, ...]]]:
    """Their ids, as far as they are those of the ledger, and their functions."""
    return [(item.work_id if item.work_id.startswith("w") else "new", item.processors) for item in items]


@pytest.mark.parametrize(("now", "done"), [("v1", True), ("v2", False)])
def test_in_a_versioned_bucket_the_version_of_now_counts(deployed: Deployed, now: str, done: bool) -> None:
    candidate, _ = select(deployed, work("done", "keep", "also", version="v1"), s3=Versions(now))
    assert (candidate.reason == "done") is done


def test_a_copy_of_a_version_that_is_done_is_done(deployed: Deployed) -> None:
    """The content is the same, as the ETag says."""
    works = (
        work("done", "keep", "also", version="v1", etag="e1"),
        work("done", work_id="copy", version="v2", etag="e1"),
    )
    candidate, _ = select(deployed, *works, s3=Versions("v2"))
    assert candidate.reason == "done"


class Versions:
    """An S3 where every object has this version."""

    def __init__(self, version: str) -> None:
        self._version = version

    def head_object(self, **asked: str) -> dict[str, str]:
        assert asked["IfMatch"] == '"e1"'
        return {"VersionId": self._version}


@pytest.mark.parametrize("state", ["started", "continued"])
@pytest.mark.parametrize(("changed_at", "reason"), [(BEFORE, "at work"), ("2026-01-31T23:59:59.999Z", "")])
def test_unfinished_work_is_at_work_as_long_as_a_lane_may_hold_it(
    deployed: Deployed, state: str, changed_at: str, reason: str
) -> None:
    candidate, items = select(deployed, work(state, changed_at=changed_at))
    assert candidate.reason == reason
    assert queued_works(items) == ([] if reason else [("w", ())])


@pytest.mark.parametrize("state", ["done", "failed"])
def test_work_that_ended_is_not_stalled(state: str) -> None:
    assert not is_stalled(work(state), BEFORE)


def test_one_work_that_is_at_work_is_enough(deployed: Deployed) -> None:
    candidate, _ = select(deployed, work("started", changed_at=BEFORE), work("started"))
    assert candidate.reason == "at work"


def test_of_several_stalled_works_the_first_one_is_resumed(deployed: Deployed) -> None:
    """The others are drains of a part of it."""
    _, items = select(deployed, work("started", work_id="w2"), work("started", work_id="w1"))
    assert queued_works(items) == [("w1", ())]


def test_a_stalled_work_is_resumed_for_the_functions_that_lack_the_object(deployed: Deployed) -> None:
    """Another backfill has brought it to one of them."""
    _, items = select(deployed, work("done", "keep", work_id="w2"), work("continued", resume_from=5))
    assert queued_works(items) == [("new", ("also",))]
    _, items = select(deployed, work("done", "keep", work_id="w2"), work("continued", "keep", "also", resume_from=5))
    assert queued_works(items) == [("w", ("also",))]


def test_a_function_that_took_no_part_before_the_checkpoint_gets_the_whole_object(deployed: Deployed) -> None:
    _, items = select(deployed, work("continued", "keep", resume_from=5))
    assert queued_works(items) == [("w", ("keep",)), ("new", ("also",))]


def test_both_works_of_one_object_are_put(deployed: Deployed) -> None:
    state, lanes = State(request=Request(stack="s", bucket=deployed.bucket)), RecordingLanes()
    stalled = Works(work("continued", "keep", resume_from=5))
    selection = Selection(state, deployed.project.slips, stalled, None, BEFORE)  # type: ignore[arg-type]
    ref = ObjectRef(bucket=deployed.bucket, key="in/x", etag="e1", event_time="2026-01-01T00:00:00.000Z")
    page = Listing((Listed(ref),), "in/x")
    queue([page], selection, lanes, state, Pacer(None), save=lambda state: None, show=lambda state: None)
    assert (lanes.keys("slow"), state.queued) == (["in/x", "in/x"], 1)


def test_a_drain_that_ended_does_not_make_the_object_done(deployed: Deployed) -> None:
    """It has books of its function, but of few records."""
    drained = work("done", "keep", work_id="w2", records=4)
    _, items = select(deployed, drained, work("continued", "keep", "also", resume_from=5))
    assert queued_works(items) == [("w", ())]


@pytest.mark.parametrize("state", ["done", "failed"])
def test_a_stalled_drain_is_listed(deployed: Deployed, state: str) -> None:
    candidate, _ = select(deployed, work("started", work_id="w2"), work(state, "keep", "also"))
    assert candidate.reason == "stalled drain"
    candidate, items = select(deployed, work("started", work_id="w2"), work(state, "keep", "also"), again=True)
    assert queued_works(items) == [("new", ())]


def test_a_stalled_work_is_resumed_though_another_failed_as_a_whole(deployed: Deployed) -> None:
    _, items = select(deployed, work("failed", work_id="w2", records=0), work("started"))
    assert queued_works(items) == [("w", ())]


def test_for_one_function_a_stalled_work_is_not_ended_for_all(deployed: Deployed) -> None:
    _, items = select(deployed, work("started"), function="keep")
    assert queued_works(items) == [("new", ("keep",))]


def test_a_stalled_work_of_a_version_reads_that_version(deployed: Deployed) -> None:
    _, [item] = select(deployed, work("started", version="v1"), s3=Versions("v1"))
    assert (item.work_id, item.version_id) == ("w", "v1")
    _, [item] = select(deployed, work("started"))
    assert item.version_id == ""


def test_what_an_outage_left_behind_is_planned_queued_and_resumed_at_its_checkpoint(
    deployed: Deployed, prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ref = deployed.put(f"{prefix}a", {"n": 1}, {"n": 2}, {"n": 3})
    begun, lost = work_item(ref, deployed.config.fast.stream), time.time() - 8 * DAY
    ledger = DynamoLedger(aws.client("dynamodb"), deployed.config.ledger_table, 30, lambda: lost)
    progress = ledger.begin(begun)
    assert progress is not None
    books = Books(records=2, parsed=2, events=2, processors={name: ProcessorBooks(2) for name in ("keep", "also")})
    assert ledger.checkpoint(begun, Progress(resume_from=3, books=books, attempts=0, token=progress.token))
    explained = deployed.run("explain", f"s3://{deployed.bucket}/{ref.key}").stdout
    assert f"stalled: nothing was done since {iso(lost)}, and no lane holds it any longer" in explained

    ran = deployed.run("backfill", f"s3://{deployed.bucket}/{prefix}", "--yes", *NOW)
    assert "to queue: 1 object," in ran.stdout
    assert "of these, stalled: 1: begun, and not finished for longer than a lane keeps its records; they" in ran.stdout
    items = queued(deployed, prefix)
    assert [item.work_id for item in items] == [begun.work_id]
    capsys.readouterr()
    deployed.work(items)
    assert capsys.readouterr().out.split("\n")[0].startswith("kept 3 ")
    [row] = deployed.to.ledger.of_object(deployed.bucket, ref.key)
    assert (row.state, row.books.records, row.books.processors["keep"].delivered) == ("done", 3, 3)
    assert "stalled:" not in deployed.run("explain", f"s3://{deployed.bucket}/{ref.key}").stdout


def test_work_of_just_now_is_not_stalled(deployed: Deployed, prefix: str) -> None:
    ref = deployed.put(f"{prefix}a", {"n": 1})
    deployed.to.ledger.begin(work_item(ref, deployed.config.fast.stream))
    assert backfill(deployed, prefix, "--dry-run", *NOW)["plan"]["skipped"] == {"at work": 1}
    assert "stalled:" not in deployed.run("explain", f"s3://{deployed.bucket}/{ref.key}").stdout


@pytest.mark.parametrize(("hours", "days"), [(24, 7), (168, 7), (720, 30)])
def test_a_given_stream_may_hold_a_record_for_longer(
    aws_endpoint: str, hours: int, days: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.reset()
    name = f"given-{hours}"
    aws.client("kinesis").create_stream(StreamName=name, ShardCount=1)
    if hours > 24:
        aws.client("kinesis").increase_stream_retention_period(StreamName=name, RetentionPeriodHours=hours)
    config = Config.for_stack("s")
    given = msgspec.structs.replace(config.slow, stream=name, stream_arn=f"arn:aws:kinesis:x:y:stream/{name}")
    assert stalled_before(msgspec.structs.replace(config, slow=given), 100 * DAY) == iso((100 - days) * DAY)
    assert stalled_before(config, 100 * DAY) == iso(93 * DAY)
    aws.reset()
