"""What Chalice must know of slips.yml, and the warnings of `slips check` where it does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from slips.ops.cli.check import stage_warnings
from slips.ops.deploy.package_templates import merge_template, terraform_files
from slips.ops.deploy.policies import write_files
from slips.ops.deploy.stage import read_stage

ROLE = "arn:aws:iam::123456789012:role/mine"
WIRED = 'retry = app.schedule("rate(1 minute)")(slips.retry)'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one stage that is up to date."""
    (tmp_path / ".chalice").mkdir()
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "slips.yml").symlink_to("../slips.yml")
    (tmp_path / "chalicelib" / "slips").mkdir(parents=True)
    enough = {"lambda_memory_size": 512, "lambda_timeout": 900}
    memory = {"process_fast": dict(enough), "process_slow": dict(enough)}
    stages = {"dev": {"lambda_functions": memory}}
    settings = {"app_name": "app", "lambda_memory_size": 128, "stages": stages}
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(settings))
    (tmp_path / "slips.yml").write_text("stack_name: one\n")
    (tmp_path / "app.py").write_text(f"{WIRED}\n")
    write_files(tmp_path)
    return tmp_path


def functions(project: Path) -> dict[str, Any]:
    settings = json.loads((project / ".chalice" / "config.json").read_text())
    return dict(settings["stages"]["dev"]["lambda_functions"])


def test_a_project_that_is_up_to_date_has_no_warning(project: Path) -> None:
    assert stage_warnings(project) == []


UNWIRED = {
    "nothing": "",
    "a comment": "# slips.retry",
    "not Python": "def broken(",
    "not text": "\0",
    "a decorator of that name": "@tenacity.retry(stop=tenacity.stop_after_attempt(3))\ndef send(meta, event): ...",
    "a setting of that name": "send(int(settings.retry))",
    "another schedule": "@app.schedule('cron(0 8 * * ? *)')\ndef daily(event): ...",
    "not scheduled": "slips.retry",
    "by another name": "again = app.schedule('rate(1 minute)', name='again')(slips.retry)",
}


@pytest.mark.parametrize("text", UNWIRED.values(), ids=UNWIRED)
def test_an_app_that_tries_nothing_again_is_a_warning_with_the_line_that_it_lacks(project: Path, text: str) -> None:
    (project / "app.py").write_text(text)
    lines = [line for line in stage_warnings(project) if line.startswith("app.py")]
    assert lines == [f"app.py: no function tries again what failed for a moment, so a person has to; write: {WIRED}"]
    stage = read_stage("dev", project=project)
    assert "retry" not in stage.functions
    # What Chalice does not create, its template may not be merged with.
    assert not [name for name in merge_template(stage)["Resources"] if name.startswith("Retry")]
    assert '"retry"' not in json.dumps(list(terraform_files(stage).values()))


@pytest.mark.parametrize(
    "text",
    [
        "retry = app.schedule(Rate(1, unit=Rate.MINUTES))(slips.retry)",
        'if hasattr(slips, "retry"):\n    retry = app.schedule("rate(1 minute)", name="retry")(slips.retry)',
        '@app.schedule("rate(1 minute)")\ndef retry(event):\n    return slips.retry(event)',
    ],
)
def test_a_schedule_may_be_written_as_chalice_takes_it(project: Path, text: str) -> None:
    (project / "app.py").write_text(text)
    assert (stage_warnings(project), "retry" in read_stage("dev", project=project).functions) == ([], True)


