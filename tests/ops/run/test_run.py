"""`slips run` as the real command, in a project of its own."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ..terminal import PWN, RAW, SHOWN, run_on_terminal

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
SECONDS = 60.0

APP = """
from chalice import Chalice
from slips import Slips

app = Chalice(app_name="mine")
slips = Slips(app, config="other.yml")
SEEN = "seen.txt"


@slips.on_format("json")
def keep(meta, event):
    if event.get("bad"):
        raise ValueError("bad")
    with open(SEEN, "a") as seen:
        seen.write(f"keep {meta.position} {meta.source.key}\\n")


@slips.on_format("json")
def other(meta, event):
    with open(SEEN, "a") as seen:
        seen.write(f"other {meta.position} {meta.source.key}\\n")


for topic in slips.topics:
    dispatch = app.on_sns_message(topic=topic.arn, name=topic.name)(slips.dispatch)
process_fast = app.on_kinesis_record(
    stream=slips.fast.stream, batch_size=slips.fast.batch_size, starting_position="TRIM_HORIZON"
)(slips.process_fast)
process_slow = app.on_kinesis_record(
    stream=slips.slow.stream, batch_size=slips.slow.batch_size, starting_position="TRIM_HORIZON"
)(slips.process_slow)
report = app.on_sns_message(topic=slips.dead_letters)(slips.report)
retry = app.schedule("rate(1 minute)")(slips.retry)
app.register_blueprint(slips.api)
"""
CONFIG = """
stack_name: mine
backend: {lane: {fast: {shards: 1}, slow: {shards: 1}}}
bucket_mapping:
  my-logs: [{prefix: in/, format: [s3-lines, json]}]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder of a user's, without chalicelib in it."""
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "other.yml").write_text(CONFIG)
    samples = tmp_path / "data" / "my-logs" / "in"
    samples.mkdir(parents=True)
    (samples / "a b+c=d.json").write_text('{"n": 1}\n{"n": 2, "bad": true}\n{"n": 3}\n')
    (samples / "zipped").write_bytes(gzip.compress(b'{"n": 4}\n'))
    (tmp_path / "data" / "my-logs" / "elsewhere.json").write_text("{}\n")
    return tmp_path


def slips(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command(), *arguments], cwd=project, env=environment(), capture_output=True, text=True, timeout=SECONDS
    )


def command() -> list[str]:
    return [sys.executable, "-c", "from slips.ops.cli import main; main(prog_name='slips')"]


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SLIPS_"))}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def test_a_users_project_runs_once_and_counts(project: Path) -> None:
    ran = slips(project, "run", "--once", "--json", "--samples", "data", "-c", "other.yml")
    assert ran.returncode == 0, ran.stderr
    counted = json.loads(ran.stdout.splitlines()[-1])
    expected = {"objects": 2, "events": 4, "delivered": 7, "errors": 2, "by_format": {"json": 4}}
    assert {name: counted[name] for name in expected} == expected
    seen = sorted((project / "seen.txt").read_text().splitlines())
    assert [line.split()[:2] for line in seen if "a b+c=d" in line] == [
        ["keep", "1"], ["keep", "3"], ["other", "1"], ["other", "2"], ["other", "3"],
    ]  # fmt: skip


def test_a_mapping_that_no_function_takes_is_named(project: Path) -> None:
    """Else a newcomer's first format counts nothing, and nothing says why."""
    (project / "other.yml").write_text(CONFIG + "  csv-logs: [{prefix: csv/, format: csv}]\n")
    ran = slips(project, "run", "--once", "--samples", "data", "-c", "other.yml")
    assert "bucket_mapping.csv-logs[0]: no function of app.py takes csv; write @slips.on_format('csv')" in ran.stderr


