"""What `slips deploy` says where `chalice` fails."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from slips.errors import DeploymentError
from slips.ops.deploy import chalice_command
from slips.ops.deploy.chalice_command import run_chalice
from slips.ops.deploy.chalice_notes import read_notes
from slips.ops.deploy.stage import DeploymentStage, read_stage


@pytest.fixture
def stage(tmp_path: Path) -> DeploymentStage:
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text('{"app_name": "app", "stages": {"dev": {}}}')
    (tmp_path / "slips.yml").write_text("stack_name: app\n")
    return read_stage("dev", project=tmp_path)


def fail(code: str, stage: DeploymentStage, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a program in place of Chalice; return the error."""
    monkeypatch.setattr(chalice_command, "_MAIN", code)
    with pytest.raises(DeploymentError) as error:
        run_chalice(stage, "deploy")
    return str(error.value)


REFUSED = """
import sys, traceback
class ChaliceDeploymentError(Exception): pass
def f():
    try:
        raise KeyError("inner")
    except KeyError as error:
        message = "ERROR - While deploying, received the following error:\\n\\n Topic does \\n not exist\\n"
        raise ChaliceDeploymentError(message)
try:
    f()
except Exception:
    print("a warning", file=sys.stderr)
    traceback.print_exc()
    sys.exit(2)
"""


def test_a_traceback_becomes_one_sentence(
    stage: DeploymentStage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    with caplog.at_level(logging.INFO):
        message = fail(REFUSED, stage, monkeypatch)
    assert message == (
        "chalice deploy --stage dev ended with status 2: While deploying, received the following error: Topic does "
        "not exist; the stack app stays as it is: fix the reason, and run this command again"
    )
    assert capsys.readouterr().err == "a warning\n"
    assert "in f\n" in caplog.text  # With -v.


def test_what_chalice_says_itself_is_shown(
    stage: DeploymentStage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    message = fail("import sys; sys.exit('Error: no such option')", stage, monkeypatch)
    assert "ended with status 1: its output above says why" in message
    assert capsys.readouterr().err == "Error: no such option\n"


def test_a_traceback_that_ends_without_a_reason_is_no_second_error(
    stage: DeploymentStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import sys; sys.exit('Traceback (most recent call last):\\n  File \"x\"')"
    assert "ended with status 1: it does not say why;" in fail(code, stage, monkeypatch)


def test_a_stage_that_was_never_deployed_has_no_notes(stage: DeploymentStage) -> None:
    assert read_notes(stage.project, "dev").resources == ()


def test_chalice_is_told_of_the_bucket_for_packages(
    stage: DeploymentStage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """That of slips.yml alone, whatever the environment says."""
    monkeypatch.setenv("SLIPS_PACKAGE_BUCKET", "another")
    code = "import os, sys; sys.exit(os.environ['SLIPS_PACKAGE_BUCKET'] or 'none')"
    fail(code, stage, monkeypatch)
    assert capsys.readouterr().err == "none\n"
    (stage.project / "slips.yml").write_text("stack_name: app\npackage_bucket: example-packages\n")
    fail(code, read_stage("dev", project=stage.project), monkeypatch)
    assert capsys.readouterr().err == "example-packages\n"
