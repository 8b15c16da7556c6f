"""`slips errors`, `error` and `drain`, against a deployment."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import pytest

from slips import aws
from slips.drain import DrainReport, DrainRequest
from slips.drain.chunk import Counting
from slips.model import Failure, utc
from slips.ops.cli import main
from slips.ops.cli.errors import OVERLAP, follow_errors
from slips.ops.run.embedded.lambda_emulator import LambdaEmulator
from slips.ops.run.embedded.region import Place
from slips.ops.run.reload import Reloading
from slips.quarantine import Filter, Quarantine

from ... import error_table
from ...builders import failure, item
from ...error_table import NOW, Time
from .conftest import Deployed

FILTERED = ("errors", "drain", "discard")


def test_a_line_begins_with_the_old_columns(deployed: Deployed) -> None:
    request_id = deployed.failed("in/columns", {"n": 1}, {"n": 2, "bad": "\x1b[2Jx"})
    ran = deployed.run("errors", "--prefix", "in/columns")
    assert ran.exit_code == 1
    assert ran.stdout == (
        f"2026-03-01T12:00:00.000Z:  {request_id}  {deployed.bucket:16} in/columns (39 byte)  process/keep  1x  "
        "ValueError: bad: \\x1b[2Jx\n"
    )


def test_nothing_found_is_exit_code_0_and_silence(deployed: Deployed) -> None:
    ran = deployed.run("errors", "--prefix", "in/nothing-here")
    assert (ran.exit_code, ran.output) == (0, "")


@pytest.mark.parametrize("options", [[], ["--group"], ["--json"]])
def test_a_terminal_is_told_that_nothing_was_found(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    notes: list[str] = []
    monkeypatch.setattr("slips.ops.cli.errors.note", notes.append)
    deployed.run("errors", "--prefix", "in/nothing-here", *options)
    assert notes == ["no errors found"]


def test_an_item_of_several_work_items_is_a_line_for_each(deployed: Deployed) -> None:
    both = (item("in/many-1"), item("in/many-2", object_size=None))
    deployed.to.quarantine.record([failure("many", argument=both, bucket_name="logs", object_key="in/many-1")])
    ran = deployed.run("errors", "--prefix", "in/many-", "-s", deployed.stack)
    shown = [line.split()[1:5] for line in ran.stdout.splitlines()]
    assert shown == [["many", "logs", "in/many-1", "(100"], ["many", "logs", "in/many-2", "(unknown"]]


def test_hostile_keys_are_escaped(deployed: Deployed) -> None:
    deployed.failed("in/\x1b]0;owned\x07\u202e", {"n": 1, "bad": 1})
    shown = deployed.run("errors", "--prefix", "in/\x1b").stdout
    assert "in/\\x1b]0;owned\\x07\\u202e (" in shown
    assert "\x1b" not in shown
    assert "\x1b" not in deployed.run("errors", "--prefix", "in/\x1b", "--json").stdout


def test_causes_come_with_their_counts(deployed: Deployed) -> None:
    deployed.process(*(deployed.put(f"in/cause-{n}", {"n": n + 1, "bad": "cause"}) for n in range(3)))
    deployed.process(deployed.put("in/cause-other", {"n": 1}, "no json\n"))
    ran = deployed.run("errors", "--group", "--prefix", "in/cause-", "--json", "-n", "1")
    [cause] = [json.loads(line) for line in ran.stdout.splitlines()]
    assert (ran.exit_code, cause["count"], cause["processor"]) == (1, 3, "keep")
    assert cause["fingerprint"] in deployed.run("errors", "--group", "--prefix", "in/cause-").stdout


def test_more_than_a_page_is_listed_up_to_the_limit(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    deployed.to.quarantine.record([failure(f"page-{n}", object_key=f"in/page-{n}") for n in range(5)])
    monkeypatch.setattr(sys.modules["slips.ops.cli.errors"], "PAGE", 2)
    for limit, count in ((100, 5), (3, 3)):
        ran = deployed.run("errors", "--prefix", "in/page-", "-n", str(limit))
        assert len({line.split()[1] for line in ran.stdout.splitlines()}) == count


def test_a_list_that_is_cut_says_how_many_more_there_are(deployed: Deployed) -> None:
    made = [failure(f"cut-{n}", object_key=f"in/cut-{n}", fingerprint=f"{n % 2}" * 16) for n in range(5)]
    deployed.to.quarantine.record(made)
    which = ("errors", "--prefix", "in/cut-", "-n")
    assert "showing the newest 3 of 5; -n 5 shows more" in deployed.run(*which, "3").stderr
    assert deployed.run(*which, "5").stderr == ""
    ran = deployed.run(*which, "1", "--group")
    assert ("showing 1 of 2 causes; -n 2 shows all" in ran.stderr, "     3 items" in ran.stdout) == (True, True)
    for each in made:
        deployed.to.quarantine.delete(each.request_id)


def test_a_wrong_time_is_used_wrongly(deployed: Deployed) -> None:
    ran = deployed.run("errors", "--since", "yesterday")
    assert (ran.exit_code, "since" in ran.stderr, "Traceback" in ran.output) == (2, True, False)


@pytest.mark.parametrize("command", ["errors", "drain", "error x"])
def test_a_table_that_is_not_there_is_a_line_with_advice(deployed: Deployed, command: str) -> None:
    ran = deployed.run(*command.split(), "-s", "no-such-stack")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "is the stack deployed" in ran.stderr


def test_without_credentials_the_error_says_what_to_do(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    aws.reset()
    ran = deployed.run("errors")
    aws.reset()
    assert (ran.exit_code, "AWS_PROFILE" in ran.stderr, len(ran.stderr.splitlines())) == (1, True, 1)


class Enough(Exception):
    """The test has seen enough."""


def test_the_region_is_that_of_aws_region(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 knows AWS_DEFAULT_REGION alone, AWS's command line both, and AWS_REGION before."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    aws.reset()
    assert deployed.run("errors", "--prefix", "in/nothing-here").exit_code == 0
    assert aws.client("dynamodb").meta.region_name == "eu-central-1"
    aws.reset()


def test_following_shows_what_is_there_then_each_that_comes_once(table: Quarantine) -> None:
    time = Time()
    put = [failure(f"old-{n}", failed_at=at(time, -600 + n)) for n in range(5)]
    table.record([*put, failure("recent", failed_at=at(time, -1))])
    request_ids = follow(table, time, [
        # Seen late: the index lags, and clocks differ.
        lambda: table.record([failure("late", failed_at=at(time, -OVERLAP / 2))]),
        lambda: None,
        lambda: table.record([failure("new", failed_at=at(time, 3)), failure("recent", failed_at=at(time, 4))]),
    ])  # fmt: skip
    assert request_ids == ["old-3", "old-4", "recent", "late", "new", "recent"]


@pytest.mark.parametrize(("skew", "of_a_writer"), [(-240, 0), (240, 0), (0, 240)], ids=["behind", "ahead", "writer"])
@pytest.mark.parametrize("first", [[], [failure("old", failed_at="2026-01-01")]], ids=["empty", "old"])
def test_following_misses_nothing_whatever_the_clock_says(
    table: Quarantine, skew: float, of_a_writer: float, first: list[Failure]
) -> None:
    table.record(first)
    moments = [{"first": of_a_writer}, {"a": 2}, {"b": 4, "c": 400}, {"late": 400 - OVERLAP / 2}]

    def record(moment: dict[str, float]) -> None:
        table.record([failure(name, failed_at=utc.iso(NOW + seconds)) for name, seconds in moment.items()])

    request_ids = follow(table, Time(NOW + skew), [partial(record, moment) for moment in moments])
    assert request_ids[len(first) :] == ["first", "a", "b", "c", "late"]


def test_following_shows_nothing_again_when_the_newest_is_drained(table: Quarantine) -> None:
    time = Time(NOW + 3600)
    table.record([failure("old", failed_at=utc.iso(NOW)), failure("new", failed_at=utc.iso(NOW + 600))])
    script = [lambda: None, lambda: table.delete("new"), lambda: None]
    assert follow(table, time, script) == ["old", "new"]


@pytest.fixture
def table(dynamodb: Any) -> Quarantine:
    """An ErrorTable of the test's own."""
    return error_table.quarantine(dynamodb, error_table.create(dynamodb))