class Running:
    """A `slips run` that is up."""

    def __init__(
        self,
        project: Path,
        *,
        samples: bool = True,
        config: str = "other.yml",
        early: Callable[[], Any] | None = None,
        port: int = 0,
    ) -> None:
        self.project = project
        self.log = project / "run.log"
        given = ["--samples", "data"] if samples else []
        arguments = ["run", *given, "-c", config, "--port", str(port)]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*command(), *arguments], cwd=project, env=environment(), stdout=log, stderr=subprocess.STDOUT
            )
        if early is not None:
            self.until((project / "inbox/my-logs/in").is_dir)
            early()
        self.until(lambda: "API: " in self.log.read_text())
        self.url = self.log.read_text().split("API: ")[1].split()[0]

    def until(self, true: Callable[[], Any]) -> Any:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            assert self.process.poll() is None, self.log.read_text()
            found = true()
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError(self.log.read_text())

    def ask(self, path: str, method: str = "GET") -> Any:
        with urllib.request.urlopen(urllib.request.Request(self.url + path, method=method)) as answer:
            return json.load(answer)

    def works(self, key: str) -> list[Any]:
        """What was done of a sample, the newest first; nothing while some of it is still being done."""
        works = self.ask(f"/objects?bucket=example-logs&key={key}")["objects"]
        return works if all(work["state"] == "done" for work in works) else []

    def read_seen(self) -> list[str]:
        path = self.project / "seen.txt"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def running(project: Path) -> Iterator[Running]:
    made = Running(project)
    yield made
    if made.process.poll() is None:
        made.process.kill()
        made.process.wait()


def test_a_run_that_is_up_serves_drains_reloads_watches_and_ends(running: Running) -> None:
    stages = {row["stage"]: row for row in running.ask("/errors")["errors"]}
    assert set(stages) == {"process", "route"}
    assert (stages["process"]["processor"], stages["process"]["position"]) == ("keep", "2")

    app = running.project / "app.py"
    app.write_text(APP.replace('event.get("bad")', "False"))
    before = running.read_seen()
    assert running.ask("/drain", "POST")["drained"] == 1
    new = running.until(lambda: running.read_seen()[len(before) :])
    running.until(lambda: [row["stage"] for row in running.ask("/errors")["errors"]] == ["route"])
    assert new == ["keep 2 in/a b+c=d.json"]
    assert "reloaded app.py" in running.log.read_text()

    (running.project / "inbox/my-logs/in/new.json").write_text('{"n": 9}\n')
    running.until(lambda: "keep 1 in/new.json" in running.read_seen())

    (running.project / "inbox/other-logs").mkdir()
    (running.project / "inbox/other-logs/x.json").write_text("{}\n")
    running.until(lambda: "other-logs" in {row["bucket_name"] for row in running.ask("/errors")["errors"]})

    listed = slips(running.project, "errors", "--local")
    assert (listed.returncode, "elsewhere.json (3 byte)" in listed.stdout) == (1, True), listed.stderr

    config = running.project / "other.yml"
    config.write_text(CONFIG + "  csv-logs: [{prefix: csv/, format: csv}]\n")
    running.until(lambda: "bucket_mapping.csv-logs[0]: no function of app.py takes csv" in running.log.read_text())

    app.write_text("this is no Python")
    running.until(lambda: "still using the old app.py" in running.log.read_text())
    assert running.ask("/health")["ok"] is True

    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(SECONDS) == 0
    assert "Traceback" not in running.log.read_text()
    assert not (running.project / ".slips/run.json").exists()


HOSTILE = """
import logging

logging.getLogger("mine").error("imported %s", PWN)


def hostile(meta):
    print("printed", meta.source.key)
    logging.getLogger("mine").error("logged %s", meta.source.key)
    raise ValueError("raised " + PWN)
"""


