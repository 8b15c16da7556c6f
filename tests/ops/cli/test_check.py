"""`slips check` on who may use the API."""

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