def follow(quarantine: Quarantine, clock: Time, script: Iterable[Callable[[], object]]) -> list[str]:
    """Follow the errors while the script runs, a step in each pause; return the ids that were yielded."""
    steps = iter(script)

    def sleep(seconds: float) -> None:
        clock.now += seconds
        step = next(steps, None)
        if step is None:
            raise Enough
        step()

    request_ids: list[str] = []
    with suppress(Enough):
        for row in follow_errors(quarantine, Filter(), 3, clock=clock, sleep=sleep):
            request_ids.append(row.request_id)
    return request_ids


def at(time: Time, seconds: float) -> str:
    return utc.iso(time.now + seconds)


def test_an_item_is_shown_as_text_and_its_work_items_as_json(deployed: Deployed, tmp_path: object) -> None:
    request_id = deployed.failed("in/detail", {"n": 1, "bad": "\x1b"})
    text = deployed.run("error", request_id).stdout
    assert text.startswith(f"RequestID:{request_id}\nArgument:\n[\n    {{\n")
    assert "processor: keep" in text
    assert 'raise ValueError(f"bad: {event[' in text
    assert "\x1b" not in text
    works = json.loads(deployed.run("error", request_id, "-f", "json").stdout)
    assert works[0]["object_key"] == "in/detail"
    assert deployed.run("error", request_id, "-f", "cjson").stdout == json.dumps(works, separators=(",", ":")) + "\n"
    assert deployed.run("error", request_id, "-f", "json", "-o", "out.json").stdout == ""
    assert json.loads((deployed.folder / "out.json").read_text()) == works
    whole = json.loads(deployed.run("error", request_id, "--json").stdout)
    assert (whole["argument"], whole["processor"], whole["history"]) == (works, "keep", [])
    assert "ValueError: bad" in whole["traceback"]


