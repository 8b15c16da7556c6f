"""`slips check`: what a project would do wrong, in lines and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from slips.ops.cli import main

OPEN = "stack_name: mine\nbucket_mapping: {logs: [{prefix: in/, format: json}]}\napi: {auth: none}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "slips.yml").write_text(OPEN)
    (tmp_path / ".chalice").mkdir()
    return tmp_path


def deploys(folder: Path, name: str) -> None:
    stages = {"dev": {"environment_variables": {"SLIPS_CONFIG": name}}}
    (folder / ".chalice" / "config.json").write_text(json.dumps({"app_name": "app", "stages": stages}))


def test_an_api_for_everybody_is_refused_where_it_would_be_deployed(folder: Path) -> None:
    deploys(folder, "slips.yml")
    ran = CliRunner().invoke(main, ["check"])
    assert ran.exit_code == 2
    assert ran.output == (
        "api.auth: none is only for this machine, and the stage dev of .chalice/config.json deploys this file; "
        "write iam or token\n"
    )


def test_on_this_machine_it_is_a_warning(folder: Path) -> None:
    (folder / "deployed.yml").write_text(OPEN.replace("none", "iam"))
    deploys(folder, "deployed.yml")
    ran = CliRunner().invoke(main, ["check"])
    assert ran.exit_code == 1
    assert "api.auth: none is only for this machine" in ran.output


def test_a_broken_config_of_chalice_is_named(folder: Path) -> None:
    (folder / ".chalice" / "config.json").write_text("{")
    ran = CliRunner().invoke(main, ["check"])
    assert ran.exit_code == 2
    assert ".chalice/config.json: is not JSON" in ran.output


SAM = "stack_name: mine\nbase: {sam: {code_bucket: b}}\nbucket_mapping: {logs: [{prefix: in/, format: json}]}\n"
NOTE = "base.sam: not needed, since Chalice creates the functions"


def test_what_has_no_effect_in_an_old_file_is_noted_and_is_no_failure(folder: Path) -> None:
    (folder / "slips.yml").write_text(SAM)
    ran = CliRunner().invoke(main, ["check"])
    assert (ran.output, ran.exit_code) == (f"{NOTE}\nslips.yml: all is well\n", 0)
    ran = CliRunner().invoke(main, ["check", "--json"])
    assert (json.loads(ran.output), ran.exit_code) == ([NOTE], 0)


WIDE = (
    "bucket_mapping.logs: S3 notifies SLIPS of all objects below {}, in {} of 100 notifications; "
    "SLIPS drops those below no mapped prefix"
)


@pytest.mark.parametrize(
    ("prefixes", "note"),
    [
        (["in/", "AWSLogs/*/vpc/"], WIDE.format("AWSLogs/", 2)),
        ([f"{number // 40}/{number}/" for number in range(200)], WIDE.format("0/, 1/, 2/, …", 5)),
    ],
)
def test_notifications_that_are_wider_than_the_mapping_are_noted(folder: Path, prefixes: list[str], note: str) -> None:
    mapped = "".join(f"\n  - {{prefix: {prefix}, format: json}}" for prefix in prefixes)
    (folder / "slips.yml").write_text(f"stack_name: mine\nbucket_mapping:\n logs:{mapped}\n")
    ran = CliRunner().invoke(main, ["check"])
    assert (ran.output, ran.exit_code) == (f"{note}\nslips.yml: all is well\n", 0)


def test_a_policy_that_is_wider_than_the_mapping_is_noted(folder: Path) -> None:
    deploys(folder, "slips.yml")
    mapped = "".join(f"\n  - {{prefix: AWSLogs/{number:012d}/vpc/, format: json}}" for number in range(1000))
    (folder / "slips.yml").write_text(f"stack_name: mine\nbucket_mapping:\n logs:{mapped}\n")
    assert CliRunner().invoke(main, ["provision", "--policies"]).exit_code == 0
    lines = CliRunner().invoke(main, ["check"]).output.splitlines()
    allows = "allows reading arn:*:s3:::logs/AWSLogs/*/vpc/*, because IAM takes 10,240 characters"
    assert [f".chalice/policy-dev-process_{lane}.json: {allows}" for lane in ("fast", "slow")] == [
        line.partition(", and a policy for all")[0] for line in lines if "allows" in line
    ]


def test_a_function_that_may_write_into_what_it_reads_is_a_warning(folder: Path) -> None:
    policy = "handler: {policy: [{Effect: Allow, Action: 's3:PutObject', Resource: 'arn:aws:s3:::logs/in/*'}]}\n"
    (folder / "slips.yml").write_text(OPEN.replace("none", "iam") + policy)
    ran = CliRunner().invoke(main, ["check"])
    assert ran.exit_code == 1
    assert ran.output.startswith("handler.policy: statement 1 lets functions write to arn:aws:s3:::logs/in/*, and")


def test_beside_a_note_a_warning_is_a_failure(folder: Path) -> None:
    (folder / "slips.yml").write_text(SAM + "api: {auth: none}\n")
    ran = CliRunner().invoke(main, ["check"])
    assert ran.exit_code == 1
    assert ran.output.splitlines()[0] == NOTE
    assert "all is well" not in ran.output


def test_all_faults_are_told_at_once(folder: Path) -> None:
    (folder / "slips.yml").write_text("stack_name: 1-mine\nbucket_mapping: {logs: [{prefix: in/, format: nosuch}]}\n")
    ran = CliRunner().invoke(main, ["check"])
    assert ran.exit_code == 2
    assert [line.partition(":")[0] for line in ran.output.splitlines()] == [
        "stack_name",
        "bucket_mapping.logs[0].format",
    ]


@pytest.mark.parametrize(("of", "second", "notes"), [("", True, 1), ("", False, 0), ("(of=[first])", True, 0)])
def test_a_hook_that_concerns_more_functions_than_it_may_mean_is_noted(
    folder: Path, of: str, second: bool, notes: int
) -> None:
    (folder / "slips.yml").write_text(OPEN.replace("none", "iam"))
    lines = ["@slips.on_format('json')", "def first(meta, event): ..."]
    lines += ["@slips.on_format('json')", "def second(meta, event): ..."] if second else []
    app = [
        "from chalice import Chalice",
        "from slips import Slips",
        "app = Chalice('app')",
        "slips = Slips(app)",
        *lines,
    ]
    (folder / "app.py").write_text("\n".join([*app, f"@slips.on_flush{of}", "def send(): ...", ""]))
    ran = CliRunner().invoke(main, ["check"])
    assert ran.exit_code == 0, ran.output
    assert ran.output.count("app.py: send covers all functions") == notes


APP = """from chalice import Chalice
from slips import Slips, sinks