def test_hostile_keys_and_messages_are_escaped(project: Path) -> None:
    """On a terminal, where progress is shown, and in a file, which may be shown on one later."""
    app = APP.replace('raise ValueError("bad")', "hostile(meta)")
    (project / "app.py").write_text(f"PWN = {PWN!r}\n{HOSTILE}{app}")
    (project / "data/my-logs/in" / f"a{PWN}").write_text('{"bad": true}\n')
    arguments = ["run", "--once", "--samples", "data", "-c", "other.yml"]
    status, content = run_on_terminal([*command(), *arguments], project, environment())
    assert status == 0, content
    for what in ("imported ", "printed in/a", "logged in/a", "ValueError: raised "):
        assert f"{what}{SHOWN}" in content, what
    assert "4 objects" in content
    # The progress has escape sequences of its own, that move the cursor.
    assert [attack for attack in ("\x1b]", "\x07", "\x9b", "\u202e", "\x7f", "\x08") if attack in content] == []

    running = Running(project, samples=False)
    try:
        folder = running.project / "inbox/my-logs/in"
        (folder / f"b{PWN}").write_text('{"bad": true}\n')
        (folder / "c\nforged").touch()
        (folder / ".d\nforged").touch()
        for line in (f"\ns3://my-logs/in/b{SHOWN}\n", f" logged in/b{SHOWN}\n", "/.d\\nforged is ignored"):
            running.until(lambda: line in running.log.read_text())  # noqa: B023
        # The emulator refuses the key.
        running.until(lambda: "/c\\nforged cannot be uploaded: " in running.log.read_text())
        (running.project / "app.py").write_text(f"raise RuntimeError({PWN!r})")
        running.until(lambda: "cannot be imported: RuntimeError: \\x1b]0;pwn\\x07" in running.log.read_text())
    finally:
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(SECONDS) == 0
    assert RAW.findall(running.log.read_text()) == []


def test_the_planted_faults_are_fixed_as_the_docs_show(tmp_path: Path) -> None:
    for name in ("app.py", "slips.yml"):
        shutil.copy(ROOT / "tests" / "project" / name, tmp_path)
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    running = Running(tmp_path, samples=False, config="slips.yml")
    try:
        found = {(row["processor"], row["position"], row["error_type"]) for row in running.ask("/errors")["errors"]}
        assert found == {("watch_logins", "72", "KeyError"), ("", "17", "ValueError")}
        [mend] = [line for line in (ROOT / "docs/api.md").read_text().splitlines() if line.startswith("$ sed -i")]
        subprocess.run(mend.removeprefix("$ "), shell=True, check=True, cwd=tmp_path)
        assert running.ask("/drain", "POST")["drained"] == 2
        for function, key in (
            ("watch_logins", "logs/g_suite/2026/03/01/logins.json.gz"),
            ("count", "logs/badges/2026-03-01.log"),
        ):
            again = running.until(lambda: running.works(key)[1:] and running.works(key)[0])  # noqa: B023
            assert again["books"]["processors"] == {
                function: {"delivered": 1, "filtered": 0, "quarantined": 0, "waiting": 0}
            }
        assert running.ask("/errors") == {"errors": [], "cursor": None}
    finally:
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(SECONDS) == 0


def test_faults_of_slips_yml_are_lines_and_exit_code_2(project: Path) -> None:
    (project / "other.yml").write_text(
        "stack_name: 7\nbucket_mapping: {logs: [{prefix: a/, format: jsn}]}\nlimits: {max_attempts: many}\n"
        "routing: [{dest: medium}]\ncheckpoint_secs: 3\n"
    )
    checked = slips(project, "check", "-c", "other.yml")
    assert checked.returncode == 2
    assert len(checked.stdout.splitlines()) == 5, checked.stdout + checked.stderr
    ran = slips(project, "run", "--once", "-c", "other.yml")
    assert (ran.returncode, "Traceback" in ran.stderr) == (2, False)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ("x = 1 +", "line 1"),
        ("import nowhere", "No module named 'nowhere'"),
        (APP.replace('"json")', '"jsno")', 1), 'there is no format "jsno"'),
        (APP.replace("def keep(meta, event)", "def keep(event)"), "def keep(meta, event)"),
        ("app = 1", "creates no Slips"),
    ],
)
def test_a_broken_app_is_reported_in_a_line(project: Path, broken: str, says: str) -> None:
    (project / "app.py").write_text(broken)
    ran = slips(project, "run", "--once", "-c", "other.yml")
    assert ran.returncode in (1, 2)
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr


