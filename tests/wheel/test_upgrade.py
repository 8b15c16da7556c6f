"""`pip install -U slips && slips check` in a project that an older SLIPS made: docs/upgrading.md."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from slips.version import VERSION

from ..deployment.project import ROOT
from .build import build_wheel
from .environments import UserEnvironment

pytestmark = pytest.mark.slow

OLDER = "0.9.0"


def let_project_age(project: Path) -> None:
    """Make it one of a SLIPS that gave its functions less: a permission, memory and time."""
    policy = project / ".chalice" / "policy-dev-process_fast.json"
    document = json.loads(policy.read_text())
    document["Statement"].pop()
    policy.write_text(json.dumps(document))
    settings = json.loads((project / ".chalice" / "config.json").read_text())
    del settings["lambda_functions"]["process_fast"]
    (project / ".chalice" / "config.json").write_text(json.dumps(settings))


def test_slips_check_says_what_an_upgrade_asks_for(wheel: Path, tmp_path: Path) -> None:
    environment, project = UserEnvironment(tmp_path / "venv"), tmp_path / "my"
    environment.install(f"{build_wheel(tmp_path, OLDER)}[cli]")
    environment.succeed("slips init my", tmp_path)
    assert environment.run("slips check", project).stdout == "slips.yml: all is well\n"
    let_project_age(project)

    environment.install("-U", f"{wheel}[cli]")
    ended = environment.run("slips check", project)
    assert ended.returncode == 1
    # The document shows the same lines.
    printed = ended.stdout.replace(VERSION, "1.0.0")
    assert f"$ pip install -U slips && slips check\n{printed}```" in (ROOT / "docs" / "upgrading.md").read_text()

    environment.succeed("slips init --upgrade", project)
    environment.succeed("slips provision --policies", project)
    lines = environment.run("slips check", project).stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == [".chalice/config.json"] * 2  # Yours: no command edits it.
    assert [path.name for path in (project / "wheels").iterdir()] == [wheel.name]
