"""The test kit, as users use it: on functions that buffer, well and badly."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from chalice import Chalice

from slips import Buffer, Meta, Slips
from slips.errors import SlipsError
from slips.testing import BUCKET, Captured, SlipsTester, make_meta

APP = """
from types import SimpleNamespace
from chalice import Chalice
from slips import Slips

app = Chalice(app_name="mine")
slips = Slips(app)
ROWS = []
state = SimpleNamespace(rows=[])
HOW = "flush"
COUNT = 0


def send(rows):
    "Where a test puts its own."


@slips.on_setup
def setup(args):
    state.office = args["office"]


@slips.on_format("json")
def buffer(meta, event):
    global COUNT
    COUNT += 1
    if event.get("bad"):
        raise ValueError(event["bad"])
    ROWS.append(event["n"])


@slips.on_format("csv", batch=4)
def store(batch):
    state.rows += [event["n"] for _, event in batch]


@slips.on_flush
def flush():
    if HOW == "flush":
        send([*ROWS, *state.rows])
        ROWS.clear()
        state.rows.clear()


@slips.on_result
def result():
    if HOW == "result":
        send([*ROWS])
        ROWS.clear()
    return COUNT
"""
CONFIG = """
stack_name: mine
handler: {args: {office: 192.0.2.0/24}}
bucket_mapping: {logs: [{prefix: in/, format: [s3-lines, json]}]}
"""
TEN = [{"n": n} for n in range(10)]


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "mine_app.py").write_text(APP)
    (tmp_path / "slips.yml").write_text(CONFIG)
    import importlib

    yield importlib.import_module("mine_app")
    sys.modules.pop("mine_app")


@pytest.fixture
def run(module: ModuleType) -> SlipsTester:
    return SlipsTester(module.app)


@pytest.fixture
def sent(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    found: list[int] = []
    monkeypatch.setattr(module, "send", found.extend)
    return found


def test_lines_files_and_content_give_events_errors_books_and_results(run: SlipsTester, tmp_path: Path) -> None:
    outcome = run.lines("json", [{"n": 1}, '{"n": 2, "bad": "no"}', b'{"n": 3}'])
    assert [meta.position for meta, _ in outcome.events["buffer"]] == [1, 2, 3]
    assert outcome.delivered == {"buffer": 2}
    assert [(each.processor, each.positions, each.error_message) for each in outcome.errors] == [("buffer", "2", "no")]
    assert (outcome.books.records, outcome.results, outcome.invocations) == (3, [3], 1)
    with pytest.raises(ValueError, match="no"):
        outcome.check()
    (tmp_path / "a.json").write_text('{"n": 7}\n')
    outcome = run.file(tmp_path / "a.json", bucket="logs", key="in/a.json")
    assert outcome.events["buffer"][0][0].source.key == "in/a.json"
    outcome.check()
    assert run.content(["s3-csv", "csv"], b"n\n1\n2\n").delivered == {"store": 2}


def test_what_a_parser_refuses_is_an_assertion_with_the_record(run: SlipsTester) -> None:
    with pytest.raises(AssertionError, match=r"parse of json failed at 1(.|\n)*record: no json"):
        run.lines("json", ["no json"]).check()


@pytest.mark.parametrize("how", ["app", "slips", "module"])
def test_the_app_its_slips_and_its_module_are_the_same_to_it(module: ModuleType, how: str) -> None:
    given = module if how == "module" else getattr(module, how)
    assert SlipsTester(given).lines("json", TEN).delivered == {"buffer": 10}


def test_anything_else_is_refused_in_words() -> None:
    with pytest.raises(SlipsError, match="takes the Chalice app"):
        SlipsTester(sys)


@pytest.mark.parametrize("after", [*range(11), "flush"])
@pytest.mark.parametrize("chain", ["json", "csv"])
def test_a_kill_loses_nothing_of_what_is_sent_in_on_flush(
    run: SlipsTester, sent: list[int], after: int, chain: str
) -> None:
    records = TEN if chain == "json" else ["n", *map(str, range(10))]
    outcome = run.lines(chain, records, kill_after=after, checkpoint_every=4)  # type: ignore[arg-type]
    assert outcome.invocations == 2
    assert {int(n) for n in sent} == set(range(10))
    assert len(sent) == (14 if after == "flush" else 10)


def test_a_kill_shows_that_sending_in_on_result_loses_events(
    run: SlipsTester, module: ModuleType, sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    module.HOW = "result"  # type: ignore[attr-defined]
    run = SlipsTester(module)
    run.lines("json", TEN, kill_after=7, checkpoint_every=3)
    assert sent == [6, 7, 8, 9]


def test_a_kill_forgets_containers_objects_and_plain_values_but_not_what_the_test_put_there(
    run: SlipsTester, module: ModuleType, sent: list[int]
) -> None:
    rows = module.ROWS
    rows.append("from before")
    outcome = run.lines("json", TEN, kill_after=5)
    assert module.ROWS is rows
    assert "from before" not in sent
    assert outcome.results == [10]  # COUNT began anew.
    assert module.state.office == "192.0.2.0/24"


@pytest.mark.parametrize(
    ("faults", "says"),
    [
        ({"kill_afer": 3}, "kill_afer: no such argument; choose from kill_after, deadline"),
        ({"kill_after": -1}, "kill_after: -1 is not a number of events"),
        ({"kill_after": "flsh"}, "kill_after: 'flsh' is not"),
        ({"kill_after": True}, "kill_after: True is not"),
        ({"deadline": 0}, "deadline: 0 is not a number of events from 1 on"),
        ({"redeliver": 2}, "redeliver: 2 is not True or False"),
        ({"kill_after": 11}, "kill_after=11: nothing was killed: no invocation delivered more than 10 events"),
    ],
)
def test_a_fault_that_cannot_happen_is_refused(run: SlipsTester, faults: dict[str, object], says: str) -> None:
    with pytest.raises(SlipsError, match=re.escape(says)):
        run.lines("json", TEN, **faults)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("format", "records", "says"),
    [
        ("jsno", TEN, 'there is no format "jsno"; did you mean "json"?'),
        ("syslog", ["x"], 'no function takes "syslog", so nothing would be read: buffer (json), store (csv)'),
        ("json", '{"n": 1}', "records is a list of them, not one str"),
        ("json", {"n": 1}, "records is a list of them, not one dict"),
    ],
)
def test_what_would_test_nothing_is_refused(run: SlipsTester, format: str, records: list[str], says: str) -> None:
    with pytest.raises(SlipsError, match=re.escape(says)):
        run.lines(format, records)


def test_a_check_shows_the_users_own_frames(run: SlipsTester) -> None:
    outcome = run.lines("json", [{"n": 1, "bad": "x"}])
    try:
        outcome.check()
    except ValueError as fault:
        files = [Path(frame.filename).name for frame in traceback.extract_tb(fault.__traceback__)]
    assert files == ["test_tester.py", "outcome.py", "mine_app.py"]


def test_after_a_deadline_the_rest_comes_in_further_invocations(run: SlipsTester, sent: list[int]) -> None:
    outcome = run.lines("json", TEN, deadline=4)
    assert outcome.invocations == 3
    assert sent == list(range(10))
    assert outcome.books.records == 10


def test_a_redelivery_repeats_nothing(run: SlipsTester, sent: list[int]) -> None:
    outcome = run.lines("json", TEN, redeliver=True)
    assert (outcome.invocations, sent) == (2, list(range(10)))


def test_a_checkpoint_flushes_each_time_so_many_events_were_given(
    run: SlipsTester, module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[list[int]] = []
    monkeypatch.setattr(module, "send", sent.append)
    run.lines("json", TEN, checkpoint_every=3)
    assert sent == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]]


def test_an_error_item_delivers_only_what_failed_again(run: SlipsTester, module: ModuleType) -> None:
    [error] = run.lines("json", [{"n": 1}, {"n": 2, "bad": "x"}, {"n": 3}]).errors
    again = run.error(error.request_id)
    assert [each.request_id for each in again.errors] == [error.request_id]
    assert again.errors[0].attempts == 2
    calls = {each.name: each for each in module.slips.functions.events}
    object.__setattr__(calls["buffer"], "call", lambda meta, event: None)
    again = run.error(error.request_id)
    assert [meta.position for meta, _ in again.events["buffer"]] == [2]
    assert (again.errors, run.errors.items) == ([], {})


def test_what_s3_does_not_give_waits_until_it_does(run: SlipsTester, sent: list[int]) -> None:
    run.objects.unavailable = True
    [error] = run.lines("json", TEN).errors
    assert (error.stage, error.error_type, sent) == ("read", "Unavailable", [])
    run.objects.unavailable = False
    assert run.error(error.request_id).errors == []
    assert sent == list(range(10))


def captured(**fields: object) -> Captured:
    values = {"bucket": "logs", "key": "in/a b", "chain": ("s3-lines", "json"), "processor": "buffer"}
    return Captured(**{**values, "records": ('{"n": 1, "bad": "a\\nb"}', {"base64": "eyJuIjogNX0="}), **fields})  # type: ignore[arg-type]


def test_a_captured_error_fails_as_it_did(run: SlipsTester) -> None:
    outcome = run.error(captured())
    assert [meta.source.key for meta, _ in outcome.events["buffer"]] == ["in/a b", "in/a b"]
    assert [error.positions for error in outcome.errors] == ["1"]
    with pytest.raises(ValueError, match="a\nb"):
        outcome.check()


def test_captured_records_may_hold_line_ends_whatever_their_container_was(run: SlipsTester) -> None:
    outcome = run.error(captured(chain=("s3-csv", "csv"), processor="store", records=("n,text", '5,"two\nlines"')))
    assert [event for _, event in outcome.events["store"]] == [{"n": "5", "text": "two\nlines"}]


def test_a_file_that_is_not_a_capture_is_reported(run: SlipsTester, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    for path, says in ((tmp_path / "x.json", "not a fixture that"), (tmp_path / "y.json", "no such file")):
        with pytest.raises(SlipsError, match=says):
            run.error(path)


def test_meta_is_as_the_format_makes_it() -> None:
    event = {"id": {"time": "2026-03-01T09:15:02Z"}}
    meta = make_meta(event, format="g-suite-login")
    assert (meta.tag, meta.timestamp, meta.time_source) == ("gsuite.login", 1772356502.0, "event")
    assert meta.source.bucket == BUCKET
    bare = make_meta({"n": 1})
    assert (bare.tag, bare.time_source, bare.datetime.isoformat()) == ("json", "object", "2026-03-01T12:00:00+00:00")


def test_what_is_given_to_make_meta_counts() -> None:
    meta = make_meta(
        {}, format="of-mine", tag="t", timestamp=5.0, message="m", position=3, index=1, key="k", lane="slow"
    )
    assert (meta.tag, meta.timestamp, meta.message, meta.position, meta.index) == ("t", 5.0, "m", 3, 1)
    assert (meta.source.key, meta.source.lane, meta.format) == ("k", "slow", "of-mine")
    assert isinstance(meta, Meta)


def test_the_fixture_takes_back_what_chalice_does_to_a_logger(monkeypatch: pytest.MonkeyPatch) -> None:
    from slips.testing.fixture import _quiet

    log = logging.getLogger("of-an-app-of-mine")
    Chalice(app_name=log.name)
    assert (log.level, len(log.handlers), log.propagate) == (logging.ERROR, 1, False)
    _quiet(log)
    assert (log.level, log.handlers, log.propagate) == (logging.NOTSET, [], True)


def test_the_fixture_imports_the_app_again_for_each_test(pytester_project: Callable[[str], int]) -> None:
    assert pytester_project("def test_{}(run):\n    assert run.module.ROWS == []\n    run.module.ROWS.append(1)\n") == 0


LOG_IS_AS_BEFORE = """

