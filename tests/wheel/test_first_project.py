"""From an empty directory, an empty environment and the wheel to the user's own events, and on to Lambda."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from ..deployment import events
from ..deployment.emulator import Emulator
from ..deployment.project import REGION
from ..lambda_runtime import LambdaProcess
from .environments import UserEnvironment

pytestmark = pytest.mark.slow

BUCKET = "example-logs"
ACCESS = "".join(
    f'192.0.2.{n} - - [31/Jan/2026:09:15:0{n} +0000] "GET /page-{n} HTTP/1.1" 200 {n} "-" "curl/8.5.0"\n'
    for n in range(4)
)
ORDERS = "".join(f"A-{n}|1{n}|2026-01-31T09:15:0{n}Z|by post\n" for n in range(4))
TRACES = "".join(f"2026-01-31T09:15:0{n}Z worker-{n} failed\n  at step {n}\n  at line 7\n" for n in range(4))
LOGIN = {
    "kind": "admin#reports#activity",
    "actor": {"email": "liz@example.com", "profileId": "1178"},
    "events": [{"type": "login", "name": "login_success"}],
}
LOGIN_ID = {"uniqueQualifier": "3580", "applicationName": "login", "customerId": "C03az79cb"}
LOGINS = "".join(
    json.dumps({**LOGIN, "id": {"time": f"2026-01-31T09:15:0{n}Z", **LOGIN_ID}, "n": n}) + "\n" for n in range(4)
)
CONFIG = """# The configuration of our README, as the class-based SLIPS took it.
stack_name: your-stack
base:
  sam:
    code_bucket: your-code-bucket
    code_prefix: functions
backend:
  role_arn:
    event_pusher: arn:aws:iam::123456789012:role/LambdaSlamEventPusher
    dispatcher: arn:aws:iam::123456789012:role/LambdaSlamDispatcher
    reporter: arn:aws:iam::123456789012:role/LambdaSlamReporter
    drain: arn:aws:iam::123456789012:role/LambdaSlamDrain
  sns_topics:
    - name: SecLogUpload
      arn: arn:aws:sns:ap-northeast-1:123456789012:seclog-event
handler:
  path: src/handler.py
  role_arn: arn:aws:iam::123456789012:role/LambdaSlamMain
  args:
    greeting: Hello
routing:
  - bucket: example-logs
    prefix: logs/g_suite/
    dest: slow
bucket_mapping:
  example-logs:
    - prefix: logs/g_suite/
      format: [s3-lines, json, g-suite-login]
"""
HANDLER = """
import slips.interface


class YourHandler(slips.interface.Handler):
    def __init__(self):
        super().__init__()
        self.count = 0

    def setup(self, args):
        self.greeting = args["greeting"]

    def recv(self, meta, event):
        self.count += 1
        print(self.greeting, meta.tag, event["n"])

    def result(self):
        return "ok"
"""


class Case(NamedTuple):
    """A log file, what the function that `slips init` writes prints of it, and what `slips check` then says."""

    file: str
    content: bytes
    printed: tuple[str, ...]
    check: str = "slips.yml: all is well\n"


CASES = {
    "known": Case("nginx-like.log", ACCESS.encode(), tuple(f"'/page-{n}'" for n in range(4))),
    "compressed": Case("nginx-like.log.gz", gzip.compress(ACCESS.encode()), tuple(f"'/page-{n}'" for n in range(4))),
    "unknown": Case("orders.log", ORDERS.encode(), tuple(f"'A-{n}'" for n in range(4))),
    "multi-line": Case("traces.log", TRACES.encode(), tuple(rf"\n  at step {n}\n  at line 7" for n in range(4))),
    "class-based": Case(
        "logins.json",
        LOGINS.encode(),
        tuple(f"Hello gsuite.login {n}" for n in range(4)),
        "base.sam: not needed, since Chalice creates the functions\nslips.yml: all is well\n",
    ),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    """The file in an empty folder, and beside it what the class-based SLIPS had."""
    if request.param == "class-based":
        (tmp_path / "src").mkdir()
        (tmp_path / "config.yml").write_text(CONFIG)
        (tmp_path / "src" / "handler.py").write_text(HANDLER)
    case = CASES[request.param]
    (tmp_path / case.file).write_bytes(case.content)
    return case


def test_five_commands_lead_to_the_events_of_a_file(local: UserEnvironment, case: Case, tmp_path: Path) -> None:
    """`pip install 'slips[local]' pytest`, which the fixture has done, is the first; the third shows the events."""
    legacy = "--from config.yml " if (tmp_path / "config.yml").exists() else ""
    local.succeed(f"slips init my {legacy}--sample {case.file}", tmp_path)
    project = tmp_path / "my"
    printed = local.succeed("slips run --once", project)
    assert [text for text in case.printed if text not in printed] == []
    assert "4 events" in printed
    assert "no errors" in printed
    assert " passed" in local.succeed("pytest -q", project)
    assert local.run("slips check", project).stdout == case.check


def test_the_project_runs_on_lambda(local: UserEnvironment, tmp_path: Path) -> None:
    """`slips deploy` packages it with `chalice package`; each function sees the unzipped package alone."""
    (tmp_path / "orders.log").write_text(ORDERS)
    local.succeed(f"slips init my --sample orders.log --bucket {BUCKET}", tmp_path)
    project, key = tmp_path / "my", "orders/orders.log"
    with Emulator() as emulator:
        bucket = {"LocationConstraint": REGION}
        emulator.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=bucket)
        emulator.client("s3").put_object(Bucket=BUCKET, Key=key, Body=ORDERS.encode())
        local.succeed(f"slips deploy --bucket-notifications {BUCKET} --yes", project, emulator.environment)
        (package,) = project.glob(".chalice/deployments/*.zip")
        with zipfile.ZipFile(package) as archive:
            archive.extractall(tmp_path / "task")
        variables = {**emulator.environment, "SLIPS_CONFIG": "slips.yml"}
        with LambdaProcess(tmp_path / "task", "app.dispatch", env=variables) as dispatch:
            notification = events.notification(BUCKET, key, len(ORDERS))
            assert dispatch.invoke(events.of_topic(notification)) == {
                "fast": 1,
                "slow": 0,
                "dropped": 0,
                "errors": 0,
                "waiting": 0,
                "restored": 0,
            }
        with LambdaProcess(tmp_path / "task", "app.process_fast", env=variables) as process:
            process.invoke(events.of_stream(emulator.records("my-fast")))
            printed = process.logs
    assert [text for text in CASES["unknown"].printed if text not in printed] == []