app = Chalice(app_name="app")
slips = Slips(app)
retry = app.schedule("rate(1 minute)")(slips.retry)
"""


@pytest.mark.parametrize(
    ("mapped", "code", "user"),
    [
        (
            "[s3-parquet, json]",
            "@slips.on_format('json')\ndef keep(meta, event):\n    pass\n",
            "bucket_mapping.logs[0]: s3-parquet",
        ),
        (
            "json",
            "slips.send('json', to=sinks.S3Archive('s3://lake/curated/', format='parquet'))\n",
            "app.py: json -> s3-archive s3://lake/curated/",
        ),
        ("json", "@slips.on_format('json')\ndef keep(meta, event):\n    pass\n", ""),
    ],
)
def test_parquet_without_pyarrow_in_lambda_is_a_warning(folder: Path, mapped: str, code: str, user: str) -> None:
    deploys(folder, "slips.yml")
    (folder / "slips.yml").write_text(
        f"stack_name: app\nbucket_mapping: {{logs: [{{prefix: a/, format: {mapped}}}]}}\n"
    )
    (folder / "app.py").write_text(APP + code)
    lines = CliRunner().invoke(main, ["check"]).output.splitlines()
    named = [
        line.partition(" needs pyarrow, and process_fast of stage dev has none")[0]
        for line in lines
        if "pyarrow" in line
    ]
    assert named == ([user] if user else [])


CLIENT = """
import threading
from chalice import Chalice
from slips import Slips
from rules import connection

app = Chalice(app_name="app")
slips = Slips(app)
slips.on_format("json")(lambda meta, event: None)
end = threading.Event()
threading.Thread(target=end.wait, name="of-app", daemon=True).start()
"""


def test_what_app_makes_at_import_is_a_warning_where_processes_share_batches(folder: Path) -> None:
    (folder / "app.py").write_text(CLIENT)
    (folder / "rules.py").write_text("class Connection:\n    def close(self): ...\nconnection = Connection()\n")
    shared = "backend: {lane: {fast: {processes: 2}}}\n"
    (folder / "slips.yml").write_text(OPEN.replace("api: {auth: none}\n", shared))
    deploys(folder, "slips.yml")
    ran = CliRunner().invoke(main, ["check"])
    import app  # type: ignore[import-not-found]

    app.end.set()
    assert ran.exit_code == 1
    for words in (
        "rules.py: connection (rules.Connection) is created at import",
        "app.py starts threads at import (of-app)",
        "process_fast of stage dev has 128 MB, which is 0.1 vCPUs",
    ):
        assert words in ran.output