def test_zero():
    import logging

    assert logging.getLogger("mine").level == logging.NOTSET
"""


@pytest.fixture
def pytester_project(tmp_path: Path) -> Callable[[str], int]:
    root = Path(__file__).resolve().parents[2]

    def call(test: str) -> int:
        (tmp_path / "app.py").write_text(APP)
        (tmp_path / "slips.yml").write_text(CONFIG)
        (tmp_path / "tests").mkdir()
        (tmp_path / "pytest.ini").write_text("[pytest]\n")
        line = 'from slips.testing import slips_fixture\n\nrun = slips_fixture("app")\n'
        (tmp_path / "tests/conftest.py").write_text(line)
        (tmp_path / "tests/test_it.py").write_text(test.format("one") + test.format("two") + LOG_IS_AS_BEFORE)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        environment = {
            **os.environ,
            "PYTHONPATH": str(root),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=60).returncode

    return call


def test_a_module_of_the_users_forgets_between_tests(tmp_path: Path) -> None:
    """`chalicelib/detect.py` stays loaded, since a test imports it by name; what it buffered does not."""
    root = Path(__file__).resolve().parents[2]
    (tmp_path / "chalicelib").mkdir()
    (tmp_path / "chalicelib" / "detect.py").write_text("ROWS = []\nCOUNT = 0\n")
    (tmp_path / "slips.yml").write_text(CONFIG)
    (tmp_path / "app.py").write_text(
        "from chalice import Chalice\nfrom slips import Slips\nfrom chalicelib import detect\n"
        'app = Chalice(app_name="mine")\nslips = Slips(app)\n\n\n'
        '@slips.on_format("json")\ndef keep(meta, event):\n    detect.ROWS.append(event)\n    detect.COUNT += 1\n'
    )
    (tmp_path / "test_it.py").write_text(
        "import pytest\nfrom slips.testing import slips_fixture\nfrom chalicelib import detect\n\n"
        'run = slips_fixture("app")\n\n\n'
        '@pytest.mark.parametrize("time", [1, 2])\ndef test_one(run, time):\n'
        '    run.lines("json", [{"n": 1}])\n    assert (detect.ROWS, detect.COUNT) == ([{"n": 1}], 1)\n'
    )
    command = [sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", "."]
    path = os.pathsep.join((str(tmp_path), str(root / "chalicelib")))
    env = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stdout


def test_a_flush_that_fails_leaves_nothing_in_a_buffer(tmp_path: Path) -> None:
    path = tmp_path / "slips.yml"
    path.write_text("stack_name: t\nbucket_mapping: {logs: [{prefix: json/, format: json}]}\n")
    slips, sent = Slips(Chalice("t"), path), list[int]()
    slips.on_format("json", to=Buffer(lambda batch: sent.extend(row["n"] for _, row in batch)))(
        lambda meta, event: {"n": event["n"]}
    )
    run = SlipsTester(slips)
    [failure] = run.lines("json", [{"n": number} for number in range(3)], flush_fails=1).errors
    assert (failure.positions, failure.error_message) == ("1-3", "flush_fails: flush 1 fails, as the test asks")
    run.lines("json", [{"n": number} for number in range(3, 6)])
    assert sent == [3, 4, 5]


def test_a_flush_that_fails_concerns_what_was_taken_since_the_last_one(tmp_path: Path) -> None:
    path = tmp_path / "slips.yml"
    path.write_text("stack_name: t\nbucket_mapping: {logs: [{prefix: json/, format: json}]}\n")
    slips, calls = Slips(Chalice("t"), path), list[int]()
    slips.on_format("json")(lambda meta, event: None)
    slips.on_flush(lambda: calls.append(1))
    outcome = SlipsTester(slips).lines("json", [{"n": 1}] * 6, flush_fails=1, checkpoint_every=3)
    assert [failure.positions for failure in outcome.errors] == ["1-3"]
    assert calls