def test_an_unknown_item_is_exit_code_1(deployed: Deployed) -> None:
    ran = deployed.run("error", "no\x1bsuch")
    assert (ran.exit_code, ran.stderr) == (1, 'Error: there is no error item "no\\x1bsuch"\n')


def test_output_that_cannot_be_written_is_a_line(deployed: Deployed) -> None:
    request_id = deployed.failed("in/unwritable", {"n": 1, "bad": 1})
    ran = deployed.run("error", request_id, "-o", "no/such/folder.json")
    assert (ran.exit_code, "no/such/folder.json: No such file" in ran.stderr) == (1, True)


def test_a_drain_counts_and_limits(deployed: Deployed) -> None:
    deployed.process(*(deployed.put(f"in/drained-{n}", {"n": 1, "bad": "drained"}) for n in range(3)))
    which = ("--prefix", "in/drained-")
    assert "would drain: 3, remaining: 0" in deployed.run("drain", *which, "--dry-run").stdout
    assert deployed.run("drain", *which, "--limit", "1").stdout == "drained: 1, remaining: 2\n"
    counts = json.loads(deployed.run("drain", *which, "--json").stdout)
    assert (counts["drained"], counts["remaining"]) == (2, 0)
    ran = deployed.run("drain", "--id", "no-such-item")
    assert (ran.exit_code, "stays: no-such-item" in ran.stderr) == (1, True)
    missing, *drains = deployed.to.trail.page(3).entries
    assert (missing.items, missing.refused, missing.ids) == (0, 1, ("no-such-item",))
    assert [(entry.action, entry.items, entry.what) for entry in drains] == [
        ("drain", 2, "prefix 'in/drained-'"), ("drain", 1, "prefix 'in/drained-'"),
    ]  # fmt: skip
    assert (drains[0].id, drains[0].who) == (counts["drain_id"], "arn:aws:sts::123456789012:user/moto")