def test_without_app_py_the_error_says_where_to_go(project: Path) -> None:
    (project / "app.py").unlink()
    shutil.rmtree(project / "data")
    ran = slips(project, "run", "--once")
    assert (ran.returncode, "there is no app.py" in ran.stderr) == (2, True)


STUCK = """
import slips.ops.run.embedded.schedule as schedule
import slips.ops.run.session as session
schedule.SECONDS = 0.1  # What is called all the time is no success.
session.STUCK_SECONDS = 1.0
from slips.ops.cli import main
main(prog_name="slips")
"""


def test_a_run_that_gets_nowhere_ends_and_says_what_fails(project: Path) -> None:
    broken = APP.replace("(slips.process_fast)", "(process)").replace(
        "for topic", "def process(event): 1 / 0\n\nfor topic"
    )
    (project / "app.py").write_text(broken)
    ran = subprocess.run(
        [sys.executable, "-c", STUCK, "run", "--once", "--json", "--samples", "data", "-c", "other.yml"],
        cwd=project, env=environment(), capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "3 of 3 notifications were dispatched; process raised ZeroDivisionError: division by zero" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_run_ends_though_something_waits(project: Path) -> None:
    (project / "app.py").write_text(
        APP.replace("from slips import Slips", "from slips import RetryLater, Slips").replace(
            'raise ValueError("bad")', 'raise RetryLater("it is down")'
        )
    )
    ran = slips(project, "run", "--once", "--json", "--samples", "data", "-c", "other.yml")
    assert ran.returncode == 0, ran.stderr
    counted = json.loads(ran.stdout.splitlines()[-1])
    assert (counted["errors"], bool(counted["waiting"])) == (1, True)  # No mapping takes one of the samples.


def test_what_waits_is_tried_again_and_delivered_once(project: Path) -> None:
    (project / "app.py").write_text(
        APP.replace("from slips import Slips", "from pathlib import Path\nfrom slips import RetryLater, Slips").replace(
            'raise ValueError("bad")',
            'if not Path("up").exists():\n            raise RetryLater("it is down", after=1)',
        )
    )
    running = Running(project)
    try:
        running.until(lambda: running.ask("/errors?state=waiting")["errors"])
        (project / "up").touch()
        running.until(lambda: not running.ask("/errors?state=waiting")["errors"])
        running.until(lambda: "keep 3 in/a b+c=d.json" in running.read_seen())
        seen = [line for line in running.read_seen() if "a b+c=d" in line]
        assert sorted(seen) == sorted(
            f"{function} {position} in/a b+c=d.json" for function in ("keep", "other") for position in (1, 2, 3)
        )
    finally:
        running.process.send_signal(signal.SIGINT)
        running.process.wait(SECONDS)


def test_a_start_overlooks_no_file_and_no_taken_port_and_sigterm_ends_it(project: Path) -> None:
    shutil.rmtree(project / "data")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        early = project / "inbox/my-logs/in/early.json"
        running = Running(project, samples=False, early=lambda: early.write_text("{}\n"), port=port)
        assert f"port {port} is taken" in running.log.read_text()
        assert running.ask("/health")["ok"] is True
        running.until(lambda: "keep 1 in/early.json" in running.read_seen())
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(SECONDS) == 0


def test_samples_that_cannot_be_objects_are_reported_in_a_line(project: Path) -> None:
    (project / "data/my logs").mkdir()
    (project / "data/my logs/x.json").write_text("{}\n")
    ran = slips(project, "run", "--once", "--json", "--samples", "data", "-c", "other.yml")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "my logs" in ran.stderr
    assert "Traceback" not in ran.stderr