def test_the_function_that_tries_again_has_its_policy_and_is_over_within_a_minute(project: Path) -> None:
    settings = functions(project)["retry"]
    assert settings["iam_policy_file"] == "policy-dev-retry.json"
    assert settings["lambda_timeout"] == 55
    stage = read_stage("dev", project=project)
    merged = merge_template(stage)["Resources"]["Retry"]["Properties"]["EventInvokeConfig"]
    assert merged == {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
    invocations = terraform_files(stage)["slips.tf.json"]["resource"]["aws_lambda_function_event_invoke_config"]
    assert invocations["retry"]["maximum_retry_attempts"] == 0


def test_a_change_of_slips_yml_makes_the_policies_out_of_date(project: Path) -> None:
    (project / "slips.yml").write_text("stack_name: one\nbucket_mapping: {logs: [{prefix: a/, format: json}]}\n")
    assert stage_warnings(project) == [
        f".chalice/policy-dev-process_{lane}.json: is out of date; run: slips provision --policies"
        for lane in ("fast", "slow")
    ]
    write_files(project)
    assert stage_warnings(project) == []


def test_a_slips_yml_that_is_not_packaged_is_a_warning(project: Path) -> None:
    (project / "vendor" / "slips.yml").unlink()
    (line,) = stage_warnings(project)
    assert line.endswith("run: ln -s ../slips.yml vendor/slips.yml")


def test_stages_that_share_a_stack_are_a_warning(project: Path) -> None:
    path = project / ".chalice" / "config.json"
    settings = json.loads(path.read_text())
    path.write_text(json.dumps({**settings, "stages": {**settings["stages"], "prod": {}}}))
    assert "the stages dev and prod share the stack one" in stage_warnings(project)[0]


def test_roles_network_and_concurrency_come_from_slips_yml(project: Path) -> None:
    (project / "slips.yml").write_text(
        "stack_name: one\n"
        f"backend: {{role_arn: {{reporter: {ROLE}}}}}\n"
        "handler: {concurrency: 7, subnet_ids: [subnet-0123abcd], security_group_ids: [sg-0123abcd]}\n"
    )
    write_files(project)
    tags = {"slips:stack": "one"}
    assert functions(project)["report"] == {"manage_iam_role": False, "iam_role_arn": ROLE, "tags": tags}
    assert functions(project)["process_fast"] == {
        "lambda_memory_size": 512,  # The user's own, as the timeout.
        "lambda_timeout": 900,
        "iam_policy_file": "policy-dev-process_fast.json",
        "reserved_concurrency": 7,
        "subnet_ids": ["subnet-0123abcd"],
        "security_group_ids": ["sg-0123abcd"],
        "tags": tags,
    }
    (project / "slips.yml").write_text("stack_name: one\n")
    write_files(project)
    assert functions(project)["report"] == {"iam_policy_file": "policy-dev-report.json", "tags": tags}
    assert "reserved_concurrency" not in functions(project)["process_fast"]


def test_the_slow_lanes_reservation_is_written_where_the_account_has_room_for_it(project: Path) -> None:
    """Only `slips deploy` knows; `chalice deploy` then keeps it, and a change of the lane changes it."""
    assert "reserved_concurrency" not in functions(project)["process_slow"]
    write_files(project, {"dev": ["process_slow"]})
    assert functions(project)["process_slow"]["reserved_concurrency"] == 16
    assert stage_warnings(project) == []
    (project / "slips.yml").write_text("stack_name: one\nbackend: {lane: {slow: {shards: 3}}}\n")
    assert stage_warnings(project) == [".chalice/config.json: is out of date; run: slips provision --policies"]
    write_files(project)
    assert functions(project)["process_slow"]["reserved_concurrency"] == 3
    write_files(project, {"dev": []})
    assert "reserved_concurrency" not in functions(project)["process_slow"]


def test_one_run_at_a_time_tries_again_what_waits_where_the_account_has_room(project: Path) -> None:
    assert "reserved_concurrency" not in functions(project)["retry"]
    write_files(project, {"dev": ["retry"]})
    assert functions(project)["retry"]["reserved_concurrency"] == 1
    assert "reserved_concurrency" not in functions(project)["process_slow"]
    assert (write_files(project), stage_warnings(project)) == ([], [])
    write_files(project, {"dev": []})
    assert "reserved_concurrency" not in functions(project)["retry"]


def test_a_package_reserves_it_without_knowing_whether_there_is_room(project: Path) -> None:
    stage = read_stage("dev", project=project)
    assert merge_template(stage)["Resources"]["Retry"]["Properties"]["ReservedConcurrentExecutions"] == 1
    overrides = terraform_files(stage)["slips_override.tf.json"]["resource"]["aws_lambda_function"]
    assert overrides["retry"] == {"reserved_concurrent_executions": 1}


def test_the_function_of_a_new_topic_has_enough_memory(project: Path) -> None:
    path = project / ".chalice" / "config.json"
    settings = json.loads(path.read_text())
    del settings["lambda_memory_size"]
    settings["lambda_functions"] = {"two": {"lambda_memory_size": 512}}
    path.write_text(json.dumps(settings))
    (project / "slips.yml").write_text("stack_name: one\nbackend: {sns_topics: [{name: one}, {name: two}]}\n")
    write_files(project)
    settings_of = functions(project)
    assert (settings_of["one"]["lambda_memory_size"], settings_of["one"]["lambda_timeout"]) == (256, 180)
    assert ("lambda_memory_size" not in settings_of["two"], settings_of["two"]["lambda_timeout"]) == (True, 180)
    assert stage_warnings(project) == []


def test_settings_of_a_stage_override_those_of_the_project(project: Path) -> None:
    stage = read_stage("dev", project=project)
    assert stage.function_settings("process_fast")["lambda_memory_size"] == 512
    assert stage.function_settings("report")["lambda_memory_size"] == 128