def test_parked_items_are_passed_over_and_drained_on_request(deployed: Deployed) -> None:
    made = [
        failure(f"parked-{n}", argument=(item(f"in/parked/{n}"),), object_key=f"in/parked/{n}", attempts=3)
        for n in range(3)
    ]
    deployed.to.quarantine.record(made)
    which = ("--prefix", "in/parked/")
    ran = deployed.run("drain", *which)
    assert (ran.stdout, "--parked drains them" in ran.stderr) == ("drained: 0, remaining: 0\n", True)
    assert deployed.run("drain", *which, "--parked", "--limit", "2").stdout == "drained: 2, remaining: 1\n"
    assert deployed.run("drain", *which, "--parked").stdout == "drained: 1, remaining: 0\n"
    ran = deployed.run("drain", *which, "--parked", "--json")
    assert (ran.exit_code, json.loads(ran.stdout)["drained"]) == (0, 0)
    assert deployed.run("drain", "--parked", "--id", "x").exit_code == 2


def test_a_filter_that_is_empty_by_mistake_drains_nothing(deployed: Deployed) -> None:
    ran = deployed.run("drain", "--fingerprint", "")
    assert (ran.exit_code, "is empty; write a value, or leave the option out" in ran.stderr) == (2, True)


def test_the_three_commands_take_the_same_filters() -> None:
    names = [{option for each in main.commands[name].params for option in each.opts} for name in FILTERED]
    filters = {"--bucket", "--prefix", "--format", "--processor", "--fingerprint", "--state", "--since", "--until"}
    assert [filters - options for options in names] == [set(), set(), set()]


@pytest.mark.parametrize("name", FILTERED)
@pytest.mark.parametrize("option", ["--bucket", "--fingerprint", "--state", "--since"])
def test_an_empty_filter_is_used_wrongly(deployed: Deployed, name: str, option: str) -> None:
    reason = ("--reason", "test") if name == "discard" else ()
    assert deployed.run(name, option, "", *reason).exit_code == 2


def test_a_drain_says_what_it_left_and_why(deployed: Deployed) -> None:
    names = ("parked", "claimed", "free")
    made = [
        failure(f"left-{name}", argument=(item(f"in/left/{name}"),), object_key=f"in/left/{name}",
                attempts=3 if name == "parked" else 1)
        for name in names
    ]  # fmt: skip
    deployed.to.quarantine.record(made)
    deployed.to.quarantine.claim("left-claimed", "other", time.time(), 60)
    ran = deployed.run("drain", "--prefix", "in/left/")
    assert ran.stdout == "drained: 1, remaining: 0\n"
    assert "left: 1 parked: they failed too often" in ran.stderr
    assert "left: 1 claimed: another drain has them" in ran.stderr
    assert "waited" not in ran.stderr
    for name in ("parked", "claimed"):
        deployed.to.quarantine.delete(f"left-{name}")


def test_a_discard_counts_asks_and_deletes_what_it_names(deployed: Deployed) -> None:
    deployed.to.quarantine.record([failure(f"discard-{n}-0123456", object_key=f"in/discard/{n}") for n in range(3)])
    which = ("discard", "--prefix", "in/discard/", "--reason", "test")
    assert deployed.run(*which, "--dry-run").stdout == "would discard: 3\n"
    ran = deployed.run(*which, stdin="n\n")
    assert (ran.exit_code, "discard 3 items?" in ran.stderr, len(deployed.errors("in/discard/"))) == (1, True, 3)
    ran = deployed.run("discard", "--id", "discard-0-0", "--reason", "test", stdin="y\n")
    assert (ran.stdout, "discard 1 item?" in ran.stderr) == ("discarded: 1\n", True)
    ran = deployed.run(*which, "--yes", "--json")
    assert (json.loads(ran.stdout)["discarded"], deployed.errors("in/discard/")) == (2, [])
    latest, before = deployed.to.trail.page(2).entries
    assert (latest.action, latest.items, latest.reason, before.items) == ("discard", 2, "test", 1)


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        ("--reason x", "name items with --id"),
        ("--id abcdefgh --bucket b --reason x", "leave out the filters"),
        ("--id abcdefgh", "--reason"),
        ("--state open --reason x", "add another filter"),
    ],
)
def test_a_discard_of_everything_is_used_wrongly(deployed: Deployed, arguments: str, advice: str) -> None:
    ran = deployed.run("discard", *arguments.split())
    assert (ran.exit_code, advice in ran.stderr) == (2, True)


