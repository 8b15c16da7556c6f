"""`slips --help`, completion, and the options that name a deployment."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from slips.ops.cli import main
from slips.ops.cli.commands import ENTRIES, TASKS

WITHOUT_DEPLOYMENT = {"completion", "detect", "formats", "init", "lock", "new-format", "parse", "run"}
"""Commands that touch no deployment."""


def test_the_list_is_by_task_and_no_line_is_cut_or_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = CliRunner().invoke(main, ["--help"], prog_name="slips").output.splitlines()
    assert [line[:-1] for line in lines if line[:-1] in TASKS] == list(TASKS)
    shown = [f"  {name:10}  {entry.summary}" for name, entry in ENTRIES.items()]
    assert [line for line in lines if line in shown] == shown


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_a_command_is_the_one_that_the_list_names(name: str) -> None:
    assert main.commands[name].name == name


def test_help_imports_neither_a_command_nor_what_they_need() -> None:
    """It is there at once: most of the time that `slips` takes is spent on imports."""
    code = (
        "import sys; from slips.ops.cli import main; main(['--help'], standalone_mode=False); "
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'boto3', 'botocore', 'chalice', 'moto', 'rich'}"
        " | {name for name in sys.modules if name in ('slips.ops.cli.errors', 'slips.ops.deploy', 'slips.ops.run')}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_misspelled_command_is_told_what_was_meant() -> None:
    ran = CliRunner().invoke(main, ["erors"], prog_name="slips")
    assert (ran.exit_code, "'errors'" in ran.stderr) == (2, True)


def test_every_command_that_touches_a_deployment_takes_stage_and_config() -> None:
    without = [
        name
        for name in sorted({*ENTRIES} - WITHOUT_DEPLOYMENT)
        if not {"--stage", "--config"} <= {option for each in main.commands[name].params for option in each.opts}
    ]
    assert without == []


ARGUMENTS = {
    "backfill": ["s3://example-logs/"], "capture": ["4f6d2c81"], "error": ["4f6d2c81"], "limit": ["fast"],
    "explain": ["s3://example-logs/x"], "local": ["-r", "4f6d2c81"], "package": ["out"], "drain": [],
    "discard": ["--id", "4f6d2c81", "--reason", "test"],
}  # fmt: skip
"""What a command needs beside the stage."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a stage `dev`, and one of its own slips.yml, `prod`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".chalice").mkdir()
    stages = {"dev": {}, "prod": {"environment_variables": {"SLIPS_CONFIG": "prod.yml"}}}
    (tmp_path / ".chalice/config.json").write_text(json.dumps({"app_name": "mine", "stages": stages}))
    for name, stack in (("slips.yml", "mine-dev"), ("prod.yml", "mine-prod")):
        (tmp_path / name).write_text(f"stack_name: {stack}\nbucket_mapping: {{logs: [{{prefix: a/, format: json}}]}}\n")
    return tmp_path


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("name", sorted({*ENTRIES} - WITHOUT_DEPLOYMENT))
def test_a_stage_that_does_not_exist_is_an_error_everywhere(name: str) -> None:
    ran = CliRunner().invoke(main, [name, *ARGUMENTS.get(name, []), "--stage", "nope"], prog_name="slips")
    assert ran.exit_code == 2
    assert "stages.nope: there is no such stage, only dev, prod" in ran.output


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    "arguments",
    ["errors --stage dev --local", "errors --stage dev -s x", "limit fast --stage dev -s x",
     "console --local --stage dev"],
)  # fmt: skip
def test_two_names_of_a_deployment_are_refused(arguments: str) -> None:
    ran = CliRunner().invoke(main, arguments.split(), prog_name="slips")
    assert (ran.exit_code, "--stage" in ran.stderr) == (2, True)


def test_check_of_a_stage_checks_its_slips_yml(project: Path) -> None:
    (project / "prod.yml").write_text("stack_name: 7\n")
    ran = CliRunner().invoke(main, ["check", "--stage", "prod"], prog_name="slips")
    assert (ran.exit_code, ran.output.startswith("stack_name: found the number 7")) == (2, True)


def complete(words: list[str], incomplete: str) -> list[str]:
    """What a shell offers after these words."""
    return [item.value for item in ShellComplete(main, {}, "slips", "_X").get_completions(words, incomplete)]


@pytest.mark.usefixtures("project")
def test_completion_knows_commands_options_stages_and_choices() -> None:
    assert complete([], "er") == ["errors", "error"]
    assert complete(["errors"], "--sta") == ["--stage", "--stack-name", "--state"]
    assert complete(["deploy", "--stage"], "p") == ["prod"]
    assert complete(["limit"], "") == ["fast", "slow"]


def test_completion_of_a_stage_outside_a_project_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert complete(["deploy", "--stage"], "") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_asks_slips(shell: str) -> None:
    script = CliRunner().invoke(main, ["completion", shell]).stdout
    assert "_SLIPS_COMPLETE=" in script
    assert json.loads(CliRunner().invoke(main, ["completion", shell, "--json"]).stdout)["script"] == script[:-1]


def test_the_script_is_one_that_bash_reads() -> None:
    script = CliRunner().invoke(main, ["completion", "bash"]).stdout
    done = subprocess.run(["bash", "-c", f"{script}\ncomplete -p slips"], capture_output=True, text=True, check=True)
    assert isinstance(main, click.Group)
    assert "_slips_completion slips" in done.stdout