def test_a_discard_of_what_is_not_there_discards_nothing(deployed: Deployed) -> None:
    deployed.to.quarantine.record([failure("discard-there", object_key="in/discard-there")])
    ran = deployed.run("discard", "--id", "discard-there", "--id", "discard-not-there", "--reason", "x", "--yes")
    assert (ran.exit_code, "discard-not-there" in ran.stderr) == (1, True)
    assert deployed.run("discard", "--id", "discard-there", "--reason", "x", "--yes").stdout == "discarded: 1\n"


def test_a_time_may_be_so_long_ago(deployed: Deployed) -> None:
    deployed.to.quarantine.record([failure("ago", object_key="in/ago", failed_at=utc.iso(time.time() - 7200))])
    assert deployed.run("errors", "--prefix", "in/ago", "--since", "1h").stdout == ""
    assert " ago " in deployed.run("errors", "--prefix", "in/ago", "--since", "3h", "--until", "1h").stdout
    deployed.to.quarantine.delete("ago")


def test_a_drain_that_is_stopped_says_how_far_it_came(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(request: DrainRequest, *_: object, counting: Counting, drain_id: str) -> DrainReport:
        if request.cursor:
            raise KeyboardInterrupt
        return DrainReport(drained=7, remaining=3, cursor="c")

    monkeypatch.setattr("slips.ops.cli.drain.drain", stopped)
    ran = deployed.run("drain")
    assert (ran.exit_code, "stopped: drained 7 items" in ran.stderr) == (1, True)
    assert (deployed.to.trail.page(1).entries[0].items, deployed.to.trail.page(1).entries[0].requests) == (7, 1)


def test_without_a_terminal_the_outcome_of_the_canary_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    import click

    from slips.ops.cli.drain import _sure

    def confirm(*_: object, **__: object) -> bool:
        raise click.Abort

    monkeypatch.setattr(click, "confirm", confirm)
    assert _sure(yes=False)("the rest?", True) is False


@contextmanager
def lambdas() -> Iterator[None]:
    """Lambda at work: what is put into a lane is processed by the app.py of now."""
    reloading = Reloading(None)
    project = reloading.project
    place = Place(region="eu-central-1")
    player = LambdaEmulator(project.app, project.slips.config, place, reloading.handler, lambda function, answer: None)
    player.start()
    try:
        yield
    finally:
        player.stop()


def test_a_watched_drain_says_how_the_canary_fared_and_asks(deployed: Deployed) -> None:
    deployed.process(*(deployed.put(f"in/canary-{n}", {"n": 1, "bad": "canary"}) for n in range(5)))
    which = ("--prefix", "in/canary-", "--limit", "2", "--watch", "--wait", "30")
    app = deployed.folder / "app.py"
    before = app.read_text()
    with lambdas():
        ran = deployed.run("drain", *which, stdin="n\n")
        assert "canary: 0 of 2 succeeded, 2 failed again" in ran.stderr
        assert "drain the other 3?" in ran.stderr
        # What functions print meanwhile, of other tests' objects too, stands between.
        assert (ran.exit_code, "drained: 2, remaining: 3" in ran.stdout.splitlines()) == (1, True)
        assert len(deployed.errors("in/canary-")) == 5
        app.write_text(before.replace('if "bad" in event', "if False"))
        try:
            said = deployed.run("drain", *which, "--yes", "--json").stdout.splitlines()
            [seen] = [json.loads(line) for line in said if line.startswith("{")]
        finally:
            app.write_text(before)
    assert (seen["total"]["drained"], seen["canary"]["succeeded"], seen["outcome"]["works"]) == (5, 2, 5)
    assert deployed.errors("in/canary-") == []


def test_yes_stops_where_the_canary_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    from slips.drain import DrainOutcome
    from slips.ops.cli import canary
    from slips.ops.cli.drain import _sure

    asked: list[DrainRequest] = []

    def drain(request: DrainRequest) -> DrainReport:
        asked.append(request)
        return DrainReport(drained=2, remaining=3, cursor="c", drain_id="d")

    told = DrainOutcome(drain_id="d", works=2, succeeded=1, failed_again=1)
    monkeypatch.setattr(canary, "_await_outcome", lambda *given: told)
    request = DrainRequest(limit=2)
    seen = canary.drain_watched(None, request, drain, ask=_sure(yes=True), wait=1)  # type: ignore[arg-type]
    assert (len(asked), seen.is_bad, seen.went_on) == (1, True, False)


def test_a_watched_drain_adds_up_what_its_parts_took_and_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from slips.drain import DrainOutcome
    from slips.ops.cli import canary
    from slips.ops.cli.drain import _show_watched

    parts = [
        DrainReport(drained=2, waiting=1, retry_at=1_770_000_600, remaining=3, cursor="c", drain_id="d",
                    left={"parked": 1}, failed={"a": "gone"}, whole={"why": 1}),
        DrainReport(drained=3, waiting=1, retry_at=1_770_000_060, left={"parked": 1, "claimed": 1}, whole={"why": 1}),
    ]  # fmt: skip
    given = iter(parts)
    monkeypatch.setattr(canary, "_await_outcome", lambda *_: DrainOutcome(drain_id="d", works=2, succeeded=2))
    seen = canary.drain_watched(
        None, DrainRequest(limit=2), lambda _: next(given), ask=lambda *_: True, wait=1  # type: ignore[arg-type]
    )  # fmt: skip
    assert seen.total == DrainReport(
        drained=5, waiting=2, retry_at=1_770_000_060, drain_id="d", left={"parked": 2, "claimed": 1},
        failed={"a": "gone"}, whole={"why": 2},
    )  # fmt: skip
    assert (parts[0].drained, parts[1].drained) == (2, 3)  # The audit trail counts the parts.
    _show_watched(seen, as_json=False)
    lines = capsys.readouterr().err.splitlines()[1:]
    assert lines[0] == "of these, 2 waited for their next try, the first at 2026-02-02T02:41:00.000Z"
    assert [line.partition(":")[0] for line in lines[1:3]] == ["left", "left"]


def test_a_drain_says_how_many_waited_and_until_when(deployed: Deployed) -> None:
    made = failure("waits-0", argument=(item("in/waits/0"),), object_key="in/waits/0", retry_at=1_770_000_060,
                   waiting_since=1_770_000_000)  # fmt: skip
    deployed.to.quarantine.record([made])
    which = ("drain", "--prefix", "in/waits/")
    until = "for its next try, at 2026-02-02T02:41:00.000Z"
    assert f"of these, 1 waits {until}" in deployed.run(*which, "--dry-run").stderr
    assert f"of these, 1 waited {until}" in deployed.run(*which).stderr


def test_watching_nothing_is_used_wrongly(deployed: Deployed) -> None:
    assert deployed.run("drain", "--watch", "--dry-run").exit_code == 2


def test_for_a_person_the_lists_are_tables_with_short_ids(deployed: Deployed) -> None:
    ids = ["abcdef0123456789", "abcdef0199999999", "77aa01be00000000"]
    now = int(time.time())
    made = [
        failure(each, object_key="in/person/key", object_size=1234, fingerprint="f0e1d2c3b4a59687",
                waiting_since=now, retry_at=now + 3600)
        for each in ids
    ]  # fmt: skip
    deployed.to.quarantine.record(made)
    header, *lines = deployed.run("--color", "errors", "--prefix", "in/person/").stdout.splitlines()
    assert [title in header for title in ("object time", "id", "key", "bytes", "next try", "cause")] == [True] * 6
    assert sorted(line.split("\x1b[36m")[1].split("\x1b")[0] for line in lines) == [
        "77aa01be", "abcdef012", "abcdef019",
    ]  # fmt: skip
    assert all(" 1,234 " in line and "waiting" in line and f"  {utc.iso(now)[:8]}" in line for line in lines)
    header, line = deployed.run("--color", "errors", "--group", "--prefix", "in/person/").stdout.splitlines()
    assert ("next try" in header, line.startswith("\x1b[36mf0e1d2c3\x1b[0m")) == (True, True)
    for each in ids:
        deployed.to.quarantine.delete(each)
